"""The words of a search, found again in a text as it is written."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.words.folding import PLAIN, fold
from archive.words.text_query import TextQuery

SNIPPET_CHARACTERS = 140
"""Two or three lines of Chinese text."""

BEFORE_CHARACTERS = 30
"""Of a snippet's, so many at most stand before the first hit."""

MOST_HITS = 5_000
"""Of each word in one text; whatever comes behind them is not marked."""

MOST_CHARACTERS = 200_000
"""Of a text, so many are looked at for a snippet: a tenth of a second in the worst of cases."""

LONGEST_CLUSTER = 32
"""Characters that are folded as one: a letter with all its marks. A site may write a million marks on one letter, and
to bring them into their order takes time that grows with the square of their number."""

_UNEVEN = re.compile(f"[{PLAIN}]?[^{PLAIN}]+")
"""Characters that may become others, more or fewer when folded, with the plain one that they may be marks of."""

_JOINS_A_SYLLABLE = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")
"""Parts of a Korean syllable behind its first."""

_SENTENCE_END = re.compile(r"[。！？；!?;\n]|\.(?=\s)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text."""

    text: str
    hit: bool
    """Whether a word that was searched for stands here."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text; its pieces together are what the text says there."""

    pieces: tuple[Piece, ...]
    cut_before: bool
    """Whether the text goes on before it."""
    cut_after: bool

    @property
    def text(self) -> str:
        """The part as it is written."""
        return "".join(piece.text for piece in self.pieces)


def marked(text: str, query: TextQuery | None) -> tuple[Piece, ...]:
    """Return the whole *text* in pieces: where a wanted word of *query* stands, and what is between.

    Words are found as a search finds them, in the folded form; the pieces are as written.

    >>> from archive.words.text_query import parse_text_query
    >>> [p.text for p in marked("某市ＰＤＦ文档", parse_text_query("pdf")) if p.hit]
    ['ＰＤＦ']
    """
    return tuple(_pieces(text, 0, len(text), _hits(text, query)))


def snippet(text: str, query: TextQuery | None, characters: int = SNIPPET_CHARACTERS) -> Snippet:
    """Return the part of *text* that shows most of the wanted words of *query*; without any, its beginning."""
    hits = _hits(text[:MOST_CHARACTERS], query)
    start = _begin(text, _best(hits, characters), characters) if hits else 0
    end = min(len(text), start + characters)
    # Whatever the site wrote as space before the text is none of the snippet.
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return Snippet(tuple(_pieces(text, start, end, hits)), bool(text[:start].strip()), bool(text[end:].strip()))


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    term: int


def _pieces(text: str, start: int, end: int, hits: Iterable[_Hit]) -> Iterator[Piece]:
    """Yield what stands between *start* and *end*; hits that touch each other are one piece."""
    at = start
    for first, last in _joined(hits):
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if at < first:
            yield Piece(text[at:first], False)
        yield Piece(text[first:last], True)
        at = last
    if at < end:
        yield Piece(text[at:end], False)


def _joined(hits: Iterable[_Hit]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for hit in hits:
        if hit.start <= last:
            last = max(last, hit.end)
            continue
        if last >= 0:
            yield first, last
        first, last = hit.start, hit.end
    if last >= 0:
        yield first, last


def _hits(text: str, query: TextQuery | None) -> list[_Hit]:
    """Return where the wanted words stand in *text*, in order."""
    if query is None or not text:
        return []
    folded = _Folded(text, fold_it=not query.exact)
    found = []
    terms = (term for group in query.groups for term in group if term.wanted)
    wanted = (query.looked_for(term) for term in terms if query.is_meant(term, [folded.text]))
    for number, term in enumerate(dict.fromkeys(wanted)):
        at = folded.text.find(term)
        for _ in range(MOST_HITS):
            if at < 0:
                break
            end = at + len(term)
            found.append(_Hit(folded.written(at), folded.written(end, end=True), number))
            at = folded.text.find(term, end)
    found.sort(key=lambda hit: (hit.start, hit.end))
    return found


def _best(hits: Sequence[_Hit], characters: int) -> int:
    """Return where the hit stands from which on *characters* show most different words, of those most hits."""
    room = characters - BEFORE_CHARACTERS
    inside: dict[int, int] = {}
    last = 0
    best, place = (0, 0), hits[0].start
    for first, hit in enumerate(hits):
        while last < len(hits) and (last <= first or hits[last].end <= hit.start + room):
            inside[hits[last].term] = inside.get(hits[last].term, 0) + 1
            last += 1
        reached = (len(inside), last - first)
        if reached > best:
            best, place = reached, hit.start
        inside[hit.term] -= 1
        if not inside[hit.term]:
            del inside[hit.term]
    return place


def _begin(text: str, hit: int, characters: int) -> int:
    """Return where to begin a snippet for a hit: with its sentence where that is near, else a little before."""
    if len(text) <= characters:
        return 0
    earliest = max(0, hit - BEFORE_CHARACTERS)
    if earliest == 0:
        return 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text, earliest, hit)]
    return ends[-1] if ends else earliest


class _Folded:
    """A text in its folded form, that knows where each character of it is written."""

    def __init__(self, text: str, *, fold_it: bool = True) -> None:
        parts: list[str] = []
        self._starts: list[int] = []
        """In the folded text, of each cluster that is not folded one character to one; the others go with it."""
        self._ends: list[int] = []
        self._written_starts: list[int] = []
        self._written_ends: list[int] = []
        length = at = 0
        for first, last in _clusters(text) if fold_it else ():
            if first > at:
                parts.append(fold(text[at:first]))  # plain: as long as it is written
                length += first - at
            cluster = text[first:last]
            folded = _fold_one(cluster) if len(cluster) == 1 else fold(cluster)
            parts.append(folded)
            if len(cluster) != 1 or len(folded) != 1:
                self._starts.append(length)
                self._ends.append(length + len(folded))
                self._written_starts.append(first)
                self._written_ends.append(last)
            length += len(folded)
            at = last
        parts.append(fold(text[at:]) if fold_it else text)
        self.text = "".join(parts)

    def written(self, place: int, *, end: bool = False) -> int:
        """Return where what stands at *place* of the folded text is written: its beginning, or its *end*."""
        number = bisect_right(self._starts, place - 1 if end else place) - 1
        if number < 0:
            return place
        if place < self._ends[number] or (end and place == self._ends[number]):
            return self._written_ends[number] if end else self._written_starts[number]
        return self._written_ends[number] + place - self._ends[number]


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where characters stand that are folded together; what is left out is plain."""
    for match in _UNEVEN.finditer(text):
        first, last = match.span()
        for place in range(first + 1, last):
            if _begins_anew(text[place]) or place - first == LONGEST_CLUSTER:
                yield first, place
                first = place
        yield first, last


@lru_cache(maxsize=8192)
def _begins_anew(character: str) -> bool:
    """Whether folding never joins a character to the one before it."""
    first = unicodedata.normalize("NFKD", character)[0]
    return (
        not unicodedata.combining(first)
        and unicodedata.category(first)[0] != "M"
        and not _JOINS_A_SYLLABLE.match(first)
    )


_fold_one = lru_cache(maxsize=8192)(fold)
