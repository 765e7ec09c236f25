"""Whatever a site sends, reading answers: it never raises, and what it cut short it says."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.record import to_json
from crawler.reading import Page, PageType, ReaderHints, read_page
from crawler.reading.encoding import decode
from crawler.reading.nesting import MAX_TAGS, bounded
from crawler.reading.tree import PARSE_TRUNCATED

NOW = datetime(2026, 5, 20, 1, tzinfo=UTC)
PAGES = sorted((Path(__file__).resolve().parents[1] / "pages").glob("*/*/page.html"))
MEGABYTE = 1_000_000


def read(body: bytes, url: str = "https://docs.example/doc/1.html", content_type: str | None = "text/html") -> Page:
    return read_page(body, url=url, fetched_at=NOW, content_type=content_type)


def filled(pattern: bytes, size: int = MEGABYTE) -> bytes:
    return (pattern * (size // len(pattern) + 1))[:size]


HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "nul": lambda: b"\0" * 1000,
    "bom alone": lambda: b"\xef\xbb\xbf",
    "half a utf-16 character": lambda: b"\xff\xfea",
    "not html": lambda: bytes(range(256)) * 200,
    "deep nesting": lambda: b"<div>" * 200_000,
    "deep nesting, closed": lambda: b"<div>" * 100_000 + b"x" + b"</div>" * 100_000,
    "deep inline nesting": lambda: b"<b><i>" * 50_000,
    "deep lists": lambda: b"<ul><li>" * 50_000,
    "deep tables": lambda: b"<table><tr><td>" * 20_000,
    "links": lambda: b"".join(b'<a href="/doc/%d.html">a title of it %d</a>' % (i, i) for i in range(210_000)),
    "listed links": lambda: (
        b"<ul>" + b"".join(b'<li><a href="/doc/%d.html">title %d</a></li>' % (i, i) for i in range(50_000))
    ),
    "open quotes": lambda: filled(b'<a "'),
    "open attribute": lambda: b'<a href="' + filled(b"x"),
    "attributes": lambda: b"<p " + filled(b"a=b "),
    "other attributes": lambda: b"<p " + b" ".join(b"a%d=1" % i for i in range(120_000)) + b">",
    "other attributes with brackets": lambda: b"<p " + b" ".join(b'a%d="<>"' % i for i in range(90_000)) + b">",
    "attributes and slashes": lambda: b"<p " + b"/".join(b"a%d" % i for i in range(150_000)) + b">",
    "attributes named with brackets": lambda: b"<p " + b" ".join(b"a%d<" % i for i in range(120_000)) + b">",
    "formatting in paragraphs": lambda: b"".join(b"<b a=%d>" % i for i in range(2000)) + filled(b"<p>x"),
    "formatting opened in paragraphs": lambda: b"".join(b"<p><b a=%d>x" % i for i in range(20_000)),
    "angle brackets": lambda: filled(b"<"),
    "open comments": lambda: filled(b"<!--"),
    "open scripts": lambda: filled(b"<script>"),
    "open svg": lambda: filled(b"<svg><a>"),
    "colons": lambda: b"<p>" + filled("大小：".encode()),
    "spaces": lambda: b"<p>" + filled(b" "),
    "labels and spaces": lambda: b"<p>" + filled("大 小 ".encode()),
    "digits": lambda: b"<p>" + filled(b"1"),
    "digits and commas": lambda: b"<p>" + filled(b"1,111"),
    "digits in lines": lambda: filled(b"<p>" + b"1 " * 40),
    "dots": lambda: b"<h1>" + filled(b"."),
    "pages": lambda: b"<p>" + filled("已阅读1页".encode()),
    "short pages": lambda: filled("<p>已阅读1页,还剩".encode()),
    "entities": lambda: b"<p>" + filled(b"&amp;"),
    "rows": lambda: b"<table>" + filled(b"<tr><th>Size<th>Format<tr><td>1 KB<td>PDF"),
    "definition list": lambda: b"<dl>" + filled(b"<dt>Size<dd>1 KB"),
    "headings": lambda: filled(b"<h2>Related documents</h2>"),
    "metas": lambda: filled(b'<meta name="dc.title" content="x">'),
    "long url": lambda: b'<a href="http://[' + filled(b"a/") + b'">some title</a>',
    "base": lambda: b'<base href="http://[::1"><a href="x">some title of it</a>',
    "separators": lambda: filled(b"<p>a\x01:\x01b"),
    "slides": lambda: b"".join(b"<div><h3>Slide %d</h3><p>what it says</p></div>" % n for n in range(1, 6000)),
    "folders": lambda: (
        b"<ul>"
        + b"".join(
            b"<li><a href='/%c%c%c/a-title'>Title of a report</a>"
            % (97 + n % 26, 97 + n // 26 % 26, 97 + n // 676 % 26)
            for n in range(9000)
        )
    ),
    "labels": lambda: filled("<tr><td>某某<td>作者：".encode()),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(30)
def test_hostile_page_is_read(name: str) -> None:
    """The first quarter of it: whoever took the square of the length would take seconds where the whole takes 30."""
    began = time.process_time()
    assert read(HOSTILE[name]()[: MEGABYTE // 4]).page_type in PageType
    assert time.process_time() - began < 2


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(30)
def test_a_megabyte_of_it_is_read(name: str) -> None:
    assert read(HOSTILE[name]()).page_type in PageType


def test_no_more_elements_reach_the_parser_than_are_looked_at() -> None:
    body = "<p>x</p>" * (MAX_TAGS // 2 + 9)
    text, cut = bounded(body)
    assert (text, cut) == (body[: len("<p>x</p>") * MAX_TAGS // 2], True)
    assert "parse_truncated" in read(body.encode()).flags


@pytest.mark.parametrize("name", ["deep nesting", "links"])
def test_what_is_cut_short_is_flagged(name: str) -> None:
    assert "parse_truncated" in read(HOSTILE[name]()).flags


def read_damaged(path: Path, times: int) -> None:
    """Read a page cut somewhere, and with twenty bits of it flipped; other pages are cut elsewhere."""
    body = path.read_bytes()
    rng = random.Random(str(path.relative_to(path.parents[2])))
    for _ in range(times):
        read(body[: rng.randrange(len(body))])
        flipped = bytearray(body)
        for _ in range(20):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        read(bytes(flipped))


@pytest.mark.parametrize("site", sorted({path.parents[1] for path in PAGES}), ids=lambda path: path.name)
def test_cut_and_flipped_pages_are_read(site: Path) -> None:
    """Of each site one page, by chance; with the marker `long` all of them, each several times."""
    read_damaged(random.Random(site.name).choice(sorted(site.glob("*/page.html"))), 1)


@pytest.mark.long
@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_pages_cut_and_flipped_many_times_are_read(path: Path) -> None:
    read_damaged(path, 6)


PIECES = st.sampled_from(
    ["<h1>", "</h1>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<dl>", "<dt>", "<dd>", "大小：", "页数:",
     "Size:", "1.2 MB", "22页", "2023-04-16", "2023-99-99", "00000000", "12 days ago", "9999999999 days ago", "ID：",
     "相关推荐", "<br>", '<a href="/doc/1.html">', "<a href='//'>", '<a href="http://[">', "</a>", "下一页", "标签：",
     "\x01", "\x00", "\ud800", "<!--", "<script>", "Abstract", "<nav>", "</div>", "<div>", " 9" * 30, "第1页", "/ 0页",
     "<base href='::'>", "<meta name=dc.title content>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40))
def test_any_page_of_any_pieces_is_read(pieces: list[str]) -> None:
    page = read("".join(pieces).encode("utf-8", "surrogatepass"))
    assert (page.record is not None) == (page.page_type is PageType.DOCUMENT)
    assert page.reason


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=40), st.text(max_size=30))
def test_any_bytes_url_and_header_are_read(body: bytes, url: str, content_type: str) -> None:
    read(body, url, content_type)


@pytest.mark.parametrize(
    "charset",
    ["none", "base64", "", "utf-7", "undefined", "idna", "punycode", "unicode_escape", "rot13", "mbcs", "x" * 999],
)
def test_strange_charsets_are_passed_over(charset: str) -> None:
    assert read("<h1>水库</h1>".encode(), content_type=f"text/html; charset={charset}").encoding == "utf-8"


@pytest.mark.parametrize("size", ["999999999999999TB", "999,999" + ",999" * 8 + " TB", "9" * 30 + "KB"])
def test_a_size_that_no_file_has_is_none(size: str) -> None:
    page = read(f"<h1>水库安全检查情况汇报</h1><p>大小:{size}</p><p>页数:12</p><p>时间:2020-01-02</p>".encode())
    assert page.record is not None
    assert page.record.size_bytes is None


@pytest.mark.parametrize("hidden", ["<script>{}</script>", "<!-- {} -->", "<svg>{}</svg>"])
def test_what_is_no_element_does_not_count_as_nesting(hidden: str) -> None:
    drawn = "<path d='M0 0'/>" if "svg" in hidden else "s += '<div class=x>';"
    facts = "<h1>水库安全检查情况汇报</h1><p>大小:1.5MB</p><p>页数:12</p><p>时间:2020-01-02</p>"
    page = read((hidden.format(drawn * 400) + facts + "<!-- " + "x" * 70_000 + " -->").encode())
    assert page.record is not None
    assert page.record.pages == 12
    assert "parse_truncated" not in page.flags


@pytest.mark.parametrize(
    "opening",
    ["<!-->", "<!--->", "<svg><style>", "<svg><title>", "<math><script>", "<a title='<!--'>", "<svg><div>", "<xmp>"],
)
@pytest.mark.timeout(30)
def test_no_opening_hides_deep_nesting(opening: str) -> None:
    """The parser's time grows with the square of the depth: what it takes for elements must be counted."""
    for element in ("<div>", "<g>", "<g/>"):
        read((opening + element * 100_000).encode())


