"""Pages of files with several versions or parts, of laws article by article, of texts shown in part."""

from __future__ import annotations

import time

import pytest

from crawler.reading.dates import day
from tests.reading.test_page_shapes import FACTS, NOW, TEXT, page_of, record_of

HEAD = "<h1>Harbour light keeper journal</h1>"
SENTENCE = "The ledger was kept in two hands, and the later hand corrects the earlier in 28 places. "
PAGE = SENTENCE * 3


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("14 March 1887", "1887-03-14"),
        ("March 14, 1887", "1887-03-14"),
        ("民國99年5月", "2010-05"),
        ("民國 104 年", "2015"),
        ("民國99年13月", None),
        ("14 March 1287", None),
    ],
)
def test_old_days_and_months_of_the_republic(printed: str, meant: str | None) -> None:
    assert day(printed, NOW) == meant


def test_a_day_before_1900_without_a_label_is_what_the_document_is_about() -> None:
    attributes = "<ul><li>Size: 1.5 MB</li><li>Pages: 9</li></ul>"
    assert record_of(f"{HEAD}<div>14 March 1887</div>{attributes}{TEXT}").published_on is None
    assert record_of(f"{HEAD}<div>14 March 1987</div>{attributes}{TEXT}").published_on == "1987-03-14"
    labelled = record_of(f"{HEAD}<div>Date: 14 March 1887</div>{attributes}{TEXT}")
    assert labelled.published_on == "1887-03-14"


@pytest.mark.parametrize(
    ("url", "doc_id"),
    [
        ("http://ir.example/handle/3WLS5/12991", "3WLS5/12991"),
        ("http://ir.example/handle/20.500.123/77", "20.500.123/77"),
        ("http://ir.example/handle/collections/12991", "12991"),
    ],
)
def test_handles(url: str, doc_id: str) -> None:
    assert record_of(f"{HEAD}{FACTS}{TEXT}", url).doc_id == doc_id


FILES = (
    "<h2>Files</h2><ul><li>CSV <b>gauges.csv</b> <i>(48.27 MB)</i></li>"
    "<li>TXT <b>README.txt</b> <i>(3.1 KB)</i></li></ul>"
)


def test_of_several_files_the_first_counts_and_not_all_together() -> None:
    offer = '<p><a href="/ndownloader/1">Download all (49.5 MB)</a></p>'
    rest = f"{HEAD}<p>Posted on 18.04.2023</p>{TEXT}"
    assert record_of(f"{offer}{rest}{FILES}").size_text == "48.27 MB"
    assert record_of(f"{offer}{rest}").size_text == "49.5 MB"
    named = "<div><b>hourly.csv</b><i>(8.41 MB)</i></div><div><b>readme.txt</b><i>(3.2 kB)</i></div>"
    record = record_of(f"{named}{offer}{rest}")
    assert (record.size_text, record.format) == ("8.41 MB", "csv")


def test_the_first_row_of_a_table_of_files_goes_before_their_sum() -> None:
    table = (
        "<h3>Documents</h3><table><tr><th>File Name</th><th>File Type</th><th>Pages</th><th>Size</th></tr>"
        "<tr><td>letter.docx</td><td>Microsoft Word</td><td>1</td><td>38.6 KB</td></tr>"
        "<tr><td>report.pdf</td><td>PDF</td><td>19</td><td>2.02 MB</td></tr></table>"
        "<p>Documents: 2 Total pages: 20</p>"
    )
    record = record_of(f"{HEAD}<p>Filed Date: 2024-07-30</p>{TEXT}{table}")
    assert (record.pages, record.format, record.size_text) == (1, "docx", "38.6 KB")
    alone = record_of(f"{HEAD}<p>Filed Date: 2024-07-30</p><p>Total pages: 20</p>{TEXT}")
    assert alone.pages == 20


def test_pages_behind_a_labelled_type() -> None:
    line = (
        "<p>Harbour light keeper journal of the western approaches.pdf <span>"
        "(2,141 × 2,268 pixels, file size: 14.62 MB, MIME type: <span>application/pdf</span>, 212 pages)</span></p>"
    )
    used = "<h2>File usage</h2><p>The following 2 pages use this file:</p>"
    record = record_of(f"{HEAD}<div>{line}</div><div>{TEXT}</div>{used}")
    assert (record.pages, record.size_text, record.format) == (212, "14.62 MB", "pdf")


def test_a_mime_type_longer_than_values_are() -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    html = f"{HEAD}<dl><dt>Format</dt><dd>{kind}</dd><dt>Date</dt><dd>1986-10</dd></dl>{TEXT}"
    assert record_of(html).format == "docx"


