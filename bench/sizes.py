"""How large the benchmarks are."""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[str, str, str]
"""What was measured, the figure, the bar it is held against."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What the command line says of sizes; None takes the part's own."""

    documents: int | None = None
    records: int | None = None
    pages: int | None = None
    runs: int | None = None
    times: int | None = None
    days: int | None = None
