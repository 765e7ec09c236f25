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
