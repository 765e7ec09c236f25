"""`history`: one field, the text word by word, and how it was known before."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, before_all
from tests.cli.test_changes import row

OLD = "第一条 全年增加三成。\n" + "中间的话没有变，" * 20 + "\n最后一条。\n"
NEW = "第一条 全年减少五成。\n" + "中间的话没有变，" * 20 + "\n\x1b[2J新的一条。\n最后一条。\n"


@pytest.fixture(scope="module")
def changed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive with a document of three versions: its title changed, then its text."""
    folder = tmp_path_factory.mktemp("changed")
    bring_new = [
        row("1", "甲", preview_text=OLD),
        row("1", "乙", preview_text=OLD, pages=3),
        row("1", "乙", preview_text=NEW, pages=3),
    ]
    for number, one in enumerate(bring_new):
        (folder / f"{number}.jsonl").write_text(json.dumps(one), encoding="utf-8")
        assert before_all(folder, "import", f"{number}.jsonl", "--archive", "here")[0] == 0
    return folder


@pytest.fixture
def changed(run: Run, changed_once: Path, tmp_path: Path) -> str:
    shutil.copytree(changed_once, tmp_path, dirs_exist_ok=True)
    return "here"


def test_the_text_word_by_word(run: Run, changed: str) -> None:
    shown = run("history", "docs", "1", "--text", "--archive", changed, "--format", "table")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert "    第一条 全年[-增加三-]{+减少五+}成。" in lines
    assert "\x1b" not in shown.out
    assert any("\ufffd[2J新的一条。" in line for line in lines)
    assert any("…" in line for line in lines)
    assert max(map(len, lines)) < 120
    change = run("history", "docs", "1", "--text", "--archive", changed, "--json").rows()[2]["changes"][0]
    assert (change["field"], change["level"]) == ("preview_text", "words")
    assert "".join(s["text"] for s in change["segments"] if s["op"] != "insert") == change["from"]
    assert "".join(s["text"] for s in change["segments"] if s["op"] != "delete") == change["to"]
    plain = run("history", "docs", "1", "--archive", changed, "--json").rows()[2]["changes"][0]
    assert "segments" not in plain


def test_in_colours_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from docarchive.cli.printing_difference import print_difference

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    segments = [{"op": "delete", "text": "甲\n\x1b[2J"}, {"op": "insert", "text": "乙"}]
    for name, coloured in (("NO_COLOR", False), ("ANY", True)):
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv(name, "1")
        print_difference({"field": "preview_text", "level": "paragraphs", "segments": segments})
        out = capsys.readouterr().out
        assert ("\x1b[31m" in out and "\x1b[32m" in out) == coloured
        assert "\x1b[2J" not in out
        assert "too different" in out


def test_only_one_field(run: Run, changed: str) -> None:
    rows = run("history", "docs", "1", "--archive", changed, "--field", "title", "--json").rows()
    assert [each["version"] for each in rows] == [1, 2]
    assert [change["field"] for change in rows[1]["changes"]] == ["title"]
    shown = run("history", "docs", "1", "--archive", changed, "--field", "pages", "--format", "table").out
    assert "pages: nothing -> 3" in shown
    assert "title" not in shown
    wrong = run("history", "docs", "1", "--archive", changed, "--field", "colour")
    assert (wrong.code, wrong.out) == (2, "")
    assert "preview_text" in wrong.err


def test_as_it_was_known_then(run: Run, changed: str) -> None:
    runs = [each for each in run("runs", "--archive", changed).rows() if each["event"] == "published"]
    for words, versions in ((("--as-published", runs[0]["run_id"]), 1), (("--as-of", runs[1]["at"]), 2)):
        assert len(run("history", "docs", "1", *words, "--archive", changed, "--json").rows()) == versions
    assert run("history", "docs", "1", "--as-of", "2001-01-01", "--archive", changed).code == 1
    for verb in ("history", "show"):
        early = run(verb, "docs", "1", "--as-of", "2001-01-01", "--archive", changed)
        assert early.code == 1
        assert "document docs 1 was not known at that time; first seen 20" in early.err
        assert "no document" in run(verb, "docs", "nosuch", "--as-of", "2001-01-01", "--archive", changed).err
