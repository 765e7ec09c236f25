"""The files of postings of one index: those that its database lists count, few of them, each written few times."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from archive import durable
from archive.near_duplicates import postings
from archive.near_duplicates.postings import Hits, Numbers, Segment
from archive.near_duplicates.sketch import Hashes

MERGE_RATIO = 3
"""Two files of postings become one where the older is not so many times as large."""


class StoreUnusable(Exception):
    """Why the index cannot be gone on with, as the end of a sentence; it is made again."""


class Segments:
    """Files of postings in one folder, open for reading."""

    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        """*db*: has the table `segments`. Files that it does not list are deleted. Raises StoreUnusable."""
        self._folder = folder
        self._db = db
        listed = dict(db.execute("SELECT number, name FROM segments"))
        for path in folder.glob("*.postings"):
            if path.name not in listed.values():
                path.unlink(missing_ok=True)  # a killed step wrote it
        try:
            self._segments = {number: Segment(folder / name) for number, name in sorted(listed.items())}
        except postings.SegmentUnusable as error:
            raise StoreUnusable(str(error)) from error

    def close(self) -> None:
        """Let go of the files."""
        self._segments = {}

    def write(self, keys: Hashes, texts: Numbers) -> Path | None:
        """Write a file that counts once it is listed (`put_on_list`); None where there is nothing to write."""
        if not len(keys):
            return None
        path = self._new_path()
        postings.write(path, keys, texts)
        durable.fsync_folder(self._folder)
        return path

    def _new_path(self) -> Path:
        # A number behind every file that is there: none is written over that a reader has open.
        numbers = [int(path.stem) for path in self._folder.glob("*.postings")]
        return self._folder / f"{max(numbers, default=0) + 1:08d}.postings"

    def put_on_list(self, path: Path) -> None:
        """Make a written file count; in the open transaction."""
        segment = Segment(path)
        number = int(path.stem)
        self._db.execute("INSERT INTO segments VALUES (?, ?, ?)", (number, path.name, segment.count))
        self._segments[number] = segment

    def merge(self, transaction: Callable[[], AbstractContextManager[None]]) -> None:
        """Make few files of many, as far as it is due; each merger is a *transaction* of its own."""
        while len(self._segments) > 1:
            (older, one), (newer, other) = list(self._segments.items())[-2:]
            if one.count > MERGE_RATIO * other.count:
                return
            path = self._new_path()
            postings.merge((one, other), path)
            durable.fsync_folder(self._folder)
            with transaction():
                self._db.execute("DELETE FROM segments WHERE number IN (?, ?)", (older, newer))
                self.put_on_list(path)
            for number in (older, newer):
                durable.unlink(self._segments.pop(number).path)

    def having(self, keys: Hashes) -> Hits:
        """Return which texts have which of *keys*."""
        hits = [segment.find(keys) for segment in self._segments.values()]
        return Hits(
            np.concatenate([np.zeros(0, np.intp), *(hit.asked for hit in hits)]),
            np.concatenate([np.zeros(0, np.uint32), *(hit.texts for hit in hits)]),
        )

    def counts(self, keys: Hashes) -> npt.NDArray[np.int64]:
        """Return how many texts have each of *keys*."""
        found = np.zeros(len(keys), np.int64)
        for segment in self._segments.values():
            found += segment.counts(keys)
        return found

    def release(self) -> None:
        """Keep nothing of them in memory between steps, however many there are."""
        for segment in self._segments.values():
            segment.release()
