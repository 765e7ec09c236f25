"""What a mangled text likely said before: span by span, each with how sure that is and where it is known from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from archive.near_duplicates.canonical import traditional_share
from archive.near_duplicates.lexicon import NUMBER, Hits, Lexicon, Located
from archive.near_duplicates.manglement import SHARES, Judged, Manglement
from archive.near_duplicates.side_by_side import Place, places_of
from archive.near_duplicates.verification import number
from archive.near_duplicates.word_counts import WordCounts

COPY, CONTEXT, RULE = "copy", "context", "rule"
"""Where a span is known from: a clean copy of the work; what stands beside it; what the site does to every number."""

SURE = 0.6
"""Confidence from which on a span is restored."""

DOUBTFUL = 0.3
"""Confidence from which on it is told at all, as one that may be the original or not."""

FROM_COPY = 0.99
"""Confidence in a word of the table, or a number, that a clean copy has at the same place; `UNLISTED` in a word that
no table has: it may be an edit."""

UNLISTED = 0.9

LISTED = 0.2
"""Score of a document from which on its words are looked at."""

LEVELS = tuple(range(9))

MAX_TRADITIONAL = 0.02
"""Share of traditional characters that a copy may have more than the text: its words would be in another script."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the stored text that something may have been done to."""

    start: int
    end: int
    text: str
    restored: str | None
    """What likely stood there. None: it cannot be told, `alternatives` says what it may have been."""
    confidence: float
    """Of `restored`, or of the likeliest alternative: from 0 to 1."""
    source: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """A text as it likely was."""

    text: str
    spans: tuple[Span, ...]
    """In the order of the text; they do not overlap."""


def applied(text: str, spans: Sequence[Span]) -> Restored:
    """Return *text* with what *spans* restore, as far as they do not overlap: of two the surer one counts."""
    kept: list[Span] = []
    taken = np.zeros(len(text) + 1, bool)
    for span in sorted(spans, key=lambda span: (span.restored is None, -span.confidence, span.start)):
        if span.end > span.start and not taken[span.start : span.end].any():
            taken[span.start : span.end] = True
            kept.append(span)
    kept.sort(key=lambda span: span.start)
    pieces: list[str] = []
    at = 0
    for span in kept:
        pieces += [text[at : span.start], span.text if span.restored is None else span.restored]
        at = span.end
    return Restored("".join([*pieces, text[at:]]), tuple(kept))


@dataclass(frozen=True, slots=True)
class Told:
    """A text, and what clean copies of it have at its places."""

    text: Located
    places: Mapping[int, Place]
    """Token -> what stands there in the best copy that has it."""

    @property
    def starts(self) -> frozenset[int]:
        """Where in the text tokens begin that a copy tells of."""
        return frozenset(self.text.starts[at] for at in self.places)


def told(lexicon: Lexicon, text: str, copies: Sequence[str]) -> Told:
    """Return what *copies* say of *text*; the best of them first."""
    mine = lexicon.located(text)
    places: dict[int, Place] = {}
    most = traditional_share(text) + MAX_TRADITIONAL
    for copy in copies:
        if traditional_share(copy) <= most:
            for at, place in places_of(mine, lexicon.located(copy)).items():
                places.setdefault(at, place)
    return Told(mine, places)


def untold(lexicon: Lexicon, texts: Sequence[Told]) -> Hits:
    """Return the words of *texts* that may stand for others, and that no copy tells of."""
    hits = lexicon.find([each.text.text for each in texts], LEVELS)
    starts = [each.starts for each in texts]
    is_open = np.isin(hits.words, lexicon.replacements)
    for at in np.flatnonzero(is_open).tolist():
        is_open[at] = int(hits.starts[at]) not in starts[hits.texts[at]]
    return hits.only(is_open)


