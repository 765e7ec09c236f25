"""Papers, gazettes, forums, pages of slides, forms of authorities: what is the document's, and what the site's."""

from __future__ import annotations

import pytest

from crawler.reading.dates import day
from tests.reading.test_page_shapes import FACTS, NOW, TEXT, page_of, record_of

SENTENCES = "为避免交叉污染，取样工具每使用一次即须清洗、烘干并登记，逾期未登记的视为未用。" * 3
HEAD = "<title>纺织污泥脱水试验 - 文献网</title><h1>纺织污泥脱水试验</h1>"
KEYED = "https://docs.example/kcms2/article/abstract?v=Yfc-gcbd"


# Which document is meant


def _paper(hidden: str) -> str:
    doi = "<p>DOI：10.27828/d.JNGC202103012.2021.372</p>"
    return f'<input type="hidden" id="param" value="{hidden}">{HEAD}{FACTS}{doi}{TEXT}'


def test_a_hidden_field_has_the_name_of_a_paper_that_its_doi_is_made_of() -> None:
    assert record_of(_paper("JNGC202103012"), KEYED).doc_id == "JNGC202103012"


@pytest.mark.parametrize("hidden", ["CJFQLAST2021", "JNGC2021", "GC202103012", "20210312"])
def test_a_doi_stands_where_no_field_has_a_part_of_it(hidden: str) -> None:
    assert record_of(_paper(hidden), KEYED).doc_id == "10.27828/d.JNGC202103012.2021.372"


def test_a_day_inside_a_doi_is_no_name() -> None:
    html = f'<input type="hidden" value="20210312">{HEAD}{FACTS}<p>DOI：10.27828/wr.20210312.001</p>{TEXT}'
    assert record_of(html, KEYED).doc_id == "10.27828/wr.20210312.001"


@pytest.mark.parametrize(
    ("query", "doc_id"),
    [
        ("o=dnclcdr&s=id=%22107NTUS5442018%22.&searchmode=basic", "107NTUS5442018"),
        ("q=uid%3D%22A-20417%22", "A-20417"),
    ],
)
def test_a_search_for_one_document_has_its_id(query: str, doc_id: str) -> None:
    assert record_of(f"{HEAD}{FACTS}{TEXT}", f"https://docs.example/cgi-bin/gsweb.cgi/login?{query}").doc_id == doc_id


def test_what_a_program_shows_goes_by_its_handle_in_a_session_and_without() -> None:
    field = '<div>永久網址：<input type="text" value="https://docs.example/handle/86755230593656809" readonly></div>'
    for shown in ("ccd=gU7t.q/record?r1=9&h1=9", "login?o=dnclcdr&s=id=%22107NTUS5442018%22."):
        url = f"https://docs.example/cgi-bin/gsweb.cgi/{shown}"
        assert record_of(f"{field}{HEAD}{FACTS}{TEXT}", url).doc_id == "86755230593656809"
    assert record_of(f"{field}{HEAD}{FACTS}{TEXT}", "https://docs.example/doc/7123.html").doc_id == "7123"


# Pages, sizes, days


def test_the_page_that_a_paper_begins_at_does_not_count_where_its_pages_are_counted() -> None:
    rest = "<p>大小:1.5MB</p><p>发布日期:2020-01-02</p>"
    assert record_of(f"{HEAD}<p>页码：40 页数：1</p>{rest}{TEXT}").pages == 1
    assert record_of(f"{HEAD}<p>页码：40</p>{rest}{TEXT}").pages == 40


def test_an_issue_of_a_gazette_has_other_pages_than_its_notices() -> None:
    note = "<div>公報各期售價新臺幣 80 元，每期約 200 頁。</div>"
    head = "<h1>預告修正動物用藥品管理辦法</h1><p>發布日期：中華民國112年12月6日</p><p>發文字號：農防字第112號</p>"
    assert record_of(f"{head}{note}{TEXT}").pages is None
    assert record_of(f"{head}<div>全文約 200 頁。</div>{TEXT}").pages == 200


