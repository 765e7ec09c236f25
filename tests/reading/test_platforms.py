"""Engines whose pages keep in scripts what a browser would show."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.platforms import unpacked
from crawler.reading import Page, read_page

NOW = datetime(2026, 5, 20, 1, tzinfo=UTC)
STORE = (
    '<datastore><nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&columnid=12&unitid=47"></a>]]>'
    "</nextgroup><recordset>{}</recordset></datastore>"
)
ROWS = "".join(
    f'<record><![CDATA[<li><a href="/art/2025/7/{day}/art_12_40{day}.html">关于印发第{day}号水库巡查安排的通知</a>'
    f"<span>2025-07-{day}</span></li>]]></record>"
    for day in range(10, 16)
)


def read(text: str) -> Page:
    url = "https://www.county-gov.example/col/col12/index.html"
    return read_page(text.encode(), url=url, fetched_at=NOW, content_type="text/html; charset=utf-8")


def test_rows_in_a_script_are_the_listing() -> None:
    page = read(
        "<html><head><title>政策文件</title></head><body><h1>政策文件</h1><div id=47><script type='text/xml'>"
        f"{STORE.format(ROWS)}</script></div><div>版权所有</div></body></html>"
    )
    assert page.page_type == "listing"
    assert [url.rpartition("/")[2] for url in page.document_urls] == [f"art_12_40{day}.html" for day in range(10, 16)]
    assert (
        page.next_page == "https://www.county-gov.example/module/web/jpage/dataproxy.jsp?page=1&columnid=12&unitid=47"
    )


def test_the_next_rows_come_alone() -> None:
    page = read(f"<?xml version='1.0' encoding='utf-8'?>{STORE.format(ROWS)}")
    assert (page.page_type, len(page.document_urls)) == ("listing", 6)
    assert page.next_page is not None


def test_a_store_that_does_not_end_is_left_as_it_is() -> None:
    assert read(f"<body><script type='text/xml'>{STORE.format(ROWS)[:-30]}</script></body>").page_type == "other"


def test_what_is_answered_to_a_thread_is_none_of_its_document() -> None:
    post = (
        '<div id="post_{0}"><table><tr><td class="pls"></td><td class="plc"><a href="p{0}">{1}</a><em>发表于 {2}</em>'
        '<table><tr><td class="t_f">{3}</td></tr></table></td></tr></table></div>'
    )
    said = "".join(f"第{n}季度巡查安排已经印发，各镇应当按期完成，逾期未报送结果的予以通报。<br>" for n in "一二三四")
    file = '<p><a href="forum.php?mod=attachment&aid=MTI9">巡查安排.docx</a></p><p>31.77 KB, 下载次数: 5</p>'
    answer = "能不能再发一份pdf，2.5 MB那种？2019-2-1 的也行，谢谢楼主。"
    text = (
        "<html><head><title>水库巡查安排 - 公文论坛 - Powered by Discuz!</title></head><body>"
        '<div id="postlist"><h1>水库巡查安排</h1>'
        f"{post.format(71, '楼主', '2016-11-28 21:05', said + file)}{post.format(72, '沙发', '2019-2-1 11:00', answer)}"
        '<div id="postlistreply"></div></div><div id="ft">GMT+8, 2026-5-20, Processed in 0.07 second(s)</div></body>'
    )
    page = read_page(text.encode(), url="http://bbs.a.example/thread-31940-1-3.html", fetched_at=NOW)
    assert page.record is not None
    record = page.record
    assert (record.doc_id, record.size_bytes, record.format) == ("31940", 32532, "docx")
    assert record.published_on == "2016-11-28"
    assert "pdf" not in (record.preview_text or "pdf")


def test_a_later_page_of_a_thread_is_left_as_it_is() -> None:
    text = '<div id="postlist">Discuz!<div id="post_1">11楼</a></div><div id="post_2">12楼</a></div></div><div id="ft">'
    assert unpacked(text) == text
