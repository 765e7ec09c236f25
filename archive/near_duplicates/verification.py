"""What two texts have in common, character by character."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from archive.near_duplicates.canonical import Canonical, Codes
from archive.near_duplicates.sketch import run_hashes

FORMAT = 2
"""Raised when any two texts get other evidence, or another weight, than before."""

ANCHOR = 6
"""Characters of an anchor: a run that stands in both texts, in each once."""

ANCHOR_SAMPLE = 3
"""One run in so many may be an anchor: what lies between is compared character by character."""

MIN_ANCHORS = 3

MAX_GAP = 24
"""Characters between anchors on one diagonal that may differ altogether, and still be the same place."""

ALIKE_GAP = 0.6
"""Share of the characters that must be the same in a longer gap on one diagonal."""

MAX_EXTENSION = 400
"""Characters that a stretch may reach beyond its last anchor."""

NOVEL_RUN = 10
"""Characters of the shorter text that stand nowhere in the longer one, from which on they count as something new."""

MIN_FIGURES = 4
"""Numbers of the shorter text, years left out, from which on they tell a copy from a sibling by themselves."""

MAX_KNOWN_FIGURES = 0.3
"""Share of them that stand in the longer text too, with the same characters beside them: of a sibling's. Of copies
more than half do, however cut and moved, but for one in a thousand (measured on pairs of copies and siblings)."""

HEAD = 60
"""Characters in which a document says which year it is about."""

WHOLE_DIFFERENCE = 0.2
"""Share of the characters that may differ where two texts lie on one diagonal from end to end."""

LONGEST_DIFFERENCE = 8
"""Characters one behind another that may differ there."""

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Number:
    """What a run of digits says."""

    plain: int
    restored: int
    """With every 202x read as 10: one site's filter wrote the one for the other inside all numbers."""
    is_year: bool
    is_wild: bool
    """Whether a site's filter may have put it in the place of any year."""


_TEN = re.compile("202[234]")
_WILD = frozenset({"2022", "2023", "2024", "202222", "202223", "202224"})


@lru_cache(maxsize=65536)
def number(digits: str) -> Number:
    """Return what *digits* say, the values as checksums of the digits without leading zeros.

    >>> number("20230").restored == number("100").plain, number("2019").is_year, number("2023").is_wild
    (True, True, True)
    """
    restored = _TEN.sub("10", digits)
    return Number(
        _checksum(digits), _checksum(restored), len(digits) == 4 and digits[:2] in ("19", "20"), digits in _WILD
    )


def _checksum(digits: str) -> int:
    return zlib.crc32((digits.lstrip("0") or "0").encode())


