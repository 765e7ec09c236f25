"""Held runs read again once the reader is fixed: nothing is fetched, nothing newer is replaced."""

from __future__ import annotations

import pytest

from archive.archive import Archive
from archive.errors import NotFound, UsageError
from archive.published.run_history import RunHistory
from archive.site_state.staging import HELD, Staging
from archive.site_state.state import State
from crawler.rereading.reread import heal

from .conftest import (
    BETTER,
    SITE,
    ReadSite,
    better_reader,
    document,
    first_reader,
    forgetful_reader,
)

SIZE = 33526
WALL = "<html><head><title>登录</title></head><body><h1>请先登录</h1></body></html>"


def pages(numbers: range, size: str = "32.74KB") -> dict[str, str]:
    return {f"/doc/{n}.html": document(str(n), size=size) for n in numbers}


def captures(opened: Archive, run_id: str) -> dict[str, str]:
    found = opened.query("SELECT url, page_type FROM captures WHERE run_id = $run", {"run": run_id})
    return {row["url"].rpartition("/")[2]: row["page_type"] for row in found}


def test_a_held_run_is_healed(site: ReadSite) -> None:
    late = document("9", more="第一版不认")
    site.crawl(pages(range(1, 4)), read=better_reader)
    held = site.crawl(
        {**pages(range(2, 6), "65.48KB"), "/doc/9.html": late, "/wall": WALL}, read=first_reader, hold="sizes jumped"
    )
    assert site.sizes() == dict.fromkeys("123", SIZE)
    files = sorted(site.layout.warc.rglob("*.warc.gz"))
    outcome = heal(site.request(better_reader), held, site.clock)
    assert (outcome.event, outcome.healed, outcome.pages, outcome.exit_code) == ("published", True, 6, 0)
    assert site.sizes() == {"1": SIZE, **dict.fromkeys("2345", SIZE * 2), "9": SIZE}
    assert site.history("2") == [(SIZE, "site"), (SIZE * 2, "site")]
    assert site.events() == [
        ("run-001", "published"),
        (held, "held"),
        (held, "reread"),
        (held, "published"),
    ]
    with site.open() as opened:
        assert captures(opened, held) == {
            **{f"{n}.html": "document" for n in (2, 3, 4, 5, 9)},
            "wall": "other",
        }
        row = opened.get(SITE, "9")
        assert row is not None and row["reader"] == BETTER
        (event,) = [r for r in opened.runs() if r["run_id"] == held and r["event"] == "published"]
        counts = dict(event["counts"])
        assert (counts["documents"], counts["new"], counts["changed"]) == (5, 3, 2)
        assert (counts["pages/document"], counts["pages/other"], counts["requests"]) == (5, 1, 6)
    new_files = [path for path in site.layout.warc.rglob("*.warc.gz") if path not in files]
    assert all(path.name.startswith(held) for path in new_files)
    assert site.damage() == []
    with pytest.raises(NotFound):
        heal(site.request(better_reader), held, site.clock)


def test_documents_of_later_runs_are_not_replaced(site: ReadSite) -> None:
    site.crawl(pages(range(1, 3)), read=better_reader)
    held = site.crawl(pages(range(1, 3), "65.48KB"), read=first_reader, hold="sizes jumped")
    site.crawl({"/doc/1.html": document("1", size="10.00KB")}, read=better_reader)
    heal(site.request(better_reader), held, site.clock)
    assert site.sizes() == {"1": 10240, "2": SIZE * 2}
    assert site.history("1") == [(SIZE, "site"), (SIZE * 2, "site"), (10240, "site")]
    assert site.damage() == []
    site.crawl({"/doc/1.html": document("1", size="10.00KB")}, read=better_reader)
    assert site.history("1")[-1] == (10240, "site")


def test_applying_a_reread_heals_held_runs_first(site: ReadSite) -> None:
    site.crawl(pages(range(1, 3)), read=first_reader)
    held = site.crawl(pages(range(3, 5)), read=first_reader, hold="sizes jumped")
    (told,) = site.reread(better_reader)
    assert told.held_runs == [held]
    healed, applied = site.reread(better_reader, apply=True)
    assert (healed.run_id, healed.event) == (held, "published")
    assert applied.event == "published"
    assert site.sizes() == dict.fromkeys("1234", SIZE)
    assert site.damage() == []


def test_a_site_of_which_only_a_held_run_is_there(site: ReadSite) -> None:
    held = site.crawl(pages(range(1, 3)), read=first_reader, hold="sizes jumped")
    healed, _ = site.reread(better_reader, apply=True)
    assert (healed.run_id, healed.event) == (held, "published")
    assert site.sizes() == dict.fromkeys("12", SIZE)


def test_what_still_does_not_pass_stays_held(site: ReadSite) -> None:
    site.crawl(pages(range(1, 26)), read=better_reader)
    now = pages(range(1, 26)) | pages(range(1, 2), "65.48KB")
    held = site.crawl(now, read=first_reader, hold="sizes jumped")
    outcome = heal(site.request(forgetful_reader), held, site.clock)
    assert (outcome.event, outcome.exit_code) == ("held", 1)
    assert outcome.reason is not None and "lost their size" in outcome.reason
    assert site.sizes()["1"] == SIZE
    state = State(site.layout, SITE, site.clock)
    try:
        (run,) = Staging(state).runs()
        assert (run.status, run.reason) == (HELD, outcome.reason)
    finally:
        state.abandon()
    assert heal(site.request(better_reader), held, site.clock).event == "published"
    assert site.sizes()["1"] == SIZE * 2
    assert site.damage() == []


def test_a_held_reread_is_read_again_by_a_new_one(site: ReadSite) -> None:
    site.crawl(pages(range(1, 26)), read=better_reader)
    (outcome,) = site.reread(forgetful_reader, apply=True)
    assert outcome.run_id is not None
    with pytest.raises(UsageError, match="reread --site docs --apply"):
        heal(site.request(better_reader), outcome.run_id, site.clock)


def test_of_what_was_read_again_only_the_healed_run_asked_the_site(site: ReadSite) -> None:
    first = site.crawl(pages(range(1, 4)), read=first_reader)
    held = site.crawl(pages(range(2, 6)), read=first_reader, hold="sizes jumped")
    heal(site.request(better_reader), held, site.clock)
    (reread,) = site.reread(better_reader, apply=True)
    assert reread.event == "published"
    with RunHistory(site.layout) as history:
        assert [(run.run_id, run.event) for run in history.runs(SITE, 9)] == [(first, "published"), (held, "published")]
