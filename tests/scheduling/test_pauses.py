"""A site that a person paused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.errors import DamagedFile
from archive.layout import create
from archive.site_state.pauses import pause, pause_of, pauses, resume
from tests.cli.conftest import Run, run

__all__ = ["run"]

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_pause_ends_by_itself_or_by_a_word(tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    pause(layout, "127.0.0.1:80/../x", "rebuilt", NOW, NOW + timedelta(days=1))
    pause(layout, "huiwen", "已停", NOW)
    assert set(pauses(layout, NOW)) == {"127.0.0.1:80/../x", "huiwen"}
    assert set(pauses(layout, NOW + timedelta(days=1))) == {"huiwen"}
    assert resume(layout, "huiwen")
    assert not resume(layout, "huiwen")
    assert pause_of(layout, "huiwen", NOW) is None


def test_an_unreadable_pause_is_not_passed_over(tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    pause(layout, "huiwen", "why", NOW)
    (tmp_path / "data/paused/huiwen.json").write_bytes(b"{")
    with pytest.raises(DamagedFile, match="sites pause huiwen --resume"):
        pauses(layout, NOW)
    assert resume(layout, "huiwen")


def test_a_paused_site_is_crawled_by_force_alone(run: Run) -> None:
    run("init", "here")
    words = ("crawl", "huiwen", "--archive", "here", "--start", "http://127.0.0.1:9/", "--allow-host", "127.0.0.1:9")
    assert run("sites", "pause", "huiwen", "--archive", "here").code == 2
    assert run("sites", "pause", "nosuch", "--reason", "x", "--archive", "here").code == 2
    assert run("sites", "pause", "huiwen", "--reason", "quiet", "--until", "soon", "--archive", "here").code == 2
    assert run("sites", "pause", "huiwen", "--reason", "quiet", "--until", "2020-01-01", "--archive", "here").code == 2
    assert run("sites", "pause", "huiwen", "--reason", "quiet", "--archive", "here").code == 0
    refused = run(*words)
    assert refused.code == 2
    assert "huiwen is paused (quiet); crawl it all the same with --force" in refused.err
    assert run("sites", "pause", "huiwen", "--resume", "--archive", "here").code == 0