class Prepared:
    """A canonical text made ready to be compared with many."""

    __slots__ = (
        "anchors",
        "codes",
        "figures",
        "is_unsure",
        "is_wild",
        "is_year",
        "kept_at",
        "keys",
        "numbers",
        "plain",
        "positions",
        "restored",
        "runs",
        "sorted_keys",
        "starts",
    )  # fmt: skip

    def __init__(self, text: Canonical) -> None:
        self.codes: Codes = text.codes
        hashes = run_hashes(text.codes, ANCHOR).astype(np.uint32)
        at = (hashes % np.uint32(ANCHOR_SAMPLE) == 0).nonzero()[0]
        runs = hashes[at]
        order = np.argsort(runs)
        runs, at = runs[order], at[order]
        self.runs = runs
        same = runs[1:] == runs[:-1]
        once = np.ones(len(runs), bool)
        once[1:] &= ~same
        once[:-1] &= ~same
        self.anchors = runs[once]
        self.starts: npt.NDArray[np.int32] = at[once].astype(np.int32)
        self.kept_at: npt.NDArray[np.int32] = at.astype(np.int32)
        self.positions = text.number_positions
        self.numbers = text.numbers
        read = [number(digits) for digits in text.numbers]
        self.plain = np.array([n.plain for n in read], np.uint32)
        self.restored = np.array([n.restored for n in read], np.uint32)
        self.is_year = np.array([n.is_year for n in read], bool)
        self.is_wild = np.array([n.is_wild for n in read], bool)
        # A cut may go through a number.
        self.is_unsure = self.is_wild | (self.positions == 0) | (self.positions == len(self.codes) - 1)
        self.keys = self._keys()
        self.sorted_keys = np.sort(self.keys)
        self.figures = self.keys[~(self.is_year | self.is_unsure)]
        """What is known of the numbers that are no years."""

    def __len__(self) -> int:
        return len(self.codes)

    def _keys(self) -> npt.NDArray[np.uint32]:
        """Each number with the characters beside it: what finds it again where it was moved."""
        padded = np.zeros(len(self.codes) + 4, np.uint32)
        padded[3:-1] = self.codes
        keys = np.zeros(len(self.positions), np.uint32)
        for offset in (0, 1, 2, 4):
            keys = keys * np.uint32(16777619) ^ padded[self.positions + offset]
        return keys * np.uint32(16777619) ^ self.restored


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against two texts being copies of one; lengths are in characters of the canonical text."""

    length: int
    """Of the shorter text."""
    span: int
    """From the first to the last common place, in the shorter text."""
    common: int
    """Characters of the span that stand at their place in both."""
    numbers: int
    """Numbers at the same place in both, years left out."""
    number_conflicts: int
    year_conflicts: int
    novel: int
    """Characters of the span that stand nowhere in the longer text, in runs of `NOVEL_RUN` or more."""
    other_years_in_heads: bool
    left: int
    """Characters before the span that both texts have, and that stand nowhere in the other."""
    right: int


def compare(one: Prepared, other: Prepared) -> Evidence | None:
    """Return what two texts have in common, None for nothing to speak of; the order of the two does not matter."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if len(one) == len(other) and _order(short) > _order(long):
        short, long = long, short
    at, diagonals = _common_anchors(short, long)
    if len(at) < MIN_ANCHORS:
        return None
    siblings = _of_other_figures(short, long, at)
    if siblings is not None:
        return siblings
    # Most copies lie on one diagonal from end to end, but for stock phrases that stand in another place as well.
    middle = np.partition(diagonals, len(diagonals) // 2)[len(diagonals) // 2]
    if np.count_nonzero(diagonals == middle) * 2 > len(diagonals):
        whole = _whole(short, long, int(middle))
        if whole is not None:
            return whole
    return _in_pieces(short, long, *_by_place(at, diagonals))


def _of_other_figures(short: Prepared, long: Prepared, at: Integers) -> Evidence | None:
    """The evidence of texts of which the shorter one's figures stand nowhere in the longer one, by the anchors alone.

    Letters of one form, reports of one office: half of all pairs that share stock phrases, told in a tenth of the time.
    """
    numbers = len(short.figures)
    if numbers < MIN_FIGURES or not len(long.sorted_keys):
        return None
    found = np.searchsorted(long.sorted_keys, short.figures)
    found[found == len(long.sorted_keys)] = 0
    known = int(np.count_nonzero(long.sorted_keys[found] == short.figures))
    if known > MAX_KNOWN_FIGURES * numbers:
        return None
    start, end = int(at.min()), int(at.max()) + ANCHOR
    return Evidence(
        length=len(short),
        span=end - start,
        common=min(end - start, ANCHOR_SAMPLE * len(at)),
        numbers=numbers,
        number_conflicts=numbers - known,
        year_conflicts=0,
        novel=0,
        other_years_in_heads=False,
        left=0,
        right=0,
    )


def _order(text: Prepared) -> tuple[bytes, tuple[str, ...]]:
    """What texts of one length are sorted by: letters of one form have the same codes, and other numbers."""
    return text.codes.tobytes(), text.numbers


def common_runs(one: Prepared, other: Prepared) -> list[tuple[int, int, int]]:
    """Return (start, end, diagonal) of what lies side by side: in *other* it begins at start + diagonal."""
    at, diagonals = _common_anchors(one, other)
    return _runs(one, other, *_by_place(at, diagonals)) if len(at) >= MIN_ANCHORS else []


def _common_anchors(one: Prepared, other: Prepared) -> tuple[Integers, Integers]:
    """Return where in *one* anchors of both begin, and how much later in *other*."""
    if not len(other.anchors):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found = np.searchsorted(other.anchors, one.anchors)
    found[found == len(other.anchors)] = 0
    hit = other.anchors[found] == one.anchors
    at = one.starts[hit].astype(np.int64)
    return at, other.starts[found[hit]] - at


def _by_place(at: Integers, diagonals: Integers) -> tuple[Integers, Integers]:
    order = np.argsort(at)
    return at[order], diagonals[order]


def _whole(short: Prepared, long: Prepared, diagonal: int) -> Evidence | None:
    """The evidence of texts that lie on one diagonal from end to end of their overlap; None where they do not."""
    start, end = max(0, -diagonal), min(len(short), len(long) - diagonal)
    length = end - start
    differs = short.codes[start:end] != long.codes[start + diagonal : end + diagonal]
    at = differs.nonzero()[0]
    if len(at) > length * WHOLE_DIFFERENCE:
        return None
    if (at[LONGEST_DIFFERENCE:] - at[:-LONGEST_DIFFERENCE] == LONGEST_DIFFERENCE).any():
        return None
    first = int(np.searchsorted(short.positions, start))
    last = int(np.searchsorted(short.positions, end))
    mine = np.arange(first, last)
    there = np.searchsorted(long.positions, short.positions[first:last] + diagonal)
    there[there == len(long.positions)] = 0
    if len(mine):
        same = long.positions[there] == short.positions[first:last] + diagonal
        mine, there = mine[same], there[same]
    return _evidence(short, long, (start, end), (start + diagonal, end + diagonal), length, 0, (0, 0), mine, there)


def _evidence(
    short: Prepared,
    long: Prepared,
    span: tuple[int, int],
    span_in_long: tuple[int, int],
    common: int,
    novel: int,
    ends: tuple[int, int],
    mine: Integers,
    theirs: Integers,
) -> Evidence:
    numbers = number_conflicts = year_conflicts = 0
    if len(mine):
        same = (short.plain[mine] == long.plain[theirs]) | (short.restored[mine] == long.restored[theirs])
        if not same.all():
            differ = (~same).nonzero()[0]
            found = np.searchsorted(long.sorted_keys, short.keys[mine[differ]])
            found[found == len(long.sorted_keys)] = 0
            same[differ] = long.sorted_keys[found] == short.keys[mine[differ]]
        years = short.is_year[mine] & long.is_year[theirs]
        sure = ~(short.is_unsure[mine] | long.is_unsure[theirs])
        others = sure & ~years
        numbers = int(others.sum())
        number_conflicts = int((others & ~same).sum())
        year_conflicts = int((years & sure & ~same).sum())
    heads = span[0] < HEAD * 1.5 and span_in_long[0] < HEAD * 1.5
    one, other = (_years_in_head(short), _years_in_head(long)) if heads else (frozenset(), frozenset())
    return Evidence(
        length=len(short),
        span=span[1] - span[0],
        common=common,
        numbers=numbers,
        number_conflicts=number_conflicts,
        year_conflicts=year_conflicts,
        novel=novel,
        other_years_in_heads=bool(one) and bool(other) and one.isdisjoint(other),
        left=ends[0],
        right=ends[1],
    )


def _years_in_head(text: Prepared) -> frozenset[str]:
    count = int(np.searchsorted(text.positions, HEAD))
    return frozenset(
        digits
        for digits, is_year, is_wild in zip(
            text.numbers[:count], text.is_year[:count].tolist(), text.is_wild[:count].tolist(), strict=True
        )
        if is_year and not is_wild
    )


def _in_pieces(short: Prepared, long: Prepared, at: Integers, diagonals: Integers) -> Evidence | None:
    """The evidence of texts that have runs in common, each on a diagonal of its own."""
    runs = _runs(short, long, at, diagonals)
    if not runs:
        return None
    target = np.full(len(short), -1, np.int64)
    for start, end, diagonal in sorted(runs, key=lambda run: (run[1] - run[0], run)):
        start, end = _extended(short.codes, long.codes, start, end, diagonal)
        target[start:end] = np.arange(start + diagonal, end + diagonal)
    covered = target >= 0
    low, high = _best_stretch(covered)
    covered[:low] = False
    covered[high:] = False
    target[:low] = -1
    target[high:] = -1
    there = target[low:high]
    there = there[there >= 0]
    known = _known(short, long) if _long_gaps(covered[low:high]) else None
    novel = _novel(known, covered, low, high)
    mine = (target[short.positions] >= 0).nonzero()[0]
    aims = target[short.positions[mine]]
    theirs = np.searchsorted(long.positions, aims)
    theirs[theirs == len(long.positions)] = 0
    if len(mine) and len(long.positions):
        same = long.positions[theirs] == aims
        mine, theirs = mine[same], theirs[same]
    else:
        mine = mine[:0]
    in_long = int(there.min()), int(there.max()) + 1
    ends = _new_ends(short, long, known, (low, high), in_long)
    return _evidence(short, long, (low, high), in_long, int(covered.sum()), novel, ends, mine, theirs)


def _runs(short: Prepared, long: Prepared, at: Integers, diagonals: Integers) -> list[tuple[int, int, int]]:
    """Return (start, end, diagonal) of the runs that anchors make up, those on one diagonal joined across gaps."""
    breaks = np.flatnonzero((diagonals[1:] != diagonals[:-1]) | (at[1:] - at[:-1] > MAX_GAP + ANCHOR))
    first, last = np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [len(at) - 1]))
    starts, ends, on = at[first], at[last] + ANCHOR, diagonals[first]
    order = np.lexsort((starts, on))
    joined: list[tuple[int, int, int]] = []
    for start, end, diagonal in zip(starts[order].tolist(), ends[order].tolist(), on[order].tolist(), strict=True):
        if joined and joined[-1][2] == diagonal:
            before, until, _ = joined[-1]
            gap = start - until
            if gap <= MAX_GAP or _alike(short.codes, long.codes, until, start, diagonal) >= ALIKE_GAP:
                joined[-1] = (before, max(until, end), diagonal)
                continue
        joined.append((start, end, diagonal))
    return [run for run in joined if run[1] - run[0] >= MIN_RUN]


