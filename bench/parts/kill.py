"""The long forms of the crash tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Killed at every step and at random instants."""
    del folder, sizes
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-m",
            "long",
            "tests/crash",
            "tests/maintenance",
            "tests/publishing",
            "tests/scheduling",
            "tests/text_index",
            "-p",
            "no:cacheprovider",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or ["nothing ran"])[-1]
    yield "killed at every step and at random instants", last, "0 lost, 0 doubled"
