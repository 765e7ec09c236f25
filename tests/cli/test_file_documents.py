"""A register whose listing leads to files: each is a document, in a crawl and in whatever reads the archive again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.attachments.facts import FileFacts
from crawler.file_pages import read_any
from tests import copies
from tests.attachments import making
from tests.cli.conftest import Run

NAMES = (
    "Holme v. Corby",
    "State v. Marek",
    "In re Estate of Quill",
    "Dalby v. Farle",
    "Orrin v. Kirby",
    "Lathe v. Moore",
)


class Register(ThreadingHTTPServer):
    """Lists files, with the day and name of each, and sends them with an ETag."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.hits: list[tuple[str, int]] = []
        self.names = list(NAMES)
        self.moved: dict[str, str] = {}
        self.listed: list[str] = []
        self.files = {
            "/files/24-101.pdf": making.pdf(3),
            "/files/24-102.docx": making.docx(),
            "/files/24-103.pdf": making.claiming_pdf(10**9),
            "/files/24-104.pdf": b"<html><title>Please log in</title></html>",
            "/files/24-105.pdf": making.pdf(1),
            "/files/24-106.docx": making.bomb(),
        }

    def page(self) -> bytes:
        rows = "".join(
            f"<tr><td>May {number}, 2024</td><td><a href='{path}'>{path[7:13]}</a></td><td>{name}</td></tr>"
            for number, (path, name) in enumerate(zip(self.listed or self.files, self.names, strict=True), 1)
        )
        return f"<title>Opinions</title><h1>Published opinions</h1><table>{rows}</table>".encode()


class _Handler(BaseHTTPRequestHandler):
    server: Register

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        if (target := self.server.moved.get(self.path)) is not None:
            self.send_response(302)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.server.files.get(self.path, self.server.page() if self.path == "/list.html" else None)
        status = 404 if body is None else 304 if self.headers.get("If-None-Match") == f'"{self.path}"' else 200
        self.server.hits.append((self.path, status))
        self.send_response(status)
        if self.path.startswith("/files/"):
            self.send_header("ETag", f'"{self.path}"')
        self.send_header("Content-Type", "application/pdf" if self.path.endswith("pdf") else "text/html")
        sent = body if status == 200 and body is not None else b""
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)


@pytest.fixture
def register() -> Iterator[Register]:
    site = Register()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


def test_files_that_a_listing_leads_to_are_documents(start: Run, register: Register, tmp_path: Path) -> None:
    url = f"http://{register.host}/list.html"
    crawled = start("crawl", url, "--archive", "data", "--allow-host", register.host, "--delay", "0")
    assert crawled.code == 0, crawled.err
    records = start("records", "--archive", "data", "--json", "--limit", "0").rows()
    rows = {row["doc_id"]: row for row in records}
    assert set(rows) == {"24-101", "24-102", "24-105"}, "what is no file, lies or bursts is no document"
    pdf, docx = rows["24-101"], rows["24-102"]
    assert (pdf["format"], pdf["pages"], pdf["size_bytes"]) == ("pdf", 3, len(making.pdf(3)))
    assert (docx["title"], docx["format"], docx["published_on"]) == ("State v. Marek", "docx", "2024-05-02")
    assert docx["provenance"]["title"] == docx["provenance"]["published_on"] == "listing:row"
    assert docx["other_labels"]["author"] == ["李明"]
    assert making.TEXT in docx["preview_text"]
    assert docx["provenance"]["preview_text"] == "file"
    reasons = start(
        "query", "select url, reason from captures where url like '%/files/%'", "--archive", "data", "--json"
    )
    assert {row["url"][-6:]: row["reason"] for row in reasons.rows() if row["reason"] != "file"} == {
        "03.pdf": "file_lying",
        "04.pdf": "login_wall",
        "6.docx": "file_bomb",
    }
    assert start("verify", "--archive", "data").code == 0
    reread = start("reread", "--archive", "data")
    assert reread.code == 0, reread.err
    assert " 0 documents differ" in reread.err
    source = start("show", register.host, "24-102", "--source", "--archive", "data")
    assert source.code == 0, source.err
    assert "May 2, 2024 | 24-102 | State v. Marek" in source.out
    assert "on the page  PK" not in source.out, "a file's bytes are no text"
    assert start("rebuild", "tables", "--archive", "data").code == 0
    again = start("records", "--archive", "data", "--json", "--limit", "0").rows()
    assert [row["title"] for row in again] == [row["title"] for row in records]


def test_what_a_listing_says_of_a_file_is_kept_with_it(start: Run, register: Register, tmp_path: Path) -> None:
    words = ("crawl", f"http://{register.host}/list.html", "--archive", "data", "--allow-host", register.host)
    asked = ("select version, title, published_on from versions where doc_id = '24-101'", "--archive", "data", "--json")
    assert start(*words, "--delay", "0").code == 0
    register.names[0] = "Holme v. Corbyton"
    register.hits.clear()
    assert start(*words, "--delay", "0").code == 0
    assert ("/files/24-101.pdf", 200) in register.hits, "a file that is listed otherwise is fetched whole"
    assert ("/files/24-105.pdf", 304) in register.hits, "one that is not costs no body"
    versions = [("Holme v. Corby", "2024-05-01"), ("Holme v. Corbyton", "2024-05-01")]
    rows = start("query", *asked).rows()
    assert [(row["title"], row["published_on"]) for row in sorted(rows, key=lambda row: row["version"])] == versions
    for state in (tmp_path / "data" / "state").iterdir():
        state.unlink()
    assert start("rebuild", "state", "--archive", "data").code == 0
    register.hits.clear()
    assert start(*words, "--delay", "0").code == 0
    assert ("/files/24-101.pdf", 200) not in register.hits
    assert len(start("query", *asked).rows()) == len(versions)
    register.names[0] = "Holme v. Corbyton 7"
    register.names[4] = "Orrin v. Kirby 31"
    assert start(*words, "--delay", "0").code == 0
    register.names[4] = "Orrin v. Kirby 32"
    register.hits.clear()
    assert start(*words, "--delay", "0").code == 0
    assert ("/files/24-105.pdf", 200) not in register.hits, "how often a file was read is no news of it"
    reread = start("reread", "--archive", "data")
    assert " 0 documents differ" in reread.err


