"""Captures of other tools: WARC files and WACZ, read and imported."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archive.archive import Archive
from archive.warc.reading import read_records
from crawler import safe_reading
from crawler.reading.page import Page
from tests.attachments import making
from tests.cli.conftest import Run

TEXT = "各单位应当于每月底前报送进展情况，逾期不报的予以通报。" * 6
HTML = (
    "<html><head><title>水库安全检查情况汇报</title></head><body><h1>水库安全检查情况汇报</h1>"
    f"<p>大小：1.5MB 页数：12 格式：pdf 上传时间：2020-01-02</p><p>{TEXT}</p></body></html>"
).encode()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


DATE, LATER = "2024-05-06T07:08:09Z", "2024-06-06T07:08:09Z"


def record(
    kind: str, url: str, block: bytes, capture: str, concurrent_to: str = "", *, date: str = DATE, **more: str
) -> bytes:
    """A record as a gzip member; *more* are header lines, such as refers_to for WARC-Refers-To."""
    if concurrent_to:
        more["concurrent_to"] = f"<urn:uuid:{concurrent_to}>"
    lines = "".join(f"WARC-{name.replace('_', '-').title()}: {value}\r\n" for name, value in more.items())
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{capture}>\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: {date}\r\n{lines}Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n")


def answer(pages: int = 12, title: str = "水库安全检查情况汇报") -> bytes:
    """A block with a document's page."""
    html = HTML.replace(b"\xef\xbc\x9a12 ", b"\xef\xbc\x9a%d " % pages).replace(
        "水库安全检查情况汇报".encode(), title.encode()
    )
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html


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


@pytest.mark.parametrize(
    ("url", "block", "date"),
    [
        pytest.param("http://[bad/doc/1.html", answer(), DATE, id="a URL that is none"),
        pytest.param("https://docs.example:99999/1.html", answer(), DATE, id="a port that is none"),
        pytest.param("https:///doc/1.html", answer(), DATE, id="no host"),
        pytest.param("https://docs.example/\x00/1.html", answer(), DATE, id="a control character"),
        pytest.param("https://docs.example/" + "x" * 13_000, answer(), DATE, id="an endless URL"),
        pytest.param("urn:pageinfo:https://docs.example/", answer(), DATE, id="what Browsertrix notes"),
        pytest.param("https://docs.example/1.html", answer(), "9999-12-31T23:59:59-23:00", id="no instant"),
        pytest.param("https://docs.example/1.html", answer(), "yesterday", id="no date"),
        pytest.param("https://docs.example/1.html", b"HTTP/1.1 999999 x\r\n\r\nx", DATE, id="no status"),
        pytest.param("https://docs.example/1.html", b"", DATE, id="no head"),
    ],
)
def test_a_record_that_is_no_page_stops_nothing(run: Run, tmp_path: Path, url: str, block: bytes, date: str) -> None:
    odd = record("response", url, block, "1", date=date)
    good = record("response", "https://docs.example/doc/1001.html", answer(), "2")
    (tmp_path / "odd.warc.gz").write_bytes(odd + good)
    read = run("read", "odd.warc.gz")
    assert read.code == 0, read.err
    assert [row["doc_id"] for row in read.rows()] == ["1001"]
    done = run("import", "odd.warc.gz", "--archive", "a")
    assert done.code == 0, done.err
    assert "1 pages; 1 new" in done.err
    assert "passed over: 1 (" in done.err


def test_a_capture_dated_in_the_future_is_left_out(run: Run, tmp_path: Path) -> None:
    """It would stay the newest version for ever."""
    (tmp_path / "a.warc.gz").write_bytes(
        record("response", "https://docs.example/doc/1001.html", answer(), "1", date="2199-01-01T00:00:00Z")
    )
    done = run("import", "a.warc.gz", "--archive", "a")
    assert done.code == 2
    assert "in the future" in done.err


def test_records_under_one_id_are_all_imported(run: Run, tmp_path: Path) -> None:
    pages = (record("response", f"https://docs.example/doc/{number}.html", answer(), "1") for number in range(3))
    (tmp_path / "a.warc.gz").write_bytes(b"".join(pages))
    assert "3 pages; 3 new" in run("import", "a.warc.gz", "--archive", "a").err


