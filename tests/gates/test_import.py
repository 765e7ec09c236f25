"""What is imported passes the gates of the site it belongs to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.publishing.held import accept_run
from archive.publishing.import_run import import_file
from archive.site_state.staging import HELD, Run
from tests.gates.conftest import Watched


@pytest.fixture
def site(base: Watched, tmp_path: Path) -> Watched:
    return base.copied(tmp_path / "data")


def import_rows(site: Watched, rows: list[dict[str, Any]], run_id: str) -> Run:
    file = site.folder.parent / f"{run_id}.jsonl"
    file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    return import_file(site.layout, file, site.site.clock, new_run_id=lambda: run_id)


def known_rows(site: Watched) -> list[dict[str, Any]]:
    """Return a part of what the archive has, as a tool would hand it back a day later."""
    site.site.clock.advance(86_400)
    names = (
        "site",
        "doc_id",
        "url",
        "title",
        "size_bytes",
        "size_text",
        "pages",
        "pages_text",
        "format",
        "preview_text",
    )
    return [
        {**{name: row[name] for name in names}, "fetched_at": site.site.clock.now().isoformat()}
        for row in site.visible().values()
    ]


def test_records_that_lost_a_field_are_held_and_can_be_accepted(site: Watched) -> None:
    before = site.visible()
    run = import_rows(site, known_rows(site), "20260401T000000Z-abcdef")  # their dates and tags are missing
    assert run.status == HELD
    assert "known documents that lost" in (run.reason or "")
    assert site.visible() == before
    accept_run(site.layout, run.run_id, site.site.clock)
    assert [event["event"] for event in site.events(run.run_id)] == ["held", "import", "accepted"]
    assert all(row["published_on"] is None for row in site.visible().values())


def test_an_import_goes_on_while_another_waits(site: Watched) -> None:
    held = import_rows(site, known_rows(site), "20260401T000000Z-abcdef")
    assert held.status == HELD
    rows = [{"site": "papers", "doc_id": str(number), "title": f"Paper {number}"} for number in range(30)]
    assert import_rows(site, rows, "20260402T000000Z-abcdef").status != HELD
    assert "7" in site.visible()


def test_new_records_unlike_what_the_site_lists_are_held(site: Watched) -> None:
    rows = [
        {"site": "huiwen", "doc_id": f"x{number}", "title": f"Wait {number}", "preview_text": "please log in"}
        for number in range(40)
    ]
    run = import_rows(site, rows, "20260401T000000Z-abcdef")
    assert run.status == HELD
