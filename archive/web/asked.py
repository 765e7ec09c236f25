"""The address of a page as the selection that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from archive.errors import UsageError
from archive.published.views import sql_text

TEXTS = ("search", "where", "published_from", "published_to", "as_of", "as_published", "sort")
COUNTS = ("min_pages", "max_pages")
SEVERAL = ("site", "doc_format")
LISTED = ("tag", "flag")
"""Of which a document has several; `Archive.records` is asked for them as a condition."""
SELECTING = (*TEXTS, *COUNTS, "exact", "like_original", "unique", *SEVERAL, *LISTED)
"""The names that say which documents; those of the command line, and `tag`, `flag`."""

LONGEST_TEXT = 2_000
"""Characters of a value: longer ones are no question of a person's."""
MOST_VALUES = 50

_COLUMNS = {"tag": "tags", "flag": "flags"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    values: tuple[tuple[str, str], ...]
    """Name and value as they stand in it, in order; only what selects, and only what is not empty."""

    def one(self, name: str) -> str:
        """Return the value of a name, "" without one."""
        return next((value for each, value in self.values if each == name), "")

    def all(self, name: str) -> list[str]:
        """Return the values of a name."""
        return [value for each, value in self.values if each == name]

    @property
    def narrows(self) -> bool:
        """Whether it asks for less than everything."""
        return any(name not in ("sort", "exact", "like_original") for name, _ in self.values)

    def keywords(self) -> dict[str, Any]:
        """Return it as `Archive.records` takes it. Raises UsageError."""
        found: dict[str, Any] = {}
        for name in TEXTS:
            found[name] = self.one(name) or None
        for name in COUNTS:
            found[name] = whole_number(name, self.one(name)) if self.one(name) else None
        for name in SEVERAL:
            found[name] = self.all(name) or None
        if self.one("exact") and found["search"]:
            found["exact"] = truth("exact", self.one("exact"))
        if self.one("like_original") and found["search"]:
            found["like_original"] = truth("like_original", self.one("like_original"))
        if self.one("unique"):
            found["unique"] = truth("unique", self.one("unique"))
        conditions = [f"({found['where']}\n)"] if found["where"] else []
        if conditions:
            _check_alone(found["where"])
        for name in LISTED:
            conditions += [f"list_contains({_COLUMNS[name]}, {sql_text(value)})" for value in self.all(name)]
        found["where"] = " AND ".join(conditions) if len(conditions) > 1 else found["where"] or "".join(conditions)
        return {name: value for name, value in found.items() if value not in (None, "")}

    def with_value(self, name: str, value: str) -> Asked:
        """Return the same with one value more."""
        return Asked((*self.values, (name, value)))

    def without(self, name: str, value: str | None = None) -> Asked:
        """Return the same without a value, or without all of a name."""
        return Asked(tuple(pair for pair in self.values if pair[0] != name or value not in (None, pair[1])))


def _check_alone(where: str) -> None:
    """Raise UsageError for a condition that would swallow what stands behind it, or end before its end.

    What is made of several conditions is checked as one; each must be one by itself as well.
    """
    import duckdb

    from archive.asking.query import check_condition

    connection = duckdb.connect(":memory:", config={"threads": 1, "enable_external_access": False})
    try:
        check_condition(connection, where)
    finally:
        connection.close()


def asked(parameters: QueryParams) -> Asked:
    """Return what the parameters of an address select. Raises UsageError for what is too long."""
    values = [(name, value.strip()) for name, value in parameters.multi_items() if name in SELECTING]
    kept = list(dict.fromkeys((name, value) for name, value in values if value))
    if len(kept) > MOST_VALUES:
        raise UsageError(f"that are {len(kept)} conditions at once; ask with {MOST_VALUES} or fewer")
    for name, value in kept:
        if len(value) > LONGEST_TEXT:
            raise UsageError(f"{name} has {len(value):,} characters; write {LONGEST_TEXT:,} or fewer")
    return Asked(tuple(kept))


def whole_number(name: str, text: str) -> int:
    """Return *text* as a number from 0. Raises UsageError."""
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise UsageError(f"{name}={text!r} is no count; write a whole number from 0")
    return int(text)


def truth(name: str, text: str) -> bool:
    """Return whether *text* says yes. Raises UsageError."""
    if text not in ("", "0", "1", "false", "true"):
        raise UsageError(f"{name}={text!r} is neither; write 1 or 0")
    return text in ("1", "true")


def address(path: str, pairs: Iterable[tuple[str, str]] | Mapping[str, str] = ()) -> str:
    """Return a path with parameters, each written so that it comes back as it is.

    >>> address("/document", {"site": "a/b", "doc_id": "?&#"})
    '/document?site=a%2Fb&doc_id=%3F%26%23'
    """
    given: Sequence[tuple[str, str]] = list(pairs.items() if isinstance(pairs, Mapping) else pairs)
    return f"{path}?{urlencode(given)}" if given else path
