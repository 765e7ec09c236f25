"""A renamed profile continues the history of its former name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive import durable
from archive.clock import SystemClock
from archive.errors import DamagedFile, SiteBusy
from archive.layout import create, open_layout
from archive.publishing.rebuild_state import rebuild_state
from archive.site_state.names import present_names, rename
from archive.site_state.pauses import pause, pause_of
from archive.site_state.state import State
from docarchive import Archive
from simulator import running
from tests.scheduling.conftest import Place

DOCUMENTS = 10


def test_a_renamed_profile_goes_on(place: Place) -> None:
    with running(documents=DOCUMENTS, lost_documents=False) as site:
        start = f'start_urls = ["{site.start_urls[0]}"]\n'
        words = ("--allow-host", site.host, "--delay", "0")
        place.profile("old-name", start)
        assert place.run("crawl", "old-name", *words).code == 0
        pause(open_layout(place.archive), "old-name", "to be renamed", SystemClock().now())
        (place.folder / "sites" / "old-name.toml").unlink()
        place.profile("new-name", start + 'former_names = ["old-name"]\n')
        again = place.run("crawl", "old-name", "--force", *words)
        assert again.code == 0, again.err
        assert f"new-name: published; 0 new, 0 changed, {DOCUMENTS} same" in again.err
        assert place.run("crawl", "new-name", *words).code == 2  # the pause came with it
        assert [row["site"] for row in place.run("status", "--json").rows()] == ["new-name"]
    with Archive.open(place.archive) as archive:
        assert archive.query("SELECT site, count(*) AS n FROM documents GROUP BY site").to_list() == [
            {"site": "new-name", "n": DOCUMENTS}
        ]
        for name in ("old-name", "new-name"):
            rows = archive.records(site=name, limit=0).to_list()
            assert {one["site"] for one in rows} == {"new-name"}
            assert len(rows) == DOCUMENTS
            (version,) = archive.history(name, rows[0]["doc_id"])
            assert version["first_seen"] < version["last_seen"]
            assert archive.get(name, rows[0]["doc_id"]) is not None
        assert not [finding for finding in archive.verify() if finding.severity == "damage"]
    (place.archive / "state" / "new-name.sqlite").unlink()
    assert rebuild_state(open_layout(place.archive), "new-name", SystemClock())["documents"] == DOCUMENTS


def test_names_are_followed_to_the_present_one(tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    clock = SystemClock()
    State(layout, "a", clock).close()
    assert rename(layout, "a", "b", clock)
    assert rename(layout, "b", "it's", clock)
    assert not rename(layout, "a", "it's", clock)
    assert present_names(layout) == {"a": "it's", "b": "it's"}
    assert layout.sites_with_state() == ["it's"]


@pytest.mark.parametrize("steps", range(3))
def test_a_rename_killed_at_any_step_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """A pause is a person's word: it is not lost on the way, nor what a person was told of the site."""
    layout = create(tmp_path / "data")
    clock = SystemClock()
    State(layout, "a", clock).close()
    pause(layout, "a", "to be renamed", clock.now())
    (layout.root / "state" / "a.told.json").write_text("{}", encoding="utf-8")
    left = steps

    def rename_or_die(before: Path, after: Path) -> None:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        before.rename(after)

    with monkeypatch.context() as killing, pytest.raises(KeyboardInterrupt):
        killing.setattr(durable, "rename", rename_or_die)
        rename(layout, "a", "b", clock)
    rename(layout, "a", "b", clock)
    assert pause_of(layout, "b", clock.now()) is not None
    assert (layout.root / "state" / "b.told.json").exists()
    assert layout.sites_with_state() == ["b"]
    assert not rename(layout, "a", "b", clock)


def test_a_pause_moves_where_there_is_no_state(tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    pause(layout, "a", "to be renamed", SystemClock().now())
    assert rename(layout, "a", "b", SystemClock())
    assert pause_of(layout, "b", SystemClock().now()) is not None


def test_no_name_is_taken_from_a_run_at_work(tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    at_work = State(layout, "a", SystemClock())
    at_work.acquire()
    with pytest.raises(SiteBusy):
        rename(layout, "a", "b", SystemClock())
    at_work.close()
    assert present_names(layout) == {}


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"a": 1})])
def test_unreadable_names_are_no_names(tmp_path: Path, text: str) -> None:
    layout = create(tmp_path / "data")
    (layout.root / "names.json").write_text(text, encoding="utf-8")
    with pytest.raises(DamagedFile, match="put it back from a backup"):
        present_names(layout)