def _versions(*rows: str) -> str:
    heads = "<tr><th></th><th>Date/Time</th><th>Dimensions</th><th>User</th><th>Comment</th></tr>"
    cells = "".join(
        f"<tr><td>{n or 'current'}</td><td>{row}</td><td>Mira</td><td></td></tr>" for n, row in enumerate(rows)
    )
    return f"<h2>File history</h2><table>{heads}{cells}</table>"


def test_a_file_was_published_when_its_first_version_was_put_there() -> None:
    first, second = "10:42, 7 February 2016</td><td>(41 KB)", "09:01, 3 May 2019</td><td>(44 KB)"
    text = f"<p>Size: 44 KB</p><p>MIME type: application/pdf</p>{TEXT}"
    assert record_of(f"{HEAD}{text}{_versions(first)}").published_on == "2016-02-07"
    assert record_of(f"{HEAD}{text}{_versions(second, first)}").published_on == "2016-02-07"
    labelled = f"<p>Date: 2014-01-02</p>{text}"
    assert record_of(f"{HEAD}{labelled}{_versions(second, first)}").published_on == "2014-01-02"
    renamed = _versions(first).replace("File history", "Loan history")
    assert record_of(f"{HEAD}{text}{renamed}").published_on is None


def test_what_stands_below_files_is_no_item_of_a_list() -> None:
    files = (
        '<div><h4>Item sets</h4><p><a href="/s/main/item-set/9">Societies and committees</a></p></div>'
        '<div><h3>Files</h3><ul><li><a href="/s/main/media/13777">tregarth_transcript.docx</a>'
        "<dl><dt>File size</dt><dd>217 KB</dd></dl></li></ul></div>"
        '<div><h4>Output formats</h4><p><a href="/s/main/item/13776.dcmes-xml">Dublin Core simple</a></p></div>'
        '<div><p><a href="/s/main/item/13775">Previous interview of the series</a></p></div>'
    )
    html = f"<body>{HEAD}<dl><dt>Date</dt><dd>1986-10</dd></dl>{TEXT}{files}</body>"
    assert record_of(html, "https://digital.example/s/main/item/13776").size_text == "217 KB"


def test_numbers_of_pictures_are_no_number_of_pages() -> None:
    def shown(numbers: int, pages: int) -> str:
        return "".join(f'<div><img src="/{n}.jpg"><span>{n}/{pages}</span></div>' for n in range(1, numbers + 1))

    rest = f"<p>格式：PPTX</p><p>大小：986 KB</p>{TEXT}"
    assert record_of(f"<h1>极简线条述职汇报模板</h1>{shown(6, 6)}{rest}").pages is None
    assert record_of(f"<h1>极简线条述职汇报模板</h1>{shown(1, 6)}{rest}").pages == 6


def _law(articles: int, between: str = "") -> str:
    said = "各单位应当于每月底前报送进展情况，逾期不报的予以通报。"
    parts = [f"<div><div><b>第{n}条</b> <span>{said}</span></div></div>{between}" for n in "一二三四五六"[:articles]]
    return f"<div><div>第一章 总则</div>{''.join(parts[:3])}<div>第二章 附则</div>{''.join(parts[3:])}</div>"


def test_the_articles_of_a_law_are_one_text_with_its_chapters() -> None:
    linked = '<div><span>法条联想：</span><a href="/l">法律法规 7 篇</a><a href="/c">司法案例 142 篇</a></div>'
    facts = "<p>公布日期：2008年5月6日</p><p>文号：普府〔2026〕54号</p>"
    text = record_of(f"<h1>粮食烘干机械安全操作规定</h1>{facts}{_law(6, linked)}").preview_text or ""
    lines = text.split("\n")
    assert lines[0].startswith("第一章") and lines[4].startswith("第二章") and len(lines) == 8
    assert "法条联想" not in text


def test_the_articles_of_a_law_below_headings_of_their_own() -> None:
    said = (
        "It may be cited as the Harbour Order.",
        "The keeper holds the key to the seaward door. " * 4,
        "He is paid.",
    )
    parts = [f"<section><h3>Article {n}</h3><p>{text}</p></section>" for n, text in enumerate(said, 1)]
    notes = '<div><p><a href="/c/1">Cited by 12 cases</a></p></div>'
    body = f"<main>{HEAD}<ul><li>Date of publication: 6 May 2019</li><li>Size: 2 MB</li></ul>{notes.join(parts)}</main>"
    text = record_of(body).preview_text or ""
    assert text.split("\n")[:2] == ["Article 1", said[0]] and text.endswith(f"Article 3\n{said[2]}")
    assert "Cited by" not in text
    flat = body.replace("<section>", "").replace("</section>", "").replace("</h3><p>", "</h3><div><p>")
    flat = flat.replace("</p>", "</p></div>").replace("</p></div></div>", "</p></div>")
    assert (record_of(flat).preview_text or "").endswith(f"Article 3\n{said[2]}")


