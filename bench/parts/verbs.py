"""Exit codes of every verb."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Row, Sizes
from bench.verbs import wrong_exit_codes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Each command again and again."""
    number = sizes.times or 50
    wrong = wrong_exit_codes(folder, number)
    named = ", ".join(f"{what} {times}" for what, times in wrong.items() if times)
    yield f"{len(wrong)} commands, {number} times each: wrong exit codes", named or "0", "0"
