"""`changes`: rows on standard output, where to go on on standard error, and what is remembered when."""

from __future__ import annotations

import fcntl
import json
import shlex
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from archive import durable
from archive.layout import create
from docarchive.cli.following import AFTER_OUTPUT
from tests.cli.conftest import Run, before_all
from tests.telling.test_notify import Listener


def bring(run: Run, name: str, *rows: dict[str, Any]) -> None:
    """Import *rows* as one run."""
    Path(name).write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert run("import", name, "--archive", "here").code == 0


def row(doc_id: str, title: str, **values: Any) -> dict[str, Any]:
    return {"site": "docs", "doc_id": doc_id, "title": title, **values}


@pytest.fixture(scope="module")
def followed_once(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive that was asked once with cursor `nightly`, and has a change since."""
    folder = tmp_path_factory.mktemp("followed")
    shutil.copytree(imported, folder, dirs_exist_ok=True)
    assert before_all(folder, "changes", "--archive", "here", "--cursor", "nightly")[0] == 0
    later = row("2", "计生 later", published_on="2019", preview_text="计生 only")
    (folder / "later.jsonl").write_text(json.dumps(later), encoding="utf-8")
    assert before_all(folder, "import", "later.jsonl", "--archive", "here")[0] == 0
    return folder


@pytest.fixture
def followed(run: Run, followed_once: Path, tmp_path: Path) -> str:
    shutil.copytree(followed_once, tmp_path, dirs_exist_ok=True)
    return "here"


def titles(run: Run, *words: str) -> list[str]:
    result = run("changes", "--archive", "here", *words)
    assert result.code == 0, result.err
    return [each["title"] for each in result.rows()]


def test_a_script_goes_on_where_it_stopped(run: Run, archive: str) -> None:
    first = run("changes", "--archive", archive)
    assert [each["event"] for each in first.rows()] == ["added"] * 3
    words = first.err.strip().split("docarchive ")[1].split()
    assert words[:2] == ["changes", "--since"]
    assert run(*words).rows() == []
    bring(run, "later.jsonl", row("2", "Later"))
    (changed,) = run(*words).rows()
    assert (changed["event"], changed["title"], changed["cause"]) == ("changed", "Later", "import")
    assert {"field": "title", "from": "Plain, simple", "to": "Later"} in changed["changes"]


def test_a_named_cursor_tells_each_change_once(run: Run, followed: str) -> None:
    assert titles(run, "--cursor", "nightly") == ["计生 later"]
    assert titles(run, "--cursor", "nightly") == []
    assert len(titles(run, "--cursor", "weekly")) == 4
    assert len(titles(run, "--cursor", "nightly", "--since", "2020-01-01")) == 4, "what is said stands before it"
    assert titles(run, "--cursor", "nightly") == []
    assert run("verify", "--archive", followed).code == 0


def test_a_few_at_a_time(run: Run, followed: str) -> None:
    told = []
    for _ in range(3):
        told += titles(run, "--cursor", "parts", "--limit", "2")
    assert told == titles(run)
    assert "2 of 4 changes" in run("changes", "--archive", followed, "--limit", "2").err


def test_the_cursor_as_the_last_line(run: Run, followed: str) -> None:
    last = run("changes", "--archive", followed, "--show-cursor").rows()[-1]
    assert list(last) == ["cursor"]
    assert titles(run, "--since", last["cursor"]) == []
    table = run("changes", "--archive", followed, "--show-cursor", "--format", "table").out
    assert table.splitlines()[-1] == f"cursor: {last['cursor']}"
    assert run("changes", "--archive", followed, "--show-cursor", "--format", "csv").code == 2


def test_a_table_is_for_people(run: Run, followed: str) -> None:
    out = run("changes", "--archive", followed, "--format", "table").out
    assert "title Plain, simple -> 计生 later" in out
    assert "计划生育长效机制\ufffd[2J" in out
    assert "\x1b" not in out


def test_other_forms(run: Run, followed: str) -> None:
    assert run("changes", "--archive", followed, "--output", "out.parquet").code == 0
    assert Path("out.parquet").read_bytes()[:4] == b"PAR1"
    lines = run("changes", "--archive", followed, "--format", "csv", "--fields", "event,doc_id,pages").out.splitlines()
    assert lines == ["event,doc_id,pages", "added,2,", "added,953365,22", "added,a/b c,5", "changed,2,"]


def test_wrong_usage_is_one_sentence(run: Run, followed: str) -> None:
    for words in (
        *(("--cursor", name) for name in ("../nightly", ".hidden", "", "x" * 61)),
        *(("--since", place) for place in ("12-00ff00ff00ff00ff", "yesterday")),
        ("--cause", "weather"),
        ("--fields", "nothing"),
        ("--notify",),
    ):
        result = run("changes", "--archive", followed, *words)
        assert (result.code, result.out, len(result.err.splitlines())) == (2, "", 1), words


def test_a_name_belongs_to_its_question(run: Run, followed: str) -> None:
    refused = run("changes", "--archive", followed, "--cursor", "nightly", "--search", "计生")
    assert (refused.code, refused.out) == (2, "")
    assert "another question" in refused.err
    assert titles(run, "--cursor", "nightly", "--since", "2020-01-01", "--search", "only") == [
        "Plain, simple",
        "计生 later",
    ]
    assert titles(run, "--cursor", "nightly", "--search", "only") == []


def test_a_cursor_of_another_archive_and_a_damaged_one(run: Run, followed: str) -> None:
    file = Path(followed) / "cursors" / "nightly.json"
    create(Path("other"))
    (Path("other") / "cursors").mkdir()
    (Path("other") / "cursors" / "nightly.json").write_bytes(file.read_bytes())
    assert run("changes", "--archive", "other", "--cursor", "nightly").code == 2
    for damage in ("", "[]", '{"cursor": 1, "question": {}}', '{"cursor": "x", "question": {}}'):
        file.write_text(damage, encoding="utf-8")
        result = run("changes", "--archive", followed, "--cursor", "nightly")
        assert (result.code, result.out) == (1, "")
        assert "--since" in result.err
    assert run("verify", "--archive", followed).code == 0


def test_two_processes_do_not_ask_with_one_name(run: Run, followed: str) -> None:
    with (Path(followed) / "cursors" / ".nightly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run("changes", "--archive", followed, "--cursor", "nightly").code == 3
    assert titles(run, "--cursor", "nightly") == ["计生 later"]


def test_killed_between_telling_and_remembering_it_is_told_again(
    start: Run, run: Run, followed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, amid and after the writing of the name's file: told at least once, and never lost."""
    told = []
    for step in (1, 4, 6, 7):
        monkeypatch.setenv(durable.FAULT_VARIABLE, str(step))
        ended = start("changes", "--archive", followed, "--cursor", "nightly")
        assert ended.code == -signal.SIGKILL
        told.append(len(ended.rows()))
    monkeypatch.delenv(durable.FAULT_VARIABLE)
    assert told == [1, 1, 1, 1], "the last one was killed when the new name was there already"
    assert titles(run, "--cursor", "nightly") == []


def test_what_could_not_be_written_is_told_again(run: Run, followed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("changes", "--archive", followed, "--cursor", "nightly", "--output", "no/such/folder.jsonl").code == 2
    points: list[str] = []
    monkeypatch.setattr(durable, "fault_hook", lambda operation, subject: points.append(operation))
    assert titles(run, "--cursor", "nightly", "--output", "out.jsonl") == []
    remembered = len(points) - 1 - points[::-1].index("rename")
    assert points.index("fsync") < points.index(AFTER_OUTPUT) < remembered
    assert json.loads(Path("out.jsonl").read_text("utf-8"))["title"] == "计生 later"


def configured(listener: Listener) -> None:
    Path("docarchive.toml").write_text(f"notify = {json.dumps(listener.command)}\n", encoding="utf-8")


def test_a_standing_question_calls_the_notify_command(run: Run, followed: str, tmp_path: Path) -> None:
    listener = Listener(tmp_path)
    configured(listener)
    words = ("changes", "--archive", followed, "--search", "计生", "--cursor", "jisheng", "--notify")
    result = run(*words)
    assert (result.code, result.out, result.err) == (0, "", "")
    (event,) = listener.heard()
    assert event["environment"] == ["changes", "docs", ""]
    assert (event["count"], event["name"], event["question"]) == (3, "jisheng", {"search": "计生"})
    assert event["reason"] == "3 changes"
    assert "added: docs/953365 计划生育长效机制 [2J https://www.docs.example/doc/953365.html" in event["text"]
    assert "changed (title" in event["text"]
    assert len(titles(run, *shlex.split(event["next"])[2:-2])) == 3
    assert run(*words).code == 0
    assert len(listener.heard()) == 1, "nothing new calls nobody"
    bring(run, "others.jsonl", row("7", "别的"))
    assert run(*words).code == 0
    assert len(listener.heard()) == 1


def test_words_and_a_condition_stand_together(run: Run, followed: str, tmp_path: Path) -> None:
    """Tell me when a new document with these words and of so many pages is there: once each, by every import."""
    listener = Listener(tmp_path)
    configured(listener)
    words = (
        "changes",
        "--archive",
        followed,
        "--search",
        "计生",
        "--where",
        "pages > 20",
        "--cursor",
        "long",
        "--notify",
    )
    assert run(*words).code == 0
    bring(
        run, "new.jsonl", row("8", "计生 long", pages=21), row("9", "计生 short", pages=3), row("10", "别的", pages=99)
    )
    for _ in range(2):
        assert run(*words).code == 0
    first, second = listener.heard()
    assert [each["doc_id"] for each in first["changes"]] == ["953365"]
    assert [each["doc_id"] for each in second["changes"]] == ["8"]
    assert second["question"] == {"search": "计生", "where": "pages > 20"}
    assert titles(run, *shlex.split(second["next"])[2:-2]) == ["计生 long"]
    refused = run(*(word.replace("20", "30") for word in words))
    assert (refused.code, len(listener.heard())) == (2, 2), "a cursor belongs to its question"


def test_a_notify_command_that_fails_is_called_again(run: Run, followed: str, tmp_path: Path) -> None:
    listener = Listener(tmp_path, exit_code=3)
    configured(listener)
    words = ("changes", "--archive", followed, "--cursor", "told", "--notify", "--json")
    failed = run(*words)
    assert failed.code == 5
    assert "exit code 3" in failed.err
    assert len(failed.rows()) == 4
    assert not (Path(followed) / "cursors" / "told.json").exists()
    listener.exit_code = 0
    configured(listener)
    assert run(*words).code == 0
    assert [event["count"] for event in listener.heard()] == [4, 4]
    assert run(*words).rows() == []


def test_reading_changes_writes_nothing_into_the_archive(run: Run, archive: str) -> None:
    before = sorted(Path(archive).iterdir())
    assert run("changes", "--archive", archive).code == 0
    assert sorted(Path(archive).iterdir()) == before
