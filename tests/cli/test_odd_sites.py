"""Sites that are built oddly, and what a crawl makes of them: nothing is lost, merged or told to strangers."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Result, Run

TEXT = "市计生长效工作机制建设情况汇报，各区县办公室认真落实。" * 12


class OddSite(ThreadingHTTPServer):
    """A listing of document pages; `special` may answer a path otherwise: (status, headers, body)."""

    daemon_threads = True

    def __init__(self, paths: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.paths = paths
        self.beside = ""
        self.special: Callable[[str], tuple[int, dict[str, str], str] | None] = lambda path: None
        self.hits: list[tuple[str, dict[str, str]]] = []
        self.host = f"127.0.0.1:{self.server_address[1]}"

    def url(self, path: str = "/list/1.html") -> str:
        return f"http://{self.host}{path}"

    def document(self, path: str) -> str:
        facts = "<p>大小:32.5KB</p><p>页数:12</p><p>格式:pdf</p><p>时间:2020-01-02</p>"
        return f"<h1>工作情况汇报第{path}号</h1>{facts}<div><p>{path} {TEXT}</p></div>"


class _Handler(BaseHTTPRequestHandler):
    server: OddSite

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        site, path = self.server, self.path
        site.hits.append((path, dict(self.headers)))
        answer = site.special(path)
        if answer is None and path == "/robots.txt":
            answer = (404, {}, "")
        elif answer is None and path.startswith("/list"):
            items = "".join(
                f"<li><a href='{p}'>工作情况汇报第{n}份文件</a>{site.beside}</li>" for n, p in enumerate(site.paths)
            )
            answer = (200, {}, f"<h1>文件列表</h1><ul>{items}</ul>")
        elif answer is None:
            answer = (200, {}, site.document(path))
        status, headers, body = answer
        data = body.encode()
        self.send_response(status)
        headers = {"Content-Type": "text/html; charset=utf-8"} | headers
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def odd() -> Iterator[Callable[[list[str]], OddSite]]:
    served: list[OddSite] = []

    def serve(paths: list[str]) -> OddSite:
        site = OddSite(paths)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        served.append(site)
        return site

    yield serve
    for site in served:
        site.shutdown()
        site.server_close()


def paths(number: int = 12) -> list[str]:
    return [f"/doc/{1000 + n}.html" for n in range(number)]


def crawl(start: Run, site: OddSite, *more: str) -> Result:
    return start("crawl", site.url(), "--allow-host", site.host, "--delay", "0", *more)


Odd = Callable[[list[str]], OddSite]


def test_numbers_that_start_anew_in_each_folder_are_several_documents(start: Run, odd: Odd) -> None:
    site = odd([f"/{year}/100{n}.html" for year in (2023, 2024) for n in range(1, 5)])
    assert "8 new" in crawl(start, site).err
    assert "0 new, 0 changed, 8 same" in crawl(start, site).err
    assert start("verify").code == 0


def documents(start: Run) -> dict[str, str]:
    """Return title -> id of what is archived."""
    return {row["title"]: row["doc_id"] for row in start("records", "--limit", "0").rows()}


def with_labels(site: OddSite, labels: Callable[[str], str]) -> None:
    """Let every document print *labels* besides."""

    def special(path: str) -> tuple[int, dict[str, str], str] | None:
        if path == "/robots.txt" or path.startswith("/list"):
            return None
        return 200, {}, site.document(path).replace("<div>", labels(path) + "<div>")

    site.special = special


SHARED = {
    "one number in two sections": [f"/{name}/100{n}.html" for name in ("policy", "notice") for n in range(1, 9)],
    "a script without an ending": [f"/view?name={n}" for n in ("rain", "wind", "snow", "hail", "mist", "dew")],
    "two parameters": [f"/v?lm={n % 2}&xh={n // 2}" for n in range(8)],
}


@pytest.mark.parametrize("listed", [pytest.param(listed, id=name) for name, listed in SHARED.items()])
def test_documents_that_share_a_number_or_a_script_are_several(start: Run, odd: Odd, listed: list[str]) -> None:
    site = odd(listed)
    site.beside = " <span>2023-03-01</span>"
    for told in (f"{len(listed)} new", f"0 new, 0 changed, {len(listed)} same"):
        assert f"published; {told}" in crawl(start, site).err
    assert len(set(documents(start).values())) == len(listed)
    assert start("verify").code == 0


@pytest.mark.parametrize("label", ["文档ID", "编号", "文件编号", "索引号"])
def test_a_number_that_a_template_prints_on_every_page_is_no_documents_id(start: Run, odd: Odd, label: str) -> None:
    site = odd(paths(6))
    with_labels(site, lambda path: f"<table><tr><th>{label}</th><td>DOC-2020-001</td></tr></table>")
    for told in ("6 new", "0 new, 0 changed, 6 same"):
        assert f"published; {told}" in crawl(start, site).err
    ids = documents(start).values()
    assert len(set(ids)) == 6
    assert "doc/1003" in ids
    counted = start("query", "SELECT counts['ids_shared'] AS n FROM runs ORDER BY run_seq", "--json").rows()
    assert [row["n"] for row in counted] == [5, 0]


def test_views_of_one_document_are_one_however_they_are_reached(start: Run, odd: Odd) -> None:
    """Other addresses in each run too: what says the same is the same document."""
    site = odd([])
    page = site.document("/doc/1001.html")
    site.special = lambda path: (200, {}, page) if "1001" in path else None
    for number in range(3):
        site.paths = [
            "/doc/1001.html",
            "/print/1001.html",
            "/m/1001.html",
            f"/doc/1001.html?from=list{number}",
            "/doc/1002.html",
        ]
        told = crawl(start, site).err
        assert ("2 new" if number == 0 else "0 new, 0 changed, 2 same") in told
    assert sorted(documents(start).values()) == ["1001", "1002"]


def test_documents_told_apart_by_a_parameter(start: Run, odd: Odd) -> None:
    assert "12 new" in crawl(start, odd([f"/show.php?sid={n}" for n in range(1, 13)])).err


def test_a_redirect_that_only_adds_a_sessions_id_is_followed(start: Run, odd: Odd) -> None:
    site = odd(paths())

    def special(path: str) -> tuple[int, dict[str, str], str] | None:
        if path.startswith("/doc/") and "jsessionid" not in path:
            return 302, {"Location": f"{path};jsessionid=0123456789ABCDEF"}, ""
        return None

    site.special = special
    assert "12 new" in crawl(start, site).err


def test_a_redirect_to_itself_is_given_up(start: Run, odd: Odd) -> None:
    site = odd(paths(4))
    site.special = lambda path: (302, {"Location": path}, "") if path == "/doc/1000.html" else None
    result = crawl(start, site)
    assert "3 new, 0 changed, 0 same, 1 failed" in result.err
    assert "redirect_to_itself" in result.err


def test_pages_a_site_blocks_are_asked_for_again(start: Run, odd: Odd) -> None:
    site = odd(paths())
    blocking = [True]

    def special(path: str) -> tuple[int, dict[str, str], str] | None:
        seen = sum(1 for hit, _ in site.hits if hit.startswith("/doc/"))
        return (403, {}, "no") if blocking[0] and path.startswith("/doc/") and seen > 2 else None

    site.special = special
    assert crawl(start, site).code == 4
    blocking[0] = False
    result = crawl(start, site)
    assert result.code == 0
    assert "12 new" in result.err


def test_one_page_that_breaks_the_reader_ends_no_crawl(
    start: Run, odd: Odd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader with a mistake in it: the page is kept and counted, the others are published."""
    module = "import crawler.safe_reading as s\nread = s.read_any\ndef broken(body, **page):\n"
    module += "    if page['url'].endswith('/doc/1003.html'): raise ZeroDivisionError\n    return read(body, **page)\n"
    (tmp_path / "run_broken.py").write_text(
        module + "s.read_any = broken\nfrom docarchive.cli import main\nmain()\n", encoding="utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    site = odd(paths())
    result = start("crawl", site.url(), "--allow-host", site.host, "--delay", "0", module="run_broken")
    assert result.code == 0, result.err
    assert "11 new" in result.err
    (row,) = start("query", "SELECT reason FROM captures WHERE url LIKE '%1003%'", "--json").rows()
    assert row == {"reason": "reader_error"}


def test_bodies_of_a_lost_file_are_stored_again(start: Run, odd: Odd) -> None:
    site = odd(paths())
    crawl(start, site)
    for path in Path("data/warc").glob("*/*.warc.gz"):
        path.unlink()
    assert crawl(start, site, "--full").code == 0
    (row,) = start("query", "SELECT count(*) AS n FROM captures WHERE record_type = 'revisit'", "--json").rows()
    assert row == {"n": 0}


def test_a_damaged_file_stops_no_conditional_crawl(start: Run, odd: Odd) -> None:
    site = odd(paths())
    plain = site.document

    def special(path: str) -> tuple[int, dict[str, str], str] | None:
        if not path.startswith("/doc/"):
            return None
        known = site.hits[-1][1].get("If-None-Match") == '"1"'
        return (304, {"ETag": '"1"'}, "") if known else (200, {"ETag": '"1"'}, plain(path))

    site.special = special
    crawl(start, site)
    first = min(Path("data/warc").glob("*/*.warc.gz"), key=lambda path: path.name)
    data = bytearray(first.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    first.write_bytes(data)
    result = crawl(start, site)
    assert result.code == 0, result.err
    assert "12 same" in result.err


def test_robots_txt_elsewhere_learns_no_secrets(start: Run, odd: Odd, tmp_path: Path) -> None:
    site, stranger = odd(paths(4)), odd(paths(4))
    site.special = lambda path: (302, {"Location": stranger.url("/robots.txt")}, "") if "robots" in path else None
    (tmp_path / "sites").mkdir()
    (tmp_path / "docarchive.toml").write_text('sites = "sites"', encoding="utf-8")
    secrets = 'cookies = {session = "SECRET"}\nheaders = {Authorization = "Bearer TOKEN"}\n'
    (tmp_path / "sites/mine.toml").write_text(f'start_urls = ["{site.url()}"]\n{secrets}', encoding="utf-8")
    result = start("crawl", "mine", "--allow-host", site.host, "--allow-host", stranger.host, "--delay", "0")
    assert result.code == 0, result.err
    (told,) = [headers for path, headers in stranger.hits if path == "/robots.txt"]
    assert {"Cookie", "Authorization"}.isdisjoint(told)
    assert any(headers.get("Cookie") == "session=SECRET" for _, headers in site.hits)


def test_listings_that_branch_without_end_are_left(start: Run, odd: Odd, tmp_path: Path) -> None:
    site = odd(paths())

    def special(path: str) -> tuple[int, dict[str, str], str] | None:
        if not path.startswith("/cal/"):
            return None
        day = int(path.removeprefix("/cal/").removesuffix(".html"))
        items = "".join(f"<li><a href='{p}'>工作情况汇报第{n}份文件</a></li>" for n, p in enumerate(site.paths))
        more = f"<a href='/cal/{2 * day}.html'>x</a><a href='/cal/{2 * day + 1}.html'>y</a>"
        return 200, {}, f"<h1>日历</h1><ul>{items}</ul>{more}"

    site.special = special
    (tmp_path / "sites").mkdir()
    (tmp_path / "docarchive.toml").write_text('sites = "sites"', encoding="utf-8")
    rules = 'follow_listings = true\nlisting_url = "^/cal/"\n'
    (tmp_path / "sites/mine.toml").write_text(f'start_urls = ["{site.url("/cal/1.html")}"]\n{rules}', encoding="utf-8")
    result = start("crawl", "mine", "--allow-host", site.host, "--delay", "0", "--max-requests", "1000")
    assert result.code == 0, result.err
    assert len(site.hits) < 400


def test_addresses_without_end_for_one_document_are_left(start: Run, odd: Odd) -> None:
    """Each page of the listing names ten new addresses, and all of them show the same."""
    site = odd([])
    told = site.document("/doc/7.html")

    def special(path: str) -> tuple[int, dict[str, str], str] | None:
        if path.startswith("/doc/"):
            return 200, {}, f"{told}<p>{path}</p>" if path in ("/doc/10.html", "/doc/11.html") else told
        if not path.startswith("/list/"):
            return None
        page = int(path.removeprefix("/list/").removesuffix(".html"))
        items = "".join(f"<li><a href='/doc/{page * 10 + n}.html'>工作情况汇报第{n}份文件</a></li>" for n in range(10))
        return 200, {}, f"<h1>文件列表</h1><ul>{items}</ul><a rel='next' href='/list/{page + 1}.html'>下一页</a>"

    site.special = special
    result = crawl(start, site)
    assert result.code in (0, 1), result.err
    assert len(site.hits) < 1_000
    (row,) = start("coverage", "--json").rows()
    assert row["standing"] == "incomplete"
    assert "addresses without end" in row["reason"]
    assert "/doc/" in row["reason"]


def test_three_kills_while_a_page_waits_for_its_turn_lose_nothing(start: Run, odd: Odd) -> None:
    site = odd(paths(4))
    for _ in range(3):
        command = [sys.executable, "-m", "docarchive", "crawl", site.url(), "--allow-host", site.host, "--delay", "60"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            before = len(site.hits)
            while len(site.hits) == before:
                time.sleep(0.05)
            time.sleep(0.5)  # robots.txt is there; what was handed out is committed, and waits
            process.send_signal(signal.SIGKILL)
    result = crawl(start, site)
    assert result.code == 0, result.err
    assert "4 new" in result.err


def test_what_was_imported_is_known_to_the_first_crawl(start: Run, odd: Odd) -> None:
    site = odd(paths(5))
    crawl(start, site, "--archive", "one")
    rows = start("records", "--archive", "one", "--limit", "0", "--format", "jsonl").out
    Path("records.jsonl").write_text(rows, encoding="utf-8")
    assert start("import", "records.jsonl", "--archive", "two").code == 0
    assert "0 new, 0 changed, 5 same" in crawl(start, site, "--archive", "two").err


def test_a_site_that_needs_a_browser_is_said_to_need_one(start: Run, odd: Callable[[list[str]], OddSite]) -> None:
    site = odd(paths())
    shell = "<title>文库</title><div id='app'></div><script src='/app.js'></script>"
    site.special = lambda path: (200, {}, shell) if path.startswith("/list") else None
    start("init", "data")
    result = crawl(start, site)
    assert result.code == 1
    assert "made by scripts in a browser" in result.err
    assert "docarchive import" in result.err


def test_what_status_tells_to_type_after_a_failed_first_run_works(start: Run, odd: Odd) -> None:
    site = odd(paths())
    site.special = lambda path: (403, {}, "") if path.startswith("/doc/") else None
    assert crawl(start, site).code == 4
    told = start("status", "--json")
    assert told.code == 1
    (row,) = told.rows()
    assert row["conditions"][0]["condition"] == "blocked"
    site.special = lambda path: None
    program, *words = shlex.split(row["next"])
    assert program == "docarchive"
    result = start(*words, "--delay", "0")
    assert result.code == 0, result.err
    assert "12 new" in result.err
    assert start("status").code == 0