@pytest.mark.parametrize(
    "program",
    ["提示：若无法打开请安装WinRAR（3.1MB）。", "CAJ浏览器（128MB）", "PDF阅读器 大小：38.5MB 更新：2021-03-01"],
)
def test_the_size_of_a_program_is_none_of_the_document(program: str) -> None:
    facts = "<p>页数:12</p><p>发布日期:2020-01-02</p>"
    assert record_of(f"{HEAD}{facts}<div>{program}</div>{TEXT}").size_bytes is None


@pytest.mark.parametrize("file", ["变压器（2.5MB）", "阅读指导 大小：2.5MB", "安装WinCC教程（2.5MB）"])
def test_a_device_is_no_program(file: str) -> None:
    facts = "<p>页数:12</p><p>发布日期:2020-01-02</p>"
    assert record_of(f"{HEAD}{facts}<div>{file}</div>{TEXT}").size_bytes == 2_621_440


def test_the_text_of_slides_says_how_many_there_are() -> None:
    facts = "<p>文件大小：12.43 MB</p><p>发布日期:2020-01-02</p>"
    said = f"<div><p>这是一套水墨风格的毕业答辩演示文稿。{SENTENCES}</p><p>本套幻灯片共有24张。</p></div>"
    assert record_of(f"<h1>山水水墨毕业答辩</h1>{facts}{said}").pages == 24
    assert record_of(f"<h1>山水水墨毕业答辩</h1>{facts}{said.replace('本套幻灯片', '库房')}").pages is None


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("中華民國九十四年三月八日", "2005-03-08"),
        ("民國一百零三年十二月三十一日", "2014-12-31"),
        ("中華民國一百年五月", "2011-05"),
        ("民國一百十三年十月十日", "2024-10-10"),
    ],
)
def test_years_of_the_republic_in_characters(printed: str, iso: str) -> None:
    assert day(printed, NOW) == iso


def test_a_newspapers_day_stands_beside_its_page_above_the_heading() -> None:
    source = '<div><a href="/navi/RB">南屏日报</a>. 2013-05-14(A02)</div>'
    html = f"<title>最后一公里怎么走</title>{source}<h1>最后一公里怎么走</h1><p>大小：43K</p>{TEXT}"
    assert record_of(html).published_on == "2013-05-14"
    assert record_of(html.replace("(A02)", "(共3篇)")).published_on is None


def test_a_numbered_attachment_may_be_a_picture() -> None:
    link = '<a href="/oss/download?uuid=6B51">中标通知书（扫描）.jpg</a>'
    rows = "<tr><td>公告时间</td><td>2017-03-09</td></tr><tr><td>{}</td><td>{}</td></tr>"
    head = "<h1>烘干机购置中标公告</h1>"
    assert record_of(f"{head}<table>{rows.format('附件1', link)}</table>{TEXT}").format == "jpg"
    assert record_of(f"{head}<table>{rows.format('现场', link)}</table>{TEXT}").format is None


# Menus and tabs


def test_the_fields_of_a_search_are_no_labels() -> None:
    menu = (
        "<ul>" + "".join(f"<li>{word}</li>" for word in ("主题", "关键词", "篇名", "摘要", "小标题", "DOI")) + "</ul>"
    )
    record = record_of(f"{menu}{HEAD}{FACTS}{TEXT}")
    assert record.tags == ()


def test_a_list_of_keywords_below_their_label_is_no_menu() -> None:
    words = "".join(f'<li><a href="/tag/{word}">{word}</a></li>' for word in ("桥梁", "荷载", "检测", "钢箱梁", "动载"))
    assert record_of(f"{HEAD}{FACTS}<ul><li>关键词</li>{words}</ul>{TEXT}").tags[:2] == ("桥梁", "荷载")


