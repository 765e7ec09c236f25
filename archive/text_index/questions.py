"""What is asked of the index."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import tantivy

from archive.snapshot.selection import Selection
from archive.text_index import fields
from archive.text_index.tokens import can_be_kept, character, cover
from archive.words.relevance import HEAD_BOOST
from archive.words.text_query import Term, TextQuery

Query = tantivy.Query
MUST, SHOULD, NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


def question(
    schema: tantivy.Schema, selection: Selection, *, scored: bool, without: Collection[str] = ()
) -> tantivy.Query:
    """Return what finds the documents of *selection*, but for those whose keys are *without*.

    What its `where` demands is left out; and of a search that needs texts it finds all candidates and some more.
    *scored*: by relevance.
    """
    parts = [(MUST, each) for each in _filters(schema, selection)]
    if without:
        parts.append((NOT, Query.term_set_query(schema, "key", list(without))))
    if selection.search is not None:
        parts += _texts(schema, selection.search, scored=scored)
    if all(occur == NOT for occur, _ in parts):
        parts.append((MUST, Query.const_score_query(Query.all_query(), 0.0)))
    asked = selection.search.groups if selection.search is not None else ()
    if not any(all(term.wanted for term in group) for group in asked):
        parts.append((NOT, Query.term_query(schema, fields.MARK, "position")))  # it has no text in which a word stands
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)


def _filters(schema: tantivy.Schema, selection: Selection) -> list[tantivy.Query]:
    found = []
    if selection.sites:
        found.append(Query.term_set_query(schema, "site", list(selection.sites)))
    if selection.doc_formats:
        found.append(Query.term_set_query(schema, "format", list(selection.doc_formats)))
    published_from, published_to = selection.published_from, selection.published_to
    for name, first, last in (
        ("published_until", published_from.toordinal() if published_from else None, None),
        ("published_from", None, published_to.toordinal() if published_to else None),
        ("pages", selection.min_pages, selection.max_pages),
    ):
        if first is not None or last is not None:
            found.append(in_range(schema, name, tantivy.FieldType.Integer, first, last))
    return [Query.const_score_query(each, 0.0) for each in found]


def in_range(
    schema: tantivy.Schema, name: str, kind: tantivy.FieldType, first: int | None, last: int | None
) -> tantivy.Query:
    """Return what finds the documents whose number *name* lies between the two, both included."""
    return Query.range_query(schema, name, kind, lower_bound=first, upper_bound=last)


def _texts(schema: tantivy.Schema, asked: TextQuery, *, scored: bool) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    parts: list[tuple[tantivy.Occur, tantivy.Query]] = []
    odd = Query.const_score_query(Query.term_query(schema, "odd", 1), 0.0)
    for group in asked.groups:
        if any(term.under and not term.wanted for term in group):
            continue  # whether it means what was asked for only the text tells
        if asked.exact:
            # What stands in a text stands in it folded as well, but for odd texts; what does not, may still.
            if all(term.wanted for term in group):
                found = [stands(schema, term.text, scored=scored) for term in group]
                parts.append((MUST, Query.boolean_query([(SHOULD, each) for each in (*found, odd)])))
        elif len(group) == 1:
            parts.append((MUST if group[0].wanted else NOT, stands(schema, group[0].text, scored=scored)))
        else:
            parts.append((MUST, Query.boolean_query([(SHOULD, _alternative(schema, t, scored=scored)) for t in group])))
    return parts


def _alternative(schema: tantivy.Schema, term: Term, *, scored: bool) -> tantivy.Query:
    found = stands(schema, term.text, scored=scored and term.wanted)
    if term.wanted:
        return found
    everything = Query.const_score_query(Query.all_query(), 0.0)
    return Query.boolean_query([(MUST, everything), (NOT, found)])


def stands(schema: tantivy.Schema, term: str, *, scored: bool) -> tantivy.Query:
    """Return what finds the documents in which the folded *term* stands; *scored*: and in titles and tags the more."""
    if not can_be_kept(term):
        return Query.empty_query()
    anywhere = _row_of_pairs(schema, term, fields.ALL, fields.ALL_CHARACTERS)
    if not scored:
        return anywhere
    in_head = _row_of_pairs(schema, term, fields.HEAD, fields.HEAD_CHARACTERS)
    # What stands in titles and tags stands anywhere: this way the engine may pass over what cannot be among the first.
    return Query.boolean_query([(SHOULD, anywhere), (SHOULD, Query.boost_query(in_head, HEAD_BOOST))])


def _row_of_pairs(schema: tantivy.Schema, term: str, of_pairs: str, of_characters: str) -> tantivy.Query:
    if len(term) == 1:
        return Query.term_query(schema, of_characters, character(term), "freq")
    found: Sequence[tuple[int, str]] = cover(term)
    if len(found) == 1:
        return Query.term_query(schema, of_pairs, found[0][1], "freq")
    return Query.phrase_query(schema, of_pairs, list(found))
