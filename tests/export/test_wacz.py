"""Documents as the pages they were read from, in a WACZ that other tools read."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from archive.clock import ManualClock
from archive.errors import DamagedFile
from archive.layout import create
from archive.warc.cdxj import read_cdxj
from archive.warc.wacz import records_of
from crawler.reading import read_page
from tests.cli.conftest import Run
from tests.export.conftest import CLOCK
from tests.reread.conftest import START, ReadSite, document


@pytest.fixture
def site(tmp_path: Path) -> ReadSite:
    """Return an archive of three documents; one was changed and is now as it was before: a revisit."""
    site = ReadSite(create(tmp_path / "data"), ManualClock(START))
    site.crawl({f"/doc/{number}.html": document(str(number)) for number in range(1, 4)})
    site.crawl({"/doc/2.html": document("2", "别的题目")})
    site.crawl({"/doc/2.html": document("2")})
    return site


def exported(site: ReadSite, target: Path, **selection: object) -> list[str]:
    told: list[str] = []
    with site.open() as archive:
        archive.export(target, clock=CLOCK, tell=told.append, **selection)
    return told


def test_it_holds_what_it_says(site: ReadSite, tmp_path: Path) -> None:
    target = tmp_path / "pages.wacz"
    assert exported(site, target) == []
    with zipfile.ZipFile(target) as packed:
        assert packed.testzip() is None
        assert {entry.compress_type for entry in packed.infolist()} == {zipfile.ZIP_STORED}
        described = json.loads(packed.read("datapackage.json"))
        digest = json.loads(packed.read("datapackage-digest.json"))["hash"]
        assert digest == "sha256:" + hashlib.sha256(packed.read("datapackage.json")).hexdigest()
        assert {each["path"] for each in described["resources"]} == {
            "archive/data.warc.gz",
            "indexes/index.cdx",
            "pages/pages.jsonl",
        }
        for each in described["resources"]:
            content = packed.read(each["path"])
            assert (each["bytes"], each["hash"]) == (len(content), "sha256:" + hashlib.sha256(content).hexdigest())
        warc = packed.read("archive/data.warc.gz")
        (tmp_path / "index.cdx").write_bytes(packed.read("indexes/index.cdx"))
        head, *pages = [json.loads(line) for line in packed.read("pages/pages.jsonl").splitlines()]
    assert head["format"] == "json-pages-1.0"
    assert {(page["url"], page["title"]) for page in pages} == {
        (f"https://docs.example/doc/{number}.html", f"计划{number}") for number in range(1, 4)
    }
    entries = list(read_cdxj(tmp_path / "index.cdx"))
    assert sorted(entry.mime for entry in entries) == ["text/html"] * 3 + ["warc/revisit"]
    for entry in entries:
        record = gzip.decompress(warc[entry.offset : entry.offset + entry.length])
        assert f"WARC-Target-URI: {entry.url}".encode() in record


def test_it_is_read_as_the_archive_is(site: ReadSite, tmp_path: Path) -> None:
    target = tmp_path / "pages.wacz"
    exported(site, target, where="doc_id <> '2'")
    read = [
        read_page(record.body().body, url=record.url, fetched_at=record.fetched_at, site="docs").record
        for record in records_of(target)
    ]
    with site.open() as archive:
        for record in read:
            assert record is not None
            row = archive.get("docs", record.doc_id)
            assert row is not None
            assert (record.title, record.pages, record.preview_text) == (
                row["title"],
                row["pages"],
                row["preview_text"],
            )
    assert len(read) == 2


def test_records_without_a_page_are_told_of(site: ReadSite, run: Run, tmp_path: Path) -> None:
    lines = tmp_path / "records.jsonl"
    lines.write_text(
        '{"site": "docs", "doc_id": "9", "title": "Of another tool", "fetched_at": "2026-03-01T03:00:00Z"}\n'
    )
    assert run("import", str(lines), "--archive", str(site.layout.root)).code == 0
    told = exported(site, tmp_path / "pages.wacz", where="doc_id IN ('1', '9')")
    assert told == ["1 document was imported as a record: the file holds no page of it"]
    assert [record.url for record in records_of(tmp_path / "pages.wacz")] == ["https://docs.example/doc/1.html"]
    with zipfile.ZipFile(tmp_path / "pages.wacz") as packed:
        _, *pages = packed.read("pages/pages.jsonl").splitlines()
    assert [json.loads(page)["id"] for page in pages] == ["docs/1"]


def test_a_damaged_capture_makes_no_file(site: ReadSite, tmp_path: Path) -> None:
    first, *_ = sorted(site.layout.warc_folder("docs").glob("*.warc.gz"))
    content = bytearray(first.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 200] = bytes(200)
    first.write_bytes(content)
    with pytest.raises(DamagedFile, match=r"run: docarchive verify"):
        exported(site, tmp_path / "pages.wacz")
    assert list(tmp_path.glob("*.wacz")) == list(tmp_path.glob(".*tmp")) == []
