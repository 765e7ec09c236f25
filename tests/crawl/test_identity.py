"""Which document a page is of, where an id is that of several: fixed for a URL, whatever ends or begins between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.record import DocumentRecord, text_digest
from archive.site_state.reread_staging import HEALING
from archive.site_state.staging import HELD, CapturedPage, Staging
from archive.site_state.state import State
from crawler.identity import ReadAgain, identified

SITE = "docs"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Pages:
    """Stages pages of one site as a run does."""

    state: State
    staging: Staging
    layout: Layout
    runs: int = 0
    run_id: str = ""
    reader: str = "general/1"
    read_again: ReadAgain | None = None
    counted: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.runs += 1
        self.run_id = f"run-{self.runs}"
        with self.state.transaction():
            self.staging.start_run(self.run_id, started_at=NOW, reader=self.reader, options={})

    def see(self, url: str, text: str | None, doc_id: str = "7", **more: object) -> str:
        """Return the id that a page is staged under."""
        return self.stage(self.record(url, text, doc_id, **more))

    def record(self, url: str, text: str | None, doc_id: str = "7", **more: object) -> DocumentRecord:
        record = DocumentRecord(
            site=SITE,
            doc_id=doc_id,
            url=url,
            canonical_url=url,
            fetched_at=NOW,
            reader=self.reader,
            **({"title": "通知", "provenance": {"doc_id": "url"}} | more),  # type: ignore[arg-type]
        )
        return replace(record, preview_text=text, text_digest=text_digest(text), run_id=self.run_id)

    def stage(self, record: DocumentRecord, replaces: str | None = None) -> str:
        capture = f"<urn:uuid:{self.run_id}-{record.canonical_url}-{len(self.counted)}>"
        record = replace(record, capture=capture)
        page = CapturedPage(
            site=SITE,
            capture=capture,
            url=record.url,
            canonical_url=record.canonical_url,
            fetched_at=NOW,
            http_status=200,
            content_type="text/html",
            record_type="response",
            refers_to=None,
            payload_digest=None,
            payload_bytes=1,
            warc_file="warc/a.warc.gz",
            warc_offset=len(self.counted),
            warc_length=1,
            page_type="document",
            reason="",
        )
        with self.state.transaction():
            found = identified(record, self.staging, self.run_id, replaces=replaces, read_again=self.read_again)
            self.staging.stage(self.run_id, page, found.record)
        self.counted.append(found.record.doc_id)
        return found.record.doc_id

    def end(self, *, published: bool = True) -> None:
        with self.state.transaction():
            self.staging.forget_run(self.run_id, published=published)

    def hold(self) -> None:
        with self.state.transaction():
            self.staging.set_status(self.run_id, HELD)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    layout = create(tmp_path / "data")
    state = State(layout, SITE, ManualClock(NOW))
    state.acquire()
    opened = Pages(state, Staging(state), layout)
    opened.begin()
    yield opened
    state.close()


HOST = "https://docs.example"


def test_what_says_something_else_is_another_document(pages: Pages) -> None:
    assert pages.see(f"{HOST}/policy/7.html", "甲的正文") == "7"
    assert pages.see(f"{HOST}/notice/7.html", "乙的正文") == "notice/7"
    assert pages.see(f"{HOST}/notice/7.html?part=2", "丙的正文") == "notice/7.html?part=2"
    assert pages.see("https://m.docs.example/notice/7.html", "丁的正文") == "notice/7.html"
    assert pages.see("http://docs.example/notice/7.html", "戊的正文") == "docs.example/notice/7.html"
    assert pages.see("http://docs.example/v1.2/7", "己的正文") == "v1.2/7"
    assert len(set(pages.counted)) == 6


def test_what_says_the_same_is_one_document_under_whichever_name(pages: Pages) -> None:
    pages.see(f"{HOST}/policy/7.html", "甲的正文")
    pages.see(f"{HOST}/notice/7.html", "乙的正文")
    assert pages.see("http://docs.example/policy/7.html", "甲的 正文") == "7"
    assert pages.see(f"{HOST}/notice/7.html?from=list", "乙的正文") == "notice/7"


@pytest.mark.parametrize(
    ("facts", "doc_id"),
    [
        pytest.param({"pages": 3}, "notice/7", id="other pages"),
        pytest.param({"pages": 2}, "7", id="the same pages"),
        pytest.param({"pages": 2, "published_on": "2020-01-02"}, "notice/7", id="another date"),
        pytest.param({"pages": 2, "tags": ("甲",)}, "7", id="what one view leaves out"),
        pytest.param({"title": "公告", "pages": 2}, "notice/7", id="another title"),
    ],
)
def test_documents_without_text_are_told_apart_by_facts(pages: Pages, facts: dict[str, object], doc_id: str) -> None:
    pages.see(f"{HOST}/policy/7.html", None, pages=2, published_on="2019-01-02")
    assert pages.see(f"{HOST}/notice/7.html", None, **facts) == doc_id


def test_pages_that_say_too_little_are_told_apart_by_their_folders_numbers(pages: Pages) -> None:
    pages.see(f"{HOST}/2023/7.html", None)
    assert pages.see(f"{HOST}/2024/7.html", None) == "2024/7"
    assert pages.see(f"{HOST}/2023/7.html?from=list", None) == "7"
    assert pages.see("http://docs.example/2023/7.html", None) == "7"
    assert pages.see(f"{HOST}/print/7.htm", None) == "7"


def test_an_identity_stays_whatever_the_page_comes_to_say(pages: Pages) -> None:
    first = {f"{HOST}/policy/7.html": "甲的正文", f"{HOST}/notice/7.html": "乙的正文", f"{HOST}/m/7.html": "甲的正文"}
    ids = [pages.see(url, text) for url, text in first.items()]
    assert [pages.see(url, "改了的正文") for url in first] == ids  # an import meets a URL more than once
    pages.end()
    pages.begin()
    assert [pages.see(url, "又改了的正文") for url in reversed(first)] == ids[::-1]
    assert ids == ["7", "notice/7", "7"]


def test_a_shared_number_that_stays_on_a_page_is_no_other_id(pages: Pages) -> None:
    """It was decided on once; a page that comes to print a number of its own is another matter."""
    printed = {"provenance": {"doc_id": "label:ID"}}
    for url, text in ((f"{HOST}/a.html", "甲的正文"), (f"{HOST}/b.html", "乙的正文")):
        pages.see(url, text, title=text[:1], doc_id="DOC-7", **printed)
    assert [one["doc_id"] for one in pages.staging.decisions(pages.run_id, "identity")] == ["b"]
    assert pages.see(f"{HOST}/b.html?from=list", "乙的正文", title="乙", doc_id="DOC-7", **printed) == "b"
    pages.end()
    pages.begin()
    for url in (f"{HOST}/b.html", f"{HOST}/b.html?from=list"):
        assert pages.see(url, "乙的正文", title="乙", doc_id="DOC-7", **printed) == "b"
    assert list(pages.staging.decisions(pages.run_id, "identity")) == []
    assert pages.see(f"{HOST}/b.html", "乙的正文", title="乙", doc_id="DOC-8", **printed) == "b"
    assert [one["value"] for one in pages.staging.decisions(pages.run_id, "identity")] == ["DOC-8"]


def test_what_moves_and_is_cut_otherwise_is_known_by_the_id_and_title_that_it_prints(pages: Pages) -> None:
    printed = {"provenance": {"doc_id": "label:ID"}}
    assert pages.see(f"{HOST}/old/7.html", "甲的正文", doc_id="DOC-7", **printed) == "DOC-7"
    assert pages.see(f"{HOST}/new/seven.html", "甲的", doc_id="DOC-7", **printed) == "DOC-7"
    assert pages.see(f"{HOST}/new/8.html", "甲的正文", title="另一份", doc_id="DOC-7", **printed) == "new/8"


def test_addresses_that_are_new_in_each_run_lead_to_the_document_as_it_is_now(pages: Pages) -> None:
    """An edit makes at most one more document, not one in each run."""
    ids = []
    for run, text in enumerate(["甲的正文", "甲的正文", "改了的正文", "改了的正文", "改了的正文"]):
        ids.append(pages.see(f"{HOST}/doc/7.html?t={run}", text))
        pages.end()
        pages.begin()
    assert ids == ["7", "7", "doc/7", "doc/7", "doc/7"]


def test_a_group_that_is_undone_fixes_nothing(pages: Pages) -> None:
    with pytest.raises(KeyboardInterrupt), pages.state.transaction():
        pages.staging.identities.fix(pages.run_id, f"{HOST}/policy/7.html", "no such")
        raise KeyboardInterrupt
    assert pages.see(f"{HOST}/policy/7.html", "甲的正文") == "7"


def test_pages_whose_capture_is_lost_are_identified_anew(pages: Pages) -> None:
    pages.see(f"{HOST}/policy/7.html", "甲的正文")
    pages.staging.lost_pages(pages.layout)
    assert pages.see(f"{HOST}/notice/7.html", "乙的正文") == "7"
    assert pages.see(f"{HOST}/policy/7.html", "甲的正文") == "policy/7"


def test_documents_of_held_runs_keep_their_ids(pages: Pages) -> None:
    pages.see(f"{HOST}/policy/7.html", "甲的正文")
    pages.see(f"{HOST}/notice/7.html", "乙的正文")
    pages.hold()
    pages.begin()
    assert pages.see(f"{HOST}/notice/7.html", "改了的正文") == "notice/7"
    assert pages.see(f"{HOST}/policy/7.html", "也改了的正文") == "7"
    assert pages.see(f"{HOST}/third/7.html", "丙的正文") == "third/7"


def test_pages_of_a_held_run_that_is_read_again_are_not_held_against_it(pages: Pages) -> None:
    pages.see(f"{HOST}/policy/7.html", "读错的正文")
    held, pages.run_id = pages.run_id, pages.run_id + HEALING
    record = pages.record(f"{HOST}/notice/7.html", "乙的正文")
    assert pages.stage(record, replaces=held) == "7"


def test_a_document_whose_values_are_not_known_is_told_apart_by_its_folder(pages: Pages) -> None:
    """State files of before values were noted."""
    pages.see(f"{HOST}/2023/7.html", "甲的正文")
    pages.end()
    with pages.state.transaction() as db:
        db.execute("DELETE FROM known_values")
    pages.begin()
    assert pages.see(f"{HOST}/2024/7.html", "乙的正文") == "2024/7"
    assert pages.see(f"{HOST}/print/7.htm", "甲的正文") == "7"


def test_what_an_older_reader_published_is_read_again_before_it_is_compared(pages: Pages) -> None:
    pages.see(f"{HOST}/doc/7.html", "甲的正")
    pages.end()
    pages.reader = "general/2"
    pages.begin()
    pages.read_again = lambda known: pages.record(known.url, "甲的正文")
    assert pages.see(f"{HOST}/doc/7.html?from=list", "甲的正文") == "7"
    assert pages.see(f"{HOST}/other/7.html", "乙的正文") == "other/7"
    pages.read_again = lambda known: None
    assert pages.see(f"{HOST}/doc/7.html?from=mail", "甲的 正文") == "7"  # as the other view, staged just now
    assert pages.see(f"{HOST}/third/7.html", "丙的正文") == "third/7"


def test_a_page_that_prints_the_url_of_another_is_no_part_of_it(pages: Pages) -> None:
    url = f"{HOST}/a"
    for number, name in enumerate(("a", "docs.example/a", url)):
        pages.see(f"{HOST}/trap{number}", f"圈套{number}", doc_id=name)
    assert pages.see(url, "正文", doc_id="a") == f"{url}#2"
