"""The report of a run, and the figures for Prometheus."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from archive.published.run_history import RunHistory
from crawler.telling.after_run import after_run, report_of_ledger
from crawler.telling.charts import WIDTH, bar_chart, sparkline
from crawler.telling.last_end import BLOCKED, FAILED
from crawler.telling.metrics import metrics_path, write_metrics
from crawler.telling.report import read_report, report_row
from crawler.telling.report_files import report_paths
from crawler.telling.report_page import report_page
from crawler.telling.run_end import RunEnd
from crawler.telling.whom import Whom
from tests.telling.conftest import Watched

HOSTILE = "</style><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\u202e计划生育"


class Page(HTMLParser):
    """What a browser would load or run of a page."""

    VOID = frozenset({"meta", "br", "link", "img", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def end(watched: Watched, event: str = "published", **more: object) -> str:
    """End a run as the crawl does; return its id."""
    run = watched.run(event=event, new=3, **more)  # type: ignore[arg-type]
    code, now = event != "published", watched.clock.now()
    run_end = RunEnd(site="huiwen", run=run, event=event, exit_code=code, reason=None, at=now)
    after_run(watched.layout, run_end, Whom(), watched.clock)
    return run.run_id


def test_a_report_has_the_runs_before_it(watched: Watched) -> None:
    ids = [end(watched, "held" if number == 3 else "published") for number in range(5)]
    row = read_report(watched.layout, ids[-1])
    assert row is not None
    assert [run["run_id"] for run in row["history"]] == ids
    assert [run["event"] for run in row["history"]].count("held") == 1
    assert row["documents"] == {"seen": 103, "new": 3, "changed": 0, "same": 100, "withdrawn": None}
    (field,) = row["fields"]
    assert (field["field"], field["documents"]) == ("pages", 93)
    assert math.isclose(field["share"], 93 / 103)
    page = Page(report_paths(watched.layout, ids[-1])[1].read_text("utf-8"))
    assert "Published" in page.text
    assert "pages was read on 2% of the documents" in page.text


def test_at_most_sixty_runs_stand_beside_each_other(watched: Watched) -> None:
    watched.many(*[1] * 62)
    row = read_report(watched.layout, end(watched))
    assert row is not None
    assert len(row["history"]) == 60


def test_nothing_is_loaded_or_run(watched: Watched) -> None:
    """Whatever a site says: one file, no scripts, nothing from elsewhere."""
    watched.run(new=2, event="held", reason=HOSTILE)
    run = watched.run(new=5, counts={f"other/{HOSTILE}": 3, f"filled/{HOSTILE}": 2})
    run_end = RunEnd(
        site="huiwen",
        run=run,
        event=f"published{HOSTILE}",
        exit_code=0,
        reason=HOSTILE,
        at=watched.clock.now(),
        failures=((f"https://docs.example/{HOSTILE}", HOSTILE),),
    )
    after_run(watched.layout, run_end, Whom(), watched.clock)
    text = report_paths(watched.layout, run.run_id)[1].read_text("utf-8")
    page = Page(text)
    assert not {"script", "img", "iframe", "link", "object", "embed", "a", "form"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {"src", "href", "style", "srcset"} & names
    assert not [name for name in names if name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    assert HOSTILE in page.text
    (policy,) = [value for name, value in page.attributes if value.startswith("default-src")]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_a_picture_can_be_read_without_seeing_it(watched: Watched) -> None:
    page = Page(report_paths(watched.layout, end(watched))[1].read_text("utf-8"))
    assert ("lang", "en") in page.attributes
    assert page.tags.count("svg") >= 3
    assert len([value for name, value in page.attributes if name == "aria-label" and "Requests and errors" in value])
    assert "The figures of both charts as a table" in page.text


@pytest.mark.parametrize("event", [BLOCKED, FAILED])
def test_a_run_that_did_not_come_to_its_end_has_a_report(watched: Watched, event: str) -> None:
    watched.run(new=5)
    run = watched.run(new=5)
    run_end = RunEnd(
        site="huiwen",
        run=run,
        event=event,
        exit_code=4,
        reason="down",
        at=watched.clock.now(),
        failures=(("u", "http_503"),),
    )
    after_run(watched.layout, run_end, Whom(), watched.clock)
    row = read_report(watched.layout, run.run_id)
    assert row is not None
    assert (row["event"], row["reason"], row["failures"]) == (event, "down", [{"url": "u", "reason": "http_503"}])
    assert [trouble["condition"] for trouble in row["troubles"]] == [event]


def test_a_run_killed_before_its_report_gets_one_with_the_next(watched: Watched) -> None:
    killed = watched.run(new=7).run_id
    assert read_report(watched.layout, killed) is None
    end(watched)
    row = read_report(watched.layout, killed)
    assert row is not None
    assert (row["documents"]["new"], row["failures"], row["exit_code"]) == (7, None, None)
    assert [run["run_id"] for run in row["history"]] == [killed]


def test_a_report_that_cannot_be_written_fails_nothing(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    reports = watched.layout.root / "reports"
    reports.rmdir()
    reports.write_text("a file in the way")
    run_id = end(watched)
    assert "the report of the run could not be written" in caplog.text
    assert "could not be written" in (watched.layout.logs / f"{run_id}.log").read_text("utf-8")


def test_reading_a_report_that_is_none(watched: Watched) -> None:
    run_id = end(watched)
    assert read_report(watched.layout, "../archive") is None
    for text in ("", "[]", '{"format": 99}'):
        report_paths(watched.layout, run_id)[0].write_text(text)
        assert read_report(watched.layout, run_id) is None


def test_what_the_ledger_remembers_makes_a_report_too(watched: Watched) -> None:
    run_id = watched.run(new=4).run_id
    with RunHistory(watched.layout) as ledger:
        run = ledger.run(run_id)
        assert run is not None
        row = report_row(watched.layout, report_of_ledger(ledger, run), watched.clock.now())
    assert json.loads(json.dumps(row)) == row
    Page(report_page(row))


def test_metrics_are_read_by_prometheus_own_parser(watched: Watched) -> None:
    for number in range(6):
        watched.run(new=number)
    watched.run('a"b\\c\nd', event="held", new=2)
    watched.run("+import", event="held", options={"import": "made.jsonl"}, reason="dates are missing")
    write_metrics(watched.layout, watched.seen())
    text = metrics_path(watched.layout).read_text("utf-8")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert values["docarchive_site_new_documents_total", "huiwen"] == 15
    assert values["docarchive_site_condition", 'a"b\\c\nd', "held"] == 1
    assert values["docarchive_site_condition", "huiwen", "held"] == 0
    assert values["docarchive_held_imports",] == 1
    assert values["docarchive_site_crawl_interval_seconds", "huiwen"] == 86_400
    due = watched.status().rhythm.next_due
    assert due is not None
    assert values["docarchive_site_next_due_timestamp_seconds", "huiwen"] == due.timestamp()
    for family in families.values():
        assert family.documentation
        assert family.type in ("gauge", "counter")
        names = {sample.name for sample in family.samples}
        assert len(names) == 1
        assert all(name.endswith("_total") == (family.type == "counter") for name in names)
        assert re.fullmatch(r"docarchive_[a-z_]+", family.name)
        assert len({tuple(sample.labels.items()) for sample in family.samples}) == len(family.samples)
    assert text.endswith("\n")


def test_an_archive_without_runs_has_figures(watched: Watched) -> None:
    write_metrics(watched.layout, watched.seen())
    names = {family.name for family in text_string_to_metric_families(metrics_path(watched.layout).read_text("utf-8"))}
    assert "docarchive_disk_free_bytes" in names


COUNTS = st.integers(0, 10**9)


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS), max_size=60))
def test_every_bar_stays_on_its_chart(numbers: list[tuple[int, int, int]]) -> None:
    runs = [
        {"new": new, "changed": changed, "withdrawn": gone, "event": "published", "started_at": "2026-03-01T03:00:00Z"}
        for new, changed, gone in numbers
    ]
    chart = bar_chart(runs, ("new", "changed"), ("withdrawn",))
    assert len(chart.bars) == len(runs)
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.01
        for part in bar.segments:
            assert 0 <= part.y <= part.y + part.height <= chart.height + 0.01
    assert all(0 <= line.place <= chart.height for line in chart.lines)


def test_a_first_run_leaves_room_for_the_others() -> None:
    runs = [
        {"new": 20_000 if number == 0 else 40, "event": "published", "started_at": "2026-03-01T03:00:00Z"}
        for number in range(30)
    ]
    chart = bar_chart(runs, ("new",))
    assert [bar.cut for bar in chart.bars].count(None) == 29
    assert chart.bars[0].cut == "20,000"
    assert chart.bars[1].segments[0].height > 50


def test_a_field_that_was_read_once_has_a_line() -> None:
    assert sparkline([{"fields": {}}, {"fields": {"pages": 0.5}}], "pages").count(",") == 2
    assert sparkline([], "pages") == ""


def test_the_page_is_small(watched: Watched) -> None:
    watched.many(*range(60))
    html = report_paths(watched.layout, end(watched))[1]
    assert Path(html).stat().st_size < 100_000
