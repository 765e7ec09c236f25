"""Words of other languages, explanations that are no values, attributes without labels; each rule on its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import Page, read_page
from crawler.reading.dates import day
from crawler.reading.page import PageType
from crawler.reading.values import page_count, stated_size
from crawler.reading.vocabulary import NEXT, RELATED
from tests.reading.test_page_shapes import FACTS, TEXT, page_of, record_of

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SENTENCE = "养护人员每天早晚各巡查一次，发现裂缝立即上报并做好记录，三日内回填。"


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("已预览 4 页，剩余 5 页，下载后查看全部", 9),
        ("已預覽4頁，剩餘5頁", 9),
        ("前3页免费，剩余7页", 10),
        ("You have read 4 pages, 21 pages left.", 25),
        ("Preview: 4 pages shown, 47 pages remaining", 51),
        ("4 páginas leídas, 21 páginas restantes", 25),
        ("Only 21 pages left", None),
        ("共三十六頁", 36),
    ],
)
def test_pages_shown_and_left(text: str, pages: int | None) -> None:
    assert page_count(text, labelled=False) == pages


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("gestern, 17:05 Uhr", "2026-11-19"),
        ("vorgestern", "2026-11-18"),
        ("hier à 14:00", "2026-11-19"),
        ("vor 3 Tagen", "2026-11-17"),
        ("il y a 2 jours", "2026-11-18"),
        ("hace un día", "2026-11-19"),
        ("vor 3 Jahren", None),
        ("hier herunterladen", None),
        ("4-2016", "2016-04"),
        ("Spring 5-12-2018", "2018-05-12"),
        ("Fall 12-5-2018", "2018-12-05"),
        ("5-12-2018", "2018-12-05"),
    ],
)
def test_dates_of_other_languages_and_terms(text: str, iso: str | None) -> None:
    assert day(text, NOW) == iso


def test_a_count_of_views_before_pages_is_no_size() -> None:
    assert stated_size("0 ratings 1K views 26 pages") is None
    assert stated_size("1.2M Downloads 345") == "1.2M"


@pytest.mark.parametrize(
    "text", ["Weiter", "Nächste Seite", "Page suivante", "Página siguiente", "Próxima", "Volgende »"]
)
def test_the_next_page_in_other_languages(text: str) -> None:
    assert NEXT.match(text)


@pytest.mark.parametrize("text", ["Weiterlesen", "weitere Dokumente", "Weiter zum Volltext"])
def test_what_is_no_next_page(text: str) -> None:
    assert not NEXT.match(text)


@pytest.mark.parametrize("text", ["Recommended Citation", "推荐引用格式", "We recommend that every pump is moved."])
def test_a_citation_is_no_related_document(text: str) -> None:
    assert not RELATED.search(text)


@pytest.mark.parametrize("text", ["Recommend Documents", "阅读了该文档的用户还阅读了这些文档"])
def test_headings_of_related_documents(text: str) -> None:
    assert RELATED.search(text)


@pytest.mark.parametrize(
    "notice",
    [
        "Das Dokument mit der ID 3002 steht nicht mehr zur Verfügung. Veröffentlicht: 11.11.2003, Seitenzahl: 90.",
        "El documento 3002 ya no está disponible. Publicado: 11/11/2003. Páginas: 90.",
        "Ce document n’est plus disponible. Publié le: 11/11/2003. Pages: 90.",
        "Dieses Dokument wurde gelöscht. Seitenzahl: 90. Veröffentlicht: 11.11.2003",
    ],
)
def test_a_notice_of_a_lost_document_in_other_languages(notice: str) -> None:
    page = page_of(f"<h1>Archiv der Schriften</h1><p>{notice}</p>")
    assert page.page_type is PageType.OTHER
    assert page.reason == "gone"


def test_a_german_text_about_what_was_removed_is_a_document() -> None:
    text = "<p>Die Rohre wurden entfernt.</p>" + "<p>Die Leitung wurde im Herbst erneuert und geprüft.</p>" * 5
    assert record_of(f"<h1>Sanierung der Leitung</h1><p>Seitenzahl: 9</p><p>Dateigröße: 2 MB</p>{text}").pages == 9


@pytest.mark.parametrize("title", ["政府信息公开指南", "检索帮助", "Hilfe", "常見問題"])
def test_a_page_that_explains_labels_is_no_document(title: str) -> None:
    text = "<p>索引号：由机构代码和流水号组成，例如 TJ0001/2020-0000001。</p><p>发布日期：信息发布的时间。</p>"
    limits = "<p>附件大小：不超过5MB，页数：不限，格式：doc、pdf。</p>"
    assert page_of(f"<h1>{title}</h1>{text}{limits}").page_type is PageType.OTHER


def test_values_beside_a_limit_are_explanations() -> None:
    limits = "<p>附件大小：不超过5MB，页数：3，格式：xls</p>"
    record = record_of(f"<h1>公园座椅</h1><p>发布日期:2020-01-02</p><p>大小:1.5MB</p>{limits}{TEXT}")
    assert (record.pages, record.format) == (None, None)


def test_publication_before_issue() -> None:
    dates = "<dl><dt>发文日期</dt><dd>2021-06-01</dd><dt>公开日期</dt><dd>2021-06-08</dd></dl>"
    assert record_of(f"<h1>校车运行细则</h1>{dates}{TEXT}").published_on == "2021-06-08"


def test_other_dates_tell_that_the_month_comes_first() -> None:
    dates = "<p>Hearing Date: 09/21/2021</p><p>Published: 02/03/2022</p><p>Pages: 9</p>"
    assert record_of(f"<h1>Hearing on staffing</h1>{dates}{TEXT}").published_on == "2022-02-03"
    assert record_of(f"<h1>Hearing</h1><p>Published: 02/03/2022</p><p>Pages: 9</p>{TEXT}").published_on == "2022-03-02"


def test_a_label_with_brackets_behind_it() -> None:
    rows = "<tr><th>Datum der Veröffentlichung (online):</th><td>12.03.2019</td></tr>"
    rows += "<tr><th>Seitenzahl:</th><td>143</td></tr>"
    assert record_of(f"<h1>Regenwassernutzung</h1><table>{rows}</table>{TEXT}").published_on == "2019-03-12"


def test_a_list_of_attributes_without_labels() -> None:
    listed = "<ul><li>DOCX</li><li>18页</li><li>2.3MB</li><li>阅读 57</li></ul>"
    record = record_of(f"<h1>巡检手册</h1>{listed}{TEXT}")
    assert (record.format, record.pages, record.size_bytes) == ("docx", 18, 2411725)
    record = record_of(f"<h1>知识清单</h1><div><span>PPT</span><span>约 30页</span><span>2017-11-05</span></div>{TEXT}")
    assert (record.format, record.pages) == ("ppt", 30)


def test_a_list_of_attributes_between_related_documents_and_text() -> None:
    related = "<section><h2>Similar presentations</h2>" + "".join(
        f"<div><a href='/doc/7{n}345.html'>Bell ringing in port number {n}</a></div>" for n in range(4)
    )
    listed = "</section><ul><li>18 slides</li><li>3.6\nMB</li><li>PPTX</li></ul><h2>Transcript</h2>"
    record = record_of(f"<h1>Crop rotation</h1><p>Published on 14 February 2019.</p>{related}{listed}{TEXT}")
    assert (record.size_bytes, record.format) == (3774874, "pptx")


LIST = (
    "<ul><li><a href='/c/g.odt'>g.odt</a> <span>ODT</span> <span>652.3 KB</span> <span>29 pages</span></li>"
    "<li><a href='/c/g.pdf'>g.pdf</a> <span>PDF</span> <span>1.1 MB</span> <span>31 pages</span></li></ul>"
)
TABLE = (
    "<table><tr><td><a href='/c/g.odt'>Text</a></td><td>652.3 KB</td><td>29 pages</td></tr>"
    "<tr><td><a href='/c/g.pdf'>Scan</a></td><td>38.2 MB</td><td>31 pages</td></tr></table>"
)


@pytest.mark.parametrize("files", [LIST, TABLE])
def test_the_first_file_above_the_heading_counts(files: str) -> None:
    record = record_of(f"<div><h2>Formats</h2>{files}</div><h1>Guide to tide gauges</h1><p>Issued: 2016</p>{TEXT}")
    assert (record.size_bytes, record.pages, record.format) == (667955, 29, "odt")


def test_a_document_number_with_a_dash_is_kept_whole() -> None:
    html = f"<h1>Standards for fencing</h1><p>Document Number: 2022-08114</p><p>Pages: 18</p>{TEXT}"
    assert record_of(html, "https://docs.example/details/REG-2022-08114").doc_id == "2022-08114"
    assert record_of(html, "https://docs.example/details/4711").doc_id == "4711"


def test_a_projects_id_is_not_the_documents() -> None:
    assert record_of(f"<h1>Drainage report</h1><p>Project ID: P004410</p>{FACTS}{TEXT}").doc_id == "12345"


@pytest.mark.parametrize("number", ["标准号：GB/T 50174-2019", "GB/T 50174-2019"])
def test_a_heading_that_is_a_number_is_no_title(number: str) -> None:
    named = "<p>中文标准名称：托盘维修规范</p><p>英文标准名称：Pallet repair</p>"
    assert record_of(f"<h1>{number}</h1>{named}{FACTS}{TEXT}").title == "托盘维修规范"


def test_a_date_above_the_heading_goes_before_the_day_of_creation() -> None:
    created = f"<dl><dt>Created</dt><dd>June 2, 2020</dd></dl><p>Pages: 9</p>{TEXT}"
    page = "<main><div><div>{}</div><h1>Grass and grouse</h1></div></main>"
    assert record_of(page.format("October 2015") + created).published_on == "2015-10"
    assert record_of(page.format("20 November 2026") + created).published_on == "2020-06-02"
    clock = "<div><div>3 May 2019</div></div><main><div><h1>Grass and grouse</h1></div></main>"
    assert record_of(clock + created).published_on == "2020-06-02"


def test_a_counter_in_elements_of_its_own_is_no_size() -> None:
    counted = "<div>1K</div><div>Views</div><table><tr><td>Data volume</td><td>3.1 GB</td></tr></table>"
    assert record_of(f"<h1>Interviews</h1><p>Published on 17 August 2023</p>{counted}{TEXT}").size_bytes is None


def test_a_date_with_its_word_behind_it() -> None:
    line = "<div><a href='/u/7'>水利小兵</a><span>于</span><span>2011-08-23 22:17:36</span>"
    line += "<span>上传</span><span>阅读：12</span></div>"
    assert record_of(f"<h1>竣工报告</h1>{line}<p>页数:3</p>{TEXT}").published_on == "2011-08-23"


def test_a_date_before_another_that_is_no_publication() -> None:
    line = "<div>Published by <a href='/u'>Osric Dane</a> <span>on 14 February 2019. Modified 3 years ago</span></div>"
    assert record_of(f"<h1>Crop rotation</h1>{line}<p>Slides: 18</p>{TEXT}").published_on == "2019-02-14"


def test_a_type_alone_behind_other_words() -> None:
    line = "<div><b>Author:</b> poirier <span>Uploaded on: Jul 30, 2013</span><span>Type: PDF</span></div>"
    assert record_of(f"<h1>Orchard handbook</h1>{line}{TEXT}").format == "pdf"


def test_links_to_people_are_no_tags() -> None:
    people = "<p><a href='/search?q=creators.name:Bell'>Bell, Joss</a></p>"
    assert record_of(f"<h1>Orchard handbook</h1>{people}{FACTS}{TEXT}").tags == ()


def test_the_fields_of_a_form_are_no_tags() -> None:
    form = "<div><label>Subject</label><label>Your e-mail</label><label>Message</label></div>"
    assert record_of(f"<h1>Orchard handbook</h1>{FACTS}{TEXT}{form}").tags == ()


def test_a_few_sentences_on_each_page() -> None:
    pages = "".join(f"<div><div><div><p>{SENTENCE}</p></div></div></div>" for _ in range(3))
    text = record_of(f"<h1>巡检手册</h1>{FACTS}<div>{pages}</div>").preview_text or ""
    assert text.count(SENTENCE) == 3


def test_numbers_of_pages_between_their_texts() -> None:
    pages = "".join(f"<div><div>{n}</div><pre>{SENTENCE}</pre></div>" for n in (1, 2, 3))
    text = record_of(f"<h1>巡检手册</h1>{FACTS}<div>{pages}</div>").preview_text or ""
    assert text.count(SENTENCE) == 3


def test_slides_without_their_numbers() -> None:
    slides = "".join(f"<li><b>{n}.</b> What to bring on day {n}: shoes, a torch, bread</li>" for n in (1, 2, 3, 4))
    text = record_of(f"<h1>First shift</h1>{FACTS}<h2>Transcript</h2><ol>{slides}</ol>").preview_text or ""
    assert text.startswith("What to bring on day 1")


def test_a_notice_with_a_label_is_no_abstract() -> None:
    notice = "<div>说明：本网仅提供信息存储空间，文档内容如涉嫌侵权请提交申诉，我们将在三个工作日内处理并答复您。</div>"
    assert "申诉" not in (record_of(f"<h1>巡检手册</h1>{FACTS}{TEXT}{notice}").preview_text or "")


def test_big5_that_is_called_gb2312() -> None:
    text = "審核開支預算質詢答覆彙編,秘書處現呈交本年度的開支預算的書面質詢及答覆,以供委員參閱。" * 4
    html = f"<title>審核開支預算</title><h1>審核開支預算</h1><p>頁數：12</p><p>檔案大小：3 MB</p><p>{text}</p>"
    page = read(html.encode("big5hkscs"), "text/html; charset=gb2312")
    assert page.encoding == "big5hkscs"
    assert read(html.encode("gb18030"), "text/html; charset=gb2312").encoding == "gb18030"


def read(body: bytes, content_type: str) -> Page:
    return read_page(body, url="https://docs.example/doc/12345.html", fetched_at=NOW, content_type=content_type)


ROW = "<div><a href='/{}'>{}</a><p>2019-04-02 14页 5718次阅读</p></div>"


def test_sections_in_the_folder_of_the_documents_are_no_documents() -> None:
    menu = (
        "".join(f"<a href='/list-14{n}-0.html'>建筑施工与设计{n}</a>" for n in range(7))
        + "<a href='/app.html'>下载我们的应用</a>"
    )
    rows = "".join(ROW.format(f"p-6616439{n}82.html", f"装配式建筑灌浆套筒施工要点{n}") for n in range(6))
    page = page_of(f"<div>{menu}</div><h1>行业资料</h1><div>{rows}</div>", "https://docs.example/list-593-0.html")
    assert page.document_urls == tuple(f"https://docs.example/p-6616439{n}82.html" for n in range(6))


def test_the_picture_of_a_file_beside_a_title_is_no_document() -> None:
    rows = "".join(
        f"<div><p><a href='/cgi/v.cgi?a=16{n}1' title='PDF of Bat roosts under bridge {n}'><img></a></p>"
        f"<p><a href='/theses/13{n}0'>Bat roosts under bridge {n}</a>, <span>Student {n}</span></p></div>"
        for n in range(5)
    )
    page = page_of(f"<h1>Theses and dissertations</h1>{rows}", "https://docs.example/theses/")
    assert page.document_urls == tuple(f"https://docs.example/theses/13{n}0" for n in range(5))


def test_words_below_each_item_lead_to_no_next_page() -> None:
    rows = "".join(
        f"<div><a href='/titel/33{n}'>Die Pflege der Mühlgräben, Teil {n}</a> <a href='/titel/33{n}'>Weiter</a></div>"
        for n in range(5)
    )
    url = "https://docs.example/liste/1"
    assert page_of(f"<h1>Neueste Dokumente</h1>{rows}", url).next_page is None
    pager = "<ul><li>1 bis 5</li><li><a href='/liste/start/10'>Weiter</a></li></ul>"
    assert page_of(f"<h1>Neueste</h1>{rows.replace('Weiter', 'Mehr')}{pager}", url).next_page == f"{url[:-1]}start/10"


@pytest.mark.parametrize("title", ["Aide sociale en 2019", "Hilfe zur Pflege", "冷氣機使用說明"])
def test_titles_with_words_of_help(title: str) -> None:
    assert record_of(f"<h1>{title}</h1><p>Published on 17 August 2023</p>{TEXT}").title == title


def test_pages_in_a_row_of_attributes_above_the_heading() -> None:
    row = "<div><span>67% (3)</span> <span>2K views</span> <span>48 pages</span></div>"
    record = record_of(f"{row}<h1>Tide gate operation manual</h1><p>Published on 14 February 2019.</p>{TEXT}")
    assert (record.pages, record.pages_text) == (48, "48 pages")
