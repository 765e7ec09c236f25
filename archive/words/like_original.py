"""A search for what mangled copies said before their words were replaced: 计划生育 finds 方案生育."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice, product

from archive.words.folding import fold
from archive.words.text_query import Term, TextQuery, WordTable

MOST_VARIANTS = 48
"""Of one word or phrase; those in which one table replaced all that it knows come first."""


def like_original(query: TextQuery, tables: Mapping[str, Iterable[tuple[str, str]]]) -> TextQuery:
    """Return *query* with each word answered as well by what stands in its place in mangled texts.

    *tables*: name -> (original, replacement). A word without (`-word`) is then without those too, but for one that is
    an alternative (`OR -word`), which means what it says.
    """
    known = [WordTable(name, tuple(_folded(pairs))) for name, pairs in sorted(tables.items())]
    known = [table for table in known if table.pairs]
    groups: list[tuple[Term, ...]] = []
    for group in query.groups:
        wanted = [term for term in group if term.wanted]
        variants = [variant for term in wanted for variant in _variants(term, known, exact=query.exact)]
        groups.append((*group, *variants))
        if not wanted and len(group) == 1:
            groups += [(variant,) for variant in _variants(group[0], known, exact=query.exact)]
    return replace(query, groups=tuple(groups))


def _folded(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for original, replacement in pairs:
        if original and replacement and fold(original) != fold(replacement):
            yield fold(original), fold(replacement)


def _variants(term: Term, tables: list[WordTable], *, exact: bool) -> Iterator[Term]:
    """Yield what may stand for *term* in a text that a table mangled, each with the tables that it may be of."""
    text = term.written if exact else term.text
    found: dict[str, list[WordTable]] = {}
    for table in tables:
        for variant in _replaced(text, table):
            if variant != text:
                found.setdefault(variant, []).append(table)
    for variant, of in list(found.items())[:MOST_VARIANTS]:
        yield Term(fold(variant), term.wanted, variant, under=tuple(of))


def _replaced(text: str, table: WordTable) -> Iterator[str]:
    """Yield *text* with the words of one table replaced: all of them first, then some of them only."""
    replacements: dict[str, list[str]] = {}
    for original, replacement in table.pairs:
        if original in text:
            replacements.setdefault(original, []).append(replacement)
    if not replacements:
        return
    longest_first = sorted(replacements, key=lambda word: (-len(word), word))
    pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})")
    choices = [[*replacements[word], word] for word in longest_first]
    for chosen in islice(product(*choices), MOST_VARIANTS):
        stands_for = dict(zip(longest_first, chosen, strict=True))
        yield "".join(stands_for.get(piece, piece) for piece in pattern.split(text))