MIN_RUN = 12
"""Characters of a run: below, it is chance."""


def _alike(one: Codes, other: Codes, start: int, end: int, diagonal: int) -> float:
    return float((one[start:end] == other[start + diagonal : end + diagonal]).mean())


def _extended(one: Codes, other: Codes, start: int, end: int, diagonal: int) -> tuple[int, int]:
    """Return the ends of a run, each moved on as far as the characters are the same."""
    room = min(start, start + diagonal, MAX_EXTENSION)
    if room > 0:
        start -= _equal(one[start - room : start][::-1], other[start + diagonal - room : start + diagonal][::-1])
    room = min(len(one) - end, len(other) - end - diagonal, MAX_EXTENSION)
    if room > 0:
        end += _equal(one[end : end + room], other[end + diagonal : end + diagonal + room])
    return start, end


def _equal(one: Codes, other: Codes) -> int:
    """Return how many characters are the same before the first that is not."""
    differs = one != other
    first = int(differs.argmax())
    return first if differs[first] else len(differs)


def _best_stretch(covered: Mask) -> tuple[int, int]:
    """Return the ends of the stretch in which the most characters more are covered than not."""
    sums = np.zeros(len(covered) + 1, np.int64)
    np.cumsum(np.where(covered, 1, -1), out=sums[1:])
    lowest = np.minimum.accumulate(sums)
    high = int((sums - lowest).argmax())
    low = int((sums[: high + 1] == lowest[high]).nonzero()[0][-1])
    return low, high


