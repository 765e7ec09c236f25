"""Answers questions about texts from the index, and from the documents that it does not know yet."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import tantivy

from archive import exclusion
from archive.errors import MachineTrouble, SiteBusy
from archive.layout import Layout
from archive.site_state.names import present_names
from archive.snapshot.duckdb_session import Session, one
from archive.snapshot.selection import Selection
from archive.snapshot.touched import touched
from archive.text_index import fields, generation
from archive.text_index.behind import Changed, Differences, digest_of_row, last_row, was_rebuilt
from archive.text_index.catching_up import bring
from archive.text_index.generation import Generation, IndexUnusable, guarded
from archive.text_index.kept_rows import table_of
from archive.text_index.ordering import Found, first_found, how_many, place_in_order
from archive.text_index.questions import question
from archive.text_index.standings import standings
from archive.text_index.tokens import character, cover
from archive.words.folding import fold
from archive.words.relevance import Statistics, counted, rarity, rounded, score
from archive.words.text_query import TextQuery

AT_ONCE = 2_000
"""Documents that the index may lack for a search to bring it up to date first, which takes some seconds."""

LOOKED_THROUGH = 20_000
"""Documents that the index may lack for a search to ask it all the same, and look through those itself."""

MOST_VALUES = 65_000
"""Values that are told apart when documents are counted by them."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Tail:
    """What the index does not know, or not as it is now."""

    changed: tuple[Changed, ...] = ()
    outdated: frozenset[str] = frozenset()
    is_empty: bool = False
    """Whether the index is at the row of the ledger that the question is asked at."""


