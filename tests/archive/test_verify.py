"""Whatever is damaged is found and told; what the WARC files keep comes back."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive.archive import Archive
from archive.clock import ManualClock
from archive.errors import DamagedFile, NotFound, SiteBusy
from archive.layout import TABLES, Layout, create, open_layout
from archive.publishing.import_run import import_file
from archive.publishing.publish import Publisher
from archive.rebuilding.rebuild import rebuild_tables
from archive.record import DocumentRecord, text_digest
from archive.site_state.staging import FETCHED, CapturedPage, Staging
from archive.site_state.state import State
from archive.verifying.verify import verify
from archive.warc.record import Exchange
from archive.warc.writing import WarcWriter

RAW = ("sightings", "captures", "decisions")


def read_page(body: bytes, *, url: str, fetched_at: datetime, site: str | None, **_: Any) -> SimpleNamespace:
    """A reader whose pages are JSON."""
    values = json.loads(body)
    record = DocumentRecord(
        site=site or "",
        doc_id=values["id"],
        url=url,
        canonical_url=url,
        title=values["title"],
        preview_text=values["text"],
        text_digest=text_digest(values["text"]),
        fetched_at=fetched_at,
        reader="json/1",
    )
    return SimpleNamespace(record=record)


@dataclass
class CrawledSite:
    """Crawls pages of JSON into an archive, as the crawler does."""

    layout: Layout
    clock: ManualClock
    name: str = "huiwen"

    def crawl(self, run_id: str, pages: dict[str, str]) -> None:
        self.clock.advance(60)
        state = State(self.layout, self.name, self.clock)
        lease = state.acquire()
        staging = Staging(state)
        with state.transaction():
            staging.start_run(run_id, started_at=self.clock.now(), reader="json/1", options={})
        writer = WarcWriter(self.layout, self.name, run_id, lease.epoch, self.clock, info={})
        for doc_id, title in pages.items():
            self._page(staging, writer, run_id, doc_id, title)
        writer.close()
        with state.transaction():
            staging.save_counts(run_id, staging.document_counts(run_id))
            staging.set_status(run_id, FETCHED, finished_at=self.clock.now())
        Publisher(self.layout, state, staging, self.clock).publish(run_id)
        state.close()

    def _page(self, staging: Staging, writer: WarcWriter, run_id: str, doc_id: str, title: str) -> None:
        self.clock.advance(1)
        url = f"https://docs.example/{doc_id}"
        body = json.dumps({"id": doc_id, "title": title, "text": f"{title}的正文"}).encode()
        exchange = Exchange(
            url=url,
            fetched_at=self.clock.now(),
            method="GET",
            request_lines=b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n",
            request_body=b"",
            status_line=b"HTTP/1.1 200 OK",
            header_lines=((b"Content-Type", b"application/json"), (b"Content-Encoding", b"gzip")),
            body=gzip.compress(body, mtime=0),
            ip_address=None,
        )
        stored = writer.write_exchange(exchange)
        record = read_page(body, url=url, fetched_at=self.clock.now(), site=self.name).record
        page = CapturedPage(
            site=self.name,
            capture=stored.capture,
            url=url,
            canonical_url=url,
            fetched_at=self.clock.now(),
            http_status=200,
            content_type="application/json",
            record_type=stored.record_type,
            refers_to=None,
            payload_digest=stored.payload_digest,
            payload_bytes=len(exchange.body),
            warc_file=stored.file,
            warc_offset=stored.offset,
            warc_length=stored.length,
            page_type="document",
            reason="json",
        )
        with staging.state.transaction():
            staging.stage(run_id, page, replace_capture(record, run_id, stored.capture, stored.payload_digest))


def replace_capture(record: DocumentRecord, run_id: str, capture: str, digest: str | None) -> DocumentRecord:
    from dataclasses import replace

    return replace(record, run_id=run_id, capture=capture, payload_digest=digest)


@pytest.fixture(scope="module")
def crawled_once(tmp_path_factory: pytest.TempPathFactory) -> CrawledSite:
    """A site of two runs, and an import; to be copied."""
    folder = tmp_path_factory.mktemp("crawled")
    site = CrawledSite(create(folder / "data"), ManualClock(datetime(2026, 3, 1, 3, tzinfo=UTC)))
    site.crawl("r1", {"1": "甲", "2": "乙"})
    site.crawl("r2", {"1": "甲改", "2": "乙"})
    lines = folder / "records.jsonl"
    lines.write_text('{"site": "theirs", "doc_id": "7", "title": "外来", "pages": 3}\n', encoding="utf-8")
    import_file(site.layout, lines, site.clock, new_run_id=lambda: "i1")
    return site


@pytest.fixture
def crawled(crawled_once: CrawledSite, tmp_path: Path) -> CrawledSite:
    root = Path(shutil.copytree(crawled_once.layout.root, tmp_path / "data"))
    return CrawledSite(open_layout(root), ManualClock(crawled_once.clock.now()))


def problems(layout: Layout, **keywords: Any) -> list[str]:
    return [str(finding) for finding in verify(layout, **keywords)]


@pytest.mark.parametrize("keywords", [{}, {"quick": True}, {"since": "r2"}, {"site": "huiwen"}])
def test_a_sound_archive_has_no_problem(crawled: CrawledSite, keywords: dict[str, Any]) -> None:
    assert problems(crawled.layout, **keywords) == []


def test_since_a_run_that_never_was(crawled: CrawledSite) -> None:
    with pytest.raises(NotFound, match="docarchive runs"):
        problems(crawled.layout, since="r9")


def _first(pattern: str) -> Callable[[Layout], Path]:
    return lambda layout: sorted(layout.root.glob(pattern))[0]


def delete(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 0xFF  # in the rows: of a ledger file, what stands around them has no digest
    path.write_bytes(data)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 40)


FILES = {
    "versions": "tables/versions/r1-*.parquet",
    "sightings": "tables/sightings/r2-*.parquet",
    "captures": "tables/captures/r1-*.parquet",
    "ledger": "tables/runs/r1-*.parquet",
    "warc": "warc/huiwen/r1-*-00000.warc.gz",
    "metadata": "warc/huiwen/r1-*-00001.warc.gz",
    "import": "warc/+import/i1-*-00000.warc.gz",
    "index": "warc/huiwen/r1-*-00000.cdxj",
    "state": "state/huiwen.sqlite",
}


@pytest.mark.parametrize("harm", [delete, flip, cut])
@pytest.mark.parametrize("kind", [k for k in FILES if k != "state"])
def test_every_damage_is_found(crawled: CrawledSite, kind: str, harm: Callable[[Path], None]) -> None:
    path = _first(FILES[kind])(crawled.layout)
    harm(path)
    found = list(verify(crawled.layout))
    assert any(finding.severity == "damage" for finding in found)
    names = {finding.file for finding in found}
    assert any(name in str(path) for name in names), names
    assert all("\n" not in str(finding) for finding in found)


@pytest.mark.parametrize("kind", ["versions", "sightings", "ledger", "warc"])
@pytest.mark.parametrize("harm", [delete, cut])
def test_a_quick_look_finds_what_is_missing_or_short(
    crawled: CrawledSite, kind: str, harm: Callable[[Path], None]
) -> None:
    harm(_first(FILES[kind])(crawled.layout))
    assert any(finding.severity == "damage" for finding in verify(crawled.layout, quick=True))


def test_a_damaged_state_is_found(crawled: CrawledSite) -> None:
    path = crawled.layout.state("huiwen")
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 3] = b"\xff" * 8192
    path.write_bytes(data)
    (finding,) = [f for f in verify(crawled.layout) if f.severity == "damage"]
    assert finding.command == "docarchive rebuild state huiwen"


def test_a_damaged_log_is_found(crawled: CrawledSite) -> None:
    for path in crawled.layout.table("sightings").glob("_delta_log/*.json"):
        path.write_text("nonsense")
    assert any("_delta_log" in text for text in problems(crawled.layout))


def test_leftovers_are_harmless(crawled: CrawledSite) -> None:
    versions = crawled.layout.table("versions")
    source = next(versions.glob("*.parquet"))
    (versions / "r2-00009-versions.parquet").write_bytes(source.read_bytes())
    (crawled.layout.root / ".views.sql.77.tmp").write_bytes(b"")
    found = list(verify(crawled.layout))
    assert {finding.severity for finding in found} == {"note"}
    assert len(found) == 2


def test_a_log_that_lost_its_end_is_damage(crawled: CrawledSite) -> None:
    """What no log names was published once: there is no unfinished run that could have left it."""
    log = crawled.layout.table("runs") / "_delta_log"
    max(log.glob("*.json"), key=lambda path: path.name).unlink()
    assert any("lost its end" in text and text.startswith("damage") for text in problems(crawled.layout))


@pytest.mark.parametrize("name", TABLES[:4])
def test_no_answer_lacks_what_an_emptied_log_entry_named(crawled: CrawledSite, name: str) -> None:
    log = crawled.layout.table(name) / "_delta_log"
    (log / f"{1:020d}.json").write_bytes(b"")
    with pytest.raises(DamagedFile, match="docarchive verify"), Archive.open(crawled.layout.root) as opened:
        list(opened.records())
    assert any(text.startswith("damage") for text in problems(crawled.layout))


def test_bodies_come_back(crawled: CrawledSite) -> None:
    with Archive.open(crawled.layout.root) as opened:
        row = opened.get("huiwen", "1")
        assert row is not None
        assert json.loads(opened.body(row["capture"]))["title"] == "甲改"
        assert opened.body(row["capture"].strip("<>")) == opened.body(row["capture"])
        imported = opened.get("theirs", "7")
        assert imported is not None
        assert b'"theirs"' in opened.body(imported["capture"])
        with pytest.raises(NotFound):
            opened.body("<urn:uuid:nothing>")


def contents(layout: Layout) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    with Archive.open(layout.root) as opened:
        raw = {name: opened.query(f"SELECT * FROM raw_{name} ORDER BY ALL").to_list() for name in RAW}
        raw["runs"] = [row for row in opened.runs() if row["event"] != "rebuilt"]
        versions = opened.query("SELECT * EXCLUDE (flags) FROM versions ORDER BY site, doc_id, version").to_list()
        return raw, versions


def test_tables_come_back_from_the_warc_files(crawled: CrawledSite) -> None:
    before = contents(crawled.layout)
    for path in sorted((crawled.layout.root / "tables").rglob("*.parquet")):
        path.unlink()
    done = rebuild_tables(crawled.layout, crawled.clock, read_page, "json/1")
    assert (done.runs, done.versions, done.unreadable, done.missing_parts) == (3, 4, 0, [])
    assert contents(crawled.layout) == before
    assert problems(crawled.layout) == []
    with Archive.open(crawled.layout.root) as opened:
        assert opened.runs().to_list()[-1]["event"] == "rebuilt"
        row = opened.get("huiwen", "1")
        assert row is not None
        assert row["flags"] == ["rebuilt"]
        theirs = opened.get("theirs", "7")
        assert theirs is not None
        assert (theirs["pages"], theirs["flags"]) == (3, [])
    crawled.crawl("r3", {"1": "甲改", "3": "丙"})
    rebuild_tables(crawled.layout, crawled.clock, read_page, "json/1")
    assert problems(crawled.layout) == []
    with Archive.open(crawled.layout.root) as opened:
        assert opened.records().total == 4
        assert [row["event"] for row in opened.runs()][-3:] == ["rebuilt", "published", "rebuilt"]


def test_a_reader_that_reads_otherwise_breaks_no_history(crawled: CrawledSite) -> None:
    def other(body: bytes, **keywords: Any) -> SimpleNamespace:
        record = read_page(body, **keywords).record
        from dataclasses import replace

        return SimpleNamespace(record=replace(record, title=record.title + "!", reader="json/2"))

    rebuild_tables(crawled.layout, crawled.clock, other, "json/2")
    assert problems(crawled.layout) == []
    with Archive.open(crawled.layout.root) as opened:
        assert [row["title"] for row in opened.history("huiwen", "1")] == ["甲!", "甲改!"]
        assert [row["reader"] for row in opened.history("huiwen", "2")] == ["json/2"]


def test_pages_that_can_not_be_read_any_more(crawled: CrawledSite) -> None:
    done = rebuild_tables(crawled.layout, crawled.clock, lambda body, **_: SimpleNamespace(record=None), "none/1")
    assert done.unreadable == 3
    with Archive.open(crawled.layout.root) as opened:
        assert [row["flags"] for row in opened.history("huiwen", "1")] == [["unreadable", "rebuilt"]] * 2


def test_a_rebuild_waits_for_nobody(crawled: CrawledSite) -> None:
    state = State(crawled.layout, "huiwen", crawled.clock)
    state.acquire()
    with pytest.raises(SiteBusy):
        rebuild_tables(crawled.layout, crawled.clock, read_page, "json/1")
    state.close()


def test_nothing_to_rebuild_from(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="no ledger"):
        rebuild_tables(create(tmp_path / "data"), ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), read_page, "json/1")


def test_commits_that_lost_against_another_run_are_not_restored() -> None:
    from archive.published import ledger
    from archive.rebuilding.kept_runs import true_chain

    def row(run_id: str, seq: int, previous: str | None) -> dict[str, Any]:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        values: dict[str, Any] = dict.fromkeys(ledger.tables.SCHEMAS["runs"].names)
        values |= {"run_id": run_id, "run_seq": seq, "event": "published", "at": at, "previous_digest": previous}
        return values | {"digest": ledger.row_digest(values)}

    one = row("a", 1, None)
    lost = row("b", 1, None)
    two = row("b", 2, one["digest"])
    tip_a, tip_b = row("c", 3, two["digest"]), row("d", 3, two["digest"])
    forged = row("e", 4, tip_a["digest"]) | {"reason": "changed afterwards"}
    rows = [tip_b, forged, lost, two, one, tip_a]
    assert [r["run_id"] for r in true_chain(rows, frozenset({"d"}))] == ["a", "b", "c"]
    assert [r["run_id"] for r in true_chain(rows, frozenset({"c"}))] == ["a", "b", "d"]
    assert true_chain([forged], frozenset()) == []


def test_a_site_that_is_not_there_is_not_sound(crawled: CrawledSite) -> None:
    with pytest.raises(NotFound, match="no site nowhere"):
        problems(crawled.layout, site="nowhere")