def test_what_a_listing_says_goes_along_with_a_redirect(start: Run, register: Register) -> None:
    register.moved["/files/24-101.pdf"] = "/files/a7f3.pdf?download=1"
    register.files["/files/a7f3.pdf?download=1"] = register.files.pop("/files/24-105.pdf")
    register.names = ["Moved v. Corby", *register.names[1:]]
    register.listed = ["/files/24-101.pdf", *register.files][: len(register.names)]
    words = ("crawl", f"http://{register.host}/list.html", "--archive", "data", "--allow-host", register.host)
    assert start(*words, "--delay", "0").code == 0
    rows = start("records", "--archive", "data", "--json", "--where", "title = 'Moved v. Corby'").rows()
    assert [(row["published_on"], row["pages"]) for row in rows] == [("2024-05-01", 1)]


def test_one_file_under_two_titles_is_two_documents_however_it_is_read(start: Run, register: Register) -> None:
    register.files["/files/24-105.pdf"] = register.files["/files/24-101.pdf"]
    words = ("crawl", f"http://{register.host}/list.html", "--archive", "data", "--allow-host", register.host)
    assert start(*words, "--delay", "0").code == 0
    rows = start("records", "--archive", "data", "--json", "--where", "format = 'pdf'").rows()
    assert sorted(row["title"] for row in rows) == ["Holme v. Corby", "Orrin v. Kirby"]
    assert " 0 documents differ" in start("reread", "--archive", "data").err


def test_a_full_disk_where_files_are_looked_into_loses_none(start: Run, register: Register, tmp_path: Path) -> None:
    words = ("crawl", f"http://{register.host}/list.html", "--archive", "data", "--allow-host", register.host)
    full = (
        "import crawler.spiders.documents as documents\n"
        "async def examine_soon(*_): raise OSError(28, 'No space left on device')\n"
        "documents.examine_soon = examine_soon"
    )
    process = copies.begin((*words, "--delay", "0"), first=full, joined=True)
    output, _ = process.communicate()
    assert process.returncode == 5, output
    assert "could not be looked into (No space left on device)" in output
    assert start(*words, "--delay", "0").code == 0
    assert len(start("records", "--archive", "data", "--json", "--limit", "0").rows()) == 3


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Annual Print Report", "Annual Print Report"),
        ("Working Document 7 on Harbours", "Working Document 7 on Harbours"),
        ("Microsoft Word - Harbour plan", "Harbour plan"),
        ("Microsoft Word - plan.docx", "Holme v. Corby"),
        ("Document1", "Holme v. Corby"),
        ("Untitled", "Holme v. Corby"),
    ],
)
def test_what_a_file_is_called(stated: str, title: str) -> None:
    facts = FileFacts(size_bytes=9, format="pdf", title=stated, text="Holme v. Corby\nJudgment.")
    page = read_any(
        b"%PDF-1.4", url="https://c.example/a.pdf", fetched_at=datetime(2024, 6, 1, tzinfo=UTC), facts=facts
    )
    assert page.record is not None
    assert page.record.title == title


def test_an_unchanged_file_costs_one_304(
    start: Run, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://{register.host}/list.html"
    for day in ("2027-03-01", "2027-06-01"):
        monkeypatch.setenv("DOCARCHIVE_CLOCK", f"{day}T03:00:00Z")
        result = start("crawl", url, "--archive", "data", "--allow-host", register.host, "--delay", "0")
        assert result.code == 0, result.err
    assert {status for path, status in register.hits[7:] if path in ("/files/24-101.pdf", "/files/24-102.docx")} == {
        304
    }
    rows = start("records", "--archive", "data", "--json", "--limit", "0").rows()
    assert {row["version"] for row in rows} == {1}


def test_a_file_is_read_as_a_page_is(start: Run, tmp_path: Path) -> None:
    (tmp_path / "24-102.docx").write_bytes(making.docx())
    row = start("read", "24-102.docx").rows()[0]
    assert (row["page_type"], row["title"], row["format"]) == ("document", "情况汇报", "docx")


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Filed: May 7, 2012", "2012-05-07"),
        ("Decided 3 May 2012", "2012-05-03"),
        ("发布日期：2023年4月10日", "2023-04-10"),
        ("The petition was filed on May 7, 2012", None),
        ("Filed under seal", None),
        ("Filed yesterday", None),
    ],
)
def test_when_a_file_says_it_was_published(line: str, published: str | None) -> None:
    facts = FileFacts(size_bytes=9, format="pdf", text=f"Holme v. Corby\n{line}\nJudgment for the defendant.")
    page = read_any(
        b"%PDF-1.4", url="https://c.example/a.pdf", fetched_at=datetime(2024, 6, 1, tzinfo=UTC), facts=facts
    )
    assert page.record is not None
    assert (page.record.title, page.record.published_on) == ("Holme v. Corby", published)
