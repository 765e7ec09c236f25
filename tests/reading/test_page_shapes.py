"""Shapes of pages that whole families of sites share, each as small as it can be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.record import DocumentRecord
from crawler.reading import Page, read_page

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TEXT = "<p>" + "各单位应当于每月底前报送进展情况，逾期不报的予以通报。" * 8 + "</p>"
URL = "https://docs.example/doc/12345.html"
FACTS = "<p>大小:1.5MB</p><p>页数:12</p><p>发布日期:2020-01-02</p>"
ABSTRACT = "The water table stood well below the ditches at eight sites of eleven, and we argue for blocking them."


def page_of(html: str, url: str = URL) -> Page:
    return read_page(html.encode(), url=url, fetched_at=NOW)


def record_of(html: str, url: str = URL) -> DocumentRecord:
    page = page_of(html, url)
    assert page.record is not None, page.reason
    return page.record


@pytest.mark.parametrize(
    "number",
    ["GB/T 45123-2024", "DB37/T 3391—2018", "T/ZGCH 012-2021", "ISO 9001:2015", "ISO/IEC 27001:2022", "ASTM D638-14",
     "HJ 1299-2023", "EN 13432:2000", "BS EN 60335-1:2012+A11:2014", "YY 0505.2-2012"],
)  # fmt: skip
def test_the_number_of_a_standard_is_its_id(number: str) -> None:
    for label, badge in (("标准号", "现行"), ("标准编号", "已作废"), ("Standard number", "Current")):
        head = f"<h4>{label}：{number} <span>{badge}</span></h4><h1>公园座椅通用技术条件</h1>"
        assert record_of(f"{head}{FACTS}{TEXT}").doc_id == number


def test_what_is_no_number_of_a_standard_is_no_id() -> None:
    head = "<h1>公园座椅通用技术条件</h1><p>标准号：见附件 3</p>"
    assert record_of(f"{head}{FACTS}{TEXT}").doc_id == "12345"


def test_an_isbn_is_the_publishers_number_not_the_sites() -> None:
    record = record_of(f"<h1>公园座椅通用技术条件</h1>{FACTS}<p>ISBN: 978-0-999-00011-2</p>{TEXT}")
    assert record.doc_id == "12345"


def test_a_languages_letter_behind_a_number_is_no_part_of_it() -> None:
    html = f"<h1>公园座椅通用技术条件</h1>{FACTS}{TEXT}"
    assert record_of(html, "https://docs.example/2019/1008/ltn20191008017_c.htm").doc_id == "20191008017"


@pytest.mark.parametrize("badge", ["AI-enhanced", "Premium", "Editor's pick", "AI generated"])
def test_badges_behind_a_title(badge: str) -> None:
    head = f"<title>Dry summers: notes from the butt</title><h1>Dry summers: notes from the butt<b>{badge}</b></h1>"
    assert record_of(f"{head}{FACTS}{TEXT}").title == "Dry summers: notes from the butt"


def test_the_head_of_a_block_of_files_is_no_title() -> None:
    filing = (
        "<title>Filing Documents for 0001482913-24-000017</title>"
        "<div><div><b>Form 10-K</b> - Annual report:</div></div>"
        "<div>Filing Date</div><div>2024-02-27</div><div>Documents</div><div>94</div>"
        "<div><p>Document Format Files</p><table><tr><th>Seq</th><th>Document</th><th>Type</th><th>Size</th></tr>"
        "<tr><td>1</td><td><a href='/a/pick.htm'>pick.htm</a></td><td>10-K</td><td>2184733</td></tr>"
        "<tr><td>2</td><td><a href='/a/g1.jpg'>g1.jpg</a></td><td>GRAPHIC</td><td>88120</td></tr></table></div>"
        "<div><div>Old Harbor Pickle Co (Filer) <b>CIK</b>: <a href='/c?k=1'>0001482913 (see all filings)</a>"
        "<p>IRS No.: <b>004517823</b> | State of Incorp.: <b>DE</b> | Fiscal Year End: 1231<br>SIC: 2033 Canned</p>"
        "</div></div>"
    )
    record = record_of(filing, "https://docs.example/data/0001482913-24-000017-index.htm")
    assert record.title == "Filing Documents for 0001482913-24-000017"
    assert (record.size_bytes, record.format, record.published_on) == (2184733, "html", "2024-02-27")
    assert record.preview_text is None


def test_a_form_is_no_size() -> None:
    table = (
        "<table><tr><th>Document</th><th>Type</th><th>Size</th></tr>"
        "<tr><td><a href='/a/sc13ga.htm'>sc13ga.htm</a></td><td>SC 13G/A</td><td>&nbsp;</td></tr></table>"
    )
    assert record_of(f"<h1>水库安全检查情况汇报</h1><p>发布日期:2020-01-02</p>{table}{TEXT}").size_bytes is None


EPRINT = (
    "<h1>Ditch blocking on the Dunmore moss</h1><div>"
    "<p>Gunnarsdóttir, Þóra (2013) <em>Ditch blocking on the Dunmore moss.</em> PhD thesis, University of Dunmore.</p>"
    f"<h2>Abstract</h2><p>{ABSTRACT}</p><table>"
    "<tr><th>Item Type:</th><td>Thesis (PhD)</td></tr><tr><th>Number of Pages:</th><td>312</td></tr>"
    "<tr><th>Date:</th><td>%s</td></tr><tr><th>Revision:</th><td>7</td></tr></table>"
    "<p>Repository Staff Only: <a href='/s'>item control page</a></p></div>"
)


@pytest.mark.parametrize(
    ("printed", "published"), [("30 September 2009", "2009-09-30"), ("May 2015", "2015-05"), ("2004", "2004")]
)
def test_attributes_below_an_abstract(printed: str, published: str) -> None:
    record = record_of(EPRINT % printed)
    assert (record.pages, record.published_on, record.preview_text) == (312, published, ABSTRACT)


@pytest.mark.parametrize("label", ["Summary", "Abstract", "Description"])
def test_an_abstracts_label_is_no_part_of_it(label: str) -> None:
    rows = "<div><span>Symbol</span><span>A/79/88</span></div><div><span>Date</span><span>2020-01-02</span></div>"
    html = f"<h1>Ditch blocking on the moss</h1>{rows}<div><span>{label}</span><span>{ABSTRACT}</span></div>"
    assert record_of(html).preview_text == ABSTRACT


def test_the_row_of_a_title_is_no_text() -> None:
    title = "Resolution 2588 (2021) adopted by the Harbour Council at its 8812th meeting, on 29 July"
    rows = f"<div><span>Title</span><span>{title}</span></div><div><span>Date</span><span>29 July 2021</span></div>"
    assert record_of(f"<h1>{title}</h1>{rows}<p>1.5 MB, 4 pages</p>").preview_text is None


def test_a_text_broken_into_lines_in_a_cell_of_an_old_table() -> None:
    lines = [f"{n}、操作人员应经过培训并取得上岗证，严禁酒后作业。" for n in "一二三四五"]
    table = f"<table><tr><td>文档内容预览</td></tr><tr><td>{'<br>'.join(lines)}</td></tr></table>"
    tags = (
        "<table><tr><td>标签：<a href='/t/1'>玉米</a></td><td><a href='/p'>[打印]</a> <a href='/j'>[举报]</a></td></tr>"
    )
    record = record_of(f"<h1>玉米烘干机操作手册</h1>{FACTS}{table}{tags}</table>")
    assert record.preview_text == "\n".join(lines)
    assert record.tags == ("玉米",)


def test_rows_of_downloads_in_a_cell_are_no_text() -> None:
    rows = [
        f"<a href='/d/{n}'>Sedge ridge patterns {n}</a><br>Filesize: {n} MB<br>Added on: 2003-03-1{n}<br>"
        for n in range(5)
    ]
    page = page_of(f"<h1>Thatching</h1><table><tr><td>{''.join(rows)}</td></tr></table>")
    assert page.record is None


def test_numbers_of_slides_are_no_text() -> None:
    words = (
        "Mains water is metered and butts run dry",
        "We fitted fourteen timers and logged them",
        "Leaks were waste.",
    )
    items = "".join(f"<li><a href='#slide{n}'><b>{n}.</b></a> {text}</li>" for n, text in enumerate(words, 1))
    record = record_of(f"<h1>Dry summers: notes</h1>{FACTS}<section><h2>Transcript</h2><ul>{items}</ul></section>")
    assert record.preview_text == "\n".join(words)


def test_an_abstract_above_the_text() -> None:
    scope = "本标准适用于户外公共场所使用的固定式公园座椅，不适用于折叠座椅。"
    html = f"<h1>公园座椅通用技术条件</h1>{FACTS}<div><h3>适用范围</h3><div>{scope}</div></div>"
    assert record_of(html).preview_text == scope
    text = (record_of(f"{html}<div><h3>标准内容（节选）</h3><div>{TEXT}{TEXT}</div></div>").preview_text or "").split(
        "\n"
    )
    assert (len(text), text[0]) == (3, scope)


def test_a_notice_of_short_sentences() -> None:
    sentences = (
        "市政府决定：",
        "任命李卫东为市水务局副局长，试用期一年；",
        "免去周明华的市档案馆副馆长职务，另有任用。",
        "特此通知。",
    )
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    assert record_of(f"<h1>关于职务任免的通知</h1>{FACTS}<div>{text}</div>").preview_text == "\n".join(sentences)


@pytest.mark.parametrize(
    ("button", "size", "pages"),
    [
        ("<a href='/f/hale.pdf'>Download PDF</a> <span>(212.4 KB, 11 pages)</span>", 217498, 11),
        ("<a href='/f/hale.pdf'>PDF</a> 1.1 MB", 1153434, None),
        (
            "<a href='/f/a.wpd'>Download WPD</a> <span>47K</span> | <a href='/f/a.pdf'>PDF</a> <span>102K</span>",
            48128,
            None,
        ),
        ("<a href='/f/hale.pdf'>Download PDF</a>", None, None),
    ],
)
def test_a_button_above_the_heading(button: str, size: int | None, pages: int | None) -> None:
    head = f"<title>Hale v. Kestrel Bay</title><div><p>{button}</p></div><h2>Hale v. Kestrel Bay</h2>"
    record = record_of(f"{head}<p>Filed: March 3rd, 2021</p>{TEXT}")
    assert (record.size_bytes, record.pages, record.published_on) == (size, pages, "2021-03-03")


@pytest.mark.parametrize(
    ("called", "named"),
    [
        ("Download the report (PDF)", "pdf"),
        ("Download (English, DOCX, 96 KB)", "docx"),
        ("Télécharger (PDF, 210 KB)", "pdf"),
        ("下载全文（PDF，217KB）", "pdf"),
        ("更正后招标文件（定稿）.docx</a>　文件大小：512 KB<a>", "docx"),
        ("Download the report (in print)", None),
        ("Read our page (Word of the year)", None),
    ],
)
def test_a_link_says_what_it_offers(called: str, named: str | None) -> None:
    html = f"<h1>Annual report and accounts</h1><p>Published: 12 September 2019</p><p>页数:12</p>{TEXT}"
    assert record_of(f"{html}<a href='#' data-get='/download/2750/'>{called}</a>").format == named


def test_when_a_case_was_decided_not_argued() -> None:
    dates = "<p>Argued: May 2, 2023</p><p>Decided: July 19, 2023</p><p>Last Updated: August 1, 2023</p>"
    assert (
        record_of(
            f"<title>Doe v. Harrow Fen</title><h2>Doe v. Harrow Fen</h2>{dates}<p>Pages: 23</p>{TEXT}"
        ).published_on
        == "2023-07-19"
    )


def test_the_day_of_publication_goes_before_the_day_of_the_upload() -> None:
    head = "<h1>The longer walk</h1><ul><li itemprop='datePublished'><span>14 August 2023</span></li></ul>"
    assert record_of(f"{head}<p>Create Date: August 9, 2023</p><p>Pages: 64</p>{TEXT}").published_on == "2023-08-14"
    month = "<h1>The longer walk</h1><ul><li itemprop='datePublished'>August 2023</li></ul>"
    assert record_of(f"{month}<p>Pages: 64</p><p>96 KB</p>{TEXT}").published_on == "2023-08"
    assert record_of(f"{month}<p>Create Date: August 9, 2023</p><p>Pages: 64</p>{TEXT}").published_on == "2023-08-09"


def test_a_viewers_controls_beside_an_advert() -> None:
    html = "<div><span>1 / 19</span><button>›</button><span>Ad</span></div><h1>Dry summers: notes</h1><p>1.5 MB</p>"
    assert record_of(f"{html}<p>发布日期:2020-01-02</p>{TEXT}").pages == 19


def test_a_page_that_explains_the_site_is_no_document() -> None:
    rows = "".join(f"<tr><th>Symbol</th><td>{letter}/- General Assembly</td></tr>" for letter in "AST")
    example = (
        "<tr><th>Description</th><td>Number of pages, e.g. 12 p.</td></tr><tr><th>Date</th><td>12 Sept. 2023</td></tr>"
    )
    page = page_of(
        "<title>Document symbols - Help</title><h1>Document symbols</h1>"
        f"<p>Each document carries a unique symbol printed at the top right of the cover.</p><table>{rows}{example}"
        "</table><p>For more help, ask a librarian.</p>"
    )
    assert (page.page_type, page.reason) == ("other", "help")


ITEMS = [
    f"<li><span>2023-04-1{n}</span><a href='/szfbwj/20230{n}/t{n}.html'>关于加强第{n}类充电安全管理的意见</a></li>"
    for n in range(6)
]


DAY = "<span>2023-03-17</span>"


@pytest.mark.parametrize(
    ("row", "url"),
    [
        (f"{DAY}<a href='/szfwj/202303/t9.html'>关于公布重点文物保护单位的通知</a>", "/szfwj/202303/t9.html"),
        (f"{DAY}<a href='/szfbwj/202303/t9.html'>盈利警告</a>", "/szfbwj/202303/t9.html"),
        (f"{DAY}<a href='/szfbwj/202303/t9.html'>客服话术培训.pptx</a>", "/szfbwj/202303/t9.html"),
        ("<a href='/szfwj/202303/t9.html'>关于公布重点文物保护单位的通知</a>", None),
        (f"{DAY}<a href='https://ad.example/t9.html'>关于公布重点文物保护单位</a>", None),
        (f"{DAY}<a href='/list/'>更多</a>", None),
    ],
)
def test_rows_that_stand_in_a_list_of_documents(row: str, url: str | None) -> None:
    page = page_of(
        f"<h1>市政府办文件</h1><ul>{''.join([*ITEMS[:3], f'<li>{row}</li>', *ITEMS[3:]])}</ul>",
        "https://docs.example/szfbwj/",
    )
    expected = [f"https://docs.example/szfbwj/20230{n}/t{n}.html" for n in range(6)]
    if url is not None:
        expected.insert(3, f"https://docs.example{url}")
    assert list(page.document_urls) == expected


@pytest.mark.parametrize(
    "control",
    [
        '<input type="button" value="Next 40" onclick="parent.location=\'/list?start=80&amp;count=40\'">',
        "<button type='button' onclick=\"location.href='/list?start=80&amp;count=40'\">下一页</button>",
        '<input type="button" value="Next" onclick="go(\'/list?start=80\\u0026count=40\')">',
        '<a href="/list?start=80&amp;count=40"><img src="/sn.gif" alt="next" border="0"></a>',
        '<a href="/list?start=80&amp;count=40"> <img src="/sn.gif" alt="下一页"></a>',
    ],
)
def test_pagers_without_words(control: str) -> None:
    page = page_of(
        f"<h1>市政府办文件</h1><ul>{''.join(ITEMS)}</ul>{control}", "https://docs.example/list?start=40&count=40"
    )
    assert page.next_page == "https://docs.example/list?start=80&count=40"


@pytest.mark.parametrize(
    "control",
    [
        '<input type="button" value="Next 40" disabled onclick="parent.location=\'/list?start=80\'">',
        '<input type="button" value="Next steps" onclick="parent.location=\'/steps\'">',
        '<a href="/steps"><img src="/n.gif" alt="next of kin"></a>',
    ],
)
def test_what_is_no_pager(control: str) -> None:
    assert page_of(f"<h1>市政府办文件</h1><ul>{''.join(ITEMS)}</ul>{control}").next_page is None


SHELL = (
    "<title>%s - 知库</title><noscript>页面需要启用 JavaScript 才能正常浏览。</noscript><div id='app'></div>"
    "<script>var pageData = %s;</script>"
)
DOCUMENTS = ",".join(
    f'{{"docId":"a{n}","title":"高一物理平抛运动训练{n}","url":"/view/a{n}.html","fileType":"doc","pageNum":{n + 1}}}'
    for n in range(4)
)


@pytest.mark.parametrize(
    ("data", "following"),
    [
        ('{"page":{"pn":2,"hasNext":true,"nextUrl":"/search?word=x&pn=3"},"docList":[%s]}', "/search?word=x&pn=3"),
        ('{"page":{"pn":2,"hasNext":true},"docList":[%s]}', "/search?word=x&pn=3"),
        ('{"page":{"pn":2,"totalPage":2},"docList":[%s]}', None),
        ('{"page":{"pn":2,"totalPage":9},"data":{"list":[%s]}}', "/search?word=x&pn=3"),
    ],
)
def test_a_listing_in_the_data_of_a_script(data: str, following: str | None) -> None:
    html = SHELL % ("导学案", data % DOCUMENTS)
    page = page_of(html, "https://docs.example/search?word=x&pn=2")
    assert (page.page_type, page.reason) == ("listing", "script")
    assert page.document_urls == tuple(f"https://docs.example/view/a{n}.html" for n in range(4))
    assert page.next_page == (following and f"https://docs.example{following}")


@pytest.mark.parametrize(
    "data",
    [
        f'{{"recommendDocs":[{DOCUMENTS}]}}',
        '{"nav":[{"name":"首页","link":"/"},{"name":"教育专区","link":"/edu"},{"name":"研究","link":"/hyyj"}]}',
        '{"links":[{"name":"首页","link":"/"},{"name":"教育专区","link":"/edu"},{"name":"研究","link":"/hyyj"}]}',
    ],
)
def test_menus_and_recommendations_in_a_script_are_no_listing(data: str) -> None:
    assert page_of(SHELL % ("导学案", data), "https://docs.example/search?pn=2").page_type == "other"


READER = (
    '{"docInfo":{"docId":"e4f0b1d26c85","title":"晶体熔化实验数据处理","fileType":"doc","pageNum":8,"fileSize":131584,'
    '"createTime":"2021-06-07"},"readerInfo":{"pages":[{"pageNo":1,"text":"学习时应先掌握基本概念，再结合例题理解。"},'
    '{"pageNo":2,"text":"记录数据时要注意单位统一，读数估读到最小刻度的下一位。"}]},'
    f'"recommendDocs":[{DOCUMENTS}]}}'
)


@pytest.mark.parametrize("drawn", ["", "<h1>晶体熔化实验数据处理</h1><p>8页 2317人阅读</p>"])
def test_a_documents_text_in_the_data_of_a_script(drawn: str) -> None:
    record = record_of((SHELL % ("晶体熔化实验数据处理", READER)).replace("<div id='app'>", f"<div id='app'>{drawn}"))
    assert record.preview_text == (
        "学习时应先掌握基本概念，再结合例题理解。\n记录数据时要注意单位统一，读数估读到最小刻度的下一位。"
    )
    assert record.related_urls == tuple(f"https://docs.example/view/a{n}.html" for n in range(4))


def test_headings_that_a_text_begins_with() -> None:
    heads = "<p>江南十校2025届期末联考</p><p>【学习目标】</p>"
    text = record_of(f"<h1>历史试题</h1>{FACTS}<div>{heads}{TEXT}</div>").preview_text or ""
    assert text.split("\n")[:2] == ["江南十校2025届期末联考", "【学习目标】"]
    for stated in ("2025-03-04", "33次", "4 March 2025", "March 4th, 2025", "March 2025", "PDF, 1.5 MB"):
        record = record_of(f"<h1>历史试题</h1>{FACTS}<div><p>{stated}</p>{TEXT}</div>")
        assert stated not in (record.preview_text or "")


@pytest.mark.parametrize(
    ("heading", "named"),
    [
        ("<h1><i class='ico ico-doc'></i>一元二次方程的解法</h1>", "doc"),
        ("<h1><b class='icon_pdf'>PDF</b>一元二次方程的解法</h1>", "pdf"),
        ("<img src='/img/ppt.png' alt='ppt'><h1>一元二次方程的解法</h1>", "ppt"),
        ("<span class='file-icon-xlsx'></span><h1>一元二次方程的解法</h1>", "xlsx"),
        ("<h1><i class='icon-share'></i>一元二次方程的解法</h1>", None),
        ("<div class='tool-pdf'>打印为文件</div><h1>一元二次方程的解法</h1>", None),
    ],
)
def test_an_icon_beside_the_heading_tells_the_format(heading: str, named: str | None) -> None:
    assert record_of(f"<title>一元二次方程的解法</title>{heading}{FACTS}{TEXT}").format == named


def test_an_icon_makes_no_document() -> None:
    assert page_of(f"<h1><i class='icon-pdf'></i>How we deliver newspapers</h1>{TEXT}").record is None


def test_a_file_that_a_button_keeps_in_its_data() -> None:
    button = "<a href='#' class='btn' data-downloadurl='/download/4417/report.pdf'>Download PDF</a>"
    page = page_of(f"<h1>The longer walk</h1>{FACTS}{TEXT}{button}")
    assert page.file_urls == ("https://docs.example/download/4417/report.pdf",)


def test_what_is_said_for_example_is_no_value() -> None:
    html = "<h1>How documents are described</h1><p>格式:PDF</p><p>Pages: 12, for example</p>"
    assert record_of(f"{html}<p>Number of pages, e.g. 12 p.</p><p>发布日期:2020-01-02</p>{TEXT}").pages is None


@pytest.mark.parametrize("address", ["", "/", "/index.php", "/default.aspx"])
def test_the_front_page_of_a_site_is_no_document(address: str) -> None:
    html = f"<html><head><title>夜间集市</title></head><body><h1>夜间集市管理条例</h1>{FACTS}{TEXT}</body></html>"
    assert page_of(html, f"https://docs.example{address}").record is None
    assert page_of(html, f"https://docs.example{address}?id=7").record is not None


def test_the_year_of_the_citation_comes_before_the_day_of_deposit() -> None:
    cited = "<p>Holloway, Marit and Crane, Tobias (2014) <em>Rota workbook for Netherlow.</em> Working Paper.</p>"
    rows = "<table><tr><th>Date Deposited:</th><td>12 Mar 2015 09:23</td></tr></table>"
    body = f"<h1>Rota workbook for Netherlow</h1>{cited}<h2>Abstract</h2><p>{ABSTRACT}</p>{rows}"
    assert record_of(body).published_on == "2014"
    assert record_of(body.replace("Rota workbook for Netherlow.<", "Another title.<")).published_on == "2015-03-12"


def test_a_year_before_other_attributes_is_read() -> None:
    head = (
        "<section><span>Published 2015</span> <span>| Version v1</span> <span>Report</span> <span>Open</span></section>"
    )
    rows = "<dl><dt>Created</dt><dd>March 2, 2026</dd></dl>"
    body = f"{head}<h1>Rota workbook for Netherlow</h1><h2>Abstract</h2><p>{ABSTRACT}</p>{rows}"
    assert record_of(body).published_on == "2015"


def test_the_name_of_the_site_is_no_title_where_a_link_home_begins_the_line() -> None:
    title = "梧桐里茶園灌溉之研究"
    head = "<div><a href='/'>臺灣博碩士論文知識加值系統</a> <a href='/in'>登入</a> 自由的博碩士學位論文全文資料庫</div>"
    rows = f"<table><tr><th>論文名稱:</th><td>{title}</td></tr><tr><th>論文頁數:</th><td>12</td></tr></table>"
    html = (
        f"<html><head><title>{title}__臺灣博碩士論文知識加值系統</title></head><body>{head}{rows}{TEXT}</body></html>"
    )
    assert record_of(html).title == title


def test_authors_and_adverts_are_no_keywords() -> None:
    people = "<p><a href='/search?q=1'>Camille Brossard</a> <sup>1</sup>, <a href='/search?q=2'>Yann Le Guen</a></p>"
    assert record_of(f"<h1>Rota workbook</h1>{people}{FACTS}{TEXT}").tags == ()
    advert = "<div><a href='https://ads.example/r?z=4'>Learn Dutch in a day</a></div>"
    tags = f"<h3>Tags</h3><div><a href='/tag/heat'>heat pumps</a> <a href='/tag/housing'>housing</a></div>{advert}"
    assert record_of(f"<h1>Rota workbook</h1>{FACTS}{TEXT}{tags}").tags == ("heat pumps", "housing")


def test_keywords_in_two_languages_are_all_kept() -> None:
    rows = (
        "<tr><th>中文關鍵詞:</th><td>茶園、灌溉</td></tr><tr><th>外文關鍵詞:</th><td>rural policy、irrigation</td></tr>"
    )
    assert record_of(f"<h1>茶園灌溉之研究</h1>{FACTS}<table>{rows}</table>{TEXT}").tags == (
        *("茶園", "灌溉", "rural policy", "irrigation"),
    )


def test_short_pages_of_one_text_are_joined() -> None:
    said = [
        f"第{n}段说的是河道清淤的第{n}件事，各村都要照办，不得拖延，逾期不报的要通报批评，并扣减当年经费。"
        for n in range(12)
    ]
    pages = "".join(
        f"<div class=page><div><p>{said[2 * n]}</p><p>{said[2 * n + 1]}</p></div></div>"
        + ("<div class=ad><a href='https://ads.example/k'>年卡1.9折，限今日</a></div>" if n == 2 else "")
        for n in range(6)
    )
    text = record_of(f"<h1>河道清淤情况汇报</h1>{FACTS}<div>{pages}</div>").preview_text or ""
    assert text.split("\n") == said


def test_a_sentence_on_opening_hours_is_of_the_text() -> None:
    said = "Users of the service asked for later opening hours above all else, and the council agreed to try it."
    text = record_of(f"<h1>Rota workbook</h1>{FACTS}<div><p>{ABSTRACT}</p><p>{said}</p></div>").preview_text or ""
    assert said in text
