"""How the documents that a selection finds are spread over sites, formats, years, tags, flags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.errors import UsageError
from archive.snapshot.duckdb_session import arrow, execute

if TYPE_CHECKING:
    from archive.asking.selected import SelectedDocuments

FACETS = {
    "site": ("site", "site"),
    "doc_format": ("format", "format"),
    "year": ("published_on", "published_on[:4]"),
    "tag": ("tags", "unnest(list_distinct(tags))"),
    "flag": ("flags", "unnest(list_distinct(flags))"),
}
"""Facet -> the record's field, and its values in SQL. A document without one counts nowhere, one of several tags at
each of them."""

_STANDING = {"tag": "unnest(different_tags)", "flag": "unnest(different_flags)"}
"""The same where `archive.snapshot.standing` has taken out what is there twice."""

MOST_VALUES = 20


def check_facets(names: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the facets that are asked for, all of them without a name. Raises UsageError for one that there is not."""
    asked = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names or FACETS)
    for name in asked:
        if name not in FACETS:
            raise UsageError(f"there is no facet {name!r}; choose among {', '.join(FACETS)}")
    return tuple(dict.fromkeys(asked))


def facets(found: SelectedDocuments, names: Sequence[str], most: int = MOST_VALUES) -> dict[str, list[tuple[str, int]]]:
    """Return for each facet its values with how many of the documents *found* have each, the most frequent first.

    *most* values at most (0: all); years stand in order, the last first. The limit of the selection does not count.
    """
    if (by_index := _by_index(found, names, most)) is not None:
        return by_index
    connection, rows, values = found.found_rows()
    standing = values is not None
    if not standing:
        columns = ", ".join(FACETS[name][0] for name in names)
        execute(connection, f"CREATE OR REPLACE TEMP TABLE facet_rows AS SELECT {columns} FROM ({rows})")
        rows = "FROM facet_rows"
    counted = {}
    for name in names:
        sql = _STANDING.get(name, FACETS[name][1]) if standing else FACETS[name][1]
        order = "value DESC" if name == "year" else "documents DESC, value"
        table = arrow(
            connection,
            f"SELECT value, count(*) AS documents FROM (SELECT {sql} AS value "
            f"FROM ({rows})) WHERE value IS NOT NULL GROUP BY value ORDER BY {order} {f'LIMIT {most}' if most else ''}",
            values,
        )
        counted[name] = [(row["value"], row["documents"]) for row in table.to_pylist()]
    return counted


def _by_index(found: SelectedDocuments, names: Sequence[str], most: int) -> dict[str, list[tuple[str, int]]] | None:
    """Return the facets as the index counts them; None where it cannot tell all of them."""
    counted = {}
    for name in names:
        counts = found.counts(_COUNTED[name])
        if counts is None:
            return None
        newest = name == "year"
        ordered = (
            sorted(counts.items(), reverse=True) if newest else sorted(counts.items(), key=lambda i: (-i[1], i[0]))
        )
        counted[name] = ordered[:most] if most else ordered
    return counted


_COUNTED = {name: "format" if name == "doc_format" else name for name in FACETS}
"""Facet -> what the index calls it."""
