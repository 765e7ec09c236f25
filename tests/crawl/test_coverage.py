"""Complete or not: the arithmetic of what a listing says, shows and repeats, and what came of it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docarchive import Archive
from docarchive.cli import run
from simulator.answer import Answer
from simulator.answer import Request as Asked
from tests.crawl.days import Days

TOTAL = re.compile(rb"(?<=\xe5\x85\xb1)\d+(?=\xe7\xaf\x87)")
"""The total that the simulated listings state: 共70篇."""


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "data", {"documents": 70})


def rewriting(days: Days, change: Callable[[str, bytes], bytes | None]) -> None:
    """Let the site's listing pages be changed on their way; None: not at all."""

    def before(target: str) -> Answer | None:
        if "/list/" not in target:
            return None
        answer = days.site.answer(Asked("GET", target, {}))
        body = change(target, answer.body)
        return None if body is None else Answer(answer.status, body, answer.content_type)

    days.before = before


def coverage(days: Days) -> dict[str, Any]:
    with Archive.open(days.archive) as archive:
        (row,) = archive.coverage("docs")
    return row


def test_complete_where_the_sum_is_right(days: Days) -> None:
    days.crawl()
    row = coverage(days)
    assert (row["advertised_total"], row["entries"], row["seen"], row["captured"]) == (70, 70, 70, 70)
    assert (row["standing"], row["missing"], row["why"], row["walk"]) == ("complete", 0, [], "ended")
    assert row["listing"].endswith("/list/1.html")


def test_still_complete_day_after_day(days: Days) -> None:
    """A run that stops on known ground has not read the rest; the sum holds all the same."""
    for _ in range(4):
        days.crawl()
        days.wait(1)
        days.happen("added", count=3)
    days.crawl()
    row = coverage(days)
    assert (row["standing"], row["seen"], row["walk"]) == ("complete", 82, "proven")


@pytest.mark.parametrize(
    ("total", "standing", "reason"),
    [
        (b"12000", "incomplete", "the listing ends after 70 of 12,000 that the site says there are"),
        (b"64", "unproven", "70 are listed, but the site says there are 64"),
    ],
    ids=["too large, or a page cap", "too small"],
)
def test_a_total_that_is_not_met(days: Days, total: bytes, standing: str, reason: str) -> None:
    rewriting(days, lambda target, body: TOTAL.sub(total, body))
    days.crawl()
    row = coverage(days)
    assert (row["standing"], row["reason"], row["advertised_total"]) == (standing, reason, int(total))


def test_no_total(days: Days) -> None:
    rewriting(days, lambda target, body: TOTAL.sub(b"", body))
    days.crawl()
    row = coverage(days)
    assert (row["standing"], row["advertised_total"]) == ("unproven", None)
    assert row["reason"].startswith("walked to its end, but the site states no total")


def test_entries_that_repeat_are_counted_once(days: Days) -> None:
    """A sticky document stands on each of the four pages, and the site counts it four times, read whole or not."""
    first = days.site.answer(Asked("GET", "/list/1.html", {})).body
    entry = re.compile(rb'<div class="entry">.*?</div>', re.S)
    sticky = entry.findall(first)[0]

    def change(target: str, body: bytes) -> bytes:
        if target != "/list/1.html":
            body = entry.sub(lambda own: sticky + own[0], body, count=1)
        return TOTAL.sub(lambda total: b"%d" % (int(total[0]) + 3), body)

    rewriting(days, change)
    days.crawl()
    row = coverage(days)
    assert (row["entries"], row["seen"], row["standing"]) == (73, 70, "complete")
    assert row["reason"] == "all that the site says there are: 3 of its entries repeat another"
    for _ in range(3):
        days.wait(1)
        days.happen("added", count=2)
        days.crawl()
    row = coverage(days)
    assert (row["entries"], row["seen"], row["standing"], row["walk"]) == (None, 76, "complete", "proven")


def test_a_listing_that_is_shuffled_is_not_taken_for_complete(days: Days) -> None:
    """Every page shows other documents each time it is asked for: as many entries as there are documents, not all."""
    entry = re.compile(rb'<div class="entry">.*?</div>', re.S)
    pages = [f"/list/1{number}.html" for number in ("", "_2", "_3", "_4")]
    entries = [one for page in pages for one in entry.findall(days.site.answer(Asked("GET", page, {})).body)]
    drawn = random.Random(3)

    def change(target: str, body: bytes) -> bytes:
        shown = iter(drawn.sample(entries, len(entry.findall(body))))
        return entry.sub(lambda own: next(shown), body)

    rewriting(days, change)
    days.crawl()
    row = coverage(days)
    assert (row["advertised_total"], row["entries"], row["standing"]) == (70, 70, "unproven")
    assert row["seen"] < 70
    assert row["reason"] == f"{70 - row['seen']} of 70 entries repeat another: others may be left out"


