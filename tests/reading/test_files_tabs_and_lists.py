"""Where a list of files ends, what tabs and counters are called, and links beside the titles of a listing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import Page, PageType, read_page
from crawler.reading.values import page_count

SAID = (
    "Interviews lasted between 5 and 135 minutes and were transcribed by two people.",
    "The cost estimate rests on prices quoted by three contractors.",
    "Volunteers received one day of training and a printed field card.",
)


def read(body: str, url: str = "https://docs.example/show/20231.html", title: str = "文件") -> Page:
    return read_page(
        f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode(),
        url=url,
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )


def test_what_a_publication_says_stands_below_its_files() -> None:
    file = (
        '<div><a href="/binaries/a/file.xlsx">Tables</a><dl><div><dt>File type</dt><dd>Excel document</dd></div>'
        "<div><dt>File size</dt><dd>347.9 kB</dd></div></dl></div>"
    )
    said = "".join(f"<p>{sentence}</p>" for sentence in SAID)
    body = (
        "<main><header><h1>School estates: tables</h1><dl><dt>Published</dt><dd>28 September 2021</dd></dl></header>"
        f"<div><p>Sets out the findings of the exercise.</p><h2>Documents</h2>{file}<div>{said}</div></div></main>"
        "<fieldset>Was this helpful?</fieldset>"
    )
    record = read(body).record
    assert record is not None
    assert (record.size_bytes, record.format) == (356250, "xlsx")
    assert record.preview_text == "\n".join(("Sets out the findings of the exercise.", *SAID))


def test_what_is_said_of_one_file_before_the_next_is_no_text() -> None:
    said = f"<div><p>{SAID[0]}</p><p>{SAID[1]}</p></div>"
    body = (
        "<h1>School estates: tables</h1><p>Published: 28 September 2021</p><div><h2>Documents</h2>"
        f'<div><a href="/a.xlsx">Tables</a> 12 kB</div>{said}<div><a href="/b.pdf">Guide</a> 4 MB</div></div>'
    )
    record = read(body).record
    assert record is not None
    assert (record.size_bytes, record.format, record.preview_text) == (12288, "xlsx", None)


@pytest.mark.parametrize(("called", "ending", "expected"), [("Word document", "docx", "docx"), ("DOC", "docx", "doc")])
def test_a_program_has_two_formats(called: str, ending: str, expected: str) -> None:
    body = (
        "<h1>Form AB12</h1><dl><dt>Published</dt><dd>9 June 2019</dd><dt>File type</dt>"
        f'<dd>{called}</dd><dt>File size</dt><dd>92.5 kB</dd></dl><p><a href="/files/ab12.{ending}">Form AB12</a></p>'
    )
    record = read(body).record
    assert record is not None and record.format == expected


def test_a_counter_of_downloads_heads_no_files() -> None:
    facts = "".join(
        f"<div>{label}:</div><div>{value}</div>"
        for label, value in (("File Size", "48.70 kB"), ("Date", "02 April 2017"), ("Downloads", "61 x"))
    )
    record = read(f"<h3>AGM minutes 2017</h3><div>{facts}<div><p>{' '.join(SAID)}</p></div></div>").record
    assert record is not None and record.preview_text == " ".join(SAID)


def test_the_last_of_the_tabs_over_a_paper_heads_nothing() -> None:
    tabs = "".join(f"<li>{name}</li>" for name in ("摘要", "图/表", "参考文献", "相似文献"))
    cited = "".join(
        f"<li>[{n}] 王某, 陈某. 第{n}次调查的研究[J]. 水产科技, 2015, 3(6): 16-95.</li>" for n in range(1, 9)
    )
    said = "为探究盐度对幼蟹生长的影响，设置五个处理组。结果表明，处理组与对照组的存活率差异不显著，生长率差异显著。"
    body = (
        f"<h1>不同盐度对幼蟹生长的影响</h1><ul>{tabs}</ul><div><p><b>摘要:</b> {said}</p>"
        "<p><b>关键词:</b> <a href='k1'>盐度</a> <a href='k2'>生长</a></p>"
        "<table><tr><td><b>页数:</b> 10</td></tr></table>"
        f"<ul><li><b>在线发布日期：</b><span>2021-05-25</span></li></ul></div><ul>{cited}</ul>"
    )
    record = read(body).record
    assert record is not None
    assert (record.pages, record.published_on, record.preview_text) == (10, "2021-05-25", said)
    assert set(record.tags) == {"盐度", "生长"}


def test_a_sentence_about_rules_heads_no_related_documents() -> None:
    said = (
        "填表前請詳閱注意事項，資料不齊者將通知限期補正，逾期未補正者予以退件。",
        "相關規定請參閱農業發展條例施行細則第3條。",
        "本縣各鄉鎮市公所均可受理，郵寄者以郵戳為憑，逾期者不予受理並退還原件。",
    )
    body = (
        "<h2>畜牧場登記管理作業要點</h2><ul><li>發布日期：101.11.30</li><li>發布單位：農務科</li></ul>"
        f"<div>{''.join(f'<p>{sentence}</p>' for sentence in said)}</div>"
    )
    record = read(body, title="畜牧場登記管理作業要點-農業處").record
    assert record is not None and record.preview_text == "\n".join(said)
    broken = body.replace("<p>", "").replace("</p>", "<br>")
    record = read(broken, title="畜牧場登記管理作業要點-農業處").record
    assert record is not None and record.preview_text == "\n".join(said)


def test_pages_of_records_are_not_those_of_a_document() -> None:
    rows = "".join(
        f'<tr><td>{n}</td><td><a href="cp.aspx?n=2003&s=367{n}">漁船監理第{n}號申請書</a></td><td>105-3-{n}</td></tr>'
        for n in range(11, 17)
    )
    pager = '<div>共 <span>66</span> 筆資料，第 <span>1/7</span> 頁，<a href="list.aspx?n=2003&page=2">下一頁</a></div>'
    page = read(
        f"<h2>表單下載</h2><table>{rows}</table>{pager}<p>瀏覽人次：512268</p>", url="http://a.example/list.aspx?n=2003"
    )
    assert (page.page_type, len(page.document_urls)) == (PageType.LISTING, 6)
    assert page.next_page == "http://a.example/list.aspx?n=2003&page=2"


@pytest.mark.parametrize(
    ("text", "pages"), [("前20页", None), ("目前20页", 20), ("the first 3 pages", None), ("前言，20页", 20)]
)
def test_the_pages_that_are_shown_are_not_all(text: str, pages: int | None) -> None:
    assert page_count(text, labelled=False) == pages


@pytest.mark.parametrize("heading", ["会员套餐", "VIP权益", "Plans & pricing", "上传文档", "Upload a document"])
def test_what_is_bought_or_uploaded_is_no_document(heading: str) -> None:
    facts = (("格式", "PDF"), ("页数", "20页"), ("文件大小", "50MB"))
    rows = "".join(f"<tr><td>{label}</td><td>{value}</td></tr>" for label, value in facts)
    assert read(f"<h1>{heading}</h1><table>{rows}</table>").reason == "service"
    assert read(f"<h1>{heading}管理办法</h1><table>{rows}</table>").page_type is PageType.DOCUMENT


@pytest.mark.parametrize("said", ["本专题收录文档 35 份，共 812 页，合计 120MB。", "35 documents, 812 pages, 120 MB"])
def test_what_a_collection_holds_is_no_document(said: str) -> None:
    assert read(f"<h1>安全生产月</h1><p>2023-06-01</p><p>{said}</p>").page_type is PageType.OTHER
    assert read("<h1>安全生产月</h1><p>2023-06-01</p><p>812 pages, 120 MB</p>").page_type is PageType.DOCUMENT


def test_a_month_among_attributes_is_the_day_of_publication() -> None:
    facts = "".join(f"<li>{text}</li>" for text in ("October 2019", "Author: Ramblers", "35 pages", "Format: PPT"))
    record = read(f"<h1>Footpath signage slides</h1><ul>{facts}</ul>").record
    assert record is not None and record.published_on == "2019-10"
    record = read("<h1>Footpath signage slides</h1><ul><li>October 2019</li></ul><p>35 pages, PPT, 1 MB</p>").record
    assert record is not None and record.published_on is None


def test_files_beside_titles_and_answers_are_not_what_is_listed() -> None:
    articles = "".join(
        f'<div><a href="view.aspx?no=202103{n}">对虾幼体发育的第{n}次观察</a><p>2021(3):{n}-7 '
        f'<a href="create_pdf.aspx?no=202103{n}">[PDF 2.74 M]</a></p></div>'
        for n in range(10, 16)
    )
    page = read(f"<h1>2021年第3期目录</h1>{articles}", url="http://a.example/ch/reader/issue_list.aspx")
    assert page.document_urls == tuple(f"http://a.example/ch/reader/view.aspx?no=202103{n}" for n in range(10, 16))
    threads = "".join(
        f'<tr><th><a href="thread-395{n}-1-1.html">第{n}号河湖巡查情况的汇报</a></th>'
        f'<td><a href="space-uid-4{n}.html">wenbi{n}</a> 2016-4-{n}</td>'
        f'<td><a href="forum.php?mod=redirect&tid=395{n}&goto=lastpost#lastpost">2016-12-{n} 10:08</a></td></tr>'
        for n in range(10, 16)
    )
    page = read(f"<h1>公文范文</h1><table>{threads}</table>", url="http://a.example/forum-36-1.html")
    assert page.document_urls == tuple(f"http://a.example/thread-395{n}-1-1.html" for n in range(10, 16))


def test_a_menu_above_the_heading_has_no_tags() -> None:
    menu = "".join(f'<li><a href="/browse/{name}">{name}</a></li>' for name in ("Authors", "Subjects", "Repository"))
    body = f"<h2>Browse</h2><ul>{menu}</ul><h1>Winter bird counts</h1><p>Date issued: 1994-12-01</p><p>24 pages</p>"
    record = read(body).record
    assert record is not None and record.tags == ()


def test_front_pages_of_sites_are_no_related_documents() -> None:
    related = "".join(f'<li><a href="/show/1000{n}.html">第{n}号水库巡查安排的通知</a></li>' for n in range(4))
    body = (
        "<h1>水库巡查安排</h1><p>发布日期：2021-06-25</p><p>页数：12页</p>"
        f'<h3>相关标准</h3><ul>{related}<li><a href="http://www.docs.example/">标准信息公共服务平台</a></li></ul>'
    )
    record = read(body).record
    assert record is not None and len(record.related_urls) == 4


@pytest.mark.parametrize(
    ("path", "doc_id"),
    [
        ("/docs/minutes-of-may/view", "minutes-of-may"),
        ("/resources/bird-survey-handbook.77/", "77"),
        ("/resources/annual-report.2019/", "annual-report.2019"),
        ("/view", "view"),
    ],
)
def test_the_part_of_the_path_that_says_which(path: str, doc_id: str) -> None:
    record = read("<h1>Bird survey handbook</h1><p>PDF, 2.3 MB, 12 pages</p>", url=f"https://docs.example{path}").record
    assert record is not None and record.doc_id == doc_id


def test_keywords_end_at_the_next_heading() -> None:
    links = "".join(f'<a href="/search?q={word}">{word}</a> ' for word in ("seagrass", "quadrats"))
    body = (
        "<h1>Seagrass counts</h1><p>CSV, 2.3 MB</p><p>Published 12 March 2019</p>"
        f'<h2>Keywords</h2>{links}<h2>Licence</h2><a href="/cc">CC BY 4.0</a>'
    )
    record = read(body).record
    assert record is not None and record.tags == ("seagrass", "quadrats")
