"""Killed at any step, or written by two at once: every answer stays right, and the next one finishes."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from archive import durable
from archive.archive import Archive
from archive.errors import SiteBusy
from archive.layout import Layout
from archive.text_index import catch_up
from tests.archive.conftest import WrittenArchive, hour, record
from tests.warc.conftest import Killed

WORDS = ("长效", "旧文", "新来", "-长效")


@pytest.fixture
def behind(written: WrittenArchive) -> WrittenArchive:
    """The index knows the first run; the second changes, adds and sees again."""
    texts = [f"长效机制{n}" if n % 2 else f"旧文{n}" for n in range(12)]
    written.run("r1", *(record(str(n), preview_text=t, at=hour(n)) for n, t in enumerate(texts)), at=hour(20))
    catch_up(written.layout)
    later = [record(str(n), preview_text=f"新来{n}", at=hour(30)) for n in (0, 1, 2, 30, 31)]
    written.run("r2", *later, record("5", preview_text=texts[5], at=hour(30)), at=hour(31))
    return written


def _answers(layout: Layout) -> list[list[tuple[str, object]]]:
    with Archive.open(layout.root) as opened:
        return [
            sorted(
                (row["doc_id"], row["last_seen"]) for row in opened.search(word, limit=50, fields="doc_id,last_seen")
            )
            for word in WORDS
        ]


@pytest.mark.parametrize("anew", [False, pytest.param(True, marks=pytest.mark.long)])
def test_killed_at_any_step(
    behind: WrittenArchive, anew: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if anew:
        shutil.rmtree(behind.layout.text_index)
    monkeypatch.setattr("archive.text_index.asking.AT_ONCE", -1)
    expected = _answers(behind.layout)
    assert [len(found) for found in expected] == [5, 4, 5, 9]
    for at in range(1, 100):
        root = tmp_path / str(at)
        shutil.copytree(behind.layout.root, root)
        layout = Layout(root)
        calls = iter(range(1, 1000))

        def die(operation: str, _subject: object, at: int = at, calls: object = calls) -> None:
            if next(calls) == at:  # type: ignore[call-overload]
                raise Killed(operation)

        durable.fault_hook = die
        killed = False
        try:
            catch_up(layout)
        except Killed:
            killed = True
        finally:
            durable.fault_hook = None
        assert _answers(layout) == expected, at
        catch_up(layout)
        assert _answers(layout) == expected, at
        folders = [path for path in layout.text_index.iterdir() if path.is_dir()]
        assert len(folders) == 1, at
        shutil.rmtree(root)
        if not killed:
            break
    assert at > 3


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_by_the_system_at_any_instant(behind: WrittenArchive, tmp_path: Path) -> None:
    """What the library does between our steps, in threads of its own, is cut off as well."""
    many = [record(f"m{n}", preview_text=f"长效{n}" * 200, at=hour(40)) for n in range(3000)]
    behind.run("r3", *many, at=hour(41))
    with Archive.open(behind.layout.root) as opened:
        expected = opened.search("长效", as_published="r3", fields="doc_id").total
    draw = random.Random(4)
    imports = "import sys; from archive.layout import Layout, Path; from archive.text_index import catch_up"
    code = f"{imports}; catch_up(Layout(Path(sys.argv[1])))"
    for number in range(25):
        root = tmp_path / str(number)
        shutil.copytree(behind.layout.root, root)
        process = subprocess.Popen([sys.executable, "-c", code, str(root)])
        time.sleep(draw.uniform(0.3, 4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for _ in range(2):
            with Archive.open(root) as opened:
                assert opened.search("长效", fields="doc_id").total == expected, number
            catch_up(Layout(root))
        shutil.rmtree(root)


def test_a_second_writer_does_not_wait(behind: WrittenArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def hold(operation: str, _subject: object) -> None:
        if operation == "index-commit":
            inside.set()
            assert go_on.wait(30)

    monkeypatch.setattr(durable, "fault_hook", hold)
    first = threading.Thread(target=catch_up, args=(behind.layout,))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(SiteBusy):
            catch_up(behind.layout)
        monkeypatch.setattr(durable, "fault_hook", None)
        assert [len(found) for found in _answers(behind.layout)] == [5, 4, 5, 9]  # nobody waits to read either
    finally:
        go_on.set()
        first.join()
    assert [len(found) for found in _answers(behind.layout)] == [5, 4, 5, 9]
    assert catch_up(behind.layout) == 0
