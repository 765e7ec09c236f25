"""Neighbouring sightings of one content as one row, and back again: nothing is lost, there are only fewer rows."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from archive.published.tables import MEMBERS, SCHEMAS

_SCHEMA = SCHEMAS["sightings"]
_MEMBER_NAMES = tuple(field.name for field in MEMBERS)
_IDENTITY = ("site", "doc_id", "content_digest")

_ORDER = ("site", "doc_id", "seen_from", "seen_until", "content_digest", "run_id", "capture")
"""The last ones make that of the same instants the same intervals come about each time."""


def folded(sightings: pa.Table) -> pa.Table:
    """Return the rows of *sightings* with neighbours of one document, content and month made one interval each.

    An interval's `members` are its sightings, whole and in the order of time; its own `seen_from` and `seen_until` are
    the first and the last instant, its other columns null. A sighting without neighbours stays as it is. Rows that are
    intervals already are taken apart first. Sorted by site, document and time.
    """
    single = unfolded(sightings)
    if not single.num_rows:
        return single
    order = [(name, "ascending") for name in _ORDER]
    single = single.take(pc.sort_indices(single, sort_keys=order)).combine_chunks()
    begins = _beginnings(single)
    first = pc.indices_nonzero(begins)
    offsets = pa.concat_arrays([first.cast(pa.int32()), pa.array([single.num_rows], pa.int32())])
    alone = pc.equal(pc.subtract(offsets.slice(1), offsets.slice(0, len(first))), 1)
    own = single.take(first)
    lists = [pa.ListArray.from_arrays(offsets, single.column(name).combine_chunks()) for name in _MEMBER_NAMES]
    columns = {name: own.column(name) for name in (*_IDENTITY, "seen_from")}
    columns["seen_until"] = _latest(single.column("seen_until"), begins)
    for name in ("capture", "reader", "run_id"):
        columns[name] = pc.if_else(alone, own.column(name), None)
    columns["counters"] = _where(alone, own.column("counters").combine_chunks())
    columns["members"] = pa.StructArray.from_arrays(lists, fields=list(MEMBERS), mask=alone)
    return pa.table([columns[field.name] for field in _SCHEMA], schema=_SCHEMA)


def unfolded(sightings: pa.Table) -> pa.Table:
    """Return the single sightings that the rows of *sightings* are or stand for."""
    is_interval = pc.is_valid(sightings.column("members"))
    intervals = sightings.filter(is_interval).combine_chunks()
    if not intervals.num_rows:
        return sightings
    members = intervals.column("members").combine_chunks()
    parents = pc.list_parent_indices(members.field("run_id"))
    columns = {name: intervals.column(name).take(parents) for name in _IDENTITY}
    columns |= {name: members.field(name).flatten() for name in _MEMBER_NAMES}
    columns["members"] = pa.nulls(len(parents), MEMBERS)
    apart = pa.table([columns[field.name] for field in _SCHEMA], schema=_SCHEMA)
    return pa.concat_tables([sightings.filter(pc.invert(is_interval)), apart])


def _beginnings(rows: pa.Table) -> pa.Array:
    """Whether each row is of another document, content or month than the row before."""
    months = pc.floor_temporal(rows.column("seen_from"), unit="month")
    begins = pa.array([True] + [False] * (rows.num_rows - 1))
    for column in (*(rows.column(name) for name in _IDENTITY), months):
        values = column.combine_chunks()
        differs = pc.not_equal(values.slice(1), values.slice(0, len(values) - 1))
        begins = pc.or_(begins, pa.concat_arrays([pa.array([True]), differs]))
    return begins


def _latest(instants: pa.ChunkedArray, begins: pa.Array) -> pa.ChunkedArray:
    number = pc.cumulative_sum(begins.cast(pa.int64()))
    grouped = pa.table({"number": number, "at": instants}).group_by("number", use_threads=False)
    return grouped.aggregate([("at", "max")]).column("at_max")


def _where(kept: pa.Array, maps: pa.MapArray) -> pa.MapArray:
    """Return *maps* with null where not *kept*: no compute function of Arrow does that to maps."""
    return maps.take(pc.if_else(kept, pa.array(range(len(maps)), pa.int64()), None))
