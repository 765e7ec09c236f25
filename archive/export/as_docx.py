"""Documents as a dossier in Word: a title page, a table of contents, and of each document all that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from archive.clock import instant_text
from archive.export.contents import Contents, History
from archive.export.dossier_words import CAUSES, LABELS, asked, changes, extent, instant, lines, seen
from archive.export.output_file import OutputFile
from archive.export.word_xml import (
    DECLARATION,
    FIELD_END,
    NAMESPACES,
    Links,
    bookmarked,
    field_begin,
    link_inside,
    paragraph,
    run,
    table,
    text_of,
)
from archive.rows import dicts

TITLE = "Document dossier 文档汇编"

LABEL_WIDTHS = (2600, 6470)
HISTORY_WIDTHS = (1000, 1900, 1670, 4500)
"""Twentieths of a point: A4 less its margins is 9,070."""

_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "styles": ("rId1", "styles.xml"),
    "settings": ("rId2", "settings.xml"),
    "fontTable": ("rId3", "fontTable.xml"),
    "header": ("rId4", "header.xml"),
    "footer": ("rId5", "footer.xml"),
}
"""Kind of a part -> its name in the text, its file."""

_PAGE = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1531" w:right="1418" w:bottom="1418" w:left="1418" w:header="709" w:footer="624" w:gutter="0"/>'
    "<w:titlePg/></w:sectPr>"
)
"""A4; the title page has neither header nor footer."""


def write(contents: Contents, file: OutputFile) -> None:
    """Write the dossier document by document; the documents are gone through twice, first for the table of contents."""
    links = Links()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        # Word looks for this first; the rest may stand in any order.
        _add(package, "[Content_Types].xml", _template("content_types.xml"), contents.made_at)
        _add(package, "_rels/.rels", _template("package_rels.xml"), contents.made_at)
        _add(package, "docProps/core.xml", _properties(contents), contents.made_at)
        for name, template in (("styles", "styles"), ("settings", "settings"), ("fontTable", "font_table")):
            _add(package, f"word/{name}.xml", _template(f"{template}.xml"), contents.made_at)
        _add(package, "word/header.xml", _header(contents), contents.made_at)
        _add(package, "word/footer.xml", _template("footer.xml"), contents.made_at)
        with package.open(_entry("word/document.xml", contents.made_at), "w") as part:
            for piece in _document(contents, links):
                part.write(piece.encode())
        _add(package, "word/_rels/document.xml.rels", _relationships(links), contents.made_at)


def _entry(name: str, made_at: datetime) -> ZipInfo:
    entry = ZipInfo(name, max(made_at.timetuple()[:6], (1980, 1, 1, 0, 0, 0)))  # ZIP knows no earlier time
    entry.compress_type = ZIP_DEFLATED
    return entry


def _add(package: ZipFile, name: str, text: str, made_at: datetime) -> None:
    package.writestr(_entry(name, made_at), text.encode())


def _template(name: str) -> str:
    return (files("archive.export") / "dossier" / name).read_text(encoding="utf-8")


def _properties(contents: Contents) -> str:
    made = f"{instant_text(contents.made_at)[:19]}Z"
    return (
        f"{DECLARATION}<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{text_of(f'{TITLE}: {contents.archive}')}</dc:title>"
        f"<dc:subject>{text_of(asked(contents.selection))}</dc:subject><dc:creator>docarchive</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{made}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{made}</dcterms:modified></cp:coreProperties>'
    )


def _header(contents: Contents) -> str:
    text = f"{TITLE}: {contents.archive}, {contents.made_at:%Y-%m-%d}"
    return f"{DECLARATION}<w:hdr {NAMESPACES}>{paragraph('Header', run(text))}</w:hdr>"


def _relationships(links: Links) -> str:
    parts = "".join(
        f'<Relationship Id="{name}" Type="{_RELATIONSHIPS}/{kind}" Target="{file}"/>'
        for kind, (name, file) in _PARTS.items()
    )
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return f"{DECLARATION}{head}{parts}{''.join(links.relationships())}</Relationships>"


def _document(contents: Contents, links: Links) -> Iterator[str]:
    yield f"{DECLARATION}<w:document {NAMESPACES}><w:body>"
    yield from _title_page(contents)
    if contents.rows:
        yield from _table_of_contents(contents)
    else:
        yield paragraph("Note", run("No document answers this selection. 没有符合条件的文档。"))
    number = 0
    for batch in contents.rows.batches():
        rows = list(dicts(batch))
        histories = _histories(contents, rows)
        for row in rows:
            number += 1
            yield from _one(contents, number, row, histories.get((row["site"], row["doc_id"]), ()), links)
    yield f"{_PAGE}</w:body></w:document>"


def _title_page(contents: Contents) -> Iterator[str]:
    total, length = contents.rows.total, len(contents.rows)
    yield paragraph("Title", run(TITLE))
    yield paragraph("Subtitle", run(contents.archive))
    facts = [
        ("Archive 档案", contents.archive),
        ("Selection 选择", asked(contents.selection)),
        ("Documents 文档数", f"{length:,}" if length == total else f"{length:,} of {total:,}"),
        ("Made 制作时间", instant(contents.made_at)),
    ]
    yield table(LABEL_WIDTHS, (_labelled(label, run(text)) for label, text in facts))
    yield paragraph(
        "Note",
        run(
            "Each entry says what the site stated and shows the text on its page. The capture is the page as it was "
            "received; it lies in the archive's WARC file at the offset given, and proves the entry. "
            "每份条目为网站原文所述; 采集记录是收到的原始页面, 保存在所示 WARC 文件中。"
        ),
    )


def _table_of_contents(contents: Contents) -> Iterator[str]:
    yield paragraph("TOCHeading", run("Contents 目录"))
    opening = field_begin('TOC \\o "1-1" \\h \\z \\u')
    number = 0
    for batch in contents.rows.batches():
        # Filled in, so that it reads without updating; where it is updated, page numbers take the dates' place.
        for row in batch.select(["title", "published_on", "withdrawn_at"]).to_pylist():
            number += 1
            gone = " (withdrawn 已撤回)" if row["withdrawn_at"] else ""
            entry = run(f"{number}.\t{_one_line(row['title'])}{gone}\t{row['published_on'] or ''}".rstrip("\t"))
            yield paragraph("TOC1", opening, link_inside(_bookmark(number), entry))
            opening = ""
    yield paragraph("Note", FIELD_END)


def _histories(contents: Contents, rows: list[dict[str, Any]]) -> Mapping[tuple[str, str], History]:
    """Return what became of each document; only of those that changed need it be looked up."""
    found: dict[tuple[str, str], History] = {
        (row["site"], row["doc_id"]): [{**row, "changes": []}] for row in rows if row["version"] == 1
    }
    changed = [(row["site"], row["doc_id"]) for row in rows if row["version"] != 1]
    return {**found, **contents.histories(changed)} if changed else found


def _bookmark(number: int) -> str:
    return f"document_{number}"


def _one_line(text: str) -> str:
    return " ".join(text.split()) or "(no title 无标题)"


def _one(contents: Contents, number: int, row: Mapping[str, Any], history: History, links: Links) -> Iterator[str]:
    heading = run(f"{number}. {_one_line(row['title'])}")
    yield paragraph("Heading1", bookmarked(number, _bookmark(number), heading))
    if row["withdrawn_at"] is not None:
        gone = f"Withdrawn 已撤回: the site has this document no longer, found on {instant(row['withdrawn_at'])}"
        yield paragraph("Withdrawn", run(gone))
    shown = [line for line in lines(row) if line[0] in contents.fields]
    if shown:
        yield table(
            LABEL_WIDTHS,
            (_labelled(label, links.link(text) if name == "url" else run(text)) for name, label, text in shown),
        )
    if "preview_text" in contents.fields:
        yield from _text(row)
    if "version" in contents.fields:
        yield from _history(history)


def _labelled(label: str, value: str) -> tuple[str, str]:
    return paragraph("TableLabel", run(label)), paragraph("TableValue", value)


def _text(row: Mapping[str, Any]) -> Iterator[str]:
    yield paragraph("Heading2", run(LABELS["preview_text"]))
    part = extent(row)
    if part:
        yield paragraph("Note", run(part))
    paragraphs = [line for line in (row["preview_text"] or "").split("\n") if line.strip()]
    if not paragraphs:
        yield paragraph("Note", run("The page shows no text of the document. 页面没有正文。"))
    yield from (paragraph("BodyText", run(line)) for line in paragraphs)


def _history(history: History) -> Iterator[str]:
    yield paragraph("Heading2", run("History 版本历史"))
    if len(history) == 1:
        yield paragraph("Note", run(seen(history)))
        return
    names = ("Version 版本", "Seen (UTC) 见到", "Made by 来源", "Changes 变化")
    rows = [tuple(paragraph("TableLabel", run(name)) for name in names)]
    for version in history:
        first, last = (f"{version[name]:%Y-%m-%d %H:%M}" for name in ("first_seen", "last_seen"))
        between = [first] if first == last else [first, f"– {last}"]
        told = list(changes(version)) or ["first version 初版"]
        columns = ([str(version["version"])], between, [CAUSES[version["cause"]]], told)
        rows.append(tuple("".join(paragraph("TableValue", run(text)) for text in column) for column in columns))
    yield table(HISTORY_WIDTHS, rows, names_first=True)
    yield paragraph("Note")  # Word wants a paragraph between a table and the end