def test_what_is_missing_and_why(days: Days) -> None:
    lost = [row["doc_id"] for row in days.shown(2)][:3]
    wall = b"<html><title>Log in</title><h1>Please log in</h1><input type=password></html>"
    answers = {lost[0]: Answer(404, b"", "text/html"), lost[1]: Answer(200, wall, "text/html")}
    answers[lost[2]] = Answer(404, b"", "text/html")
    days.before = lambda target: next((answer for one, answer in answers.items() if one in target), None)
    days.crawl()
    row = coverage(days)
    assert (row["seen"], row["captured"], row["standing"]) == (70, 67, "incomplete")
    assert row["reason"] == "documents that are listed and not captured: 2 gone, 1 login_wall"
    gone, walled = row["why"]
    assert (gone["reason"], gone["documents"], len(gone["samples"])) == ("gone", 2, 2)
    assert lost[1] in walled["samples"][0]
    days.before = lambda target: None
    days.wait(2)
    days.crawl()
    assert coverage(days)["standing"] == "complete"


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_captured_where_the_link_leads_to(days: Days, hops: int) -> None:
    days.before = days.redirecting(hops)
    for _ in range(2):
        days.crawl()
        row = coverage(days)
        assert (row["seen"], row["captured"], row["standing"]) == (70, 70, "complete")
        days.wait(1)


@pytest.mark.parametrize("number", [1, 3])
def test_one_page_for_all_that_is_gone_is_none_of_them(days: Days, number: int) -> None:
    """What is listed and gone leads to one document that is there."""
    first = days.shown(1)[0]["doc_id"]
    lost = [row["doc_id"] for row in days.shown(2)][:number]
    away = Answer(302, b"", "text/html", headers=[("Location", f"/doc/{first}.html")])
    days.before = lambda target: away if any(one in target for one in lost) else None
    days.crawl()
    row = coverage(days)
    assert (row["captured"], row["why"][0]["reason"], row["why"][0]["documents"]) == (
        70 - number,
        "replaced",
        number,
    )


def test_a_limit_leaves_documents_waiting(days: Days) -> None:
    days.crawl(max_documents=5)
    row = coverage(days)
    assert row["standing"] == "incomplete"
    assert row["captured"] == 5


def test_a_walk_that_broke_claims_nothing(days: Days) -> None:
    days.before = lambda target: Answer(500, b"", "text/html") if target == "/list/1_3.html" else None
    days.crawl()
    row = coverage(days)
    assert (row["standing"], row["walk"]) == ("incomplete", "broken")
    assert row["reason"] == "http_500"


def test_what_the_listing_does_not_show_any_more(days: Days) -> None:
    for _ in range(3):
        days.crawl()
        days.wait(1)
        days.happen("added", count=2)
    days.happen("withdrawn", document=days.shown(3)[5]["doc_id"], how="unlisted")
    for _ in range(3):
        days.crawl()
        days.wait(1)
    row = coverage(days)
    assert (row["standing"], row["seen"], row["unlisted"]) == ("complete", 75, 1)


def test_the_table_of_all_runs(days: Days) -> None:
    for _ in range(2):
        days.crawl()
        days.wait(1)
        days.happen("added", count=1)
    with Archive.open(days.archive) as archive:
        rows = archive.query("SELECT run_id, seen, standing FROM coverage ORDER BY run_seq").to_list()
    assert [(row["seen"], row["standing"]) for row in rows] == [(70, "complete"), (71, "complete")]


def test_the_verb(days: Days, capfd: pytest.CaptureFixture[str]) -> None:
    lost = days.shown(2)[1]["doc_id"]
    days.before = lambda target: Answer(404, b"", "text/html") if lost in target else None
    days.crawl()
    assert run(["coverage", "--archive", str(days.archive), "--json"]) == 0
    (row,) = map(json.loads, capfd.readouterr().out.splitlines())
    assert (row["site"], row["captured"], row["why"][0]["reason"]) == ("docs", 69, "gone")
    assert run(["coverage", "docs", "--archive", str(days.archive), "--format", "table"]) == 0
    printed = capfd.readouterr().out
    assert "documents that are listed and not captured: 1 gone" in printed
    assert lost in printed
    assert run(["coverage", "nowhere", "--archive", str(days.archive)]) != 0
    assert "no site nowhere in this archive" in capfd.readouterr().err


def test_a_page_that_is_too_long_to_be_read_whole(days: Days) -> None:
    """Its last documents are not seen; once it is read whole, they are there."""
    padding = b"<p>." * 15_000

    def change(target: str, body: bytes) -> bytes:
        middle = body.rindex(b'href="/doc/')
        middle = body.rindex(b"<", 0, middle)
        return body[:middle] + (padding if is_long else b"") + body[middle:]

    is_long = True
    rewriting(days, change)
    days.crawl()
    row = coverage(days)
    assert row["standing"] == "incomplete"
    assert "too long to be read whole" in row["reason"]
    is_long = False
    days.wait(1)
    days.crawl(full=True)
    assert coverage(days)["standing"] == "complete"
