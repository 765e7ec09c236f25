"""Canonical texts and their keys, beside the index while one process is at it: each is made once."""

from __future__ import annotations

import os
import struct
from array import array
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

import numpy as np

from archive.durable import translated
from archive.near_duplicates.canonical import HASH, Canonical
from archive.near_duplicates.sketch import Hashes

_HEAD = struct.Struct("<III")
_HELD_BYTES = 1 << 20


class Spilled(NamedTuple):
    """A text, and the keys of its sketch."""

    text: Canonical
    keys: Hashes


class SpilledTexts:
    """A file without a name, gone with the process however that ends; 5 KB a text, in memory 8 bytes."""

    def __init__(self, folder: Path) -> None:
        """Raises MachineTrouble where nothing can be written into *folder*."""
        with translated(folder):
            self._file = TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - until we are closed
        self._path = folder
        self._at = array("q")
        """By the text's number, where it begins, plus 1; 0: it is not there."""
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._end = 0

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __contains__(self, number: int) -> bool:
        return number < len(self._at) and self._at[number] > 0

    def put(self, number: int, text: Canonical, keys: Hashes) -> None:
        """Keep a text. Raises MachineTrouble when the disk is full."""
        if number >= len(self._at):
            self._at.frombytes(bytes(8 * (number + 1024 - len(self._at))))
        numbers = "\n".join(text.numbers).encode("ascii")
        row = _HEAD.pack(len(text.codes), len(keys), len(numbers)) + keys.tobytes() + text.codes.tobytes() + numbers
        self._at[number] = self._end + 1
        self._held.append(row)
        self._held_bytes += len(row)
        self._end += len(row)
        if self._held_bytes > _HELD_BYTES:
            self._write()

    def _write(self) -> None:
        data = memoryview(b"".join(self._held))
        with translated(self._path):
            while data:
                data = data[self._file.write(data) :]
        self._held, self._held_bytes = [], 0

    def get(self, number: int) -> Spilled:
        """Return a text that is there."""
        if self._held:
            self._write()
        at = self._at[number] - 1
        descriptor = self._file.fileno()
        codes, keys, numbers = _HEAD.unpack(os.pread(descriptor, _HEAD.size, at))
        row = os.pread(descriptor, 8 * keys + 2 * codes + numbers, at + _HEAD.size)
        found = np.frombuffer(row, np.uint16, codes, 8 * keys)
        text = Canonical(
            found,
            (found == HASH).nonzero()[0],
            tuple(row[8 * keys + 2 * codes :].decode("ascii").split("\n")) if numbers else (),
        )
        return Spilled(text, np.frombuffer(row, np.uint64, keys))
