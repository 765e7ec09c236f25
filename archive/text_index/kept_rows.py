"""Rows of an answer made of what the index keeps, without a look into the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from archive.published.tables import SCHEMAS
from archive.text_index.ordering import Found, instant

_INSTANT = pa.timestamp("us", "UTC")

_COMPUTED: Mapping[str, pa.DataType] = {
    "version": pa.int64(),
    "cause": pa.string(),
    "first_seen": _INSTANT,
    "last_seen": _INSTANT,
    "withdrawn_at": _INSTANT,
    "work_id": pa.string(),
    "exact_copy_of": pa.string(),
    "mangled_by": pa.string(),
    "mangled_score": pa.float64(),
    "is_garbage": pa.bool_(),
    "warc_file": pa.string(),
    "warc_offset": pa.int64(),
}


def table_of(
    columns: Sequence[str], found: Sequence[Found], standings: Mapping[tuple[str, str], Mapping[str, Any]]
) -> pa.Table:
    """Return the rows of *found* in its order, as the engine gives them for the same documents."""
    arrays = []
    types = []
    for name in columns:
        if name in _COMPUTED:
            kind = _COMPUTED[name]
            values = [_computed(name, each, standings[each.site, each.doc_id]) for each in found]
        else:
            kind = SCHEMAS["versions"].field(name).type
            values = [_value(kind, each.row[name]) for each in found]
        arrays.append(pa.array(values, kind))
        types.append(pa.field(name, kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(types))


def _computed(name: str, found: Found, standing: Mapping[str, Any]) -> Any:
    return f"{found.site}/{found.doc_id}" if name == "work_id" else standing.get(name)


def _value(kind: pa.DataType, value: Any) -> Any:
    if value is None:
        return None
    if pa.types.is_map(kind):
        return list(value.items())
    if pa.types.is_timestamp(kind):
        return instant(value)
    if pa.types.is_date(kind):
        return date.fromisoformat(value)
    return value