class AskedTexts:
    """The index as it was when the archive was opened; to be opened before the tables, so that it knows no more."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._generation: Generation | None = None
        self._trouble: str | None = None
        self._tail: _Tail | None = None
        self._open()

    def _open(self) -> None:
        try:
            self._generation = generation.opened(self._layout, present_names(self._layout))
        except IndexUnusable as error:
            self._generation, self._trouble = None, str(error)

    def answer(self, session: Session, selection: Selection) -> TextAnswer | None:
        """Return the answer to a question about now; None where the tables must be looked through.

        What `where` demands is left out. *session* is the same every time. A question that is not about texts the
        tables answer just as well: the index is asked if it is whole, and not brought up to date for it.
        """
        if selection.search is None and not self._is_current(session):
            return None
        try:
            tail = self._ready(session)
        except IndexUnusable as error:
            self._give_up(error)
            return None
        if tail is None or self._generation is None:
            return None
        return TextAnswer(self._generation, tail, selection)

    def give_up(self, error: IndexUnusable) -> None:
        """Do without the index from now on, which is told once."""
        self._give_up(error)

    def _give_up(self, error: IndexUnusable) -> None:
        logger.warning(
            "the text index %s; the tables are looked through instead; make it again with: docarchive rebuild text",
            error,
        )
        self._generation, self._trouble, self._tail = None, str(error), None

    def _is_current(self, session: Session) -> bool:
        if self._tail is not None:
            return self._tail.is_empty
        position = self._generation.position if self._generation is not None else None
        return position is not None and last_row(session) == (position.run_seq, position.digest)

    def _ready(self, session: Session) -> _Tail | None:
        """What the index lacks, found out once; None where there is no use in it."""
        if self._tail is not None:
            return self._tail
        last = last_row(session)
        if last is None:
            return None
        if self._is_behind(session, last[0]):
            self._bring(session)
        if self._generation is None:
            if self._trouble is not None:
                trouble, self._trouble = self._trouble, None
                raise IndexUnusable(trouble)
            return None
        self._tail = self._found_tail(session, self._generation, last[0])
        return self._tail

    def _found_tail(self, session: Session, index: Generation, last_seq: int) -> _Tail | None:
        position = index.position
        if position.run_seq > last_seq or was_rebuilt(session, position.run_seq):
            raise IndexUnusable("was made of other tables than these")
        if digest_of_row(session, position.run_seq) != position.digest:
            raise IndexUnusable("was made of other tables than these")
        if position.run_seq == last_seq:
            return _Tail(is_empty=True)
        further = touched(session, position.run_seq)
        if len(further.documents) > LOOKED_THROUGH:
            raise IndexUnusable(f"lacks up to {len(further.documents):,} documents")
        differences = Differences(session, index, further)
        changed = tuple(differences.changed())
        return _Tail(changed, frozenset(differences.outdated))

    def _is_behind(self, session: Session, last_seq: int) -> bool:
        """Whether so little is lacking that it is brought first."""
        if self._generation is None:
            return bool(one(session.connection, "SELECT count(*) FROM raw_versions") <= AT_ONCE)
        position = self._generation.position
        return position.run_seq < last_seq and len(touched(session, position.run_seq).documents) <= AT_ONCE

    def _bring(self, session: Session) -> None:
        """Bring the index to what *session* sees, if nobody else is at it and the folder may be written."""
        try:
            with exclusion.indexing(self._layout):
                bring(self._layout, session)
                brought = generation.opened(self._layout, session.snapshot.names)
        except (SiteBusy, MachineTrouble, IndexUnusable):
            return
        last = last_row(session)
        if brought is not None and last is not None and brought.position.run_seq == last[0]:
            self._generation, self._trouble = brought, None


class TextAnswer:
    """The documents that answer one question. Every property and method raises IndexUnusable."""

    def __init__(self, index: Generation, tail: _Tail, selection: Selection) -> None:
        self._index = index
        self._tail = tail
        self._selection = selection
        self._asked: TextQuery | None = selection.search
        self._sort = selection.sort

    @cached_property
    def total(self) -> int:
        """How many documents there are."""
        if self._needs_texts:
            return len(self._confirmed)
        with guarded(self._index.folder):
            query = question(self._index.schema, self._selection, scored=False, without=self._tail.outdated)
            found = how_many(self._index, query)
        return found + len(self._of_tail)

    def first(self, wanted: int) -> list[Found]:
        """Return the first *wanted* in the order of the selection."""
        if self._needs_texts:
            return self._confirmed[:wanted]
        found = first_found(self._index, self._query, self._sort, wanted)
        return sorted([*found, *self._of_tail], key=lambda each: each.place)[:wanted]

    def counts(self, name: str) -> Counter[str]:
        """Return how many documents have which value of *name*, one of `fields.COUNTED`; exact, of all documents."""
        values = fields.COUNTED[name]
        looked_at = self._confirmed if self._needs_texts else self._of_tail
        found = Counter(value for each in looked_at for value in values(each.row))
        if not self._needs_texts:
            with guarded(self._index.folder):
                query = question(self._index.schema, self._selection, scored=False, without=self._tail.outdated)
                terms = {"values": {"terms": {"field": name, "size": MOST_VALUES}}}
                buckets = self._index.searcher.aggregate(query, terms)["values"]["buckets"]
            found.update({bucket["key"]: bucket["doc_count"] for bucket in buckets})
        return found

    def rows(self, found: Sequence[Found], columns: Sequence[str]) -> pa.Table | None:
        """Return the rows of documents that `first` or `of_key` found; None where the tables must be asked."""
        if not self._tail.is_empty:
            return None
        documents = [(each.site, each.doc_id) for each in found]
        stand = standings(self._index.folder, self._index.position.run_seq, documents)
        return None if stand is None else table_of(columns, found, stand)

    def of_key(self, site: str, doc_id: str) -> list[Found]:
        """Return one document, or none: as the index knows it."""
        with guarded(self._index.folder):
            query = tantivy.Query.term_query(self._index.schema, "key", fields.key_of(site, doc_id), "basic")
            return first_found(self._index, query, "relevance", 1)

    @property
    def is_whole(self) -> bool:
        """Whether the index knows all that there is."""
        return self._tail.is_empty

    def all(self) -> list[tuple[str, str, float]]:
        """Return site, ID and score of every document, in any order."""
        found = self._confirmed if self._needs_texts else self._of_tail
        by_score = self._sort == "relevance"
        named = [(each.site, each.doc_id, -each.place[0] if by_score else 0.0) for each in found]
        if not self._needs_texts:
            with guarded(self._index.folder):
                for points, address in self._hits():
                    site, doc_id = fields.named_by(self._index.searcher.doc(address))
                    named.append((site, doc_id, rounded(points) if by_score else 0.0))
        return named

    @property
    def _needs_texts(self) -> bool:
        return self._asked is not None and self._asked.needs_texts

    @cached_property
    def _query(self) -> Any:
        scored = self._sort == "relevance"
        with guarded(self._index.folder):
            return question(self._index.schema, self._selection, scored=scored, without=self._tail.outdated)

    def _hits(self) -> list[tuple[float, tantivy.DocAddress]]:
        total = how_many(self._index, self._query)
        return self._index.searcher.search(self._query, limit=max(total, 1)).hits

    def _of_index(self) -> Iterator[Found]:
        with guarded(self._index.folder):
            for points, address in self._hits():
                row = fields.kept_of(self._index.searcher.doc(address))["row"]
                yield Found(row["site"], row["doc_id"], place_in_order(self._sort, row, points), row)

    @cached_property
    def _confirmed(self) -> list[Found]:
        """Of a question that needs texts: what the index takes for possible, looked at as it is written."""
        found = [each for each in self._of_index() if self._answers(each.row)]
        return sorted([*found, *self._of_tail], key=lambda each: each.place)

    def _answers(self, row: Any) -> bool:
        asked = self._asked
        if asked is None:
            return True
        return asked.matches([asked.compared(t) for t in (row["title"], *(row["tags"] or ()), row["preview_text"])])

    @cached_property
    def _of_tail(self) -> list[Found]:
        found = []
        for each in self._tail.changed:
            row = dict(each.row)
            if not self._selection.admits(row):
                continue
            if self._answers(row):
                points = self._score(row) if self._sort == "relevance" else 0.0
                found.append(Found(row["site"], row["doc_id"], place_in_order(self._sort, row, points), row))
        return found

    def _score(self, row: Any) -> float:
        terms = self._asked.wanted_terms() if self._asked is not None else []
        folded = [fold(text or "") for text in (row["title"], *(row["tags"] or ()), row["preview_text"])]
        return rounded(score(terms, counted(terms, folded[:-1], folded[-1]), self._statistics))

    @cached_property
    def _statistics(self) -> Statistics:
        """Of what the index knows, so that scores from here and from there can stand in one order."""
        with guarded(self._index.folder):
            everything = fields.everything(self._index.schema)
            means = {name: {"avg": {"field": name}} for name in ("length", "head_length")}
            found = self._index.searcher.aggregate(everything, means)
        documents = self._index.searcher.num_docs
        return Statistics(
            documents=documents,
            head_length=found["head_length"]["value"] or 1.0,
            length=found["length"]["value"] or 1.0,
            rarity=self._rarity,
            share=self._index.position.documents / documents,  # the record of the position counts as one without
        )

    def _rarity(self, term: str, in_head: bool) -> float:
        searcher = self._index.searcher
        of_pairs, of_characters = (
            (fields.HEAD, fields.HEAD_CHARACTERS) if in_head else (fields.ALL, fields.ALL_CHARACTERS)
        )
        with guarded(self._index.folder):
            if len(term) == 1:
                frequencies = [searcher.doc_freq(of_characters, character(term))]
            else:
                frequencies = [searcher.doc_freq(of_pairs, pair) for _, pair in cover(term)]
        return sum(rarity(searcher.num_docs, frequency) for frequency in frequencies)