def test_a_text_of_two_paragraphs_in_a_cell_behind_tabs() -> None:
    tabs = (
        "<ul>" + "".join(f"<li>{word}</li>" for word in ("摘要", "外文摘要", "目次", "參考文獻", "電子全文")) + "</ul>"
    )
    cell = f"<table><tr><td><div>{SENTENCES}<br>{SENTENCES}</div></td></tr></table>"
    record = record_of(f"{HEAD}{FACTS}{tabs}{cell}")
    assert record.preview_text == f"{SENTENCES}\n{SENTENCES}"


def test_an_offer_and_a_number_between_pages_do_not_end_a_text() -> None:
    page = '<div class="page"><div class="no">第{}页 / 共9页</div><div class="say">{}</div></div>'
    offer = '<div class="vip"><a href="/vip">开通VIP，10元下载100份</a></div>'
    said = [SENTENCES.replace("取样", word) for word in ("采样", "送样", "备样", "留样")]
    pages = [page.format(number, text) for number, text in enumerate(said, 1)]
    html = f"<h2>文档介绍</h2><div>{pages[0]}{pages[1]}{offer}{pages[2]}{pages[3]}</div>"
    assert record_of(f"{HEAD}{FACTS}{html}").preview_text == "\n".join(said)


# Forums


def _thread(between: str = "", behind: str = "") -> str:
    status = '<i class="pstatus"> 本帖最后由 铁尺 于 2022-09-11 08:11 编辑 </i><br />'
    file = '<span id="attach_9"><a href="forum.php?aid=9">节点.dwg</a> <em>(731.5 KB, 下载次数: 3)</em></span>'
    message = f"{status}{SENTENCES}<br />{between}{file}"
    post = (
        '<div id="post_1"><table><tr><td><p>甲</p><p>主题</p><p>积分</p></td>'
        "<td><div><a>楼主</a></div><div>发表于 2016-11-20 21:05:00</div>"
        f'<table><tr><td class="t_f" id="postmessage_1">{message}</td></tr></table></td></tr></table></div>'
    )
    answer = '<div id="post_2"><table><tr><td>谢谢，文件有25MB吗</td></tr></table></div>'
    return (
        '<title>别墅节点详图 - 论坛</title><meta name="generator" content="Discuz! X3.4"><h1>别墅节点详图</h1>'
        f'<div id="postlist">{post}{answer}</div>{behind}<div id="ft"></div>'
    )


RELATED = '<div class="bm"><h3>相关帖子</h3><ul><li><a href="thread-7-1-1.html">桥梁检测技术规程</a></li></ul></div>'
THREAD = "https://bbs.example/thread-28817-1-1.html"


def test_what_a_thread_says_is_neither_its_editor_nor_its_file() -> None:
    record = record_of(_thread(), THREAD)
    assert record.preview_text == SENTENCES
    assert (record.format, record.size_bytes, record.published_on) == ("dwg", 749_056, "2016-11-20")


def test_a_thread_of_blocks_stays_as_it_is() -> None:
    text = record_of(_thread(f"<div>{SENTENCES}</div>"), THREAD).preview_text or ""
    assert "本帖最后由" not in text


def test_related_threads_stand_behind_the_answers() -> None:
    assert record_of(_thread(behind=RELATED), THREAD).related_urls == ("https://bbs.example/thread-7-1-1.html",)


# Pages that are no documents


@pytest.mark.parametrize("said", ["抱歉，该文献已被撤回", "本论文已经被作者删除"])
def test_a_paper_that_is_gone(said: str) -> None:
    assert page_of(f"<title>文献网</title><h1>{said}</h1><p>文件名：QLJC201902005</p><p>大小：2MB</p>").reason == "gone"


def test_a_title_about_papers_withdrawn_is_a_title() -> None:
    html = f"<title>被撤回论文的引用</title><h1>被撤回论文的引用</h1>{FACTS}{TEXT}"
    assert page_of(html).record is not None


