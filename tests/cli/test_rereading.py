"""The verb `reread`."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from crawler.profile import PACKAGED
from simulator import running
from tests.cli.conftest import Run
from tests.reread.conftest import SITE, ReadSite, document, first_reader
from tests.reread.conftest import site as site  # a fixture

SIZE = 33526


@pytest.fixture
def misread(site: ReadSite) -> str:
    """The folder of an archive whose sizes were misread."""
    site.crawl({f"/doc/{n}.html": document(str(n)) for n in (1, 2)}, read=first_reader)
    return str(site.layout.root)


def test_differences_then_a_run(run: Run, misread: str) -> None:
    done = run("reread", "--archive", misread)
    assert done.code == 0
    (row,) = done.rows()
    assert (row["site"], row["difference"], row["name"], row["documents"]) == (SITE, "field", "size_bytes", 2)
    assert row["examples"][0] | {"capture": ""} == {
        "doc_id": "1",
        "url": "https://docs.example/doc/1.html",
        "capture": "",
        "before": SIZE * 1024,
        "after": SIZE,
    }
    assert "2 documents differ; nothing was stored; publish it with: docarchive reread --site docs --apply" in done.err
    table = run("reread", "--archive", misread, "--format", "table")
    assert table.out.splitlines()[0].split() == [
        "site", "difference", "name", "documents", "gained", "lost", "example",
    ]  # fmt: skip
    assert f"1: {SIZE * 1024} -> {SIZE}" in table.out
    applied = run("reread", "--archive", misread, "--site", SITE, "--apply")
    assert applied.code == 0
    assert "published; run " in applied.err
    rows = run("records", "--archive", misread, "--json").rows()
    assert {row["size_bytes"] for row in rows} == {SIZE}
    again = run("reread", "--archive", misread, "--apply")
    assert (again.code, again.out) == (0, "")
    assert "0 documents differ; nothing to publish" in again.err


def test_a_held_run(run: Run, site: ReadSite) -> None:
    held = site.crawl({"/doc/1.html": document("1")}, read=first_reader, hold="sizes jumped")
    archive = str(site.layout.root)
    assert run("reread", "--archive", archive, "--run", held, "--apply").code == 2
    assert run("reread", "--archive", archive, "--run", "nothing").code == 1
    done = run("reread", "--archive", archive, "--run", held)
    assert done.code == 0
    assert f"1 pages of run {held} read again" in done.err
    assert [row["size_bytes"] for row in run("records", "--archive", archive, "--json").rows()] == [SIZE]


def test_wrong_usage(run: Run, misread: str) -> None:
    assert run("reread", "--archive", "nowhere").code == 2
    unknown = run("reread", "--archive", misread, "--site", "other")
    assert unknown.code == 2
    assert "no captures of other" in unknown.err


def test_captures_of_other_tools_are_read_again(run: Run, tmp_path: Path) -> None:
    """An import has no state of the site it brings: one is made."""
    html = document("7").encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(html)}\r\n\r\n".encode()
    block = head + html
    record = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-03-01T03:00:00Z\r\n"
        "WARC-Target-URI: https://other.example/doc/7.html\r\nContent-Type: application/http;msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    ).encode()
    (tmp_path / "made.warc.gz").write_bytes(gzip.compress(record + block + b"\r\n\r\n"))
    assert run("import", "made.warc.gz", "--archive", "here").code == 0
    for words in ((), ("--apply",)):
        done = run("reread", "--archive", "here", *words)
        assert (done.code, done.out) == (0, "")
        assert "other.example: 1 pages read" in done.err


def test_a_corrected_profile_reaches_what_was_crawled_before_it(start: Run, tmp_path: Path) -> None:
    """A simulated site whose profile takes some documents for listings: once it is mended they are read, unasked."""
    with running(documents=16, lost_documents=False, log=tmp_path / "requests.jsonl") as served:
        (tmp_path / "docarchive.toml").write_text('sites = "sites"\n', "utf-8")
        profile = tmp_path / "sites" / "huiwen.toml"
        profile.parent.mkdir()
        packaged = (PACKAGED / "huiwen.toml").read_text("utf-8")
        profile.write_text(f"{packaged}listing_url = '^/(list|doc/[1-5])'\n", "utf-8")
        words = ("--start", served.start_urls[0], "--allow-host", served.host, "--delay", "0")
        assert start("crawl", "huiwen", *words).code == 0
        missed = {row["doc_id"] for row in served.truth() if row["doc_id"][0] in "12345"}
        assert len(start("records", "--limit", "0").rows()) == 16 - len(missed)
        requests = len(served.requests())
        profile.write_text(packaged, "utf-8")
        (row,) = start("reread").rows()
        assert (row["difference"], row["documents"]) == ("becomes_document", len(missed))
        applied = start("reread", "--apply")
        assert applied.code == 0, applied.err
        assert {row["doc_id"] for row in start("records", "--limit", "0").rows()} >= missed
        assert len(served.requests()) == requests
    assert start("verify").code == 0
