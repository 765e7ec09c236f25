"""Crawling from the command line: what it says, and what it leaves behind."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.clock import SystemClock
from archive.layout import create
from archive.site_state.state import State
from simulator import RunningSite, running
from tests.cli.conftest import Run

DOCUMENTS = 30


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSite]:
    with running(documents=DOCUMENTS) as site:
        yield site


def crawl_words(site: RunningSite, *more: str) -> tuple[str, ...]:
    host = site.url.removeprefix("http://")
    return ("crawl", "huiwen", "--start", site.start_urls[0], "--allow-host", host, "--delay", "0", *more)


def test_a_crawl_and_the_same_again(start: Run, site: RunningSite) -> None:
    first = start(*crawl_words(site))
    assert (first.code, first.out) == (0, "")
    assert "data is made: a new archive" in first.err
    assert f"huiwen: published; {DOCUMENTS} new, 0 changed, 0 same, 0 failed" in first.err
    again = start(*crawl_words(site, "--json"))
    assert "new archive" not in again.err
    (outcome,) = again.rows()
    assert (outcome["event"], outcome["new"], outcome["same"], outcome["partial"]) == ("published", 0, DOCUMENTS, False)
    run_id = outcome["run_id"]
    assert start("runs", "show", run_id).code == 0
    assert start("runs", "log", run_id).code == 0
    assert start("verify").code == 0
    ids = {row["doc_id"] for row in start("records", "--limit", "0").rows()}
    assert ids == {row["doc_id"] for row in site.truth()}


def test_the_sample_document(start: Run, site: RunningSite) -> None:
    """The project's sample document, from the server to the screen."""
    start(*crawl_words(site))
    shown = start("show", "huiwen", "953365").out
    for text in ("953365", "33,526 bytes (32.74KB)", "22 pages", "docx", "2023-04-16"):
        assert text in shown
    (row,) = start("show", "huiwen/953365", "--json").rows()
    assert len(row["tags"]) == 8
    assert row["preview_text"] in shown
    assert row["warc_file"].startswith("warc/huiwen/")


def test_a_limited_run_is_marked_partial(start: Run, site: RunningSite) -> None:
    result = start(*crawl_words(site, "--max-documents", "3"))
    assert result.code == 0
    assert "(partial); 3 new" in result.err


def test_a_url_without_a_profile(start: Run, site: RunningSite) -> None:
    host = site.url.removeprefix("http://")
    assert start("crawl", site.start_urls[0], "--allow-host", host, "--delay", "0", "--max-documents", "2").code == 0
    assert {row["site"] for row in start("records").rows()} == {host}


def test_a_try_stores_nothing_and_prints_a_profile(start: Run, site: RunningSite, tmp_path: Path) -> None:
    host = site.url.removeprefix("http://")
    result = start("sites", "try", site.start_urls[0], "--allow-host", host, "--delay", "0")
    assert result.code == 0
    assert "document (" in result.out
    assert not list(tmp_path.iterdir())
    profile = "\n".join(line for line in result.out.splitlines() if line.startswith(("hosts", "start_urls")))
    (tmp_path / "mine.toml").write_text(profile, encoding="utf-8")
    assert start("sites", "check", "mine.toml").code == 0


def test_one_page_of_the_web_is_read(start: Run, site: RunningSite, tmp_path: Path) -> None:
    host = site.url.removeprefix("http://")
    (row,) = start("read", f"{site.url}/doc/953365.html", "--allow-host", host).rows()
    assert (row["page_type"], row["doc_id"], row["size_bytes"]) == ("document", "953365", 33526)
    assert not list(tmp_path.iterdir())


def test_saved_pages_and_warc_files_are_read_alike(start: Run, site: RunningSite, tmp_path: Path) -> None:
    start(*crawl_words(site))
    (warc,) = tmp_path.glob("data/warc/huiwen/*-00000.warc.gz")
    rows = start("read", str(warc)).rows()
    found = {row["doc_id"]: row for row in rows if row["page_type"] == "document"}
    assert len(found) == DOCUMENTS
    assert found["953365"]["pages"] == 22
    assert next(row for row in rows if row["page_type"] == "listing")["document_urls"]


def test_read_a_list_of_pages(start: Run, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/a.html").write_bytes(b"<html><h1>Not found</h1></html>")
    line = {"file": "a.html", "url": "https://docs.example/a", "http_status": 404, "content_type": "text/html"}
    (tmp_path / "pages/list.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    (row,) = start("read", "--manifest", "pages/list.jsonl").rows()
    assert (row["file"], row["page_type"], row["document_urls"], row["next_page"]) == ("a.html", "other", [], None)
    (row,) = start("read", "pages/a.html", "--url", "https://docs.example/a").rows()
    assert row["page_type"] == "other"
    (tmp_path / "pages/bad.jsonl").write_text('{"file": "a.html"}', encoding="utf-8")
    assert start("read", "--manifest", "pages/bad.jsonl").code == 2


def test_another_run_holds_the_site(start: Run, site: RunningSite, tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    state = State(layout, "huiwen", SystemClock())
    state.acquire()
    try:
        result = start(*crawl_words(site))
    finally:
        state.close()
    assert result.code == 3
    assert result.err.startswith("docarchive: ")


def test_a_site_that_is_not_there(start: Run) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    result = start("crawl", f"http://{host}/", "--allow-host", host, "--delay", "0")
    assert result.code == 4
    assert "docarchive: " in result.err


def test_a_port_that_is_taken(start: Run, site: RunningSite) -> None:
    result = start("simulate", "--port", str(site.port))
    assert result.code == 2
    assert str(site.port) in result.err


def test_the_demonstration_runs_twice(start: Run) -> None:
    first = start("demo", "25", module="docarchive.demo")
    assert first.code == 0
    assert "25 new" in first.err
    assert "Try next:" in first.out
    again = start("demo", "25", module="docarchive.demo")
    assert (again.code, "0 new, 0 changed, 25 same" in again.err) == (0, True)
    refused = start("crawl", "https://docs.example/", "--contact", "a@b.example", "--archive", "demo")
    assert refused.code == 2
    assert "demo archive" in refused.err


def test_scrapys_own_command_knows_a_profile_of_ones_own(start: Run, site: RunningSite, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "mine.toml").write_text(f'start_urls = ["{site.start_urls[0]}"]\n', encoding="utf-8")
    settings = ("-s", "CRAWL_SITES_DIR=own", "-s", f"CRAWL_ALLOW_HOSTS={site.host}", "-s", "CRAWL_DELAY_SECONDS=0")
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawler.settings\n", encoding="utf-8")
    result = start("crawl", "documents", "-a", "site=mine", *settings, module="scrapy")
    assert result.code == 0, result.err[-2000:]
    rows = start("records", "--limit", "0").rows()
    assert {row["site"] for row in rows} == {"mine"}
    assert {row["doc_id"] for row in rows} == {row["doc_id"] for row in site.truth()}


@pytest.mark.parametrize("family", ["huiwen", "renrendoc"])
def test_a_profile_may_have_the_other_listings_walked(start: Run, tmp_path: Path, family: str) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "docarchive.toml").write_text('sites = "sites"', encoding="utf-8")
    with running(documents=30, categories=3, family=family, lost_documents=False) as site:
        first = f'start_urls = ["{site.start_urls[0]}"]\n'
        (tmp_path / "sites/mine.toml").write_text(first + "follow_listings = true\n", encoding="utf-8")
        result = start("crawl", "mine", "--allow-host", site.host, "--delay", "0")
        assert "published; 30 new" in result.err
