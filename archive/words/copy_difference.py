"""How two copies of a work differ: what a site's filter did told apart from what somebody wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.words.folding import folded_with_origins
from archive.words.text_difference import DELETE, EQUAL, text_difference

SAME, FORM, REPLACED, RENUMBERED, EDITED = "same", "form", "replaced", "renumbered", "edited"

LONGEST = 30_000
"""Characters of each text that are compared: a page of a difference that a person reads has a hundredth of them."""

_CLASSES = 0xF0000
"""Private characters from here on stand for the classes of words; a folded text's own are left out."""

_TEN = re.compile("202[234]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of both texts, of which either may be empty. All of one text's together are that text."""

    kind: str
    """`same`; `form`: other punctuation, white space, width, case or script; `replaced`: words that filters put for
    each other; `renumbered`: a number that a filter damaged (100 and 20230); `edited`: anything else."""
    old: str
    new: str


def copy_difference(old: str, new: str, pairs: Iterable[tuple[str, str]]) -> list[Piece]:
    """Return what is the same and what differs in the first `LONGEST` characters of two texts.

    *pairs*: words that filters put for each other.

    >>> [(p.kind, p.old, p.new) for p in copy_difference("优质服务,达100%", "优质效劳，达20230%", [("服务", "效劳")])]
    [('same', '优质', '优质'), ('replaced', '服务', '效劳'), ('form', ',', '，'), ('same', '达', '达'), \
('renumbered', '100', '20230'), ('same', '%', '%')]
    """
    words = _Words(pairs)
    one, other = _Compared(old[:LONGEST], words), _Compared(new[:LONGEST], words)
    return list(_joined(_pieces(one, other)))


class _Words:
    """Words, each with the sign of its class: words of a class stand for each other."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        parents: dict[str, str] = {}

        def root(word: str) -> str:
            while parents.setdefault(word, word) != word:
                word = parents[word]
            return word

        for one, other in pairs:
            parents[root(one)] = root(other)
        signs = {name: chr(_CLASSES + number) for number, name in enumerate(sorted({root(word) for word in parents}))}
        self.signs = {word: signs[root(word)] for word in parents}
        longest_first = sorted(self.signs, key=lambda word: (-len(word), word))
        self.pattern = re.compile("|".join([r"\d+", *map(re.escape, longest_first)]))


class _Compared:
    """A text with what of it is compared, and where each sign of that comes from."""

    def __init__(self, text: str, words: _Words) -> None:
        self.text = text
        folded, origins = folded_with_origins(text)
        kept = [at for at, c in enumerate(folded) if unicodedata.category(c)[0] in "LN"]
        bare = "".join(folded[at] for at in kept)
        starts = [origins[at] for at in kept]
        ends = [origins[at + 1] for at in kept]
        signs: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        at = 0
        for match in words.pattern.finditer(bare):
            signs += bare[at : match.start()]
            self.starts += starts[at : match.start()]
            self.ends += ends[at : match.start()]
            found = match[0]
            sign = words.signs.get(found) or _TEN.sub("10", found)
            signs += sign
            # What comes behind a number's first digit stands at its end: the first has all of it.
            start, end = starts[match.start()], ends[match.end() - 1]
            self.starts += [start, *[end] * (len(sign) - 1)]
            self.ends += [end] * len(sign)
            at = match.end()
        signs += bare[at:]
        self.starts += starts[at:]
        self.ends += ends[at:]
        self.signs = "".join(signs)

    def between(self, start: int, end: int) -> str:
        """Return what is written from one sign up to another, without what stands before the first of them."""
        return self.text[self.starts[start] : self.ends[end - 1]] if start < end else ""

    def gap(self, at: int) -> str:
        """Return what is written before a sign, behind the one before it."""
        start = self.ends[at - 1] if at else 0
        return self.text[start : self.starts[at] if at < len(self.starts) else len(self.text)]


def _pieces(one: _Compared, other: _Compared) -> Iterator[Piece]:
    mine = theirs = 0
    for segment in text_difference(one.signs, other.signs).segments:
        length = len(segment.text)
        if segment.op != EQUAL:
            is_old = segment.op == DELETE
            here, at = (one, mine) if is_old else (other, theirs)
            text = here.gap(at) + here.between(at, at + length)
            yield Piece(EDITED, text, "") if is_old else Piece(EDITED, "", text)
            mine, theirs = (mine + length, theirs) if is_old else (mine, theirs + length)
            continue
        for sign in segment.text:
            yield from _of_same_sign(one, other, mine, theirs, sign)
            mine, theirs = mine + 1, theirs + 1
    yield _told(one.gap(mine), other.gap(theirs), FORM)


def _of_same_sign(one: _Compared, other: _Compared, mine: int, theirs: int, sign: str) -> Iterator[Piece]:
    yield _told(one.gap(mine), other.gap(theirs), FORM)
    old, new = one.between(mine, mine + 1), other.between(theirs, theirs + 1)
    is_word = ord(sign) >= _CLASSES
    yield _told(old, new, REPLACED if is_word else RENUMBERED if sign.isdigit() and _is_other(old, new) else FORM)


def _told(old: str, new: str, kind: str) -> Piece:
    return Piece(SAME if old == new else kind, old, new)


def _is_other(old: str, new: str) -> bool:
    return folded_with_origins(old)[0] != folded_with_origins(new)[0]


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield pieces of one kind that touch as one: what was taken out and what was put in there together."""
    kept: list[Piece] = []
    for piece in pieces:
        if not piece.old and not piece.new:
            continue
        if kept and (kept[0].kind != piece.kind or piece.kind in (REPLACED, RENUMBERED)):
            yield _one(kept)
            kept = []
        kept.append(piece)
    if kept:
        yield _one(kept)


def _one(pieces: Sequence[Piece]) -> Piece:
    return Piece(pieces[0].kind, "".join(p.old for p in pieces), "".join(p.new for p in pieces))