FORM = "".join(f"<tr><td>{word}：</td><td><input name='{word}'></td></tr>" for word in ("姓名", "证件", "名称", "文号"))
BLANK = "<p>说明：收到申请后20个工作日内答复。<a href='/down?f=sqb.doc'>申请表.doc</a>(32KB)</p>"


def test_a_form_to_ask_an_authority_by_is_no_document() -> None:
    html = f"<title>依申请公开</title><h2>依申请公开系统</h2><form><table>{FORM}</table></form>{BLANK}"
    assert page_of(html).reason == "service"


def test_the_form_itself_is_a_document() -> None:
    html = (
        f"<title>信息公开申请表</title><h1>信息公开申请表</h1>{FACTS}<p><a href='/a.doc'>申请表.doc</a>(32KB)</p>{TEXT}"
    )
    assert page_of(html).record is not None


def test_a_form_to_log_in_by_searches_for_nothing() -> None:
    login = "<form>密码：<select><option>a</select><input type=text><input type=password><input type=text></form>"
    search = "<form><input type=text></form>"
    html = f"{login}{search}<h1>别墅电气图</h1><p>发布日期：2014-01-09</p><p>{SENTENCES}</p>"
    assert page_of(html).record is not None
    assert page_of(html.replace("type=password", "type=text")).reason == "search_form"


# Lists


def _rows(folder: str) -> str:
    words = ("纺织染整验收记录表", "边坡支护检查通报", "药品追溯技术规程", "农机合作社操作手册")
    return "".join(
        f'<div class="b"><ul><li><a href="/sort/{folder}/{n}1832.html">NY/T 21{n}-2012 {word}</a></li></ul>'
        f"<ul><li>更新时间：2020-10-1{n}</li></ul></div>"
        for n, word in enumerate(words)
    )


def test_the_item_of_a_menu_that_names_a_listing_does_not_stand_above_it() -> None:
    menu = "".join(
        f'<li><a href="/sort/{n}/index-1.html">{word}</a>({n}58)</li>'
        for n, word in enumerate(("国家行业标准", "农业标准", "进出口行业标准", "其它国内行业标准"))
    )
    jobs = "".join(f'<li><a href="http://job.example/{n}7.html">安澜食品 品控主管</a></li>' for n in range(5))
    html = f"<title>农业标准 第2页</title>{_rows('3')}<div><ul>{menu}</ul></div><div><ul>{jobs}</ul></div>"
    page = page_of(html, "http://docs.example/sort/1/index-2.html")
    assert page.document_urls == tuple(f"http://docs.example/sort/3/{n}1832.html" for n in range(4))


def test_a_column_of_the_site_is_not_related_and_not_listed() -> None:
    def cards(first: int) -> str:
        return "".join(
            f'<li><a href="/article/{first + n}.html"><img src="a.jpg"></a>'
            f'<h2><a href="/article/{first + n}.html">白塔乡公厕改造工作方案 {first + n}</a></h2></li>'
            for n in range(5)
        )

    column = f'<div class="side"><div class="tit">本栏推荐</div><ul>{cards(900)}</ul></div>'
    pager = '<ul><li><a href="list_1.html">上一页</a></li><li>6</li><li>7</li></ul>'
    listing = page_of(
        f"<title>PPT图表</title><ul>{cards(100)}</ul>{pager}{column}", "http://docs.example/c/list_7.html"
    )
    assert listing.document_urls == tuple(f"http://docs.example/article/{n}.html" for n in range(100, 105))
    links = "".join(f'<li><a href="/article/{n}.html">疫苗冷藏合同范本 {n}</a></li>' for n in range(500, 505))
    like = f"<h3>猜您喜欢</h3><ul>{links}</ul>"
    record = record_of(f"{HEAD}{FACTS}{TEXT}<div>{like}{column}</div>", "http://docs.example/article/12345.html")
    assert record.related_urls == tuple(f"http://docs.example/article/{n}.html" for n in range(500, 505))