class Restorer:
    """Restores texts of one archive."""

    def __init__(self, judge: Manglement, counts: WordCounts) -> None:
        """*counts*: what stands beside which word, by all levels, in texts that nobody changed."""
        self._lexicon = judge.lexicon
        self._judge = Manglement(judge.lexicon, counts, judge.in_force)
        pairs = zip(judge.lexicon.originals.tolist(), judge.lexicon.replacements.tolist(), strict=True)
        self._pairs = set(pairs)

    def restored(self, told: Told, score: float) -> Restored:
        """Return what a text likely was; *score*: how likely it is mangled."""
        text = told.text.text
        by_rule = list(_numbers_by_rule(text))
        spans = [*by_rule, *_quotes(text)]
        spans += self._from_copies(told, words=score >= LISTED, years=score >= LISTED or bool(by_rule))
        if score >= LISTED:
            spans += self._from_context(text, score, told.starts)
        return applied(text, spans)

    def _from_copies(self, told: Told, *, words: bool, years: bool) -> Iterator[Span]:
        """*years*: a year that the filter may have made is one that it made, where a copy has another."""
        mine = told.text
        for at, place in sorted(told.places.items()):
            theirs = place.text
            if mine.words[at] == NUMBER:
                if filter_makes(mine.token(at), theirs, years=years):
                    yield _span(mine, at, at + 1, theirs, FROM_COPY)
            elif words and mine.words[at] >= 0:
                if place.word >= 0 and (place.word, mine.words[at]) in self._pairs:
                    yield _span(mine, at, at + 1, self._lexicon.words[place.word], FROM_COPY)
            elif words and place.length and theirs:
                yield _span(mine, at, at + place.length, theirs, UNLISTED)

    def _from_context(self, text: str, score: float, known: frozenset[int]) -> Iterator[Span]:
        lexicon = self._lexicon
        hits = lexicon.find([text], LEVELS)
        likely = self._judge.counts.likely(hits)
        judged = self._judge.judged(hits, likely, 1)
        force = _force(lexicon, judged) * score
        share = SHARES[int(judged.shares[0])]
        originals = _by_replacement(lexicon)
        keeps = np.ones(len(lexicon.words))
        np.minimum.at(keeps, lexicon.originals, 1 - share * force)
        for at in range(len(hits)):
            if int(hits.starts[at]) in known:
                continue
            span = _likeliest(lexicon, hits, at, likely[at], originals, share * force, keeps)
            if span is not None:
                start, end = int(hits.starts[at]), int(hits.ends[at])
                word, confidence = span
                restored = word if confidence >= SURE else None
                there = text[start:end]
                alternatives = () if restored else (there, word)
                yield Span(start, end, there, restored, round(confidence, 3), CONTEXT, alternatives)


def _span(mine: Located, first: int, last: int, restored: str, confidence: float) -> Span:
    start, end = mine.starts[first], mine.ends[last - 1]
    return Span(start, end, mine.text[start:end], restored, confidence, COPY)


def _force(lexicon: Lexicon, judged: Judged) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return for each pair how likely it was put over the text, if any was."""
    tables = (judged.tables[:, 0][:, None] * lexicon.in_table).sum(0)
    return np.asarray(tables * judged.rows[0])


def _by_replacement(lexicon: Lexicon) -> dict[int, list[tuple[int, int]]]:
    """Return replacement -> (pair, original)."""
    found: dict[int, list[tuple[int, int]]] = {}
    for pair, (original, replacement) in enumerate(
        zip(lexicon.originals.tolist(), lexicon.replacements.tolist(), strict=True)
    ):
        found.setdefault(replacement, []).append((pair, original))
    return found


def _likeliest(
    lexicon: Lexicon,
    hits: Hits,
    at: int,
    likely: np.ndarray[tuple[int], np.dtype[np.float64]],
    originals: Mapping[int, Sequence[tuple[int, int]]],
    replaced: np.ndarray[tuple[int], np.dtype[np.float64]],
    keeps: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> tuple[str, float] | None:
    """Return the likeliest original of a word and how likely it is; None where it hardly is one."""
    word = int(hits.words[at])
    if word not in originals:
        return None
    weights = [(replaced[pair] * likely[lexicon.place_of[each]], each) for pair, each in originals[word]]
    total = sum(weight for weight, _ in weights) + likely[lexicon.place_of[word]] * keeps[word]
    weight, original = max(weights)
    confidence = float(weight / total) if total > 0 else 0.0
    return (lexicon.words[original], confidence) if confidence >= DOUBTFUL else None


_RUN = re.compile(r"\d+")
_TEN = re.compile("202[234]")
_WHOLE = re.compile("202[234]")
_YEAR_TEN = re.compile("2022(?:22|23|24)")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[012])(?:0[1-9]|[12]\d|3[01])")

_NEVER_A_YEAR = ("月", "日", "%", "％", "号", ".", "．")
"""Behind a number, these say that it is no year: the site's filter made it of a 10. A point with a digit behind it."""

