"""Replay our WARC files with pywb: does another archive's software show what we stored?

    python bench/replay_pywb.py [--venv FOLDER]

pywb's dependencies conflict with ours, so it gets a virtual environment of its own (made on the first run, kept in
FOLDER or ~/.cache/docarchive-pywb). Three things are compared:

    index     our CDXJ with what pywb's own cdx-indexer writes for the same file
    urlkey    our keys with those of the surt library, over many URLs
    replay    every page as pywb serves it, by our CDXJ, with what the site sent: chunked, gzip, deflate, brotli,
              revisits to the same and to another URL, "not modified", redirects, errors, cut bodies

Exit code 0 when everything agrees.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
import venv
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse, IncompleteRead
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, build_opener

import brotli

from archive.clock import ManualClock
from archive.layout import create
from archive.warc.cdxj import urlkey
from archive.warc.content_coding import decode_content
from archive.warc.record import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED, Earlier, Exchange
from archive.warc.writing import Stored, WarcWriter, cdxj_path

PYWB = "pywb==2.10.0"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOST = "docs.example"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Expected:
    """What replay must show for one capture."""

    name: str
    url: str
    at: datetime
    status: int
    page: bytes
    """Content coding undone."""
    shown_at: datetime
    """The capture that is shown: of a "not modified" answer the one before."""


class Site:
    """Writes exchanges and remembers what they said."""

    def __init__(self, writer: WarcWriter) -> None:
        self._writer = writer
        self._at = NOW
        self.expected: list[Expected] = []

    def answer(
        self,
        name: str,
        path: str,
        page: bytes,
        *headers: tuple[bytes, bytes],
        body: bytes | None = None,
        status_line: bytes = b"HTTP/1.1 200 OK",
        revisit_of: tuple[Expected, Stored, str] | None = None,
        truncated: str | None = None,
    ) -> tuple[Expected, Stored]:
        self._at += timedelta(hours=1)
        exchange = Exchange(
            url=f"http://{HOST}{path}",
            fetched_at=self._at,
            method="GET",
            request_lines=f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: docarchive\r\n\r\n".encode(),
            request_body=b"",
            status_line=status_line,
            header_lines=((b"Content-Type", b"text/html; charset=utf-8"), *headers),
            body=page if body is None else body,
            ip_address="192.0.2.1",
            truncated=truncated,
        )
        earlier, profile = None, None
        status = exchange.status
        if revisit_of is not None:
            was, stored, profile = revisit_of
            earlier = Earlier(stored.capture, was.url, was.at, stored.payload_digest, profile)
            status, page = was.status, was.page
        shown_at = was.at if profile == SERVER_NOT_MODIFIED else self._at
        expected = Expected(name, exchange.url, self._at, status, page, shown_at)
        self.expected.append(expected)
        return expected, self._writer.write_exchange(exchange, revisit_of=earlier)


def write_site(writer: WarcWriter) -> list[Expected]:
    """Write one capture of every kind."""
    page = "<html><head><title>x</title></head><body><p>计生证明 大小:32.74KB</p></body></html>".encode() * 30
    site = Site(writer)
    chunked = (b"Transfer-Encoding", b"chunked")
    gz = (b"Content-Encoding", b"gzip")
    site.answer("plain", "/plain.html", page, (b"Content-Length", b"%d" % len(page)))
    site.answer("chunked", "/chunked.html", page, chunked)
    site.answer("gzip", "/gzip.html", page, gz, body=gzip.compress(page))
    both = site.answer("gzip and chunked", "/both.html", page, chunked, gz, body=gzip.compress(page))
    site.answer(
        "not modified",
        "/both.html",
        b"",
        (b"ETag", b'"1"'),
        status_line=b"HTTP/1.1 304 Not Modified",
        revisit_of=(*both, SERVER_NOT_MODIFIED),
    )
    site.answer("deflate", "/deflate.html", page, (b"Content-Encoding", b"deflate"), body=zlib.compress(page))
    site.answer("br", "/br.html", page, (b"Content-Encoding", b"br"), body=brotli.compress(page))
    site.answer(
        "revisit", "/both.html", page, chunked, gz, body=gzip.compress(page), revisit_of=(*both, IDENTICAL_PAYLOAD)
    )
    site.answer(
        "revisit of another URL",
        "/copy.html",
        page,
        gz,
        body=gzip.compress(page),
        revisit_of=(*both, IDENTICAL_PAYLOAD),
    )
    site.answer("changed since", "/both.html", page + b"<p>new", gz, body=gzip.compress(page + b"<p>new"))
    site.answer("not found", "/absent.html", b"<html>gone</html>", status_line=b"HTTP/1.1 404 Not Found")
    # Cut between two characters: pywb itself breaks off over half a one.
    site.answer("cut", "/cut.html", page[:501], (b"Content-Length", b"%d" % len(page)), truncated="length")
    site.answer("query", "/list?page=2&sort=%E6%97%B6%E9%97%B4", page, chunked)
    site.answer("hostile header", "/hostile.html", page, (b"X", b"a\r\n\r\n<html>"), (b"Y\r\n", b"\0"), chunked)
    return site.expected


def pywb_environment(folder: Path) -> Path:
    """Return the folder of pywb's programs, installing it first where it is not there."""
    programs = folder / "bin"
    if not (programs / "wayback").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([programs / "python", "-m", "pip", "install", "-q", PYWB, "setuptools<81"], check=True)
    return programs


