"""What a timer is given: absolute, quoted, as systemd and cron read it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from archive.errors import UsageError
from docarchive.units import SERVICE, TIMER, DueCommand, cron_line, systemd_units
from tests.cli.conftest import Run, run

__all__ = ["run"]

NASTY = 'my "papers" & 100% of $HOME; it\'s \\ old'


def command(folder: Path) -> DueCommand:
    words = (str(folder / "bin" / "docarchive"), "--archive", str(folder), "crawl", "--due")
    return DueCommand(words=words, archive=folder, configuration=folder / "docarchive.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name every language of timers reads in its own way, with a program that says how it was called."""
    folder = tmp_path / NASTY
    (folder / "bin").mkdir(parents=True)
    (folder / "logs").mkdir()
    program = folder / "bin" / "docarchive"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$DOCARCHIVE_CONFIG" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def said(folder: Path) -> list[str]:
    return [str(folder), str(folder / "docarchive.toml"), "--archive", str(folder), "crawl", "--due"]


def test_cron_runs_the_command(folder: Path) -> None:
    line = cron_line(command(folder)).splitlines()[-1]
    match = re.fullmatch(r"\*/10 \* \* \* \* (.*)", line)
    assert match is not None
    as_cron_gives_it = re.sub(r"\\%", "%", match[1])  # an unescaped % would end the line: crontab(5)
    assert not re.search(r"(?<!\\)%", match[1])
    subprocess.run(["/bin/sh", "-c", as_cron_gives_it], check=True)
    assert (folder / "logs" / "cron.log").read_text("utf-8").splitlines() == said(folder)


def unquoted(text: str) -> list[str]:
    """Return the words of a setting as systemd.syntax(7) has them, specifiers resolved."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%").replace("$$", "$") for word in words]


def test_systemd_reads_the_same_words(folder: Path) -> None:
    service = systemd_units(command(folder))[SERVICE]
    (started,) = re.findall(r"^ExecStart=(.*)$", service, flags=re.MULTILINE)
    assert unquoted(started) == list(command(folder).words)
    (environment,) = re.findall(r"^Environment=(.*)$", service, flags=re.MULTILINE)
    assert unquoted(environment) == [f"DOCARCHIVE_CONFIG={folder / 'docarchive.toml'}"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "my 100% papers"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "docarchive"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    units = tmp_path / "units"
    units.mkdir()
    for name, text in systemd_units(command(folder)).items():
        (units / name).write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(units / SERVICE), str(units / TIMER)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in checked.stderr.splitlines() if "docarchive" in line]
    assert ours == []
    assert checked.returncode == 0, checked.stderr


def test_a_name_with_a_line_break_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="control characters"):
        command(tmp_path / "two\nlines")


def test_the_verb_prints_absolute_paths(run: Run, tmp_path: Path) -> None:
    run("init", "here")
    printed = run("schedule", "--print", "systemd", "--archive", "here")
    assert printed.code == 0
    assert f'"{tmp_path}/here" "crawl" "--due"' in printed.out
    assert f"DOCARCHIVE_CONFIG={tmp_path}/here/docarchive.toml" in printed.out
    assert run("schedule", "--print", "cron", "--archive", "here").out.count(str(tmp_path)) >= 3
    written = run("schedule", "--print", "systemd", "--archive", "here", "-o", "units")
    assert "systemctl" in written.err
    assert sorted(path.name for path in (tmp_path / "units").iterdir()) == [SERVICE, TIMER]
    assert run("schedule", "--print", "windows", "--archive", "here").code == 2