def test_a_hint_that_is_no_encoding_is_passed_over() -> None:
    page = read_page(b"<h1>x</h1>", url="http://a.example/", fetched_at=NOW, hints=ReaderHints(encoding="klingon"))
    assert page.page_type is PageType.OTHER


def test_bytes_that_are_no_utf8_do_not_make_a_utf8_page_another() -> None:
    """Of a page that is UTF-8 else, a few damaged links must not make all of it Latin-1."""
    text = "水库安全检查情况汇报" * 20
    body = f"<h1>{text}</h1>".encode() + b"<a href='//\xff\xfe:1/'>x</a>" * 40
    decoded, encoding, flags = decode(body, "text/html; charset=utf-8")
    assert (encoding, flags) == ("utf-8", ("encoding_damaged",))
    assert text in decoded
    _, encoding, _ = decode((text + "的一是").encode("gb18030"), "text/html; charset=utf-8")
    assert encoding == "gb18030"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<rt>" * 30_000, id="rt"),
        pytest.param(b"<optgroup>" * 30_000, id="optgroup"),
        pytest.param(b"<li><dd>" * 16_000, id="items of two kinds of list"),
        pytest.param(b"<svg>" + b"<script>" * 20_000, id="scripts in a drawing"),
        pytest.param(b"<!DOCTYPE html<script>" + b"<div>" * 30_000, id="a doctype that hides"),
        pytest.param(b"<?x<script>" + b"<div>" * 30_000, id="an instruction that hides"),
        pytest.param(b"</ <script>" + b"<div>" * 30_000, id="an end tag without a name"),
        pytest.param(b"<textarea><!--</textarea>" + b"<div>" * 30_000, id="a comment in a text area"),
        pytest.param(b"<select><iframe></select>" + b"<div>" * 30_000, id="a frame that the parser does not see"),
        pytest.param(b"<select>" + b"<option>x</option>" * 16_000, id="options"),
    ],
)
@pytest.mark.timeout(20)
def test_what_would_take_the_square_of_its_length_is_cut(body: bytes) -> None:
    """Unbounded each takes minutes."""
    page = read(body)
    assert page.page_type == "other"
    assert PARSE_TRUNCATED in page.flags


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<sitemapindex><sitemap><loc>&#xd800;</loc></sitemap></sitemapindex>", id="XML"),
        pytest.param(b'{"items":[{"url":"/doc/\\ud83d.html"},{"url":"/doc/2.html"}],"next":"/p/\\udc00"}', id="JSON"),
        pytest.param(
            b'<script type="application/ld+json">{"@type":"Article","name":"Reservoir \\ud83d report","datePublished":'
            b'"2020-01-02","keywords":["a\\ud83d"]}</script><p>Size: 1.5 MB</p><p>Pages: 12</p>',
            id="JSON-LD",
        ),
        pytest.param(b'{"total": 2222222222222222222222222222, "items": [{"url": "/1.html"}]}', id="a total"),
    ],
)
def test_what_is_read_can_be_stored(body: bytes) -> None:
    """Halves of characters and numbers beyond 64 bits have no form in UTF-8, SQLite or Parquet."""
    page = read(body)
    orjson.dumps([page.document_urls, page.next_page, page.advertised_total, page.record and to_json(page.record)])


def test_a_link_to_a_sister_host_without_a_path() -> None:
    body = '<a href="https://www.docs.example?leisure-and-parks">Leisure, parks and open spaces</a>'
    assert read_page(body.encode(), url="https://files.docs.example/list", fetched_at=NOW).page_type is PageType.OTHER
