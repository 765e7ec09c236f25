"""Where the report of a run lies."""

from __future__ import annotations

from pathlib import Path

from archive.layout import Layout


def report_paths(layout: Layout, run_id: str) -> tuple[Path, Path]:
    """Return where the report of a run lies, as JSON and as HTML."""
    folder = layout.root / "reports"
    return folder / f"{run_id}.json", folder / f"{run_id}.html"