def test_what_repeats_a_capture_of_the_file_is_imported(run: Run, tmp_path: Path) -> None:
    url = "https://docs.example/doc/1001.html"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    june, july = "2024-06-06T07:08:09Z", "2024-07-06T07:08:09Z"
    by_url = {"refers_to_target_uri": url, "refers_to_date": DATE}
    (tmp_path / "a.warc.gz").write_bytes(
        record("response", url, answer(), "1")
        + record("revisit", url, head, "2", date=june, refers_to="<urn:uuid:1>")
        + record("revisit", "https://docs.example/doc/1002.html", head, "3", date=june, truncated="length", **by_url)
        + record("revisit", url, b"", "4", date=july, **by_url)
        + record("revisit", url, b"HTTP/1.1 304 Not Modified\r\n\r\n", "5", date="2024-08-06T07:08:09Z", **by_url)
        + record("revisit", "https://docs.example/doc/1003.html", head, "6", refers_to="<urn:uuid:elsewhere>")
    )
    done = run("import", "a.warc.gz", "--archive", "a")
    assert done.code == 0, done.err
    assert "5 pages; 2 new" in done.err
    assert "passed over: 1 (repeats of what is not in the file)" in done.err
    with Archive.open(tmp_path / "a") as archive:
        row = archive.get("docs.example", "1001")
        assert (row["version"], row["last_seen"].isoformat()) == (1, "2024-08-06T07:08:09+00:00")
        copy = archive.get("docs.example", "1002")
        assert copy["fetched_at"].isoformat() == "2024-06-06T07:08:09+00:00"
        assert archive.body(copy["capture"]) == HTML
        assert copy["flags"] == []
    stored = [one for path in (tmp_path / "a" / "warc").rglob("*.warc.gz") for one in read_records(path, ("revisit",))]
    assert [one.truncated for one in stored] == [None] * 4  # wget means the repeat by it, not the body
    assert run("verify", "--archive", "a").code == 0
    rebuilt = run("rebuild", "tables", "--archive", "a")
    assert rebuilt.code == 0, rebuilt.err


def test_documents_whose_numbers_start_anew_in_each_folder_stay_apart(run: Run, tmp_path: Path) -> None:
    first = record("response", "https://docs.example/2023/1001.html", answer(3, "甲村灌溉渠道维修方案"), "1")
    second = record("response", "https://docs.example/2024/1001.html", answer(4, "乙村灌溉渠道维修方案"), "2")
    (tmp_path / "a.warc.gz").write_bytes(first)
    (tmp_path / "b.warc.gz").write_bytes(second + first)
    assert "1 new" in run("import", "a.warc.gz", "--archive", "a").err
    assert "1 new, 0 changed, 1 same" in run("import", "b.warc.gz", "--archive", "a").err
    with Archive.open(tmp_path / "a") as archive:
        assert {row["doc_id"]: row["pages"] for row in archive.records()} == {"1001": 3, "2024/1001": 4}


def test_views_that_are_imported_with_their_history_are_one_document(run: Run, tmp_path: Path) -> None:
    """A site that went from http to https; another section has a document of that number."""
    captures = (
        ("http://docs.example/policy/1001.html", 3, "甲村灌溉渠道维修方案", "2020"),
        ("https://docs.example/policy/1001.html", 3, "甲村灌溉渠道维修方案", "2021"),
        ("https://docs.example/notice/1001.html", 9, "乙村灌溉渠道维修方案", "2021"),
        ("https://docs.example/policy/1001.html", 4, "甲村灌溉渠道维修方案", "2022"),
        ("http://docs.example/policy/1001.html", 4, "甲村灌溉渠道维修方案", "2023"),
    )
    (tmp_path / "a.warc.gz").write_bytes(
        b"".join(
            record("response", url, answer(pages, title), str(number), date=f"{year}-05-06T07:08:09Z")
            for number, (url, pages, title, year) in enumerate(captures)
        )
    )
    assert "2 new" in run("import", "a.warc.gz", "--archive", "a").err
    with Archive.open(tmp_path / "a") as archive:
        assert {row["doc_id"]: row["pages"] for row in archive.records()} == {"1001": 4, "notice/1001": 9}
        assert [row["pages"] for row in archive.history("docs.example", "1001")] == [3, 4]
        assert {dict(row["counts"]).get("ids_shared") for row in archive.runs() if row["event"] == "import"} == {1}


@pytest.mark.parametrize(
    ("block", "more"),
    [
        pytest.param(answer(), {"truncated": "length"}, id="cut, as its record says"),
        pytest.param(answer(), {"truncated": "who knows"}, id="cut, for no reason of the standard"),
        pytest.param(
            answer()
            .replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n", 1)
            .replace(HTML, b"%x\r\n%s" % (len(HTML) + 9, HTML)),
            {},
            id="the last chunk missing",
        ),
    ],
)
def test_a_page_that_is_not_whole_says_so(run: Run, tmp_path: Path, block: bytes, more: dict[str, str]) -> None:
    (tmp_path / "a.warc.gz").write_bytes(record("response", "https://docs.example/doc/1.html", block, "1", **more))
    (row,) = run("read", "a.warc.gz").rows()
    assert "truncated" in row["flags"]
    assert run("import", "a.warc.gz", "--archive", "a").code == 0
    with Archive.open(tmp_path / "a") as archive:
        assert "truncated" in archive.get("docs.example", "1")["flags"]


@pytest.mark.parametrize("behind", [b"\0" * 512, b"\x1f\x8b garbage"], ids=["zeros", "garbage"])
def test_responses_without_requests_before_a_damaged_place_are_imported(
    run: Run, tmp_path: Path, behind: bytes
) -> None:
    pages = (
        record("response", f"https://docs.example/doc/{number}.html", answer(), str(number)) for number in range(3)
    )
    (tmp_path / "a.warc.gz").write_bytes(b"".join(pages) + behind)
    done = run("import", "a.warc.gz", "--archive", "a")
    assert done.code == 1
    assert "3 pages; 3 new" in done.err