BY_RULE, OF_YEAR_TEN = 0.95, 0.8


def filter_makes(mine: str, theirs: str, *, years: bool = True) -> bool:
    """Whether the filter makes *mine* of *theirs*, which is another number; *years*: it does so of years as well.

    >>> filter_makes("20230", "100"), filter_makes("100", "20230"), filter_makes("2023", "2015")
    (True, False, True)
    """
    one, other = number(mine), number(theirs)
    if one.plain == other.plain or _TEN.search(theirs):
        return False
    return (
        (one.plain != one.restored and one.restored == other.plain)
        or (years and one.is_wild and other.is_year)
        or (theirs == "2010" and bool(_YEAR_TEN.fullmatch(mine)))
    )


def _numbers_by_rule(text: str) -> Iterator[Span]:
    """Yield the numbers in which the filter put 2023 (2022, 2024) for every 10: inside a longer run that is certain,
    and a year that stands alone may have been any, or 10."""
    runs = list(_RUN.finditer(text))
    signs = [run for run in runs if _is_sign(text, run)]
    if not signs or any("10" in run.group() for run in runs):
        return
    for run in runs:
        digits = run.group()
        if not _TEN.search(digits) or _DAY.fullmatch(digits):
            continue
        ten = _TEN.sub("10", digits)
        others: tuple[str, ...] = ()
        if _YEAR_TEN.fullmatch(digits):
            restored, confidence, others = "2010", OF_YEAR_TEN, (ten,)
        elif _WHOLE.fullmatch(digits) and not _is_sign(text, run):
            yield Span(run.start(), run.end(), digits, None, 0.5, RULE, ("20xx", "10"))
            continue
        else:
            restored, confidence = ten, BY_RULE
        yield Span(run.start(), run.end(), digits, restored, confidence, RULE, others)


def _is_sign(text: str, run: re.Match[str]) -> bool:
    """Whether nothing but the filter makes such a number."""
    digits = run.group()
    if _WHOLE.fullmatch(digits):
        behind = text[run.end() : run.end() + 2]
        return behind.startswith(_NEVER_A_YEAR) and (behind[0] not in ".．" or behind[1:].isdigit())
    return bool(_TEN.search(digits)) and not _DAY.fullmatch(digits)


_DOCUMENT_NUMBER = re.compile(r"〔\d{2,6}〕")
QUOTE, BRACKET = 0.95, 0.8


def _quotes(text: str) -> Iterator[Span]:
    """Yield closing quotes and brackets as the filter writes them, where it was here: 〞 is written by nobody else."""
    if "〞" not in text:
        return
    kept = {at for found in _DOCUMENT_NUMBER.finditer(text) for at in (found.start(), found.end() - 1)}
    for at, c in enumerate(text):
        if c == "〞":
            yield Span(at, at + 1, c, "”", QUOTE, RULE)
        elif c in "〔〕" and at not in kept:
            yield Span(at, at + 1, c, "（" if c == "〔" else "）", BRACKET, RULE)
