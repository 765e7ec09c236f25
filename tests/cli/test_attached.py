"""Files that documents' pages offer: fetched where the profile says so, kept in WARC, held against the page's word."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.attachments import making
from tests.cli.conftest import Run

TEXT = making.TEXT * 4
GOOD = making.docx()


class Office(ThreadingHTTPServer):
    """Publishes documents with one file each: path of the file -> (what the page says, bytes, content type)."""

    daemon_threads = True
    files: dict[str, tuple[str, bytes]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.hits: list[str] = []
        size = f"{len(GOOD) / 1024:.2f}KB"
        self.files = {
            "/files/1001.docx": (f"大小:{size}</p><p>格式:docx", GOOD),
            "/files/1002.docx": ("大小:9.5MB</p><p>格式:pdf", GOOD),
            "/files/1003.docx": ("大小:300KB</p><p>格式:docx", making.bomb()),
            "/files/1004.pdf": ("页数:7页</p><p>格式:pdf", making.claiming_pdf(10**9)),
            "/files/1005.pdf": ("页数:7页</p><p>格式:pdf", making.pdf(3)),
            "/files/1006.pdf": ("页数:7页</p><p>格式:pdf", b"<html><title>Please log in</title></html>"),
            "/files/1007.pdf": ("页数:7页</p><p>格式:pdf", b""),
        }

    def page(self, path: str) -> bytes:
        if path == "/list/1.html":
            items = "".join(
                f"<li><a href='/doc/{n}.html'>关于第{n}号文件的通知</a> 2026-01-02</li>" for n in range(1001, 1008)
            )
            return f"<title>文件列表</title><h1>文件列表</h1><ul>{items}</ul>".encode()
        number = path[5:9]
        link, (says, _) = next((link, said) for link, said in self.files.items() if number in link)
        head = f"<title>关于第{number}号文件的通知</title><h1>关于第{number}号文件的通知</h1>"
        facts = f"<p>{says}</p><p>发布时间:2026-01-02</p><div>{TEXT}</div>"
        return f"{head}{facts}<h3>附件</h3><p><a href='{link}'>附件.docx</a></p>".encode()


class _Handler(BaseHTTPRequestHandler):
    server: Office

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        self.server.hits.append(self.path)
        if self.path == "/robots.txt" or self.path == "/files/1007.pdf":
            self.send_error(404)
            return
        is_file = self.path.startswith("/files/")
        body = self.server.files[self.path][1] if is_file else self.server.page(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream" if is_file else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def office() -> Iterator[Office]:
    site = Office()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


def crawl(start: Run, site: Office, folder: Path, policy: str) -> dict[str, Any]:
    (folder / "sites").mkdir(exist_ok=True)
    profile = f'start_urls = ["http://{site.host}/list/1.html"]\nattachments = "{policy}"\n'
    (folder / "sites" / "office.toml").write_text(profile, encoding="utf-8")
    (folder / "docarchive.toml").write_text('archive = "data"\nsites = "sites"\n', encoding="utf-8")
    if not (folder / "data").exists():
        start("init", "data")
    result = start("crawl", "office", "--allow-host", site.host, "--delay", "0")
    assert result.code == 0, result.err
    return {row["doc_id"]: row for row in start("records", "--json", "--limit", "0").rows()}


def test_files_are_kept_and_what_the_page_claims_is_checked(start: Run, office: Office, tmp_path: Path) -> None:
    records = crawl(start, office, tmp_path, "first")
    assert {doc_id: sorted(row["flags"]) for doc_id, row in records.items()} == {
        "1001": [],
        "1002": ["file_conflict_format", "file_conflict_size"],
        "1003": ["file_conflict_size", "file_refused_bomb"],
        "1004": ["file_pages_lie", "file_refused_lying"],
        "1005": ["file_conflict_pages"],
        "1006": ["file_refused_not_the_file"],
        "1007": ["file_not_fetched"],
    }
    provenance = records["1005"]["provenance"]
    assert provenance["file_conflict_pages"].startswith("page: 7; file: 3 (http://")
    assert records["1005"]["pages"] == 7  # the page's word stays the record's
    captures = start("query", "select url, payload_digest from captures where url like '%/files/%'", "--json").rows()
    assert sorted(row["url"].rpartition("/")[2] for row in captures) == sorted(
        path.rpartition("/")[2] for path in office.files
    )
    assert start("verify").code == 0


def test_without_the_policy_no_file_is_asked_for(start: Run, office: Office, tmp_path: Path) -> None:
    records = crawl(start, office, tmp_path, "none")
    assert len(records) == 7
    assert not any(path.startswith("/files/") for path in office.hits)


def test_files_of_known_documents_are_not_fetched_again(start: Run, office: Office, tmp_path: Path) -> None:
    crawl(start, office, tmp_path, "all")
    office.hits.clear()
    crawl(start, office, tmp_path, "all")
    assert not any(path.startswith("/files/") for path in office.hits)