def test_a_notice_in_numbered_sections_is_one_text() -> None:
    def section(number: str, *said: str) -> str:
        parts = "".join(f"<div><b>{n}.</b> <div>{text}</div></div>" for n, text in enumerate(said))
        return f"<div><p>Section {number}</p>{parts}</div>"

    notice = (
        section("I: Authority", "Kivilampi")
        + section("II: Object", SENTENCE, SENTENCE)
        + section("IV: Procedure", "Open")
    )
    text = record_of(f"{HEAD}{FACTS}<div>{notice}</div>").preview_text or ""
    assert text.startswith("Section I: Authority") and "Kivilampi" in text and text.endswith("Open")


def test_claims_behind_the_abstract_are_of_the_text() -> None:
    abstract = f"<section><h2>摘要</h2><div><p>{'本申请提供一种染整工艺，手感柔软。' * 4}</p></div></section>"
    claims = f"<section><h2>权利要求书</h2><div><p>1.{'一种染整工艺，其特征在于包括染色。' * 2}</p></div></section>"
    text = record_of(f"<h1>针织面料的染整工艺</h1><div>{FACTS}</div>{abstract}{claims}").preview_text or ""
    assert text.startswith("本申请") and "其特征在于" in text


def test_a_text_in_one_cell_with_its_number_and_who_signed_it() -> None:
    said = "本院受理后，依法告知被告人有权委托辩护人，并依法讯问了被告人。" * 3
    cell = f"<td>淮检刑不诉(2006)12号<br>{said}<br>检 察 员：李建国<br></td>"
    table = f"<table><tr><td>发布时间：2006年12月3日</td></tr><tr>{cell}</tr></table>"
    text = record_of(f"<h1>不起诉决定书</h1><p>文号：淮检刑不诉12号</p>{table}").preview_text or ""
    assert said in text


def test_what_only_names_an_article_is_no_law() -> None:
    notes = "".join(f"<div><div>第{n}条的规定不适用。</div></div>" for n in "一二三四")
    text = record_of(f"<h1>粮食烘干机械安全操作规定</h1>{FACTS}<div>{TEXT}</div><aside>{notes}</aside>").preview_text
    assert text is not None and "不适用" not in text


def test_pages_behind_an_offer_to_unlock_them_are_of_the_text() -> None:
    offer = "<div><h3>This is a preview</h3><p>Do you want full access? Go Premium and unlock all 5 pages</p></div>"
    shown = f"<div><div><div>{PAGE}</div><div>{PAGE}</div></div></div>"
    locked = f"<div><div><div>The charter was granted. {PAGE}</div></div></div>"
    facts = "<p>File type: PDF</p><p>Pages: 5</p>"
    text = record_of(f"{HEAD}{facts}<section>{shown}{offer}{locked}</section>").preview_text or ""
    assert "The charter was granted." in text
    assert "preview" not in text and "unlock" not in text


def test_the_numbers_of_pages_are_no_text() -> None:
    said = "".join(
        f"<p>{'各单位应当于每月底前报送进展情况，逾期不报的予以通报。' * 3}</p><p>第{n}页</p>" for n in (1, 2, 3)
    )
    text = record_of(f"<h1>粮食烘干机械安全操作规定</h1>{FACTS}<div>{said}</div>").preview_text or ""
    assert "页" not in text


def test_description_and_abstract_are_two_texts() -> None:
    other = "Comparisons with Ellerwick should be made with care because the boundaries were redrawn in the spring."
    both = f"<dl><dt>Description</dt><dd>{PAGE}</dd><dt>Abstract</dt><dd>{other}</dd><dt>Date</dt><dd>1911</dd></dl>"
    text = record_of(f"{HEAD}<p>Size: 1.2 MB</p>{both}").preview_text or ""
    assert text.startswith(SENTENCE.strip()) and text.endswith(other)


