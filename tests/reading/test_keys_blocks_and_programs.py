"""Pages called by a number, keys in URLs, blocks that are like the document in nothing, sizes of programs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.record import DocumentRecord
from crawler.reading import Page, PageType, read_page
from crawler.reading.values import page_count

TEXT = "本办法适用于本市行政区域内的有关工作。各单位应当按照职责分工做好落实,并于每年年底前报送总结材料。" * 4
LABELS = "<p>上传时间：2023-05-06</p><p>文档格式：pdf</p>"


def page_of(body: str, url: str = "https://docs.example/show/20231.html", head: str = "文件") -> Page:
    return read_page(
        f"<html><head><title>{head}</title></head><body>{body}</body></html>".encode(),
        url=url,
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )


def record_of(body: str, url: str = "https://docs.example/show/20231.html", head: str = "文件") -> DocumentRecord:
    record = page_of(body, url, head).record
    assert record is not None
    return record


LIST = "<dl><dt>标准号</dt><dd>{0}</dd><dt>发布日期</dt><dd>2021-03-09</dd><dt>主管部门</dt><dd>某某委员会</dd></dl>"
TABLE = "<table><tr><td>标准编号</td><td>{0}</td></tr><tr><td>发布日期</td><td>2021-03-09</td></tr></table>"


ITEMS = "<ul><li>标准号：{0}</li><li>发布日期：2021-03-09</li></ul>"
CARDS = "<div><b>标准号：</b><span>{0}</span></div><div><b>发布日期：</b><span>2021-03-09</span></div>"


@pytest.mark.parametrize("labels", [LIST, TABLE, ITEMS, CARDS])
@pytest.mark.parametrize("number", ["GB/T 25181-2021", "DB34/T 2872-2023", "T/CAS 118-2020"])
def test_a_page_that_is_called_by_its_number_has_the_title_above_it(labels: str, number: str) -> None:
    body = (
        "<ol><li><a href='/'>首页</a></li><li>标准详情</li></ol>"
        "<h4>夜间集市 第1部分：术语 <span>现行</span><span>推荐性</span></h4><h5>Night markets</h5>"
        f"<h4>基础信息</h4>{labels.format(number)}<h4>适用范围</h4><p>{TEXT}</p>"
    )
    record = record_of(body, f"https://std.example/show?id={'A1' * 16}", f"国家标准|{number}")
    assert (record.title, record.doc_id) == ("夜间集市 第1部分：术语", number)


def test_a_year_in_the_window_s_title_is_no_number_of_a_document() -> None:
    body = f"<h3>通知公告栏目</h3><p>2021-03-09</p><p>{TEXT}</p><p>2021</p>"
    assert page_of(body, head="2021 | 某某学院").page_type is not PageType.DOCUMENT


def test_news_beside_a_short_text_make_no_list_of_a_page_with_the_number_that_it_is_called_by() -> None:
    news = "".join(
        f"<li><a href='/notice/20{n}.html'>夜间集市安全规程发布公告之{n}</a> 2023-05-0{n}</li>" for n in range(1, 8)
    )
    body = f"<h4>夜间集市安全规程</h4>{LIST.format('GB 2047.1-2019')}<h4>适用范围</h4><p>{TEXT[:90]}</p><ul>{news}</ul>"
    assert page_of(body, head="国家标准|GB 2047.1-2019").page_type is PageType.DOCUMENT


def test_works_that_are_cited_make_no_list() -> None:
    cited = "".join(
        f"<li>[{n}] 张某. <a href='/paper/20{n}.html'>桥梁检测岗位操作规程之{n}</a>[J]. 城市道桥, 2013, ({n}): 3.</li>"
        for n in range(1, 9)
    )
    stated = "<p>发布日期：2023-05-06</p><p>页数：3（116-118）</p>"
    body = f"<h1>桥梁检测实践</h1><div>摘要：{TEXT[:90]}</div>{stated}<ul>{cited}</ul>"
    page = page_of(body, head="桥梁检测实践")
    assert page.record is not None and page.record.pages == 3


@pytest.mark.parametrize(
    ("path", "doc_id"),
    [
        ("/detail2.html?NGU5ZDBhMzRjZGRiMmZj", "NGU5ZDBhMzRjZGRiMmZj"),
        ("/detail2.html?NGU5ZDBhMzRjZGRiMg==", "NGU5ZDBhMzRjZGRiMg"),
        ("/detail2.html?NGU5ZDBhMzRjZGRiMg%3D%3D", "NGU5ZDBhMzRjZGRiMg"),
        ("/show.asp?20417", "20417"),
        ("/lawview?ff80818179f5e0800179f885c7e70001", "ff80818179f5e0800179f885c7e70001"),
        ("/spring-catalogue.html?1699999999", "spring-catalogue"),
        ("/content/18/0315/21/367918_587087074.shtml", "587087074"),
        ("/html/201903/40217_8812345.html", "8812345"),
        ("/doc/367918_2.html", "367918"),
        ("/doc/36791_1599999999.html", "36791"),
        ("/night%00market%0D%0A.html", "night%00market%0D%0A"),
    ],
)
def test_the_key_in_a_url(path: str, doc_id: str) -> None:
    assert record_of(f"<h1>夜间集市管理条例</h1>{LABELS}<p>{TEXT}</p>", f"https://docs.example{path}").doc_id == doc_id


@pytest.mark.parametrize(
    ("path", "doc_id"),
    [
        ("/doc/7.html?ref=3", "7"),
        ("/doc/7.html?sid=731857697", "7"),
        ("/7.php?ref=3", "7"),
        ("/show?id=7&sid=731857697", "7"),
        ("/market-rules.html?ref=3", "market-rules"),
        ("/show.php?sid=7", "7"),
        ("/view?ref=3", "3"),
        ("/7.html?docid=12", "12"),
        ("/view?id=集市&from=list", "集市"),
        ("/doc/view?name=集市", "集市"),
        ("/v?no=国发〔2020〕1号", "国发〔2020〕1号"),
        ("/market-rules/view?from=list", "market-rules"),
        ("/view?id=a%0D%0Ab&from=list", "a%0D%0Ab"),
    ],
)
def test_a_parameter_says_which_document_is_meant_or_who_asks(path: str, doc_id: str) -> None:
    assert record_of(f"<h1>夜间集市管理条例</h1>{LABELS}<p>{TEXT}</p>", f"https://docs.example{path}").doc_id == doc_id


def block(heading: str, first: int) -> str:
    links = "".join(
        f"<li><a href='/show/{first + n}.html'>夜间集市管理条例释义之{first + n}</a></li>" for n in range(4)
    )
    return f"<div><h3>{heading}</h3><ul>{links}</ul></div>"


@pytest.mark.parametrize(
    "heading",
    [
        "TA的其他文档",
        "该用户的其他文档",
        "上传者其它文档",
        "最新文档",
        "最新上传",
        "推荐内容",
        "本类下载TOP10",
        "站长推荐文档",
    ],
)
def test_what_shares_the_site_alone_is_not_related_beside_what_is_alike(heading: str) -> None:
    body = f"<h1>夜间集市管理条例</h1>{LABELS}<p>{TEXT}</p>"
    alike = tuple(f"https://docs.example/show/{n}.html" for n in range(300, 304))
    assert record_of(body + block("相关文档", 300) + block(heading, 500)).related_urls == alike
    assert record_of(body + block(heading, 500) + block("相关文档", 300)).related_urls == alike


def test_new_documents_are_related_where_nothing_else_is() -> None:
    body = f"<h1>夜间集市管理条例</h1>{LABELS}<p>{TEXT}</p>{block('最新文档', 500)}"
    assert len(record_of(body).related_urls) == 4


def test_related_documents_whose_pages_lie_in_a_folder_of_searches() -> None:
    links = "".join(f"<li><a href='/gb/search/gbDetailed?id=A{n}B7C'>夜间集市安全规程之{n}</a></li>" for n in range(5))
    body = f"<h1>夜间集市术语</h1>{LABELS}<p>{TEXT}</p><h4>相近标准</h4><ul>{links}</ul>"
    assert len(record_of(body, "https://std.example/hb/search/stdHBDetailed?id=7A7B7C").related_urls) == 5


@pytest.mark.parametrize(
    "line",
    [
        "豆叮APP 扫码下载 8.2MB",
        "下载豆叮APP（安装包 35M）",
        "Download our mobile app (12 MB)",
        "Get Adobe Reader 48 MB",
    ],
)
def test_a_program_of_the_site_is_not_the_document(line: str) -> None:
    body = f"<h1>夜间集市管理条例</h1>{LABELS}<p>{TEXT}</p><p>{line}</p>"
    assert record_of(body).size_bytes is None


def test_the_file_of_a_document_about_a_program_is_the_document() -> None:
    body = f"<h1>客户端安装手册</h1><p>上传时间：2023-05-06</p><p>客户端下载安装手册.pdf 1.5MB</p><p>{TEXT}</p>"
    assert record_of(body).size_bytes == 1572864


@pytest.mark.parametrize("said", ["未知", "不详", "Unknown"])
def test_a_size_that_is_not_known_is_not_read_from_comments(said: str) -> None:
    asked = "<p>大小：3.5MB的那份在哪里下？</p><p>我要 2.1MB 的</p>"
    comments = f"<dl><dt>最新评论</dt><dd>匿名 2017-01-09</dd><dd>{asked}</dd></dl>"
    body = f"<h1>夜间集市管理条例</h1>{LABELS}<p>文件大小：{said}</p><p>{TEXT}</p>{comments}"
    assert record_of(body).size_bytes is None


@pytest.mark.parametrize(
    ("title", "is_document"),
    [
        ("浅谈茶叶分级中的常见问题及对策", True),
        ("混凝土施工常见问题分析", True),
        ("幼儿园常见问题处置预案", True),
        ("常见问题", False),
        ("下载常见问题", False),
        ("电子投标常见问题解答", False),
        ("施工中常见问题", True),
    ],
)
def test_common_problems_of_a_subject_and_of_the_site(title: str, is_document: bool) -> None:
    page = page_of(f"<h1>{title}</h1><p>2023-05-06 发布</p><p>{TEXT}</p>", head=title)
    assert (page.page_type is PageType.DOCUMENT) == is_document


def test_about_how_many_words_there_are_sets_no_limit() -> None:
    stated = "<span>约小于1千字</span><span>约2页</span><span>2021-08-08发布</span>"
    body = f"<h1>夜间集市总结.doc</h1><div>{stated}</div><p>{TEXT}</p>"
    record = record_of(body)
    assert (record.published_on, record.pages) == ("2021-08-08", 2)


@pytest.mark.parametrize(
    ("text", "pages"),
    [("8（160-167）", 8), ("3 (pp. 116–118)", 3), ("12(第1-12页)", 12), ("160-167", None), ("8（增刊）", 8)],
)
def test_pages_with_their_range(text: str, pages: int | None) -> None:
    assert page_count(text, labelled=True) == pages


def test_the_control_behind_an_abstract_is_none_of_it() -> None:
    abstract = f"<div><b>摘要：</b><div>{TEXT}<a href='#'>查看全部>></a></div></div>"
    body = f"<h1>桥梁检测实践</h1><p>发布日期：2023-05-06</p><p>页数：3</p>{abstract}"
    assert (record_of(body).preview_text or "").endswith("。")


def test_links_to_the_whole_text_are_no_keywords() -> None:
    body = f"<h1>夜间集市术语</h1>{LABELS}<p>{TEXT}</p><div><a href='/search/full?id=7'>查看全文</a></div>"
    assert record_of(body).tags == ()
