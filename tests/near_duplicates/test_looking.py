"""Copies are looked for behind a publish, and whoever published knows nothing of what hinders it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive import exclusion
from archive.clock import SystemClock
from archive.maintenance.looking_for_copies import look_if_due, look_now
from archive.publishing import waiting_texts
from archive.publishing.waiting_texts import DUE_BYTES, DUE_SECONDS, files_of_runs, is_due
from tests.near_duplicates.making import Copied, copies

TEXTS = {f"d{number}": copy.text for number, copy in enumerate(copies(seed=5)[:6])}


@pytest.fixture
def made(tmp_path: Path) -> Copied:
    return Copied(tmp_path / "data")


def test_few_documents_wait_many_do_not(made: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = made.written.layout
    assert not is_due(layout)
    made.publish(TEXTS)
    waiting = sum(stat.st_size for stat in files_of_runs(layout).values())
    assert 0 < waiting < DUE_BYTES
    assert not is_due(layout)
    assert is_due(layout, waiting)
    made.catch_up()
    assert not is_due(layout, 1)


def test_a_few_do_not_wait_for_ever(made: Copied) -> None:
    layout = made.written.layout
    made.publish(TEXTS)
    (path,) = layout.table("versions").glob("*-versions.parquet")
    written = path.stat().st_mtime
    os.utime(path, (written, written - DUE_SECONDS - 1))
    made.publish({"e0": TEXTS["d0"]})
    assert is_due(layout)
    made.catch_up()
    assert not is_due(layout)


def test_what_is_published_while_copies_are_looked_for_still_waits(made: Copied) -> None:
    layout = made.written.layout
    made.publish({"d0": TEXTS["d0"]})
    before = files_of_runs(layout)
    made.publish({"d1": TEXTS["d1"]})
    layout.duplicates.mkdir(parents=True)
    waiting_texts.note_known(layout, before, files_of_runs(layout))
    assert is_due(layout, 1)


def test_a_process_of_its_own_looks(made: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    made.publish(TEXTS)
    look_if_due(made.written.layout, SystemClock())
    assert len(made.clusters) == 6
    monkeypatch.setattr(waiting_texts, "DUE_BYTES", 1)
    look_if_due(made.written.layout, SystemClock())
    assert made.clusters == {frozenset(TEXTS)}


def test_another_at_it_is_no_trouble(made: Copied, caplog: pytest.LogCaptureFixture) -> None:
    made.publish(TEXTS)
    with exclusion.clustering(made.written.layout):
        look_now(made.written.layout, SystemClock())
    assert len(made.clusters) == 6
    look_now(made.written.layout, SystemClock())
    assert made.clusters == {frozenset(TEXTS)}
    assert caplog.text == ""


def test_what_hinders_it_is_told_and_not_raised(
    made: Copied, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.publish(TEXTS)
    layout = made.written.layout
    layout.duplicates.parent.mkdir(exist_ok=True)
    layout.duplicates.write_bytes(b"a file where a folder should be")
    look_now(layout, SystemClock())
    monkeypatch.setattr(waiting_texts, "DUE_BYTES", 1)
    look_if_due(layout, SystemClock())
    assert sum("copies were not looked for" in told for told in caplog.messages) == 2


def test_to_find_that_nothing_is_due_loads_no_tables(made: Copied) -> None:
    """A process that fetches has neither NumPy nor the tables in memory."""
    made.publish(TEXTS)
    code = (
        "import sys; import crawler.run; from archive.layout import open_layout; from pathlib import Path\n"
        "from archive.publishing.waiting_texts import is_due\n"
        "is_due(open_layout(Path(sys.argv[1])))\n"
        "print({'numpy', 'pyarrow', 'duckdb', 'deltalake', 'archive.near_duplicates'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(made.folder)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "set()\n"
