"""The notebook, run from its first cell to its last; `python -m tests.docs.notebook` keeps what it then shows."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from bench.example_archive import make_example

TOUR = Path(__file__).parent.parent.parent / "docs" / "tour.ipynb"

SECONDS = 100
NO_FONT = "missing from font(s)"
"""What is printed beside a picture on machines without Chinese fonts."""


def executed(notebook: Path, archive: Path) -> Any:
    """Return the notebook as it is after it was run on *archive* in its own folder."""
    read = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        read,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(notebook.parent)}},
        record_timing=False,
        coalesce_streams=True,  # what is printed comes in pieces, as it happens
    )
    environment = {
        **os.environ,
        "DOCARCHIVE_DIR": str(archive),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    with client.setup_kernel(env=environment):
        for number, cell in enumerate(read.cells):
            client.execute_cell(cell, number)
    return read


def shape(notebook: Any) -> list[list[tuple[str, tuple[str, ...], str]]]:
    """Return what kinds of output each cell has, and of tables the columns: what does not depend on the documents."""
    return [
        [
            (output["output_type"], tuple(sorted(output.get("data", ()))), _columns(output))
            for output in cell.get("outputs", ())
            if NO_FONT not in output.get("text", "")
        ]
        for cell in notebook.cells
    ]


def _columns(output: Any) -> str:
    html = output.get("data", {}).get("text/html", "")
    return " ".join(re.findall(r"<th>([a-z_]+)</th>", html))


def keep() -> None:
    """Run the notebook on the example archive and write it with what it shows."""
    with tempfile.TemporaryDirectory() as folder:
        make_example(Path(folder) / "demo")
        nbformat.write(executed(TOUR, Path(folder) / "demo"), TOUR)


if __name__ == "__main__":
    keep()
