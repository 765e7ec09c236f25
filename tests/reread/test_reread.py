"""What archived pages are read as again, and how that is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.errors import SiteBusy, UsageError
from archive.site_state.state import State
from crawler.profile import load_profile
from crawler.reading import read_page
from crawler.rereading.reread import reread

from .conftest import (
    BETTER,
    SITE,
    START,
    ReadSite,
    better_reader,
    document,
    failing_reader,
    first_reader,
    forgetful_reader,
    fussy_reader,
)

SIZE = 33526
WRONG = SIZE * 1024


def pages(number: int, size: str = "32.74KB") -> dict[str, str]:
    return {f"/doc/{n}.html": document(str(n), size=size) for n in range(1, number + 1)}


def test_the_same_reader_finds_nothing_and_stores_nothing(site: ReadSite) -> None:
    site.crawl(pages(3), read=better_reader)
    before = site.events()
    for apply in (False, True):
        (outcome,) = site.reread(better_reader, apply=apply)
        assert (outcome.pages, len(outcome.differences), outcome.event, outcome.run_id) == (3, 0, None, None)
    assert site.events() == before


def test_differences_are_told_field_by_field_and_nothing_is_stored(site: ReadSite) -> None:
    late = document("9", more="第一版不认")
    wall = "<html><head><title>登录</title></head><body><h1>请先登录</h1></body></html>"
    site.crawl({**pages(4), "/doc/9.html": late, "/wall": wall}, read=first_reader)
    (outcome,) = site.reread(better_reader)
    assert [(d.kind, d.name, d.documents, d.gained, d.lost) for d in outcome.differences] == [
        ("field", "size_bytes", 4, 0, 0),
        ("becomes_document", "", 1, 0, 0),
    ]
    size, becomes = outcome.differences
    assert len(size.examples) == 3
    assert (size.examples[0]["doc_id"], size.examples[0]["before"], size.examples[0]["after"]) == ("1", WRONG, SIZE)
    assert becomes.examples[0]["after"] == "计划9"
    (outcome,) = site.reread(forgetful_reader)
    told = {d.name: (d.documents, d.gained, d.lost) for d in outcome.differences if d.kind == "field"}
    assert told == {"size_bytes": (4, 0, 4), "size_text": (4, 0, 4)}
    (outcome,) = site.reread(fussy_reader)
    assert [(d.kind, d.name, d.documents) for d in outcome.differences] == [("no_document", "fussy", 4)]
    assert site.events() == [("run-001", "published")]
    assert site.sizes() == dict.fromkeys("1234", WRONG)


def test_what_differs_is_published_as_one_run(site: ReadSite) -> None:
    site.crawl({**pages(4), "/doc/9.html": document("9", more="第一版不认")}, read=first_reader)
    (outcome,) = site.reread(better_reader, apply=True)
    assert outcome.event == "published"
    assert site.events()[1:] == [(outcome.run_id, "reread"), (outcome.run_id, "published")]
    assert site.sizes() == dict.fromkeys("12349", SIZE)
    assert site.sizes(as_published="run-001") == dict.fromkeys("1234", WRONG)
    assert site.history("1") == [(SIZE, "site")]
    with site.open() as opened:
        newest = opened.get(SITE, "1")
        assert newest is not None
        assert (newest["reader"], newest["run_id"], newest["fetched_at"]) == (
            BETTER,
            outcome.run_id,
            START + timedelta(hours=1),
        )
        assert opened.stored(newest["capture"]).url == "https://docs.example/doc/1.html"
        (row,) = [row for row in opened.runs() if row["event"] == "published" and row["run_id"] == outcome.run_id]
        assert dict(row["counts"])["documents"] == 5
    assert {reader for _, reader in site.known_digests().values()} == {BETTER}
    assert site.damage() == []
    (again,) = site.reread(better_reader, apply=True)
    assert (again.event, len(again.differences)) == (None, 0)


def test_documents_that_are_found_late_share_no_id(site: ReadSite) -> None:
    """Two print one number, a third is a view of the first."""
    more = {
        path: document("9", title, more="第一版不认").replace("第9号", f"{title}第9号")
        for path, title in (("/a/9.html", "甲"), ("/b/9.html", "乙"), ("/m/9.html", "甲"))
    }
    site.crawl({**pages(2), **more}, read=first_reader)
    site.reread(better_reader, apply=True)
    assert site.sizes() == dict.fromkeys(("1", "2", "9", "b/9"), SIZE)
    with site.open() as opened:
        (row,) = [row for row in opened.runs() if row["event"] == "published" and dict(row["counts"]).get("ids_shared")]
        assert dict(row["counts"])["ids_shared"] == 1
    site.crawl({**pages(2), **more}, read=better_reader)
    assert [len(site.history(doc_id)) for doc_id in ("9", "b/9")] == [1, 1]
    assert site.damage() == []


def test_only_what_differs_is_written(site: ReadSite) -> None:
    site.crawl(pages(5), read=better_reader)
    site.crawl({"/doc/9.html": document("9")}, read=first_reader)
    (outcome,) = site.reread(better_reader, apply=True)
    with site.open() as opened:
        written = opened.query("SELECT doc_id FROM sightings WHERE run_id = $run", {"run": outcome.run_id})
        assert written.to_list() == [{"doc_id": "9"}]


def test_a_better_reader_makes_no_false_history(site: ReadSite) -> None:
    """With the newest captures alone, a change the reader makes is told as the reader's, one of the site as the
    site's; with all captures read again, the history is what the site said."""
    unchanged, changed = document("1"), [document("2"), document("2", size="65.48KB")]
    site.crawl({"/doc/1.html": unchanged, "/doc/2.html": changed[0]}, read=first_reader)
    site.crawl({"/doc/1.html": unchanged, "/doc/2.html": changed[1]}, read=first_reader)
    assert site.history("1") == [(WRONG, "site")]
    assert site.history("2") == [(WRONG, "site"), (WRONG * 2, "site")]
    site.reread(better_reader, apply=True)
    assert site.history("1") == [(WRONG, "site"), (SIZE, "reader")]
    assert site.history("2") == [(WRONG, "site"), (SIZE * 2, "site")]
    (outcome,) = site.reread(better_reader, apply=True, every=True)
    assert outcome.event == "published"
    assert site.history("1") == [(SIZE, "site")]
    assert site.history("2") == [(SIZE, "site"), (SIZE * 2, "site")]
    then = START + timedelta(hours=1.5)
    assert site.sizes(as_of=then) == {"1": SIZE, "2": SIZE}
    assert site.sizes(as_published="run-001") == {"1": WRONG, "2": WRONG}
    assert site.sizes(as_published="run-002") == {"1": WRONG, "2": WRONG * 2}
    assert site.history("2", as_published="run-002") == [(WRONG, "site"), (WRONG * 2, "site")]
    assert site.damage() == []


