"""`status`, `runs show` and `runs log`, with real crawls of the simulated site."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator import RunningSite, running
from tests.cli.conftest import Run

PROFILE = 'start_urls = ["{url}"]\nschedule = "daily"\n'


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSite]:
    with running(documents=20, lost_documents=False) as site:
        yield site


@pytest.fixture
def archive(run: Run, site: RunningSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an archive with one daily site that calls a command, which writes down what it is told."""
    run("init", "data")
    script = tmp_path / "tell.py"
    script.write_text("import sys\nopen('told', 'a').write(sys.stdin.read())\n")
    (tmp_path / "data/sites/docs.toml").write_text(PROFILE.format(url=site.start_urls[0]), encoding="utf-8")
    command = json.dumps(shlex.join([sys.executable, str(script)]))
    (tmp_path / "docarchive.toml").write_text(f'archive = "data"\nsites = "data/sites"\nnotify = {command}\n')
    monkeypatch.setenv("DOCARCHIVE_CLOCK", "2026-03-01T03:00:00Z")
    return tmp_path / "data"


def crawl(start: Run, site: RunningSite) -> Any:
    host = site.url.removeprefix("http://")
    return start("crawl", "docs", "--allow-host", host, "--delay", "0")


def told(archive: Path) -> list[str]:
    path = archive.parent / "told"
    return [json.loads(line)["event"] for line in path.read_text().splitlines()] if path.exists() else []


def test_before_any_run(run: Run, archive: Path) -> None:
    result = run("status", "--json")
    assert result.code == 0
    assert [(row["site"], row["state"]) for row in result.rows()] == [("docs", "never crawled")]
    assert re.fullmatch(r"disk: .+ GB left of .+\nnext: docarchive .+\n", result.err)


def test_an_import_that_is_held_is_named(run: Run, archive: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.jsonl"
    made.write_text(
        "".join(
            json.dumps({"site": "papers", "doc_id": str(n), "title": f"Paper {n}", "tags": ["x"], "pages": n}) + "\n"
            for n in range(40)
        )
    )
    assert run("import", str(made)).code == 0
    made.write_text(
        "".join(json.dumps({"site": "papers", "doc_id": str(n), "title": f"Paper {n}"}) + "\n" for n in range(40))
    )
    assert run("import", str(made)).code == 1
    shown = run("status", "--format", "table")
    assert shown.code == 1
    run_id = re.search(
        r"^run (\S+) is held: an import waits for you: .+\n    docarchive runs show \1$", shown.out, re.M
    )
    assert run_id is not None
    assert shown.out.splitlines()[-1] == f"next: docarchive runs show {run_id[1]}"
    result = run("status", "--json")
    assert result.code == 1
    (row,) = (row for row in result.rows() if row["site"] is None)
    assert (row["state"], row["held"], row["conditions"][0]["run_id"]) == ("held", 1, run_id[1])


def test_a_morning(start: Run, run: Run, archive: Path, site: RunningSite, monkeypatch: pytest.MonkeyPatch) -> None:
    assert crawl(start, site).code == 0
    monkeypatch.setenv("DOCARCHIVE_CLOCK", "2026-03-01T09:00:00Z")
    (row,) = (result := run("status", "--json")).rows()
    assert result.code == 0
    assert (row["state"], row["new_30_days"], row["held"], row["blocked"]) == ("well", 20, 0, False)
    assert row["next_due_at"].startswith("2026-03-02T03:00:0")
    shown = run("status", "--format", "table", "--archive", "data")
    assert "docs" in shown.out
    assert shown.out.splitlines()[-1] == "next: docarchive records --sort fetched --archive data"
    assert "docarchive_site_condition" in (archive / "reports/metrics.prom").read_text()

    monkeypatch.setenv("DOCARCHIVE_CLOCK", "2026-03-05T09:00:00Z")
    for _ in range(2):
        late = run("status", "--notify", "--format", "table")
        assert late.code == 1
        host = site.url.removeprefix("http://")
        assert late.out.splitlines()[-1] == f"next: docarchive crawl docs --allow-host {host}"
    assert told(archive) == ["overdue"]
    assert crawl(start, site).code == 0
    assert told(archive) == ["overdue", "recovered"]


def test_a_site_that_is_down(start: Run, run: Run, archive: Path) -> None:
    with running(documents=5) as site:
        url = site.start_urls[0]
    (archive / "sites/docs.toml").write_text(PROFILE.format(url=url), encoding="utf-8")
    for _ in range(2):
        assert crawl(start, site).code == 4
    assert told(archive) == ["blocked"]
    result = run("status", "--json")
    assert (result.code, result.rows()[0]["state"], result.rows()[0]["blocked"]) == (1, "blocked", True)
    assert "next: docarchive crawl docs" in result.err
    (report,) = (archive / "reports").glob("*.json")
    shown = run("runs", "show", report.stem)
    assert shown.out.startswith("docs: blocked, resumed\n")
    assert run("runs", "log", report.stem).code == 0


def test_the_report_of_a_run(start: Run, run: Run, archive: Path, site: RunningSite) -> None:
    crawl(start, site)
    (report,) = (archive / "reports").glob("*.json")
    row = json.loads(report.read_bytes())
    assert (row["site"], row["event"], row["documents"]["new"]) == ("docs", "published", 20)
    assert report.with_suffix(".html").read_text("utf-8").startswith("<!doctype html>")
    shown = run("runs", "show", report.stem).out
    assert "20 new, 0 changed, 0 same" in shown
    assert "run_seq" in shown
    report.unlink()
    assert "20 new, 0 changed, 0 same" in run("runs", "show", report.stem).out

    # A broken profile of another site hides none of this.
    (archive / "sites/other.toml").write_text("nonsense = 1\n")
    result = run("status", "--json")
    assert [row["site"] for row in result.rows()] == ["docs"]


def test_looking_at_a_run_under_way(run: Run, archive: Path) -> None:
    with running(documents=60, latency_seconds=0.1) as site:
        (archive / "sites/docs.toml").write_text(PROFILE.format(url=site.start_urls[0]), encoding="utf-8")
        host = site.url.removeprefix("http://")
        words = [sys.executable, "-m", "docarchive.cli", "crawl", "docs", "--allow-host", host, "--delay", "0"]
        process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        try:
            row: dict[str, Any] = {}
            for _ in range(200):
                (row,) = run("status", "--json").rows()
                if row["state"] == "running" and row["waiting"]:  # a site is held a moment before its run begins
                    break
                time.sleep(0.05)
            assert row["state"] == "running" and row["waiting"]
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            assert run("status", "--json").rows()[0]["state"] == "unfinished"
        finally:
            process.kill()
            process.wait()


def test_no_notify_command_runs_for_a_trial(start: Run, archive: Path, site: RunningSite) -> None:
    host = site.url.removeprefix("http://")
    assert start("sites", "try", site.start_urls[0], "--allow-host", host, "--delay", "0").code == 0
    assert told(archive) == []
