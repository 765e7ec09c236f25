"""Label/value pairs in the forms pages print them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.record import DocumentRecord
from crawler.reading import ReaderHints, read_page

TEXT = "<p>" + "各单位应当于每月底前报送进展情况，逾期不报的予以通报。" * 8 + "</p>"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def record_of(html: str, hints: ReaderHints | None = None) -> DocumentRecord:
    page = read_page(html.encode(), url="https://docs.example/doc/12345.html", fetched_at=NOW, hints=hints)
    assert page.record is not None, page.reason
    return page.record


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param("<ul><li>大小:1.5MB</li><li>页数:12页</li><li>时间:2020-01-02</li></ul>", id="list"),
        pytest.param("<p>大小：1.5MB　页数：12页　时间：2020-01-02</p>", id="full-width colon, one text"),
        pytest.param("<p>大小: 1.5 MB | 页数: 12 | 时间: 2020年1月2日</p>", id="pipes"),
        pytest.param(
            "<div><span>大小</span><b>：1.5MB</b></div><div>页 数：12</div><div>时间：2020/01/02</div>",
            id="padded",
        ),
        pytest.param(
            "<dl><dt>大小</dt><dd>1.5MB</dd><dt>页数</dt><dd>12</dd><dt>时间</dt><dd>2020.1.2</dd></dl>",
            id="dl",
        ),
        pytest.param(
            "<table><tr><th>大小</th><td>1.5MB</td><th>页数</th><td>12</td></tr>"
            "<tr><th>时间</th><td>2020-01-02</td></tr></table>",
            id="two pairs a row",
        ),
        pytest.param("<p>Size: 1.5 MB</p><p>Pages: 12</p><p>Published: 2 January 2020</p>", id="English"),
        pytest.param("<p>1.5 MB, 12 pages</p><p>2 January 2020</p>", id="unlabelled"),
        pytest.param("<p>大小:1.5MB / 页数:12页 / 时间:2020-01-02</p>", id="slashes"),
        pytest.param("<p>大小：1.5MB    页数：12    上传时间：2020-01-02 10:20    下载：77</p>", id="runs of blanks"),
        pytest.param(
            "<div><span>文件大小</span><span>1.5MB</span><span>页数</span><span>12</span></div>"
            "<div><span>上传时间</span><span>2020-01-02</span></div>",
            id="sibling spans, no colon",
        ),
        pytest.param(
            "<div><div>文件大小</div><div>1.5MB</div></div><div><div>页数</div><div>12</div></div>"
            "<div><div>上传时间</div><div>2020-01-02</div></div>",
            id="sibling divs, no colon",
        ),
        pytest.param(
            "<table><tr><td>大&nbsp;&nbsp;小</td><td>1.5MB</td><td>页　数</td><td>12</td></tr>"
            "<tr><td>格式</td><td></td><td>时间</td><td>2020-01-02</td></tr></table>",
            id="two pairs a row of plain cells, one empty, padded labels",
        ),
        pytest.param(
            "<ul><li><em>大小</em>1.5MB</li><li><em>页数</em>12</li><li><em>时间</em>2020-01-02</li></ul>",
            id="label inside the value's element",
        ),
        pytest.param(
            "<p><span title='文件大小'>1.5MB</span> <span title='页数'>12</span> "
            "<span aria-label='上传时间'>2020-01-02</span></p>",
            id="labels of icons",
        ),
        pytest.param(
            "<p><i class='i1' title='文件大小'></i>1.5MB <i class='i2' title='页数'></i>12 "
            "<img alt='上传时间' src='t.png'>2020-01-02</p>",
            id="icons before their values",
        ),
        pytest.param(
            "<table><tr><td data-label='File size'>1.5 MB</td><td data-label='Pages'>12</td>"
            "<td data-label='Date published'>2 Jan 2020</td></tr></table>",
            id="labels of cells as attributes",
        ),
        pytest.param(
            '<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite",'
            '"name":"x"},{"@type":"DigitalDocument","name":"水库安全检查情况汇报","contentSize":"1.5 MB",'
            '"numberOfPages":12,"datePublished":"2020-01-02T10:00:00+08:00"}]}</script>',
            id="JSON-LD",
        ),
        pytest.param(
            '<script>window.__DATA__ = {"page":{"related":[{"title":"别的文件","pageCount":3,"fileSize":"9MB"}],'
            '"doc":{"title":"\\u6c34\\u5e93\\u5b89\\u5168\\u68c0\\u67e5\\u60c5\\u51b5\\u6c47\\u62a5",'
            '"pageCount":12,"fileSize":1572864,"publish_time":1577923200}}};</script>',
            id="state of a script",
        ),
        pytest.param(
            "<script>var doc = {title: '水库安全检查情况汇报', pageCount: 12, fileSize: '1.5M', "
            "uploadTime: '2020-01-02'};</script>",
            id="object in a script",
        ),
        pytest.param(
            '<div itemscope itemtype="https://schema.org/Report"><meta itemprop="numberOfPages" '
            'content="12"><time itemprop="datePublished" datetime="2020-01-02">2 Jan</time>'
            '<b itemprop="contentSize">1.5 MB</b></div>',
            id="microdata",
        ),
    ],
)
def test_size_pages_and_date(attributes: str) -> None:
    record = record_of(f"<h1>水库安全检查情况汇报</h1>{attributes}{TEXT}")
    assert (record.size_bytes, record.pages, record.published_on) == (1572864, 12, "2020-01-02")


def test_a_profile_may_name_a_label_of_its_own() -> None:
    html = f"<h1>水库安全检查情况汇报</h1><p><span>篇幅总量：12</span><span>时间：2020-01-02</span></p>{TEXT}"
    assert record_of(html).pages is None
    assert record_of(html, ReaderHints(labels={"pages": "篇幅总量"})).pages == 12


def test_what_is_not_known_is_kept() -> None:
    record = record_of(f"<h1>水库安全检查情况汇报</h1><p>大小:1.5MB</p><p>上传者：老周</p><p>页数:12</p>{TEXT}")
    assert record.other_labels["上传者"] == ("老周",)


def test_the_documents_own_text_states_nothing() -> None:
    facts = "<h1>水库安全检查情况汇报</h1><p>大小:1.5MB</p><p>页数:12</p>"
    record = record_of(f"{facts}{TEXT}<p>附：样表 大小:999KB 页数:3页</p>")
    assert (record.size_bytes, record.pages) == (1572864, 12)


def test_related_documents_state_nothing() -> None:
    numbers = range(77777, 77783)
    items = "".join(f"<li><a href='/doc/{n}.html'>另外一份文件{n}</a> 大小:9MB 页数:99</li>" for n in numbers)
    facts = "<h1>水库安全检查情况汇报</h1><p>格式:PDF</p><p>时间:2020-01-02</p>"
    record = record_of(f"{facts}{TEXT}<h3>相关文档</h3><ul>{items}</ul>")
    assert (record.size_bytes, record.pages, record.format) == (None, None, "pdf")
    assert len(record.related_urls) == 6


def test_a_page_may_say_that_its_units_are_decimal() -> None:
    facts = "<h1>水库安全检查情况汇报</h1><p>大小:1.5MB</p><p>页数:12</p>"
    assert record_of(f"{facts}{TEXT}<p>Sizes: 1 MB = 1,000,000 bytes</p>").size_bytes == 1500000


def test_other_labels_of_tables_and_lists() -> None:
    """What the fields of a record do not hold is kept; what the site says of itself, and what passes, is not."""
    facts = (
        "<h1>水库安全检查情况汇报</h1><table><tr><th>发文机关</th><td>县水利局</td><th>有效性</th><td>有效</td></tr>"
        "<tr><th>公开日期</th><td>2020-01-02</td><th>成文日期</th><td>2019-12-30</td></tr></table>"
        "<dl><dt>Language</dt><dd>Chinese</dd></dl><p><b>价格：</b>5元</p><p>更新时间：3天前</p><p>电话：0999-1</p>"
    )
    record = record_of(f"{facts}{TEXT}<div>技术支持：某公司</div>")
    assert record.other_labels == {
        "有效性": ("有效",), "成文日期": ("2019-12-30",), "Language": ("Chinese",), "价格": ("5元",)
    }  # fmt: skip
    assert (record.issuer, record.published_on) == ("县水利局", "2020-01-02")