def test_the_next_crawl_goes_on_from_the_reread(site: ReadSite) -> None:
    site.crawl(pages(1), read=first_reader)
    site.reread(better_reader, apply=True)
    site.crawl(pages(1), read=better_reader)
    assert site.history("1") == [(SIZE, "site")]
    site.crawl({"/doc/1.html": document("1", size="65.48KB")}, read=better_reader)
    assert site.history("1") == [(SIZE, "site"), (SIZE * 2, "site")]
    assert site.damage() == []


def test_an_old_capture_read_again_replaces_nothing_newer(site: ReadSite) -> None:
    site.crawl(pages(1), read=first_reader)
    site.crawl({"/doc/1.html": document("1", size="65.48KB")}, read=better_reader)
    (outcome,) = site.reread(better_reader, apply=True, every=True)
    assert outcome.event == "published"
    assert site.sizes() == {"1": SIZE * 2}
    assert site.history("1") == [(SIZE, "site"), (SIZE * 2, "site")]
    assert {digest for digest, _ in site.known_digests().values()} == {
        row["content_digest"] for row in site.open().query("SELECT content_digest FROM documents")
    }


def test_no_document_any_more_is_told_but_what_was_published_stays(site: ReadSite) -> None:
    site.crawl(pages(2), read=first_reader)
    (outcome,) = site.reread(fussy_reader, apply=True)
    assert outcome.event is None
    assert outcome.differences.documents("no_document") == 2
    assert site.sizes() == dict.fromkeys("12", WRONG)


def test_the_gates_hold_a_reader_that_lost_a_field(site: ReadSite) -> None:
    site.crawl(pages(25), read=better_reader)
    (outcome,) = site.reread(forgetful_reader, apply=True)
    assert (outcome.event, outcome.exit_code) == ("held", 1)
    assert outcome.reason is not None and "lost their size" in outcome.reason
    assert site.sizes()["1"] == SIZE
    held = outcome.run_id
    site.crawl({"/doc/1.html": document("1", size="65.48KB")}, read=better_reader)
    (outcome,) = site.reread(first_reader, apply=True)
    assert outcome.event == "published", "a reread that is held keeps no other away"
    assert (held, "rejected") in site.events()
    assert site.damage() == []


