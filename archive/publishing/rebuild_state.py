"""A site's state file made again from what was published: what the next run compares with and asks conditionally."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq

from archive.clock import Clock, instant_text
from archive.errors import DamagedFile, UsageError
from archive.judgement.measures import FIELDS
from archive.layout import Layout
from archive.published import tables
from archive.published.intervals import unfolded
from archive.published.ledger import MAKES_VISIBLE
from archive.site_state.staging import KnownDocument, KnownPage, Staging
from archive.site_state.state import State
from archive.site_state.withdrawn import RETURNED
from archive.warc.reading import read_capture


def rebuild_state(layout: Layout, site: str, clock: Clock) -> dict[str, int]:
    """Fill the state of *site* from the tables and WARC files; return how many pages and documents it now knows.

    The queue and records not yet published cannot be made again: a run that is unfinished is left as it is.

    Raises UsageError when nothing of the site was ever published, SiteBusy while a run holds it.
    """
    history = published_runs(layout, site)
    if not is_known(layout, site):
        raise UsageError(f"nothing of {site} was published; list what there is with: docarchive runs")
    state = State(layout, site, clock)
    try:
        state.acquire()
        staging = Staging(state)
        documents = known_documents(layout, site, staging)
        pages = known_pages(layout, site, staging, with_conditions=True)
        withdrawn_documents(layout, site, staging)
        with state.transaction(lasting=True):
            if history:
                staging.restore_history(history)
    finally:
        state.close()
    return {"documents": documents, "pages": pages}


def _rows(
    layout: Layout, table: str, site: str | None = None, columns: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of a table, one file in memory at a time; of one *site*, what is of others is not read.

    Sites are called by their present names.
    """
    snapshot = tables.snapshot(layout)
    former = [old for old, new in snapshot.names.items() if new == site]
    wanted = [("site", "in", [site, *former])] if site is not None else None
    for path in snapshot.files[table]:
        rows = pq.read_table(path, columns=columns, filters=wanted, partitioning=None)
        for row in (unfolded(rows) if table == "sightings" else rows).to_pylist():
            if row.get("site") in snapshot.names:
                row["site"] = snapshot.names[row["site"]]
            yield row


_LEDGER_COLUMNS = ["run_id", "run_seq", "site", "event", "counts", "options"]


def _visible_runs(layout: Layout) -> dict[str, dict[str, Any]]:
    ledger = _rows(layout, "runs", columns=_LEDGER_COLUMNS)
    return {row["run_id"]: row for row in ledger if row["event"] in MAKES_VISIBLE}


def published_runs(layout: Layout, site: str) -> list[dict[str, Any]]:
    """Return the ledger rows that made runs of *site* visible, oldest first."""
    rows = [row for row in _visible_runs(layout).values() if row["site"] == site]
    return sorted(rows, key=lambda row: int(row["run_seq"]))


def is_known(layout: Layout, site: str) -> bool:
    """Whether anything of *site* was published, crawled or imported."""
    visible = _visible_runs(layout)
    if any(row["site"] == site for row in visible.values()):
        return True
    return any(row["run_id"] in visible for row in _rows(layout, "sightings", site))


_VALUES = ["site", "doc_id", "run_id", "content_digest", "flags", *FIELDS]
"""Columns that tell what was published of a document."""


def known_documents(layout: Layout, site: str, staging: Staging) -> int:
    """Note in *staging* what was last published of each document of *site*; return how many there are."""
    visible = _visible_runs(layout)
    known = set()
    with staging.state.transaction():
        for row in _rows(layout, "sightings", site):
            if row["run_id"] in visible:
                document = KnownDocument(row["content_digest"], row["reader"], row["capture"])
                staging.remember_document(site, row["doc_id"], document, instant_text(row["seen_until"]))
                known.add(row["doc_id"])
        for row in _rows(layout, "versions", site, _VALUES):
            if row["run_id"] in visible:
                staging.remember_values(row)
    return len(known)


def known_pages(layout: Layout, site: str, staging: Staging, *, with_conditions: bool = False) -> int:
    """Note in *staging* the newest published capture of each URL of *site*; return how many there are.

    ETag and Last-Modified, wanted *with_conditions*, are in its WARC record.
    """
    visible = _visible_runs(layout)
    newest: dict[str, dict[str, Any]] = {}
    first_id: dict[str, tuple[Any, str]] = {}
    bodies: dict[str, tuple[str, int, int]] = {}
    for row in _rows(layout, "captures", site):
        if row["run_id"] not in visible:
            continue
        if row["record_type"] == "response":
            bodies[row["capture"]] = (row["warc_file"], row["warc_offset"], row["warc_length"])
        if row["http_status"] not in (200, 304) or row["page_type"] == "other":
            continue
        url = row["canonical_url"]
        if row["doc_id"] is not None and (url not in first_id or row["fetched_at"] < first_id[url][0]):
            first_id[url] = (row["fetched_at"], row["doc_id"])
        if url not in newest or row["fetched_at"] > newest[url]["fetched_at"]:
            newest[url] = row
    with staging.state.transaction():
        for url, row in newest.items():
            body = row["refers_to"] or row["capture"]
            if body in bodies:
                known = _known_page(url, row, body, bodies[body], first_id.get(url))
                staging.remember_page(_with_conditions(layout, known, row) if with_conditions else known)
    return len(newest)


def withdrawn_documents(layout: Layout, site: str, staging: Staging) -> None:
    """Note in *staging* which documents of *site* are withdrawn."""
    visible = _visible_runs(layout)
    decisions = [row for row in _rows(layout, "decisions", site) if row["run_id"] in visible]
    with staging.state.transaction():
        for row in sorted(decisions, key=lambda row: (row["at"], row["kind"] == RETURNED)):
            staging.withdrawn.remember({**row, "at": instant_text(row["at"])})


def _known_page(
    canonical_url: str,
    row: Mapping[str, Any],
    capture: str,
    position: tuple[str, int, int],
    first_id: tuple[Any, str] | None,
) -> KnownPage:
    return KnownPage(
        canonical_url=canonical_url,
        url=row["url"],
        doc_id=first_id[1] if first_id else None,
        capture=capture,
        warc_file=position[0],
        warc_offset=position[1],
        warc_length=position[2],
        fetched_at=instant_text(row["fetched_at"]),
        payload_digest=row["payload_digest"],
        etag=None,
        last_modified=None,
    )


def _with_conditions(layout: Layout, page: KnownPage, row: Mapping[str, Any]) -> KnownPage:
    try:
        record = read_capture(layout, row["warc_file"], row["warc_offset"], row["warc_length"])
    except DamagedFile:
        return page  # it is then fetched whole once more; `verify` names the file
    return replace(page, etag=record.header("ETag"), last_modified=record.header("Last-Modified"))
