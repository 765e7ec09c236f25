"""Which texts have which key, on the disk: sorted files that never change, read without taking them into memory."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from archive import durable
from archive.near_duplicates.sketch import KEY_BITS, Hashes

# A file, all numbers little-endian:
#   256 blocks, one for each value of a key's first 8 bits: the last 32 bits of its keys, sorted; then their texts
#   directory: for each value of a key's first `bits` bits where its keys begin, counted from the file's first; the end
#   footer: number of postings, bits, magic
# A posting takes 8 bytes.

_FOOTER = struct.Struct("<QQ16s")
_MAGIC = b"docarchive.nd.1\n"

_BLOCK_BITS = 8
_MAX_BITS = 20
_REST_BITS = 32

Numbers = npt.NDArray[np.uint32]


class SegmentUnusable(Exception):
    """A file is not whole; as the end of a sentence."""


class Hits(NamedTuple):
    """Which of the keys asked for which text has."""

    asked: npt.NDArray[np.intp]
    """Places in the keys asked for."""
    texts: Numbers


class Segment:
    """One file of postings, open for reading."""

    def __init__(self, path: Path) -> None:
        """Raises SegmentUnusable for a file that is not whole."""
        self.path = path
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                file.seek(max(0, size - _FOOTER.size))
                count, bits, magic = _FOOTER.unpack(file.read(_FOOTER.size))
        except (OSError, struct.error) as error:
            raise SegmentUnusable(f"{path} cannot be read") from error
        if magic != _MAGIC or bits > _MAX_BITS or size != 8 * count + 8 * (2**bits + 1) + _FOOTER.size:
            raise SegmentUnusable(f"{path} is not whole")
        self.count = int(count)
        self._bits = int(bits)
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._directory = np.frombuffer(self._map, "<u8", 2**self._bits + 1, 8 * self.count)
        self._words: Numbers = np.frombuffer(self._map, "<u4", 2 * self.count)

    def release(self) -> None:
        """Let the pages that were looked at be the system's alone: they count as this process's memory otherwise."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def _block_ends(self) -> npt.NDArray[np.int64]:
        step = 2 ** (self._bits - _BLOCK_BITS)
        return np.asarray(self._directory[::step], np.int64)

    def find(self, keys: Hashes) -> Hits:
        """Return which texts have which of *keys*."""
        if not self.count:
            return Hits(np.zeros(0, np.intp), np.zeros(0, np.uint32))
        first, last, to_texts = self._places(keys)
        counts = last - first
        asked = np.repeat(np.arange(len(keys)), counts)
        # Each key's texts lie together: the places go on from one to the next, but for where a key's begin.
        places = np.arange(len(asked)) + np.repeat(first + to_texts - (np.cumsum(counts) - counts), counts)
        return Hits(asked, np.asarray(self._words[places]))

    def counts(self, keys: Hashes) -> npt.NDArray[np.int64]:
        """Return how many texts have each of *keys*."""
        if not self.count:
            return np.zeros(len(keys), np.int64)
        first, last, _ = self._places(keys)
        return last - first

    def _places(self, keys: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return where the postings of each key begin and end, and how much behind them their texts stand."""
        bucket = (keys >> np.uint64(KEY_BITS - self._bits)).astype(np.int64)
        rest = (keys & np.uint64(2**_REST_BITS - 1)).astype(np.uint32)
        start, end = self._directory[bucket].astype(np.int64), self._directory[bucket + 1].astype(np.int64)
        ends = self._block_ends()
        block = (keys >> np.uint64(KEY_BITS - _BLOCK_BITS)).astype(np.int64)
        # Before each block stand the texts of all blocks before it.
        shift, length = ends[block], ends[block + 1] - ends[block]
        first = self._bound(start, end, shift, rest, left=True)
        return first, self._bound(first, end, shift, rest, left=False), shift + length

    def _bound(
        self,
        low: npt.NDArray[np.int64],
        high: npt.NDArray[np.int64],
        shift: npt.NDArray[np.int64],
        rest: Numbers,
        *,
        left: bool,
    ) -> npt.NDArray[np.int64]:
        """Binary search for all at once, each between bounds of its own."""
        low, high = low.copy(), high.copy()
        open_ = np.flatnonzero(low < high)
        while len(open_):
            middle = (low[open_] + high[open_]) >> 1
            values = self._words[middle + shift[open_]]
            below = values < rest[open_] if left else values <= rest[open_]
            low[open_[below]] = middle[below] + 1
            high[open_[~below]] = middle[~below]
            open_ = open_[low[open_] < high[open_]]
        return low

    def block(self, number: int) -> tuple[Numbers, Numbers]:
        """Return the last bits of the keys of one block, and the texts."""
        step = 2 ** (self._bits - _BLOCK_BITS)
        start, end = int(self._directory[number * step]), int(self._directory[(number + 1) * step])
        length = end - start
        words = self._words[2 * start : 2 * end]
        return np.asarray(words[:length]), np.asarray(words[length:])


def write(path: Path, keys: Hashes, texts: Numbers) -> None:
    """Write a file of postings, whole and durable or not at all. Raises MachineTrouble."""
    order = np.lexsort((texts, keys))
    keys, texts = keys[order], texts[order]
    bounds = np.searchsorted(keys, np.arange(2**_BLOCK_BITS + 1, dtype=np.uint64) << np.uint64(KEY_BITS - _BLOCK_BITS))
    rests = (keys & np.uint64(2**_REST_BITS - 1)).astype(np.uint32)
    blocks = (
        (rests[start:end], texts[start:end])
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    )
    durable.write_pieces(path, _pieces(blocks, len(keys)))


def merge(segments: Sequence[Segment], path: Path) -> None:
    """Write the postings of all *segments* as one file, a block in memory at a time. Raises MachineTrouble."""
    durable.write_pieces(path, _pieces(_merged(segments), sum(segment.count for segment in segments)))


def _merged(segments: Sequence[Segment]) -> Iterator[tuple[Numbers, Numbers]]:
    for number in range(2**_BLOCK_BITS):
        parts = [segment.block(number) for segment in segments]
        rests = np.concatenate([part[0] for part in parts])
        texts = np.concatenate([part[1] for part in parts])
        order = np.lexsort((texts, rests))
        yield rests[order], texts[order]


def _pieces(blocks: Iterator[tuple[Numbers, Numbers]], count: int) -> Iterator[bytes]:
    bits = min(_MAX_BITS, max(_BLOCK_BITS, count.bit_length() - 4))
    each = 2 ** (bits - _BLOCK_BITS)
    directory = np.zeros(2**bits + 1, "<u8")
    before = 0
    for number, (rests, texts) in enumerate(blocks):
        firsts = (np.arange(each, dtype=np.uint64) << np.uint64(KEY_BITS - bits)).astype(np.uint32)
        directory[number * each : (number + 1) * each] = before + np.searchsorted(rests, firsts)
        before += len(rests)
        yield rests.astype("<u4").tobytes() + texts.astype("<u4").tobytes()
    directory[-1] = before
    yield directory.tobytes()
    yield _FOOTER.pack(before, bits, _MAGIC)