def compare_index(programs: Path, warc: Path, expected: list[Expected]) -> list[str]:
    """Return the differences between our index and cdx-indexer's."""
    output = subprocess.run([programs / "cdx-indexer", "-j", "-s", warc], check=True, capture_output=True).stdout
    theirs = [(key, timestamp, json.loads(text)) for key, timestamp, text in _split(output)]
    # Our index leaves "not modified" answers out: pywb would show them as a blank page.
    left_out = {f"{one.at:%Y%m%d%H%M%S}".encode() for one in expected if one.shown_at != one.at}
    theirs = [line for line in theirs if line[1] not in left_out]
    ours = [(key, timestamp, json.loads(text)) for key, timestamp, text in _split(cdxj_path(warc).read_bytes())]
    differences = [f"index: ours {a}\n       pywb {b}" for a, b in zip(ours, theirs, strict=False) if a != b]
    if len(ours) != len(theirs):
        differences.append(f"index: we have {len(ours)} lines, cdx-indexer {len(theirs)}")
    print(f"index: {len(ours)} lines compared with cdx-indexer")
    return differences


def _split(index: bytes) -> list[list[bytes]]:
    return [line.split(b" ", 2) for line in index.splitlines()]


def compare_keys(programs: Path, count: int = 20_000) -> list[str]:
    """Return the URLs whose key is not surt's."""
    draw = random.Random(2026)
    hosts = [
        "example.com",
        "WWW.Example.com",
        "www12.a.b.cn:8080",
        "127.0.0.1:80",
        "[::1]:90",
        "例子.cn",
        "u:p@x.y",
        "a..b.",
    ]
    letters = "abzA Z019-._~%25%2F%41/.//?&==#;:@[]'\"<>|{}^`\\中é,()!$*+"
    urls = [
        f"{draw.choice(['http', 'https', 'HTTP'])}://{draw.choice(hosts)}{draw.choice('/?#')}"
        + "".join(draw.choices(letters, k=draw.randrange(25)))
        for _ in range(count)
    ]
    program = "import json,sys,surt; print(json.dumps([surt.surt(u) for u in json.load(sys.stdin)]))"
    result = subprocess.run(
        [programs / "python", "-W", "ignore", "-c", program],
        input=json.dumps(urls).encode(),
        check=True,
        capture_output=True,
    )
    theirs = json.loads(result.stdout)
    print(f"urlkey: {count} URLs compared with surt")
    return [
        f"urlkey of {url!r}: ours {urlkey(url)!r}, surt {key!r}"
        for url, key in zip(urls, theirs, strict=True)
        if urlkey(url) != key
    ]


def _whole(answer: HTTPResponse) -> bytes:
    try:
        return answer.read()
    except IncompleteRead as error:  # pywb failed in the middle
        return error.partial + b"[broken off]"


class _KeepRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def fetch(url: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (lower-case names) and body, redirects not followed."""
    try:
        with build_opener(_KeepRedirects).open(url, timeout=30) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, _whole(answer)
    except HTTPError as answer:
        return answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


def compare_replay(programs: Path, warc: Path, expected: list[Expected], folder: Path) -> list[str]:
    """Return what pywb shows otherwise than the site sent it."""
    subprocess.run([programs / "wb-manager", "init", "docs"], cwd=folder, check=True, capture_output=True)
    collection = folder / "collections" / "docs"
    (collection / "archive" / warc.name).write_bytes(warc.read_bytes())
    # Our own index, not one that pywb made for itself.
    (collection / "indexes" / "index.cdxj").write_bytes(cdxj_path(warc).read_bytes())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "wayback.log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "wayback", "-p", str(port), "-b", "127.0.0.1"], cwd=folder, stdout=log, stderr=log
        )
        try:
            _wait_for(port)
            return [text for one in expected for text in _differences(port, one)]
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            fetch(f"http://127.0.0.1:{port}/docs/")
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
        else:
            return


def _differences(port: int, one: Expected) -> list[str]:
    # id_ is the page as it was; mp_ is the page that pywb has decoded and rewritten for a browser.
    at = f"{one.at:%Y%m%d%H%M%S}"
    status, headers, body = fetch(f"http://127.0.0.1:{port}/docs/{at}id_/{one.url}")
    shown = decode_content(body, headers.get("content-encoding"))
    found = []
    if (status, shown.body, shown.flags) != (one.status, one.page, ()):
        found.append(f"replay of {one.name}: {status}, {len(shown.body)} bytes {shown.flags}, {body[:200]!r}")
    if headers.get("memento-datetime") != f"{one.shown_at:%a, %d %b %Y %H:%M:%S} GMT":
        found.append(f"replay of {one.name}: shows the capture of {headers.get('memento-datetime')}")
    rewritten_status, _, rewritten = fetch(f"http://127.0.0.1:{port}/docs/{at}mp_/{one.url}")
    text = one.page[-100:]
    if rewritten_status != one.status or text not in rewritten:
        found.append(f"replay of {one.name}, rewritten: {rewritten_status}, {len(rewritten)} bytes")
    print(f"replay: {'differs' if found else 'same   '} {one.name}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", type=Path, default=Path.home() / ".cache" / "docarchive-pywb")
    programs = pywb_environment(parser.parse_args().venv.absolute())
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        layout = create(folder / "data")
        writer = WarcWriter(layout, HOST, "replay", 1, ManualClock(NOW), info={"operator": "bench"})
        expected = write_site(writer)
        warc = layout.root / (writer.close() or "")
        found = compare_index(programs, warc, expected) + compare_keys(programs)
        (folder / "pywb").mkdir()
        found += compare_replay(programs, warc, expected, folder / "pywb")
    for difference in found:
        print(difference)
    print(f"{len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
