"""Captures of other tools: WARC files and WACZ, read and imported."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from archive.archive import Archive
from tests.cli.conftest import Run

TEXT = "各单位应当于每月底前报送进展情况，逾期不报的予以通报。" * 6
HTML = (
    "<html><head><title>水库安全检查情况汇报</title></head><body><h1>水库安全检查情况汇报</h1>"
    f"<p>大小：1.5MB 页数：12 格式：pdf 上传时间：2020-01-02</p><p>{TEXT}</p></body></html>"
).encode()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def record(kind: str, url: str, block: bytes, capture: str, concurrent_to: str = "") -> bytes:
    partner = f"WARC-Concurrent-To: <urn:uuid:{concurrent_to}>\r\n" if concurrent_to else ""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{capture}>\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2024-05-06T07:08:09Z\r\n{partner}Content-Type: application/http; msgtype={kind}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n")


def write_warc(path: Path) -> None:
    """A file as other tools write it: HTTP/2, chunked bodies left chunked, pictures, requests before or after."""
    host = "https://docs.example"
    html = b"Content-Type: text/html; charset=utf-8\r\n"
    coded = html + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
    asked = b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n"
    path.write_bytes(
        record("response", f"{host}/doc/1001.html", b"HTTP/2 200\r\n" + html + b"\r\n" + HTML, "1", "2")
        + record("request", f"{host}/doc/1001.html", asked, "2", "1")
        + record("response", f"{host}/logo.png", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG", "3")
        + record(
            "response",
            f"{host}/doc/1002.html",
            b"HTTP/1.1 200 OK\r\n" + coded + b"\r\n" + chunked(gzip.compress(HTML)),
            "4",
        )
        + record("request", f"{host}/help.html", asked, "5", "6")
        + record("response", f"{host}/help.html", b"HTTP/1.1 200 OK\r\n" + html + b"\r\n<h1>Help</h1>", "6")
    )


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    path = tmp_path / "crawl.warc.gz"
    write_warc(path)
    return path


def test_a_warc_of_another_tool_is_imported(run: Run, tmp_path: Path, warc: Path) -> None:
    done = run("import", str(warc), "--archive", "a")
    assert done.code == 0, done.err
    assert "3 pages; 2 new" in done.err
    assert "passed over: 1 (pictures" in done.err
    with Archive.open(tmp_path / "a") as archive:
        row = archive.get("docs.example", "1002")
        assert (row["size_bytes"], row["pages"], row["published_on"]) == (1572864, 12, "2020-01-02")
        assert row["fetched_at"].isoformat() == "2024-05-06T07:08:09+00:00"
        assert archive.body(row["capture"]) == HTML
    assert run("verify", "--archive", "a").code == 0
    again = run("import", str(warc), "--archive", "a")
    assert "0 new, 0 changed, 2 same" in again.err
    rebuilt = run("rebuild", "tables", "--archive", "a")
    assert rebuilt.code == 0, rebuilt.err
    assert run("verify", "--archive", "a").code == 0


def test_a_wacz_is_imported_under_a_site_of_ones_choice(run: Run, tmp_path: Path, warc: Path) -> None:
    with zipfile.ZipFile(tmp_path / "crawl.wacz", "w") as packed:
        packed.writestr("datapackage.json", "{}")
        packed.write(warc, "archive/rec-1.warc.gz")
    read = run("read", "crawl.wacz")
    types = [row["page_type"] for row in read.rows()]
    assert types.count("document") == 2
    done = run("import", "crawl.wacz", "--site", "office", "--archive", "a")
    assert done.code == 0, done.err
    with Archive.open(tmp_path / "a") as archive:
        assert {row["doc_id"] for row in archive.records(site="office")} == {"1001", "1002"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.wacz", b"PK nothing", id="no ZIP"),
        pytest.param("a.warc.gz", b"\x1f\x8b nothing", id="no gzip"),
        pytest.param("a.warc", b"hello\r\n\r\n", id="no WARC"),
        pytest.param("a.warc", b"", id="empty"),
    ],
)
def test_what_is_no_captures_is_refused_in_one_sentence(run: Run, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("import", name, "--archive", "a")
    assert done.code in (1, 2)
    assert len(done.err.strip().splitlines()) == 1
    assert name in done.err


def test_what_comes_before_a_damaged_place_is_imported(run: Run, tmp_path: Path, warc: Path) -> None:
    content = warc.read_bytes()
    (tmp_path / "torn.warc.gz").write_bytes(content[: int(len(content) * 0.8)])
    done = run("import", "torn.warc.gz", "--archive", "a")
    assert done.code == 1
    assert "what comes before is imported" in done.err
    with Archive.open(tmp_path / "a") as archive:
        assert archive.get("docs.example", "1001")["pages"] == 12
