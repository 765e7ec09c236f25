"""The first documents that the index finds, in one of the orders that answers have.

The index orders by one number. Where that is equal for more documents than are wanted, those are ordered by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import tantivy

from archive.text_index import fields
from archive.text_index.generation import Generation, guarded
from archive.text_index.questions import MUST, Query, in_range
from archive.words.relevance import rounded

SPARE = 30
"""Documents looked at beyond those wanted, to see where equals end."""

MOST_EQUALS = 10_000
"""Of so many documents of one score the first are ordered further; which of more come first the index decides."""

_LEVELS: dict[str, tuple[str, ...]] = {
    "fetched": ("fetched",),
    "published": ("by_published", "published_until", "fetched"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A document that answers."""

    site: str
    doc_id: str
    place: tuple[Any, ...]
    """Where it stands in the order: the smaller, the earlier."""
    row: dict[str, Any]
    """Of the table `versions`, as JSON has it, or as the engine does."""


def place_in_order(sort: str, row: dict[str, Any], score: float) -> tuple[Any, ...]:
    """Return by what documents are ordered; as `archive.asking.selected` orders them in SQL."""
    fetched = -fields.microseconds(instant(row["fetched_at"]))
    names = row["site"].encode(), row["doc_id"].encode()
    if sort == "relevance":
        return (-rounded(score), fetched, *names)
    if sort == "fetched":
        return (fetched, *names)
    return (-_day(row["published_from"]), -_day(row["published_until"]), fetched, *names)


def instant(value: Any) -> datetime:
    """Return an instant that may have been kept as JSON."""
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else value


def _day(value: Any) -> int:
    if value is None:
        return 0
    return (date.fromisoformat(value) if isinstance(value, str) else value).toordinal()


def first_found(index: Generation, query: tantivy.Query, sort: str, wanted: int) -> list[Found]:
    """Return the first *wanted* documents in order."""
    with guarded(index.folder):
        if sort == "relevance":
            hits = _by_score(index, query, wanted)
        else:
            hits = [(0.0, address) for address in _by_levels(index, query, _LEVELS[sort], wanted)]
        found = [_found(index, address, sort, score) for score, address in hits]
    found.sort(key=lambda each: each.place)
    return found[:wanted]


def how_many(index: Generation, query: tantivy.Query) -> int:
    """Return how many documents *query* finds."""
    counted = index.searcher.aggregate(query, {"documents": {"value_count": {"field": "length"}}})  # scores nothing
    return int(counted["documents"]["value"])


def _found(index: Generation, address: tantivy.DocAddress, sort: str, score: float) -> Found:
    row = fields.kept_of(index.searcher.doc(address))["row"]
    return Found(row["site"], row["doc_id"], place_in_order(sort, row, score), row)


def _by_score(index: Generation, query: tantivy.Query, wanted: int) -> list[tuple[float, tantivy.DocAddress]]:
    limit = wanted + SPARE
    while True:
        hits = index.searcher.search(query, limit=limit, count=False).hits
        if len(hits) < limit or wanted == 0:
            return hits
        last_wanted = rounded(hits[wanted - 1][0])
        if rounded(hits[-1][0]) < last_wanted or limit >= max(MOST_EQUALS, wanted + SPARE):
            return [hit for hit in hits if rounded(hit[0]) >= last_wanted]
        limit *= 16


def _by_levels(index: Generation, query: tantivy.Query, levels: Sequence[str], wanted: int) -> list[tantivy.DocAddress]:
    """Return addresses that hold the first *wanted*, in any order."""
    if not levels:
        return _by_names(index, query, wanted)
    name = levels[0]

    def deeper(value: Any, rest: int) -> list[tantivy.DocAddress]:
        return _by_levels(index, _equal(index, query, name, value), levels[1:], rest)

    return _cut(index, query, name, tantivy.Order.Desc, wanted, deeper)


def _cut(
    index: Generation,
    query: tantivy.Query,
    name: str,
    order: tantivy.Order,
    wanted: int,
    deeper: Callable[[Any, int], list[tantivy.DocAddress]],
) -> list[tantivy.DocAddress]:
    """Return the first *wanted* by one number; *deeper* gives those of the last number that counts, if there are more
    of it."""
    limit = wanted + SPARE
    hits = index.searcher.search(query, limit=limit, count=False, order_by_field=name, order=order).hits
    if len(hits) < limit:
        return [address for _, address in hits]
    last_wanted = hits[wanted - 1][0]
    before = [address for value, address in hits if value != last_wanted]
    if hits[-1][0] != last_wanted:
        return [address for _, address in hits]
    return before + deeper(last_wanted, wanted - len(before))


def _equal(index: Generation, query: tantivy.Query, name: str, value: Any) -> tantivy.Query:
    if value is None:
        exists = Query.exists_query(name)
        return Query.boolean_query([(MUST, query), (tantivy.Occur.MustNot, exists)])
    kind = tantivy.FieldType.Integer if name == "published_until" else tantivy.FieldType.Unsigned
    return Query.boolean_query([(MUST, query), (MUST, in_range(index.schema, name, kind, value, value))])


def _by_names(index: Generation, query: tantivy.Query, wanted: int) -> list[tantivy.DocAddress]:
    """Return the first *wanted* by site and ID."""
    buckets = index.searcher.aggregate(query, {"sites": {"terms": {"field": "site", "size": 65_000}}})
    found: list[tantivy.DocAddress] = []
    for site in sorted(bucket["key"] for bucket in buckets["sites"]["buckets"]):
        if len(found) >= wanted:
            break
        of_site = Query.boolean_query([(MUST, query), (MUST, Query.term_query(index.schema, "site", site))])

        def all_of(value: Any, rest: int, of_site: tantivy.Query = of_site) -> list[tantivy.DocAddress]:
            del rest  # IDs that begin alike: all are looked at
            same = _equal(index, of_site, "by_id", value)
            return [address for _, address in index.searcher.search(same, limit=how_many(index, same)).hits]

        found += _cut(index, of_site, "by_id", tantivy.Order.Asc, wanted - len(found), all_of)
    return found