def _known(one: Prepared, other: Prepared) -> Mask:
    """Return which characters of *one* stand somewhere in *other*, at any place, however often."""
    marks = np.zeros(len(one) + 1, np.int8)
    if len(other.runs):
        found = np.searchsorted(other.runs, one.runs)
        found[found == len(other.runs)] = 0
        at = np.sort(one.kept_at[other.runs[found] == one.runs])
        if len(at):
            breaks = (at[1:] - at[:-1] > ANCHOR).nonzero()[0]
            first, last = at[np.concatenate(([0], breaks + 1))], at[np.concatenate((breaks, [len(at) - 1]))]
            several = last > first  # a single run is chance
            marks[first[several]] = 1
            marks[last[several] + ANCHOR] = -1
    return np.cumsum(marks[:-1]) > 0


def _novel(known: Mask | None, covered: Mask, low: int, high: int) -> int:
    """Count the characters of the stretch that stand nowhere in the longer text, not even elsewhere or twice."""
    return 0 if known is None else _long_gaps((known | covered)[low:high])


def _new_ends(
    short: Prepared, long: Prepared, known: Mask | None, span: tuple[int, int], span_in_long: tuple[int, int]
) -> tuple[int, int]:
    """Count the characters before and behind the span that both texts have and that stand nowhere in the other."""
    (low, high), (from_, to) = span, span_in_long
    if min(low, from_) <= NOVEL_RUN and min(len(short) - high, len(long) - to) <= NOVEL_RUN:
        return min(low, from_), min(len(short) - high, len(long) - to)
    mine = _known(short, long) if known is None else known
    theirs = _known(long, short)
    return (
        min(_long_gaps(mine[:low]), _long_gaps(theirs[:from_])),
        min(_long_gaps(mine[high:]), _long_gaps(theirs[to:])),
    )


def _long_gaps(covered: Mask) -> int:
    """Return how many characters are not covered, in runs of `NOVEL_RUN` or more."""
    padded = np.ones(len(covered) + 2, bool)
    padded[1:-1] = covered
    edges = (padded[1:] != padded[:-1]).nonzero()[0]
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= NOVEL_RUN].sum())
