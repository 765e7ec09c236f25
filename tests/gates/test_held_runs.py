"""A run that is held: what it leaves alone, what later runs do, and what a person can do about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.judgement.measures import LOST_ANY
from archive.judgement.past_measures import recall
from archive.publishing.held import accept_run, reject_run
from archive.publishing.rebuild_state import rebuild_state
from archive.site_state.staging import Staging
from archive.site_state.state import State
from bench.year import mended_reader
from crawler.rereading.reread import RereadRequest, heal
from simulator.site import Site
from tests.gates.conftest import DOCUMENTS, Watched, watched


@pytest.fixture
def site(base: Watched, tmp_path: Path) -> Watched:
    return base.copied(tmp_path / "data")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the paths that the site is asked for, filled as it is."""
    paths: list[str] = []
    answer = Site.answer

    def noting(self: Site, request: object, own_port: int = 0) -> object:
        paths.append(request.target)  # type: ignore[attr-defined]
        return answer(self, request, own_port)  # type: ignore[arg-type]

    monkeypatch.setattr(Site, "answer", noting)
    return paths


def break_dates(site: Watched, days: float = 1) -> str:
    """Let the site print no date that can be read for some days, crawl it, return the id of the held run."""
    site.site.happen("fault", name="date_format", duration=days * 86_400 + 60)
    outcome = site.crawl()
    assert outcome.event == "held"
    return outcome.run_id


def test_documents_of_a_held_run_are_not_fetched_again_and_new_ones_are(site: Watched, asked: list[str]) -> None:
    held = break_dates(site)
    site.site.clock.advance(1000)
    site.site.happen("added", count=3)
    asked.clear()
    outcome = site.crawl()
    assert (outcome.event, outcome.exit_code, outcome.new) == ("published", 0, 3)
    assert len([path for path in asked if path.startswith("/doc/")]) == 3
    reject_run(site.layout, held, "a bad day", site.site.clock)
    asked.clear()
    assert site.crawl().event == "published"
    assert len([path for path in asked if path.startswith("/doc/")]) == len(site.visible())


def test_a_run_that_finds_everything_held_is_not_empty(site: Watched) -> None:
    break_dates(site)
    site.site.clock.advance(1000)
    outcome = site.crawl()
    assert (outcome.event, outcome.exit_code, outcome.new, outcome.changed) == ("published", 0, 0, 0)


def test_login_walls_are_asked_for_again(site: Watched, asked: list[str]) -> None:
    site.site.happen("fault", name="login_wall", share=0.2, duration=87_000)
    assert site.crawl().event == "held"
    site.site.clock.advance(1000)
    asked.clear()
    assert site.crawl().event == "published"
    assert len([path for path in asked if path.startswith("/doc/")]) == len(site.visible())


def test_a_fault_that_lasts_holds_every_run_that_shows_it(site: Watched) -> None:
    first = break_dates(site, days=5)
    site.site.happen("added", count=25)
    second = site.crawl()
    assert (second.event, second.new) == ("held", 25)
    site.site.happen("added", count=25)
    third = site.crawl()
    assert (third.event, third.new) == ("held", 25)
    assert len({first, second.run_id, third.run_id}) == 3


def test_accepting_late_replaces_nothing_newer(site: Watched) -> None:
    before = {doc_id: row["published_on"] for doc_id, row in site.visible().items()}
    first = break_dates(site, days=3)
    site.site.happen("added", count=25)
    second = site.crawl().run_id
    for run_id in (second, first):
        accept_run(site.layout, run_id, site.site.clock)
    lost = site.visible()
    assert all(row["published_on"] is None for row in lost.values())  # it is what the site said then
    assert {first, second} >= {row["run_id"] for row in lost.values()} >= {second}
    site.site.clock.advance(2 * 86_400)
    assert site.crawl().event == "published"  # a site that recovers gains: nothing good is replaced
    healed = {doc_id: row["published_on"] for doc_id, row in site.visible().items()}
    assert all(healed.values())
    assert before.items() <= healed.items()


