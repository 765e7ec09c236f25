"""What a person is shown of how pages were read: an HTML page, a trial's lines, a profile to save."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from crawler.profile import load_profile
from crawler.reading import read_page
from docarchive.explained_page import LONGEST_VALUE, Saved, explained_page
from docarchive.proposal import document_pattern, proposed_profile
from tests.cli.conftest import Run

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TEXT = "各单位应当于每月底前报送进展情况，逾期不报的予以通报。" * 8
HTML = (
    "<html><head><title>水库安全检查情况汇报</title></head><body><nav><a href='/'>首页</a></nav>"
    "<h1>水库安全检查情况汇报</h1><p>大小：1.5MB</p><p>页数：12页</p><p>上传时间：2020-01-02</p>"
    f"<p>更新时间：2021-03-04</p><p>上传者：&lt;script&gt;alert(1)&lt;/script&gt;</p><p>{TEXT}</p></body></html>"
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def saved(html: str, url: str = "https://docs.example/doc/12345.html") -> Saved:
    body = html.encode()
    return Saved(body, None, read_page(body, url=url, fetched_at=NOW, explain=True))


def test_the_page_shows_each_value_where_it_stood() -> None:
    shown = explained_page([saved(HTML)])
    assert "<th>size_bytes</th><td>1572864</td><td>1.5MB</td><td>label:大小</td><td class=high>high</td>" in shown
    assert "2021-03-04 <i>label:更新时间</i>" in shown
    assert "<span>大小：1.5MB</span><b>size_bytes</b>" in shown
    assert f"<span>{TEXT}</span><b>preview_text</b>" in shown


def test_nothing_of_a_hostile_page_is_run_or_loaded() -> None:
    hostile = HTML.replace("水库", '"><script src=//x.example></script><img src=x onerror=alert(1)>')
    hostile = hostile.replace("</body>", "<p>" + "&lt;/li&gt;&lt;script&gt;" * 40 + "</p></body>")
    tags = _Tags()
    tags.feed(explained_page([saved(hostile, 'https://docs.example/"><script>')]))
    assert not {"script", "img", "iframe", "object", "link", "a"} & set(tags.tags)
    assert not {"src", "href", "onerror"} & tags.attributes
    assert "default-src 'none'" in explained_page([saved(hostile)])


def test_long_pages_are_cut_short_and_say_so() -> None:
    shown = explained_page([saved(HTML.replace(TEXT, "<br>".join(f"第{n}行" for n in range(3_000))))])
    assert "more lines are not shown" in shown
    assert len(shown) < 400_000
    assert LONGEST_VALUE < 1_000


def test_read_writes_the_page_beside_its_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(HTML, encoding="utf-8")
    result = run("read", "page.html", "--url", "https://docs.example/doc/12345.html", "--html", "out.html")
    assert result.code == 0
    assert result.rows()[0]["explained"]["pages"]["read_at"] == "label:页数"
    assert "水库安全检查情况汇报" in (tmp_path / "out.html").read_text(encoding="utf-8")
    result = run("read", "page.html", "--html", "no/such/out.html")
    assert result.code == 2
    assert "name another file" in result.err


def test_a_profile_is_proposed_that_loads(tmp_path: Path) -> None:
    pages = [saved(HTML, f"https://docs.example/doc/{n}.html").page for n in (12345, 67890)]
    text = proposed_profile("docs", "docs.example", ["https://docs.example/list/1.html"], pages, NOW)
    assert document_pattern(pages) == r"^/doc/(?P<id>\d+)\.html$"
    (tmp_path / "docs.toml").write_text(text.replace("# document_url", "document_url"), encoding="utf-8")
    profile = load_profile(tmp_path / "docs.toml")
    assert profile.document_url == r"^/doc/(?P<id>\d+)\.html$"
    assert profile.hosts == ("docs.example",)


@pytest.mark.parametrize("urls", [("/doc/1/a-title", "/report/77"), ("/doc/12345.html",)])
def test_no_pattern_is_proposed_where_documents_differ_or_are_few(urls: tuple[str, ...]) -> None:
    assert document_pattern([saved(HTML, f"https://docs.example{url}").page for url in urls]) is None
