"""Pages of journals, gazettes, preprints and sharing sites, each shape as small as it can be."""

from __future__ import annotations

from .test_page_shapes import ABSTRACT, FACTS, TEXT, page_of, record_of

SAID = (
    "逐户登记苗木移栽，登记表一式十二份，凡未按期报送材料的单位，由牵头科室电话催办并记录在案，逾期不报的予以通报批评。"
)


def test_what_is_said_of_a_paper_where_it_appeared() -> None:
    rows = f"<div><b>摘要</b> {SAID * 2}</div><div><b>出处</b> <a href='/j?gch=90'>《镇域治理研究》</a> {{}}</div>"
    counted = "<h1>双河农场苗木移栽机制研究 <span>被引量：5</span></h1>"
    record = record_of(counted + rows.format("<span>2014年第7期18-22,共5页</span>") + "<p>关键词：苗木、移栽</p>")
    assert (record.title, record.published_on, record.pages) == ("双河农场苗木移栽机制研究", "2014", 5)


def test_the_day_of_submission_stands_above_a_preprint() -> None:
    head = "<h1>Statistics</h1><div>arXiv:1504.19421 (stat)</div><div>[Submitted on 7 Apr 2015 (<a href='/v1'>v1</a>)"
    head += ", last revised 7 Jul 2016 (this version, v2)]</div>"
    record = record_of(f"{head}<h1>Title: On monitoring networks</h1><p>Abstract: {ABSTRACT}</p><p>22 pages</p>")
    assert record.published_on == "2015-04-07"


def test_the_number_of_a_notice_in_a_gazette_is_its_id() -> None:
    rows = "<tr><td>公告編號</td><td>第3315號公告</td></tr><tr><td>刊登日期</td><td>2008年12月10日</td></tr>"
    url = "https://gazette.example/detail.php?vol=12&no=6&gn=3315"
    record = record_of(f"<h1>道路通行費調整規例</h1><table>{rows}</table>{TEXT}<p>PDF 132KB</p>", url)
    assert (record.doc_id, record.published_on) == ("3315", "2008-12-10")


def test_the_day_on_which_a_notice_is_to_be_looked_at_again_is_no_publication() -> None:
    foot = "<div>2026 © | <a href='/notices.htm'>重要告示</a> | 覆檢日期：2025年11月1日</div>"
    assert page_of(f"<h2>電子憲報</h2><p>找不到符合條件的公告。</p><p>公告編號：第0號公告</p>{foot}").record is None


def test_who_uploaded_a_document_is_linked_among_its_attributes() -> None:
    menu = "".join(f"<a href='/c-0000{n}.html'>管理文献范文大全第{n}类</a> " for n in range(1, 4))
    row = "<span>上传人：<a href='/u-49610.html'>小****2</a></span><span>文档编号：18431362</span>"
    row += "<span>上传时间：2013-11-24</span><span>格式：PPT</span><span>大小：34.00KB</span>"
    others = "".join(f"<li><a href='/p-1779253{n}.html'>河长制巡查情况通报之{n}</a></li>" for n in range(4))
    html = f"<div>{menu}</div><h1>河长制巡查可行性分析</h1><div>{row}</div>{TEXT}<h3>猜你喜欢</h3><ul>{others}</ul>"
    record = record_of(html, "https://docs.example/p-18431362.html")
    assert (record.size_bytes, record.format, record.published_on) == (34816, "ppt", "2013-11-24")


def test_pages_below_their_numbers_are_one_text() -> None:
    said = [f"第{n}件事是{SAID[:30]}，由第{n}科负责，年底前办结。" for n in range(1, 5)]
    pages = "".join(f"<div><span>第{n}页 / 共29页</span><p>{text}</p></div>" for n, text in enumerate(said, 1))
    notice = (
        "<div><p>1、本站是“C2C”交易模式，即卖家上传的文档直接由买家下载，本站只是中间服务平台，不承担责任。</p></div>"
    )
    text = record_of(f"<h1>苗木移栽验收标准</h1>{FACTS}<div>{pages}</div>{notice}").preview_text or ""
    assert text.split("\n") == said


def test_keywords_that_look_like_a_list_of_pages() -> None:
    names = ("rural broadband", "open data", "eastwick district", "surveys of households")
    tags = "".join(f"<li><a href='/dataset/?tags={n}'>{name}</a></li>" for n, name in enumerate(names))
    html = f"<h1>Rural broadband in Eastwick</h1><p>{ABSTRACT}</p><h2>Data</h2><p>PDF 12 KB</p><ul>{tags}</ul>"
    rows = "<table><tr><th>Issued</th><td>19/11/2015</td></tr></table>"
    assert record_of(html + rows).tags == names


def test_a_year_below_a_pager_is_no_page() -> None:
    pager = "<ul><li><a href='/s/kes.html'>1</a></li><li><a href='/s/kes2.html'>2</a></li></ul><h3>2010</h3>"
    papers = "".join(
        f"<li>2010-{n} <a href='/p/kes/{n}.html'>Broadband and local prices {n}</a></li>" for n in range(9)
    )
    page = page_of(f"<h1>Staff working papers</h1>{pager}<ul>{papers}</ul>", "https://docs.example/s/kes.html")
    assert page.next_page == "https://docs.example/s/kes2.html"


def test_years_of_the_republic_in_figures_of_characters() -> None:
    rows = "<tr><th>發行日期</th><td>中華民國一〇七年十二月</td></tr><tr><th>頁數</th><td>18</td></tr>"
    assert record_of(f"<h1>農村再生計畫的影響</h1><table>{rows}</table>{TEXT}").published_on == "2018-12"


def test_the_more_exact_of_two_days_of_one_year() -> None:
    rows = "<tr><td>Status</td><td>Published (Edition 1, 2016)</td></tr>"
    rows += "<tr><td>Publication date</td><td>2016-11-15</td></tr>"
    head = "<h1>NSO/TR 8844:2016</h1><h2>Bell frames - Vocabulary</h2><p>Published (Edition 1, 2016)</p>"
    assert record_of(f"{head}<p>{ABSTRACT}</p><table>{rows}</table>").published_on == "2016-11-15"


def test_how_large_a_plug_in_or_a_viewer_is() -> None:
    offers = "<p>本站不支持迅雷下载,插件大小 5.21MB。</p><p>手机扫码阅读 CAJViewer 8.1 (大小：96.4M)</p>"
    assert record_of(f"<h1>小水电改造验收记录.pptx</h1><p>页数：48</p>{offers}{TEXT}").size_bytes is None


def test_a_day_in_a_menu_above_the_heading_is_of_another() -> None:
    menu = "<nav><ul><li>Published 7 Apr 2015</li></ul></nav>"
    html = f"{menu}<h1>On monitoring networks</h1><p>{ABSTRACT}</p><p>Pages: 22</p><p>Size: 1.2 MB</p>"
    assert record_of(html).published_on is None