def test_what_came_after_a_held_run_does_not_keep_it_from_being_healed(site: Watched) -> None:
    site.site.happen("added", count=5)
    held = break_dates(site)
    site.site.clock.advance(86_400)
    site.site.happen("added", count=25)
    assert site.crawl().event == "published"
    request = RereadRequest(layout=site.layout, apply=True, processes=1, reader="general/mended", read=mended_reader)
    outcome = heal(request, held, site.site.clock)
    assert (outcome.event, outcome.reason) == ("published", None)
    said = site.site.truth()
    shown = {doc_id: row["published_on"] for doc_id, row in site.visible().items()}
    assert shown == {doc_id: row["published_on"] for doc_id, row in said.items()}


def test_what_was_accepted_is_healthy_from_then_on(site: Watched) -> None:
    """A site that gave up its dates for good, on known documents and on new ones: the person says so once."""
    site.site.happen("added", count=5)
    accept_run(site.layout, break_dates(site, days=5), site.site.clock)
    site.site.happen("added", count=20)
    outcome = site.crawl()
    assert (outcome.event, outcome.new) == ("published", 20), outcome.reason


def test_a_held_run_says_what_by_how_much_and_where(site: Watched) -> None:
    run_id = break_dates(site)
    (event,) = site.events(run_id)
    finding = json.loads(event["options"])["judgement"][0]
    assert (finding["measure"], finding["cases"], finding["of"]) == ("known/lost/published_on", 42, 42)
    assert event["reason"].startswith("known documents that lost their date: 42 of 42 (100.0%)")
    assert len(finding["samples"]) == 3
    known = site.visible()
    for sample in finding["samples"]:
        record = known[sample["doc_id"]]
        assert sample["before"] == record["published_on"]
        assert sample["now"].startswith("unreadable: ")
        assert sample["url"] == record["url"]
        assert sample["capture"] != record["capture"]


def test_a_document_that_lost_something_is_shown_with_what_it_lost(site: Watched) -> None:
    run_id = break_dates(site)
    (event,) = site.events(run_id)
    findings = {finding["measure"]: finding for finding in json.loads(event["options"])["judgement"]}
    known = site.visible()
    assert len(findings[LOST_ANY]["samples"]) == 3
    for sample in findings[LOST_ANY]["samples"]:
        assert sample["before"] == f"published_on: {known[sample['doc_id']]['published_on']}"
        assert sample["now"] is None


def test_a_listing_cut_short_shows_what_is_missing(site: Watched) -> None:
    site.site.happen("fault", name="next_gone", duration=86_460)
    outcome = site.crawl()
    finding = json.loads(site.events(outcome.run_id)[0]["options"])["judgement"][0]
    assert finding["measure"] == "listing/unlisted"
    titles = {row["title"] for row in site.visible().values()}
    assert {sample["before"] for sample in finding["samples"]} <= titles


def test_what_was_learned_is_restored_from_the_ledger(site: Watched) -> None:
    state = State(site.layout, "huiwen", site.site.clock)
    before = recall(state.db, "huiwen")
    values = state.db.execute("SELECT site, doc_id, marks, garbled, likeness FROM known_values").fetchall()
    state.abandon()
    assert (len(before), len(values)) == (2, DOCUMENTS + 2)
    for path in site.layout.state("huiwen").parent.iterdir():
        path.unlink()
    rebuild_state(site.layout, "huiwen", site.site.clock)
    state = State(site.layout, "huiwen", site.site.clock)
    Staging(state)
    assert recall(state.db, "huiwen") == before
    assert state.db.execute("SELECT site, doc_id, marks, garbled, likeness FROM known_values").fetchall() == values
    state.abandon()
    break_dates(site)


def test_a_healthy_site_passes_day_after_day(tmp_path: Path) -> None:
    site = watched(tmp_path / "data", documents=30, runs=1)
    for day in range(5):
        site.site.happen("changed", count=day % 3)
        site.site.happen("added", count=(0, 1, 6, 2, 4)[day])
        site.site.happen("withdrawn", count=day % 2, how="notice")
        assert site.crawl().event == "published"
