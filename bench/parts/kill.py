"""The long forms of the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Row, Sizes

KILLING = ("tests/crash", "tests/maintenance", "tests/publishing", "tests/scheduling", "tests/text_index")
DRAWN = ("tests/reading", "tests/archive")
VARIED = ("tests/crawl", "tests/near_duplicates", "tests/bench")


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Killed at every step and at random instants; golden pages in every garb, cut and flipped; histories drawn."""
    del folder, sizes
    yield "killed at every step and at random instants", _run(KILLING), "0 lost, 0 doubled"
    yield "golden pages in every garb, cut and flipped; histories drawn by chance", _run(DRAWN), "0 failed"
    yield "walks, withdrawals and copies in other orders, with other answers", _run(VARIED), "0 failed"


def _run(folders: tuple[str, ...]) -> str:
    """Return the last line that the long tests of *folders* print."""
    words = ("-q", "-m", "long", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *folders], capture_output=True, text=True, check=False
    )
    return (done.stdout.strip().splitlines() or ["nothing ran"])[-1]
