"""`show --source`: the captured bytes behind each value, read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.clock import ManualClock
from archive.layout import create
from tests.cli.conftest import Run
from tests.reread.conftest import SITE, START, ReadSite, document, first_reader, fussy_reader


@pytest.fixture
def crawled(run: Run) -> ReadSite:
    """A site read by today's reader, in `here`."""
    site = ReadSite(create(Path("here")), ManualClock(START))
    site.crawl({"/doc/1.html": document("1", "计划\x1b[2J甲"), "/doc/2.html": document("2")})
    return site


def test_each_value_has_its_bytes_and_is_read_again(run: Run, crawled: ReadSite) -> None:
    (row,) = run("show", SITE, "1", "--source", "--json", "--archive", "here").rows()
    (known,) = run("show", SITE, "1", "--json", "--archive", "here").rows()
    values = {value["field"]: value for value in row["values"]}
    assert set(values) == {"title", "doc_id", "size_bytes", "pages", "format", "published_on", "preview_text"}
    for name, value in values.items():
        assert value["value"] == known[name]
        assert value["same"] is True
        assert value["place"] == known["provenance"][name]
        for key in ("capture", "warc_file", "warc_offset", "fetched_at"):
            assert value[key] == known[key] == row[key]
        assert (value["printed"] or str(value["value"]).split("\n")[0])[:20] in value["excerpt"]
    size = values["size_bytes"]
    assert (size["value"], size["printed"], size["place"]) == (33526, "32.74KB", "label:大小")
    assert "大小:32.74KB" in size["excerpt"]
    assert (row["problem"], row["body"], row["page_now"]) == (None, None, None)


def test_a_person_reads_it(run: Run, crawled: ReadSite) -> None:
    shown = run("show", SITE, "1", "--source", "--archive", "here")
    assert (shown.code, shown.err) == (0, "")
    assert "\x1b" not in shown.out
    lines = shown.out.splitlines()
    at = lines.index("size_bytes: 33526 (32.74KB)")
    assert lines[at + 1 : at + 2] == ["  read at      label:大小"]
    assert lines[at + 3] == "  today        same"
    assert any(line.startswith("  WARC         warc/docs/") for line in lines)


def test_what_is_read_otherwise_today_is_told(run: Run, crawled: ReadSite) -> None:
    crawled.crawl({"/doc/3.html": document("3")}, read=first_reader)
    (row,) = run("show", SITE, "3", "--source", "--json", "--archive", "here").rows()
    size = next(value for value in row["values"] if value["field"] == "size_bytes")
    assert (size["same"], size["value"], size["now"]) == (False, 33526 * 1024, 33526)
    assert {value["same"] for value in row["values"] if value is not size} == {True}
    shown = run("show", SITE, "3", "--source", "--archive", "here").out
    assert f"size_bytes: {33526 * 1024} (32.74KB)" in shown
    assert "differs: 33526 (32.74KB)" in shown


def test_a_page_that_is_no_document_any_more(run: Run, crawled: ReadSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.safe_reading.read_any", lambda body, **page: fussy_reader(body, **_known(page)))
    result = run("show", SITE, "1", "--source", "--json", "--archive", "here")
    (row,) = result.rows()
    assert (result.code, row["page_now"], row["problem"]) == (0, "other: fussy", None)
    assert {value["same"] for value in row["values"]} == {False}
    assert "大小" in next(value["excerpt"] for value in row["values"] if value["field"] == "size_bytes")


def _known(page: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in page.items() if name != "explain"}


def test_a_capture_that_repeats_another_shows_its_bytes(run: Run, crawled: ReadSite) -> None:
    crawled.crawl({"/doc/9.html": document("2")})
    document_2 = run("query", "FROM captures WHERE url LIKE '%/doc/2.html'", "--archive", "here").rows()[0]
    crawled.crawl({"/doc/2.html": document("2", "改")})
    crawled.crawl({"/doc/2.html": document("2")})
    (row,) = run("show", SITE, "2", "--source", "--json", "--archive", "here").rows()
    assert row["capture"] != document_2["capture"]
    assert row["body"] == {name: document_2[name] for name in ("capture", "warc_file", "warc_offset")}
    assert {value["same"] for value in row["values"]} == {True}


def test_as_it_was_then(run: Run, crawled: ReadSite) -> None:
    crawled.crawl({"/doc/1.html": document("1", "改")})
    then = run("show", SITE, "1", "--source", "--as-published", "run-001", "--json", "--archive", "here").rows()[0]
    now = run("show", SITE, "1", "--source", "--json", "--archive", "here").rows()[0]
    assert (then["version"], now["version"]) == (1, 2)
    assert then["capture"] != now["capture"]
    assert {value["same"] for value in then["values"] + now["values"]} == {True}


def test_hints_of_the_profile_are_used(run: Run, crawled: ReadSite) -> None:
    """Without the hint the pages are not read: the label is nobody else's."""
    Path("sites").mkdir()
    Path("docarchive.toml").write_text('sites = "sites"\n', encoding="utf-8")
    crawled.crawl({"/doc/5.html": document("5").replace("页数:22页", "叠数:22")})
    words = ("show", SITE, "5", "--source", "--json", "--archive", "here")
    assert "pages" not in {value["field"] for value in run(*words).rows()[0]["values"]}
    start = 'start_urls = ["https://docs.example/"]\n'
    (Path("sites") / f"{SITE}.toml").write_text(start + 'labels = {pages = "叠数"}\n', encoding="utf-8")
    (row,) = run(*words).rows()
    pages = next(value for value in row["values"] if value["field"] == "pages")
    assert (pages["value"], pages["now"], pages["same"]) == (None, 22, False)


def test_a_record_that_was_imported_has_no_page(run: Run, archive: str) -> None:
    result = run("show", "docs", "953365", "--source", "--json", "--archive", archive)
    (row,) = result.rows()
    assert (result.code, row["problem"]) == (0, "imported")
    assert len(result.err.splitlines()) == 1
    assert {value["same"] for value in row["values"]} == {None}
    assert "size_bytes: 33526 (32.74KB)" in run("show", "docs", "953365", "--source", "--archive", archive).out


@pytest.mark.parametrize("damage", ["gone", "changed", "cut"])
def test_a_damaged_capture_is_one_sentence(run: Run, crawled: ReadSite, damage: str) -> None:
    (row,) = run("show", SITE, "2", "--json", "--archive", "here").rows()
    file = Path("here") / row["warc_file"]
    whole = file.read_bytes()
    middle = row["warc_offset"] + 200
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(whole[:middle] + (b"" if damage == "cut" else bytes(50) + whole[middle + 50 :]))
    result = run("show", SITE, "2", "--source", "--json", "--archive", "here")
    (found,) = result.rows()
    assert (result.code, found["problem"]) == (1, "damaged")
    assert len(result.err.splitlines()) == 1
    assert "verify" in result.err
    assert {value["same"] for value in found["values"]} == {None}