def test_what_is_no_keyword() -> None:
    menu = (
        '<div><h3>Subjects</h3><ul><li><a href="/b/maps">Maps</a></li><li><a href="/b/plans">Plans</a></li></ul></div>'
    )
    scholar = '<ul><li><a href="https://scholar.other.example/?q=1">谷歌学术中相似的文章</a></li></ul>'
    docket = '<div><p>Docket Number(s)</p><p><a href="/search?q=19-0247-T">19-0247-T</a></p></div>'
    assert record_of(f"{menu}{HEAD}{FACTS}{TEXT}").tags == ()
    assert record_of(f"{HEAD}{FACTS}{TEXT}{scholar}").tags == ()
    assert record_of(f"{HEAD}{docket}{FACTS}{TEXT}").tags == ()
    own = '<ul><li><a href="https://docs.example/?q=1">谷物</a></li></ul>'
    assert record_of(f"{HEAD}{FACTS}{TEXT}{own}").tags == ("谷物",)


def test_columns_of_links_at_the_foot_are_no_keywords() -> None:
    def column(head: str, links: int) -> str:
        words = "".join(f'<dd><a href="/topic/{head}-{n}">{head} {n}</a></dd>' for n in range(links))
        return f"<dl><dt>{head}</dt>{words}</dl>"

    page = f"<div>{HEAD}{FACTS}{TEXT}</div><div><div>"
    assert record_of(f"{page}{column('Topics', 4)}{column('Data', 4)}{column('Agency', 3)}</div></div>").tags == ()
    few = f"{page}{column('Topics', 2)}{column('Data', 1)}{column('Agency', 1)}</div></div>"
    assert record_of(few).tags == ("Topics 0", "Topics 1")


def test_labelled_keywords_and_what_stands_among_them() -> None:
    tags = "<p>关键词：<a>竹制品</a> <a>GB/T 31742</a> <a>防霉/防蛀</a> <a>本地下载</a></p>"
    assert record_of(f"{HEAD}{FACTS}{tags}{TEXT}").tags == ("竹制品", "GB/T 31742", "防霉", "防蛀")
    search = "<div>關鍵字：<span>熱門關鍵字：</span><a href='?q=1'>育兒津貼</a></div>"
    assert record_of(f"{search}{HEAD}{FACTS}{TEXT}").tags == ()


def test_the_footer_of_the_article_says_when_it_was_published() -> None:
    facts = "<ul><li>Size: 1.5 MB</li><li>Pages: 9</li></ul>"
    dated = "<footer>Published on 14 March 2019</footer>"
    assert record_of(f"<article>{HEAD}{facts}<div>{TEXT}</div>{dated}</article>").published_on == "2019-03-14"
    assert record_of(f"<article>{HEAD}{facts}<div>{TEXT}</div></article>{dated}").published_on is None
    comment = f"<article><p>Thank you, very clear</p>{dated}</article>"
    assert record_of(f"<article>{HEAD}{facts}<div>{TEXT}</div>{comment}</article>").published_on is None


def test_a_format_alone_in_the_line_of_the_size() -> None:
    line = "<div><i>{}</i><span>大小：3.6MB</span><span>2025-04-11 发布</span></div>"
    assert record_of(f"{HEAD}{line.format('zip')}<div>{TEXT}</div>").format == "zip"
    assert record_of(f"{HEAD}{line.format('Key')}<div>{TEXT}</div>").format is None


def test_the_order_of_a_date_without_a_label_where_the_page_is_american() -> None:
    body = f"<body>{HEAD}<div>03/04/2021</div><ul><li>Size: 1.5 MB</li><li>Pages: 9</li></ul><div>{TEXT}</div>"
    assert record_of(f'<html lang="en-US">{body}').published_on == "2021-03-04"
    assert record_of(f'<html lang="en-GB">{body}').published_on == "2021-04-03"
    told = "<p>Comments until 25/12/2021</p>"
    assert record_of(f'<html lang="en-US">{body}<aside>{told}</aside>').published_on == "2021-04-03"


def test_many_articles_and_pages_are_read_in_a_straight_line() -> None:
    """No part of this page is looked at once for each of the others: of four times the page, four times the time."""
    articles = "".join(f"<div><p>第{n}条 各单位应当报送进展情况。</p></div>" for n in range(600))
    rows = "<tr><td>7 February 2016</td><td>(41 KB)</td></tr>" * 600
    pages = [f"{HEAD}{FACTS}<div>{articles * n}</div><h2>File history</h2><table>{rows * n}" for n in (1, 4)]
    one, four = (min(cpu_seconds(page) for _ in range(3)) for page in pages)  # the least: the machine may be busy
    assert four < 9 * one


def cpu_seconds(html: str) -> float:
    began = time.process_time()
    page_of(html)
    return time.process_time() - began
