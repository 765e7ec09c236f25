"""The sketch of a text: a sample of its runs of characters, the same in every text that has them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from archive.near_duplicates.canonical import Codes

FORMAT = 1
"""Raised when any text gets another sketch than before."""

GRAM = 8
"""Characters in a run. Shorter ones are stock phrases."""

SAMPLE = 32
"""One run in so many is kept: 60 of a page of Chinese. Of 1 in 16 twice as much is to be kept and nothing more found
(F1 .968 against .966)."""

KEY_BITS = 40
"""Of a run's hash are kept: two runs in a trillion are taken for one."""

Hashes = npt.NDArray[np.uint64]

_ONE, _TWO, _FOUR = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def run_hashes(codes: Codes, length: int) -> Hashes:
    """Return a hash of each run of *length* characters (4 to 8), by where it begins; no hash of a shorter text."""
    count = len(codes) - length + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    ones = codes.astype(np.uint64)
    pairs = ones[:-1] * _ONE + ones[1:]
    fours = pairs[:-2] * _TWO + pairs[2:]
    # Both halves overlap where the run is shorter than 8.
    hashes = fours[:count] * _FOUR + fours[length - 4 : length - 4 + count]
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(32)
    return hashes


def sketch(codes: Codes) -> Hashes:
    """Return the keys of the runs that the sample has, sorted, each once: some `len(codes) / SAMPLE`, below 2^40."""
    hashes = run_hashes(codes, GRAM)
    kept: Hashes = hashes[hashes & np.uint64(SAMPLE - 1) == 0]
    kept >>= np.uint64(64 - KEY_BITS)
    kept.sort()
    new = np.ones(len(kept), bool)
    np.not_equal(kept[1:], kept[:-1], out=new[1:])
    keys: Hashes = kept[new]
    return keys
