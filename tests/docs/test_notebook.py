"""The tour works, and shows what it would show now."""

from __future__ import annotations

from pathlib import Path

import nbformat

from bench.example_archive import make_example
from tests.docs.notebook import TOUR, executed, shape


def test_the_tour_runs_and_what_it_shows_is_not_stale(tmp_path: Path) -> None:
    make_example(tmp_path / "demo")
    committed = nbformat.read(TOUR, as_version=4)
    now = executed(TOUR, tmp_path / "demo")
    assert shape(now) == shape(committed), "run: python -m tests.docs.notebook"
    last = [output for cell in now.cells for output in cell.get("outputs", ())][-1]
    assert "image/png" in last["data"]
    assert not any(output["output_type"] == "error" for cell in now.cells for output in cell.get("outputs", ()))
    assert [cell.get("execution_count") for cell in committed.cells if cell.cell_type == "code"] == [
        number for number, _ in enumerate((c for c in committed.cells if c.cell_type == "code"), 1)
    ]


def test_it_is_small_and_names_no_machine() -> None:
    text = TOUR.read_text("utf-8")
    assert len(text) < 120_000
    assert "/tmp" not in text
    assert '"stderr"' not in text, "no warnings"
