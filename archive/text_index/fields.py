"""What the index keeps of a document."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson
import tantivy

from archive.text_index.tokens import characters, joined, pairs
from archive.words.folding import fold, folds_by_character

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 2
"""Raised when the fields change: an index that was made before is made again."""

ALL, HEAD, ALL_CHARACTERS, HEAD_CHARACTERS = "all", "head", "characters", "head_characters"
"""Pairs and single characters; of title, tags and text, and of title and tags alone."""

COUNTED: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "site": lambda row: (row["site"],),
    "format": lambda row: _given(row["format"]),
    "year": lambda row: _given(row["published_on"] and row["published_on"][:4]),
    "tag": lambda row: dict.fromkeys(row["tags"] or ()),
    "flag": lambda row: dict.fromkeys(row["flags"] or ()),
}
"""What documents are counted by, and the values that a row of `versions` has of each, none of them twice."""

MARK = "mark"
"""Only the record of how far the index has come has it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPAN_BITS, _SECOND_BITS = 9, 33
_LONGEST_SPAN = (1 << _SPAN_BITS) - 1


def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    made = tantivy.SchemaBuilder()
    for name in (ALL, HEAD):
        made.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in (ALL_CHARACTERS, HEAD_CHARACTERS):
        made.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in (MARK, "key"):
        made.add_text_field(name, tokenizer_name="raw", index_option="basic", stored=name == "key")
    for name in COUNTED:
        made.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("pages", "published_from", "published_until"):
        made.add_integer_field(name, indexed=True, fast=True)
    for name in ("fetched", "by_published", "by_id"):
        made.add_unsigned_field(name, indexed=True, fast=True)
    for name in ("length", "head_length"):
        made.add_unsigned_field(name, fast=True)
    made.add_unsigned_field("odd", indexed=True)
    made.add_bytes_field("kept", stored=True)
    return made.build()


def everything(schema: tantivy.Schema) -> tantivy.Query:
    """Return what finds every document."""
    mark = tantivy.Query.term_query(schema, MARK, "position")
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, tantivy.Query.all_query()), (tantivy.Occur.MustNot, mark)])


def key_of(site: str, doc_id: str) -> str:
    """Return the one text by which the index knows a document."""
    return orjson.dumps([site, doc_id]).decode()


def named_by(document: tantivy.Document) -> tuple[str, str]:
    """Return site and ID of a document that was found: in a sixth of the time of `kept_of`."""
    site, doc_id = orjson.loads(document["key"][0])
    return site, doc_id


def document_of(row: Mapping[str, Any], place: str) -> tantivy.Document:
    """Return what the index keeps of a row of the table `versions`, which lies at *place*."""
    head_texts = [row["title"] or "", *(row["tags"] or ())]
    head = joined([fold(text) for text in head_texts])
    text = row["preview_text"] or ""
    whole = joined([head, fold(text)])
    document = tantivy.Document()
    document.add_text(ALL, pairs(whole))
    document.add_text(HEAD, pairs(head))
    document.add_text(ALL_CHARACTERS, characters(whole))
    document.add_text(HEAD_CHARACTERS, characters(head))
    document.add_text("key", key_of(row["site"], row["doc_id"]))
    for name, values in COUNTED.items():
        for each in values(row):
            document.add_text(name, each)
    for name, value in (
        ("pages", row["pages"]),
        ("published_from", _day(row["published_from"])),
        ("published_until", _day(row["published_until"])),
    ):
        if value is not None:
            document.add_integer(name, value)
    for name, value in (
        ("fetched", microseconds(row["fetched_at"])),
        ("by_published", by_published(row["published_from"], row["published_until"], row["fetched_at"])),
        ("by_id", by_id(row["doc_id"])),
        ("length", len(whole)),
        ("head_length", len(head)),
        ("odd", int(not all(map(folds_by_character, (*head_texts, text))))),
    ):
        document.add_unsigned(name, value)
    document.add_bytes("kept", _kept(row, place))
    return document


def mark_of(position: Mapping[str, Any]) -> tantivy.Document:
    """Return the record of how far the index has come."""
    document = tantivy.Document()
    document.add_text(MARK, "position")
    document.add_bytes("kept", orjson.dumps(position))
    return document


def _kept(row: Mapping[str, Any], place: str) -> bytes:
    """The row itself, from which an answer is made without looking for it in the tables, and where it lies there."""
    return zstd.compress(orjson.dumps({"place": place, "row": row}))


def kept_of(document: tantivy.Document) -> dict[str, Any]:
    """Return `place` and `row` of a document that was found."""
    return dict(orjson.loads(zstd.decompress(document["kept"][0])))


def position_of(document: tantivy.Document) -> dict[str, Any]:
    """Return what `mark_of` kept."""
    return dict(orjson.loads(document["kept"][0]))


def _given(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _day(value: date | None) -> int | None:
    return value.toordinal() if value is not None else None


def microseconds(instant: datetime) -> int:
    """Return *instant* as a number that the index can order by: never negative."""
    since = instant - _EPOCH
    return max(0, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def by_published(first: date | None, last: date | None, fetched_at: datetime) -> int:
    """Return a number that never contradicts the order by publication; what it cannot tell apart is equal.

    Its bits are the first day, the days to the last, and the second in which the page was fetched.
    """
    day = first.toordinal() if first is not None else 0
    second = min(microseconds(fetched_at) // 1_000_000, (1 << _SECOND_BITS) - 1)
    if first is not None and last is not None:
        span = (last - first).days + 1
        if span < 1:
            span, second = 0, 0
        elif span >= _LONGEST_SPAN:
            span, second = _LONGEST_SPAN, 0  # which of two such comes first depends on the last day
    elif first is None and last is None:
        span = 0
    else:
        span, second = (_LONGEST_SPAN if last is not None else 0), 0
    return (day << _SPAN_BITS | span) << _SECOND_BITS | second


def by_id(doc_id: str) -> int:
    """Return the beginning of *doc_id* as a number, in the order of the IDs."""
    return int.from_bytes(doc_id.encode()[:8].ljust(8, b"\0"), "big")