def test_a_damaged_file_in_a_wacz_leaves_the_others_readable(run: Run, tmp_path: Path, warc: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.wacz", "w") as packed:
        packed.writestr("archive/1.warc.gz", b"\x1f\x8b nothing")
        packed.write(warc, "archive/2.warc.gz")
    read = run("read", "a.wacz")
    assert (read.code, len(read.rows())) == (1, 4)
    assert "archive/1.warc.gz" in read.err
    done = run("import", "a.wacz", "--archive", "a")
    assert (done.code, "3 pages; 2 new" in done.err) == (1, True)


def test_a_page_that_the_reader_fails_on_ends_no_import(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = safe_reading.read_any

    def failing(body: bytes, *, url: str, **known: Any) -> Page:
        if url.endswith("/1.html"):
            raise RecursionError
        return whole(body, url=url, **known)

    monkeypatch.setattr(safe_reading, "read_any", failing)
    pages = (
        record("response", f"https://docs.example/doc/{number}.html", answer(), str(number)) for number in range(3)
    )
    (tmp_path / "a.warc.gz").write_bytes(b"".join(pages))
    done = run("import", "a.warc.gz", "--archive", "a")
    assert done.code == 0, done.err
    assert "3 pages; 2 new" in done.err


def test_files_that_a_listing_leads_to_are_imported(run: Run, tmp_path: Path) -> None:
    host, typed = "https://courts.example", b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n"
    rows = "".join(
        f"<tr><td>May {n}, 2024</td><td><a href='/files/24-{n}.pdf'>24-{n}</a></td><td>Holme {name} v. Corby</td></tr>"
        for n, name in enumerate(("Elwin", "Falun", "Gaunt", "Halby"), 1)
    )
    listing = f"<title>Opinions</title><h1>Published opinions</h1><table>{rows}</table>".encode()
    path = tmp_path / "court.warc.gz"
    path.write_bytes(
        record("response", f"{host}/files/24-1.pdf", typed % b"application/pdf" + making.pdf(2), "1")
        + record("response", f"{host}/list.html", typed % b"text/html" + listing, "2")
        + record("response", f"{host}/files/24-2.pdf", typed % b"application/pdf" + making.pdf(3), "3")
        + record("response", f"{host}/files/24-3.pdf", typed % b"application/octet-stream" + making.pdf(4), "4")
        + record("response", f"{host}/files/24-4.pdf", typed % b"application/pdf" + b"no file", "5")
        + record("response", f"{host}/form.pdf", typed % b"application/pdf" + making.pdf(1), "6")
    )
    done = run("import", str(path), "--archive", "data")
    assert done.code == 0, done.err
    assert "passed over: 2 (files that no listing before them leads to)" in done.err
    assert "passed over: 1 (pictures" in done.err
    rows = run("records", "--archive", "data", "--json", "--sort", "published").rows()
    assert [(row["doc_id"], row["title"], row["published_on"], row["pages"]) for row in rows] == [
        ("24-3", "Holme Gaunt v. Corby", "2024-05-03", 4),
        ("24-2", "Holme Falun v. Corby", "2024-05-02", 3),
    ]
    reread = run("reread", "--archive", "data")
    assert " 0 documents differ" in reread.err
    kept = min((tmp_path / "data" / "warc").rglob("*.warc.gz"))
    copy = tmp_path / "copy.warc.gz"
    copy.write_bytes(kept.read_bytes())
    assert run("import", str(copy), "--archive", "other").code == 0
    again = run("records", "--archive", "other", "--json", "--sort", "published").rows()
    assert [row["title"] for row in again] == [row["title"] for row in rows], "what was kept with the files goes along"


def test_one_file_that_two_listed_addresses_have_keeps_both_titles(run: Run, tmp_path: Path) -> None:
    host, typed = "https://courts.example", b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n"
    rows = "".join(
        f"<tr><td>May {n}, 2024</td><td><a href='/files/24-{n}.pdf'>24-{n}</a></td><td>Holme {name} v. Corby</td></tr>"
        for n, name in enumerate(("Elwin", "Falun", "Gaunt", "Halby"), 1)
    )
    listing = f"<title>Opinions</title><h1>Published opinions</h1><table>{rows}</table>".encode()
    repeat = typed % b"application/pdf"
    path = tmp_path / "court.warc.gz"
    path.write_bytes(
        record("response", f"{host}/list.html", typed % b"text/html" + listing, "1")
        + record("response", f"{host}/files/24-1.pdf", typed % b"application/pdf" + making.pdf(2), "2")
        + record("revisit", f"{host}/files/24-2.pdf", repeat, "3", refers_to="<urn:uuid:2>")
        + record("revisit", f"{host}/files/24-1.pdf", repeat, "4", refers_to="<urn:uuid:2>", date=LATER)
    )
    done = run("import", str(path), "--archive", "data")
    assert done.code == 0, done.err
    rows = run("records", "--archive", "data", "--json").rows()
    assert sorted(row["title"] for row in rows) == ["Holme Elwin v. Corby", "Holme Falun v. Corby"]
    assert " 0 documents differ" in run("reread", "--all", "--archive", "data").err
