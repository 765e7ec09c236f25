"""Postings on the disk answer as a dictionary would."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.near_duplicates.postings import Segment, SegmentUnusable, merge, write

# Keys that share their first bits, or their last, are the interesting ones.
KEYS = st.one_of(st.integers(0, 2**40 - 1), st.integers(0, 40), st.integers(0, 7).map(lambda n: n << 32 | 5))
POSTINGS = st.lists(st.tuples(KEYS, st.integers(0, 2**32 - 1)), max_size=60)


def written(path: Path, rows: list[tuple[int, int]]) -> Segment:
    write(path, np.array([r[0] for r in rows], np.uint64), np.array([r[1] for r in rows], np.uint32))
    return Segment(path)


def found(segment: Segment, keys: list[int]) -> list[tuple[int, int]]:
    hits = segment.find(np.array(keys, np.uint64))
    return sorted(zip([keys[at] for at in hits.asked.tolist()], hits.texts.tolist(), strict=True))


@settings(max_examples=40, deadline=None)
@given(POSTINGS, POSTINGS, st.lists(KEYS, max_size=10))
def test_files_answer_as_what_was_written(
    one: list[tuple[int, int]], other: list[tuple[int, int]], more: list[int]
) -> None:
    asked = sorted({key for key, _ in one + other} | set(more))
    with TemporaryDirectory() as folder:
        first, second = written(Path(folder) / "1", one), written(Path(folder) / "2", other)
        assert found(first, asked) == sorted(one)
        merge((first, second), Path(folder) / "3")
        merged = Segment(Path(folder) / "3")
        assert found(merged, asked) == sorted(one + other)
        assert merged.count == len(one) + len(other)


def test_many_postings_have_finer_buckets(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    keys = random.integers(0, 2**40, 50_000, dtype=np.uint64)
    rows = list(zip(keys.tolist(), range(len(keys)), strict=True))
    segment = written(tmp_path / "1", rows)
    assert found(segment, keys[:500].tolist()) == sorted(rows[:500])
    assert segment.path.stat().st_size / len(rows) < 12


@pytest.mark.parametrize("size", [0, 10, -1])
def test_a_file_that_is_not_whole_is_told(tmp_path: Path, size: int) -> None:
    written(tmp_path / "1", [(1, 2), (3, 4)])
    data = (tmp_path / "1").read_bytes()
    (tmp_path / "1").write_bytes(data[:size])
    with pytest.raises(SegmentUnusable):
        Segment(tmp_path / "1")