def test_a_page_that_the_reader_fails_on_ends_nothing(site: ReadSite) -> None:
    site.crawl(pages(2), read=better_reader)
    (outcome,) = site.reread(failing_reader)
    assert [(d.kind, d.name, d.documents) for d in outcome.differences] == [("no_document", "reader_error", 2)]


def test_hints_of_the_profile_are_applied(site: ReadSite, tmp_path: Path) -> None:
    html = document("1").replace("页数:22页", "张数总计:22")
    site.crawl({"/doc/1.html": html}, read=read_page)
    path = tmp_path / f"{SITE}.toml"
    path.write_text(
        'hosts = ["docs.example"]\nstart_urls = ["https://docs.example/"]\n[labels]\npages = "张数总计"\n', "utf-8"
    )
    assert site.reread()[0].differences.documents("field") == 0
    profiles = {SITE: load_profile(path)}
    for processes in (1, 2):
        (outcome,) = site.reread(profiles=profiles, processes=processes)
        assert "pages" in [d.name for d in outcome.differences]


def test_several_processes_read_the_same(site: ReadSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.rereading.comparing.FEW_PAGES", 0)
    monkeypatch.setattr("crawler.rereading.comparing.PORTION_PAGES", 3)
    site.crawl(pages(10), read=first_reader)
    site.crawl({"/doc/11.html": document("11")}, read=first_reader)
    (outcome,) = site.reread(better_reader, processes=2, apply=True)
    assert (outcome.pages, outcome.event) == (11, "published")
    assert set(site.sizes().values()) == {SIZE}
    assert site.damage() == []


def test_a_damaged_file_is_told_and_the_rest_is_read(site: ReadSite) -> None:
    site.crawl(pages(1), read=first_reader)
    site.crawl({"/doc/2.html": document("2")}, read=first_reader)
    (warc, _) = sorted(site.layout.warc_folder(SITE).glob("*.warc.gz"))[:2]
    data = bytearray(warc.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    warc.write_bytes(data)
    (outcome,) = site.reread(better_reader, apply=True)
    assert (outcome.event, outcome.exit_code, len(outcome.damaged)) == ("published", 1, 1)
    assert site.sizes() == {"1": WRONG, "2": SIZE}


def test_a_site_that_a_run_holds_is_left_alone(site: ReadSite) -> None:
    site.crawl(pages(1), read=first_reader)
    state = State(site.layout, SITE, site.clock)
    state.acquire()
    try:
        with pytest.raises(SiteBusy):
            list(reread(site.request(better_reader, apply=True, sites=(SITE,)), site.clock))
        (outcome,) = reread(site.request(better_reader, apply=True), site.clock)
        assert (outcome.busy, outcome.exit_code) == (True, 3)
        (outcome,) = reread(site.request(better_reader), site.clock)
        assert len(outcome.differences) == 1, "what stores nothing needs no lease"
    finally:
        state.close()


def test_an_unknown_site(site: ReadSite) -> None:
    site.crawl(pages(1))
    with pytest.raises(UsageError, match="no captures of nowhere"):
        site.reread(sites=("nowhere",))


def test_a_state_file_that_is_gone_is_made_again(site: ReadSite) -> None:
    site.crawl(pages(2), read=first_reader)
    for path in site.layout.state(SITE).parent.iterdir():
        path.unlink()
    (outcome,) = site.reread(better_reader, apply=True)
    assert outcome.event == "published"
    assert site.sizes() == dict.fromkeys("12", SIZE)
    assert site.damage() == []


def test_what_was_found_of_attached_files_stays_unless_the_claim_is_read_otherwise(site: ReadSite) -> None:
    flags = ("file_macros", "file_conflict_pages", "file_conflict_size_bytes")

    def with_flags(body: bytes, **page: object) -> object:
        read = first_reader(body, **page)
        assert read.record is not None
        where = {flag: f"page: 1; file: 2 ({flag})" for flag in flags[1:]}
        return replace(read, record=replace(read.record, flags=flags, provenance={**read.record.provenance, **where}))

    import tests.reread.conftest as readers

    readers.READERS[with_flags] = "general/97"
    site.crawl(pages(1), read=with_flags)
    site.reread(better_reader, apply=True)
    with site.open() as opened:
        row = opened.get(SITE, "1")
    assert row is not None
    assert tuple(row["flags"]) == flags[:2]
    assert "file_conflict_pages" in row["provenance"]
    assert "file_conflict_size_bytes" not in row["provenance"]
