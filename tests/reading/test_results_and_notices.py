"""Pages of search results, and words of notices that titles of documents have as well."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import PageType, read_page

TEXT = "本办法适用于本市行政区域内的有关工作。各单位应当按照职责分工做好落实,并于每年年底前报送总结材料。" * 4


def type_of(body: str, url: str = "https://docs.example/show/20231.html") -> PageType:
    page = read_page(
        f"<html><head><title>文件</title></head><body>{body}</body></html>".encode(),
        url=url,
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    return page.page_type


def test_a_document_with_attachments_and_a_page_before_it_is_no_list_of_results() -> None:
    names = ("检查工作的标准和要求", "各单位检查的时间安排", "检查结果汇总统计表格")
    attached = "".join(f'<li><a href="/show/2010{n}.html">附件{n}：{name}</a></li>' for n, name in enumerate(names))
    body = (
        "<h1>关于开展年度安全检查工作的通知</h1><p>发布日期：2023-05-06</p><p>文号：某府〔2023〕12号</p>"
        f"<div><p>{TEXT}</p><p>{TEXT}</p></div>"
        f'<p>共3个附件</p><ul>{attached}</ul><p><a href="/show/20230.html">上一页</a></p>'
    )
    assert type_of(body) is PageType.DOCUMENT


def test_a_later_page_of_results_is_a_list_whatever_it_tells_of_each() -> None:
    said = "A sentence. " * 30
    rows = "".join(
        f'<div><h2><a href="/records/ab{n}cd-9x{n}">Report {n} on lake ice and its uses</a></h2>'
        f"<p>{said}</p><p>Uploaded on June {n}, 2025</p></div>"
        for n in (7, 8)
    )
    body = f"<h1>Hydrology Group</h1><div>852 results found</div>{rows}<p><a href='?page=85'>‹</a> 86</p>"
    assert type_of(body, "https://docs.example/records?page=86") is PageType.LISTING


def test_what_results_may_be_narrowed_to_is_no_value() -> None:
    types = "<h2>File type</h2><ul><li>PDF 700</li><li>DOCX 41</li></ul>"
    years = "<h2>Published</h2><ul><li>2021 (14)</li><li>2020 (9)</li></ul>"
    assert type_of(f"<h1>All reports of the group</h1>{types}{years}<p>{TEXT}</p>") is not PageType.DOCUMENT


@pytest.mark.parametrize("title", ["专利侵权处理办法", "12345热线投诉指引汇编", "投标人须知", "Guidelines on lake ice"])
def test_a_title_with_a_word_of_notices_is_a_title(title: str) -> None:
    assert type_of(f"<h1>{title}</h1><p>发布日期：2023-05-06</p><p>页数：12页</p><p>{TEXT}</p>") is PageType.DOCUMENT


@pytest.mark.parametrize("title", ["投稿须知", "侵权投诉指引", "Author guidelines", "Instructions for authors"])
def test_what_a_site_tells_its_authors_is_no_document(title: str) -> None:
    assert type_of(f"<h1>{title}</h1><p>发布日期：2023-05-06</p><p>{TEXT}</p>") is PageType.OTHER


def test_cells_that_repeat_the_head_of_their_table_are_read_once() -> None:
    rows = "".join(
        f'<tr><td data-label="Description"><a href="/f/{n}.pdf">Letter {n}</a></td>'
        f'<td data-label="Size">{size}</td></tr>'
        for n, size in enumerate(("148.2 KB", "31 KB"))
    )
    table = f"<h2>Documents</h2><table><tr><th>Description</th><th>Size</th></tr>{rows}</table>"
    page = read_page(
        f"<h1>Enforcement action against landlords</h1><p>Date published: 28/06/2024</p>{table}<p>{TEXT}</p>".encode(),
        url="https://docs.example/foi/10417",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    assert page.record is not None
    assert page.record.size_bytes == 151757


ATTRIBUTES = "<p>公告时间：2023-05-06</p><p>大小：218 KB</p><p>公告页数：12</p>"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("公司董事会保证本公告内容不存在任何虚假记载、误导性陈述或者重大遗漏。", PageType.DOCUMENT),
        ("关于公司因违规担保收到监管函的公告。", PageType.DOCUMENT),
        ("您访问的公告不存在或已被删除。", PageType.OTHER),
        ("您访问的文档不存在(404)", PageType.OTHER),
        ("该文档因违规被屏蔽。", PageType.OTHER),
    ],
)
def test_what_a_document_says_does_not_exist_is_not_the_document(said: str, expected: PageType) -> None:
    body = f"<h1>关于控股股东部分股份质押的公告</h1>{ATTRIBUTES}<p>{said}</p><p>{TEXT}</p>"
    assert type_of(body) is expected


def test_the_site_behind_a_title_is_no_space_of_a_user() -> None:
    head = "<h1>关于加强管线管理的通知</h1><p>发布日期：2023-05-06</p><p>文号：某府〔2023〕12号</p>"
    page = f"<title>关于加强管线管理的通知_政策文库_某市</title>{head}<p>{TEXT}</p>"
    assert type_of(page) is PageType.DOCUMENT
    assert type_of(f"<h1>王老师的文库</h1><p>{TEXT}</p>") is PageType.OTHER


def test_an_error_that_names_the_file_is_no_document() -> None:
    body = "<h1>错误信息</h1><p>您还没有登录，下载此资料需要10点。</p><p>资料大小：215 K，文件格式：DOC</p>"
    assert type_of(body, "https://docs.example/down.asp?id=48220") is PageType.OTHER


def test_the_order_by_relevance_is_no_heading_of_related_documents() -> None:
    facets = "".join(
        f'<a href="?t={n}">{kind}({n * 31})</a>' for n, kind in enumerate(("通知", "意见", "批复", "决定"), 2)
    )
    rows = "".join(
        f'<div><a href="/content/2024{n}/c_69041{n}.htm"><h5>关于第{n}次普查工作安排的通知</h5></a>'
        f"<p>发布日期：2024年12月{n}日</p></div>"
        for n in range(10, 18)
    )
    page = read_page(
        f"<body><div>{facets}</div><div>共 <b>517</b> 条结果 <a>按时间</a><a>按相关度</a></div>{rows}</body>".encode(),
        url="https://docs.example/library/",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    assert page.document_urls == tuple(f"https://docs.example/content/2024{n}/c_69041{n}.htm" for n in range(10, 18))


def test_a_page_of_another_book_states_no_number_of_pages() -> None:
    page = read_page(
        "<h1>分数的意义</h1><p>大小：2.8 M</p><p>格式：Word文档</p>"
        "<p>作业布置：完成练习册第26页，预习下一课。</p>".encode(),
        url="https://docs.example/doc/6540705/lesson-on-parts-of-numbers-1650-1820",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    assert page.record is not None
    assert (page.record.pages, page.record.format, page.record.doc_id) == (None, "doc", "6540705")


def test_a_folder_of_a_day_is_no_number_before_a_title() -> None:
    page = read_page(
        f"<h1>Harbour report 4711</h1><p>Size: 2.8 MB</p><p>Pages: 12</p><p>{TEXT}</p>".encode(),
        url="https://docs.example/news/20231105/the-report-of-the-harbour-4711",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    assert page.record is not None
    assert page.record.doc_id == "4711"


@pytest.mark.parametrize("heading", ["Search Results", "Suchergebnisse", "检索结果", "搜尋結果", "Träfflista"])
def test_what_a_search_found_is_no_document(heading: str) -> None:
    body = f"<h1>{{}}</h1><p>Size: 559 KB</p><p>Format: PDF</p><p>Published: 2014-05-25</p><p>{TEXT}</p>"
    assert type_of(body.format(heading)) is not PageType.DOCUMENT
    assert type_of(body.format(f"{heading} of 2014")) is PageType.DOCUMENT


@pytest.mark.parametrize(
    "notice",
    [
        "<h1>找不到網頁</h1><p>閣下要求的網頁（文件編號：FS18/12-13）已移至檔案館或不再提供。</p><p>發表日期：2013年5月2日</p>",
        "<h1>刊物</h1><p>閣下要求的網頁（文件編號：FS18/12-13）已移至檔案館或不再提供。</p><p>發表日期：2013年5月2日</p>",
        "<h1>系統維修通告</h1><p>本網站將於2026年11月20日進行維修，期間暫停提供文件下載服務。</p>",
    ],
)
def test_notices_in_traditional_characters(notice: str) -> None:
    assert type_of(f"{notice}<p>下載 Acrobat Reader（約 32 MB）</p>") is PageType.OTHER


def test_a_sentence_is_no_notice_by_the_end_of_a_word() -> None:
    text = "No objection was received from them. " * 9
    page = read_page(
        f"<h1>Report</h1><p>Published: 2014-05-25</p><p>Pages: 4</p><div><p>{text}</p></div>".encode(),
        url="https://docs.example/show/7.html",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    assert page.record is not None and page.record.preview_text is not None


def test_what_a_list_may_be_narrowed_to_is_not_what_it_lists() -> None:
    years = "".join(f'<a href="/list?facet={year}">{year} ({year % 7 + 20})</a> ' for year in range(2005, 2026))
    rows = "".join(f'<div><a href="/record?pid=d{n}">Regn i dalen {n}</a></div>' for n in range(4))
    pager = "<a href='/list?p=2'>next</a> <a href='/list?p=49'>&lt; previous</a>"
    page = read_page(
        f"<body><div>{years}</div>{rows}{pager}</body>".encode(),
        url="https://docs.example/list?p=3",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    assert page.document_urls == tuple(f"https://docs.example/record?pid=d{n}" for n in range(4))


def test_what_narrows_a_search_with_one_result_makes_it_no_document() -> None:
    kinds = "".join(f'<li><a href="/decisions?f={n}">Article {n} of the act ({n})</a></li>' for n in range(5, 13))
    found = f'<div><a href="/docs/ps-598.pdf">PS-598</a></div><p>1 / 24</p><p>{TEXT}</p>'
    page = read_page(
        f"<title>Decisions</title><h1>Decisions</h1><ul>{kinds}</ul>{found}".encode(),
        url="https://docs.example/decisions?q=598",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )
    assert page.page_type is PageType.LISTING
