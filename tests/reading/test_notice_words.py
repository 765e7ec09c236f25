"""Words of notices stand in the titles of documents as well; a form beside a document is no wall in front of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import read_page
from crawler.reading.page import Page, PageType

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TEXT = "本办法自印发之日起施行,各有关单位应当结合实际认真贯彻落实,执行中遇到的问题请及时报告。" * 3


def read(html: str) -> Page:
    return read_page(html.encode(), url="https://docs.example/doc/953365.html", fetched_at=NOW)


def document(title: str, *, before: str = "", after: str = "") -> str:
    return f"""<html><head><title>{title} - 文库</title></head><body>{before}<h1>{title}</h1>
<div>文件大小:32.74KB</div><div>页数:22页</div><div>格式:docx</div><div>上传时间:2023-04-16</div>
<p>{TEXT}</p>{after}</body></html>"""


@pytest.mark.parametrize(
    "title",
    [
        "关于违规行为处罚办法的通知",
        "个人信息隐私保护管理制度",
        "信息系统维护中常见问题汇总",
        "Breaking CAPTCHAs with convolutional networks",
        "Guidance to help schools plan their budgets",
        "How to use a lathe",
        "Error correcting codes",
        "公司版权声明书范本",
    ],
)
def test_a_title_with_words_of_a_notice_is_a_documents(title: str) -> None:
    page = read(document(title))
    assert page.page_type is PageType.DOCUMENT
    assert page.record is not None
    assert page.record.title == title


@pytest.mark.parametrize(
    "notice",
    [
        "<h1>该文档已被删除</h1><p>文件大小:32.74KB 页数:22页</p>",
        "<h1>个人隐私保护制度.docx</h1><p>抱歉,该文档因违规已被删除</p><p>文件大小:32.74KB 页数:22页</p>",
        "<h1>安全验证</h1><p>请完成验证后继续访问</p>",
        "<h1>系统维护中</h1><p>请稍后再试</p>",
        "<h1>帮助中心</h1><p>支持的格式:docx</p><p>文件大小:50MB</p>",
        "<h1>Sign in to view this document</h1><form>E-mail: <input> Password: <input type=password></form>",
    ],
)
def test_a_notice_is_no_document(notice: str) -> None:
    assert read(f"<html><head><title>文库</title></head><body>{notice}</body></html>").page_type is PageType.OTHER


def test_a_login_form_beside_a_document_is_no_wall() -> None:
    form = "<div><h2>Log in</h2><p>Username</p><p>Password</p><input type=password></div>"
    for html in (document("Hall hire agreement", before=form), document("Hall hire agreement", after=form)):
        assert read(html).page_type is PageType.DOCUMENT


def test_an_advert_states_nothing_of_the_document() -> None:
    html = """<html><head><title>Working at height</title></head><body><h1>Working at height</h1>
<div>Ads by Nobody <a href="https://ads.example/r">Free posters (PDF, 3.1 MB)</a><p>Over 40 pages.</p></div>
<p>Pages: 12</p><p>Format: DOC</p><p>4,810 views, 1.2K views</p></body></html>"""
    record = read(html).record
    assert record is not None
    assert (record.size_bytes, record.pages, record.format) == (None, 12, "doc")


def test_authors_between_titles_are_neither_listed_nor_related() -> None:
    items = "".join(
        f'<li><a href="/{name}/{title.replace(" ", "-")}">{title}</a><div>by <a href="/{name}">{name}</a></div>'
        f"<div>{pages} slides</div></li>"
        for name, title, pages in (
            ("mapgeek", "contour lines by hand", 30),
            ("wrlocks", "how a canal lock works", 18),
            ("drhaq", "bridges that move", 62),
            ("ropework", "knots for engineers", 27),
        )
    )
    page = read(
        f"<html><head><title>Engineering</title></head><body><h1>Engineering</h1><ul>{items}</ul></body></html>"
    )
    assert page.page_type is PageType.LISTING
    assert page.document_urls == (
        "https://docs.example/mapgeek/contour-lines-by-hand",
        "https://docs.example/wrlocks/how-a-canal-lock-works",
        "https://docs.example/drhaq/bridges-that-move",
        "https://docs.example/ropework/knots-for-engineers",
    )


@pytest.mark.parametrize(
    "body",
    [
        '<div id="app"></div><script src="/app.js"></script>',
        '<noscript>Please enable JavaScript.</noscript><div id="main"></div><script src="/m.js"></script>',
        "<app-root></app-root><script>boot()</script><p>Loading…</p>",
    ],
)
def test_a_page_that_needs_a_browser_is_named_as_such(body: str) -> None:
    page = read(f"<html><head><title>Document register</title></head><body>{body}</body></html>")
    assert (page.page_type, page.reason) == (PageType.OTHER, "needs_browser")


def test_a_short_page_with_scripts_is_no_shell() -> None:
    page = read("<html><body><p>Nothing was found.</p><script>count()</script></body></html>")
    assert page.reason != "needs_browser"
