"""The dossier, read back with python-docx."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.shared import Mm
from lxml import etree

from archive.archive import Archive
from archive.export import as_docx
from archive.export.word_elements import linkable, run, storable
from archive.layout import create
from tests.archive.conftest import WrittenArchive, hour, record
from tests.export.conftest import CLOCK
from tests.naughty_strings import NAUGHTY


def opened(archive: Archive, tmp_path: Path, **keywords: Any) -> Any:
    path = tmp_path / "out.docx"
    archive.export(path, clock=CLOCK, overwrite=True, **keywords)
    return docx.Document(str(path))


def texts(document: Any, style: str) -> list[str]:
    return [each.text for each in document.paragraphs if each.style.name == style]


def facts(table: Any) -> dict[str, str]:
    return {row.cells[0].text: row.cells[1].text for row in table.rows}


def test_the_title_page_says_what_this_is(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path, min_pages=5, limit=1)
    assert texts(document, "Title") == ["Document dossier 文档汇编"]
    assert texts(document, "Subtitle") == ["papers"]
    assert facts(document.tables[0]) == {
        "Archive 档案": "papers",
        "Selection 选择": "pages at least 页数至少: 5; at most 至多: 1",
        "Documents 文档数": "1 of 2",
        "Made 制作时间": "2026-03-05 04:00:00 UTC",
    }
    assert document.core_properties.created.isoformat().startswith("2026-03-05T04:00:00")


def test_the_table_of_contents_reads_without_updating_and_leads_to_the_documents(
    archive: Archive, tmp_path: Path
) -> None:
    document = opened(archive, tmp_path, sort="published")
    entries = [each for each in document.paragraphs if each.style.name == "toc 1"]
    assert [each.text for each in entries] == [
        "1.\t计划生育长效机制\t2023-04-16",
        "2.\t=1+1\t2019",
        "3.\t已经撤回 (withdrawn 已撤回)",
    ]
    headings = [each for each in document.paragraphs if each.style.name == "Heading 1"]
    assert [each.text for each in headings] == ["1. 计划生育长效机制", "2. =1+1", "3. 已经撤回"]
    for entry, heading in zip(entries, headings, strict=True):
        (link,) = entry.hyperlinks
        assert f'w:name="{link.fragment}"' in heading._p.xml
    xml = document.element.xml
    assert 'TOC \\o "1-1"' in xml
    assert xml.count('w:fldCharType="begin"') == xml.count('w:fldCharType="end"') == 1


def test_a_document_with_all_that_is_known(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path, search="草案")
    known = facts(document.tables[1])
    assert known == {
        "Site 网站": "huiwen",
        "ID 编号": "953365",
        "URL 网址": "https://docs.example/953365",
        "Size 大小": "33,526 bytes (32.74KB)",
        "Pages 页数": "22 pages (22页)",
        "Format 格式": "docx",
        "Published 发布日期": "2023-04-16 (2023年4月16日)",
        "Tags 标签": "计生  ·  长效",
        "Issuer 发文机关": "平川县人民政府",
        "Document number 文号": "普府〔2026〕54号",
        "作者": "李明; 王芳",
        "First seen 首次见到": "2026-03-01 00:00:00 UTC",
        "Last seen 最近见到": "2026-03-01 00:00:00 UTC",
        "Captured at 采集时间": "2026-03-01 00:00:00 UTC",
        "Capture 采集记录": "<urn:uuid:huiwen-953365-01000000>",
        "WARC file WARC 文件": "warc/huiwen/made.warc.gz, offset 偏移 17",
        "Read by 读取程序": "general/1",
    }
    (cell,) = [row.cells[1] for row in document.tables[1].rows if row.cells[0].text == "URL 网址"]
    assert [link.address for link in cell.paragraphs[0].hyperlinks] == ["https://docs.example/953365"]
    assert texts(document, "Body Text") == ["第一段 计生", "第二段 & <b>草案</b>"]
    assert "The page shows 2 of 22 pages. 页面显示 22 页中的 2 页。" in texts(document, "Note")


def test_the_history_of_a_document_that_changed(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path, where="doc_id = '0002'")
    rows = [[cell.text for cell in row.cells] for row in document.tables[2].rows]
    assert rows[1:] == [
        ["1", "2026-03-01 00:00", "the site 网站", "first version 初版"],
        ["2", "2026-03-02 00:00", "the site 网站", "Pages 页数: 4 → 5\nText 正文: 旧文 → 新文"],
    ]
    before = opened(archive, tmp_path, where="doc_id = '0002'", as_of="2026-03-01")
    assert texts(before, "Body Text") == ["旧文"]
    assert len(before.tables) == 2, "what changed later is not told of an earlier day"


def test_a_withdrawn_document_is_marked_and_no_script_is_linked(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path, where="withdrawn_at IS NOT NULL")
    (mark,) = texts(document, "Withdrawn")
    assert "2026-03-02 06:00:00 UTC" in mark
    assert facts(document.tables[1])["URL 网址"] == "javascript:alert(1)"
    assert not any(relation.is_external for relation in document.part.rels.values())


def test_fields_choose_what_is_shown(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path, search="草案", fields="title,pages,url")
    assert list(facts(document.tables[1])) == ["URL 网址", "Pages 页数"]
    assert texts(document, "Heading 2") == []
    assert texts(document, "Heading 1") == ["1. 计划生育长效机制"]


def test_pages_are_a4_with_header_footer_and_chinese_fonts(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path)
    (section,) = document.sections
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (210, 297)
    assert section.different_first_page_header_footer
    assert section.header.paragraphs[0].text == "Document dossier 文档汇编: papers, 2026-03-05"
    assert section.footer.paragraphs[0].text == "Page 1 of 1"
    assert {"PAGE", "NUMPAGES"} == set(re.findall(r"instrText[^>]*> (\w+) <", section.footer.paragraphs[0]._p.xml))
    assert 'w:eastAsia="Noto Serif CJK SC"' in document.styles.element.xml
    used = {each.style.name for each in document.paragraphs}
    assert used <= {style.name for style in document.styles}


def test_it_holds_its_own_styles_and_nothing_of_a_template(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path)
    with zipfile.ZipFile(tmp_path / "out.docx") as package:
        assert package.testzip() is None
        names = package.namelist()
        assert sorted(names) == sorted(
            [
                *("[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "word/_rels/document.xml.rels"),
                *(f"word/{name}.xml" for name in ("document", "fontTable", "footer1", "header1", "settings", "styles")),
            ]
        )
        for name in names:
            etree.fromstring(package.read(name))
        settings = package.read("word/settings.xml").decode()
    assert names[0] == "[Content_Types].xml"
    assert 'w:themeFontLang w:val="en-GB" w:eastAsia="zh-CN"' in settings
    assert re.search('w:name="compatibilityMode"[^>]* w:val="15"', settings), "else Word says that it is an old one"
    assert "Theme" not in document.styles.element.xml
    assert document.core_properties.author == "docarchive"


def test_an_empty_selection_is_a_document_that_says_so(archive: Archive, tmp_path: Path) -> None:
    document = opened(archive, tmp_path, search="没有这个")
    assert any("No document answers this selection" in text for text in texts(document, "Note"))
    assert texts(document, "toc 1") == []


def test_hostile_text(tmp_path: Path) -> None:
    storable = [text.encode("utf-8", "replace").decode() for text in NAUGHTY]
    written = WrittenArchive(create(tmp_path / "data"))
    naughty = [
        record(f"{number:04d}", text or "empty", tags=(text,), other_labels={text: (text,)}, preview_text=text)
        for number, text in enumerate(storable)
    ]
    written.run("r1", *naughty, record("long", preview_text="字" * 40_000), at=hour(1))
    with written.open() as archive:
        document = opened(archive, tmp_path)
    shown = [(each.style.name, each.text) for each in document.paragraphs]
    assert [style for style, _ in shown].count("Heading 1") == len(storable) + 1
    assert ("Body Text", "字" * 40_000) in shown
    assert ("Body Text", "<plaintext>") in shown


@pytest.mark.parametrize("text", NAUGHTY[::7])
def test_any_text_can_stand_in_a_run(text: str) -> None:
    made = etree.fromstring(etree.tostring(run(text), encoding="UTF-8"))
    breaks = {"tab": "\t", "br": "\n"}
    shown = "".join(each.text or "" if (kind := etree.QName(each).localname) == "t" else breaks[kind] for each in made)
    assert shown == storable(re.sub("\r\n?", "\n", text))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://docs.example", "http://docs.example"),
        ("https://docs.example:8443/a b?q=文#x", "https://docs.example:8443/a%20b?q=%E6%96%87#x"),
        ("https://docs.example/%E6%96%87", "https://docs.example/%E6%96%87"),
        ("https://[::1", None),
        ("https://文.example/", None),
        ("file:///etc/passwd", None),
        ("https://docs.example/" + "a" * 3000, None),
    ],
)
def test_only_web_addresses_are_linked(url: str, target: str | None) -> None:
    assert linkable(url) == target


def test_several_pages_of_an_answer(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_docx, "COMFORTABLE", 1000)
    told: list[str] = []
    with Archive.open(many) as archive:
        assert archive.export(tmp_path / "out.docx", limit=1010, tell=told.append) == 1010
    assert len(told) == 1
    assert "1,010 documents is slow to open" in told[0]
    with zipfile.ZipFile(tmp_path / "out.docx") as package:
        xml = package.read("word/document.xml").decode()
    assert xml.count('w:val="Heading1"') == xml.count('w:val="TOC1"') == 1010
    assert len(set(re.findall(r"w:bookmarkStart w:id=\"(\d+)\"", xml))) == 1010
