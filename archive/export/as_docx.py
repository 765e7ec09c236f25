"""Documents as a dossier in Word: a title page, a table of contents, and of each document all that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE

from archive.export import word_file
from archive.export.contents import Contents, History
from archive.export.dossier_styles import LINK_STYLE, TABLE_STYLE, TEXT_WIDTH, new_document
from archive.export.dossier_words import CAUSES, LABELS, asked, changes, extent, instant, lines, seen
from archive.export.output_file import OutputFile
from archive.export.word_elements import (
    Element,
    bookmarked,
    field_begin,
    field_end,
    link_inside,
    link_outside,
    linkable,
    paragraph,
    run,
    storable,
    table,
)
from archive.snapshot.rows import dicts

TITLE = "Document dossier 文档汇编"

LABEL_WIDTHS = (2600, TEXT_WIDTH - 2600)
HISTORY_WIDTHS = (1000, 1900, 1670, TEXT_WIDTH - 4570)
"""Twentieths of a point."""

COMFORTABLE = 2_000
"""Documents in one dossier beyond which Word takes a minute to open it."""

Elements = list[Element]
"""What is written, and let go of, at a time."""


def write(contents: Contents, file: OutputFile) -> None:
    """Write the dossier document by document; the documents are gone through twice, first for the table of contents."""
    if len(contents.rows) > COMFORTABLE:
        contents.tell(
            f"a dossier of {len(contents.rows):,} documents is slow to open; make several, by site or by year of "
            "publication, or take a limit"
        )
    document = new_document()
    _describe(document, contents)
    word_file.save(document, _content(contents, _Links(document.part.rels)), contents.made_at, file)


def _describe(document: Any, contents: Contents) -> None:
    """Fill in what programs show of a file, and what stands on each page."""
    properties = document.core_properties
    properties.title = storable(f"{TITLE}: {contents.archive}")[:255]  # python-docx takes no longer ones
    properties.subject = storable(asked(contents.selection))[:255]
    properties.author = properties.last_modified_by = "docarchive"
    properties.comments = ""
    properties.created = properties.modified = contents.made_at.replace(tzinfo=None, microsecond=0)
    (section,) = document.sections
    heading = section.header.paragraphs[0]
    heading.style = document.styles["Header"]
    heading._p.append(run(f"{TITLE}: {contents.archive}, {contents.made_at:%Y-%m-%d}"))
    foot = section.footer.paragraphs[0]
    foot.style = document.styles["Footer"]
    for words, field in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        foot._p.extend([run(words), *field_begin(field), run("1"), field_end()])


class _Links:
    """The links to the outside, which Word keeps among the document's relations."""

    def __init__(self, relations: Any) -> None:
        self._relations = relations
        self._number = 0

    def link(self, url: str) -> Element:
        """Return *url* as a link, or as plain text where it is no web address."""
        target = linkable(url)
        if target is None:
            return run(url)
        self._number += 1
        name = f"link{self._number}"
        # `part.relate_to` looks through all relations for one of this target.
        self._relations.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, target, name, is_external=True)
        return link_outside(name, run(url, LINK_STYLE))


def _content(contents: Contents, links: _Links) -> Iterator[Elements]:
    yield list(_title_page(contents))
    if contents.rows:
        yield from _table_of_contents(contents)
    else:
        yield [paragraph("Note", run("No document answers this selection. 没有符合条件的文档。"))]
    number = 0
    for batch in contents.rows.batches():
        rows = list(dicts(batch))
        histories = _histories(contents, rows)
        for row in rows:
            number += 1
            yield list(_one(contents, number, row, histories.get((row["site"], row["doc_id"]), ()), links))


def _title_page(contents: Contents) -> Iterator[Element]:
    total, length = contents.rows.total, len(contents.rows)
    yield paragraph("Title", run(TITLE))
    yield paragraph("Subtitle", run(contents.archive))
    facts = [
        ("Archive 档案", contents.archive),
        ("Selection 选择", asked(contents.selection)),
        ("Documents 文档数", f"{length:,}" if length == total else f"{length:,} of {total:,}"),
        ("Made 制作时间", instant(contents.made_at)),
    ]
    yield table(TABLE_STYLE, LABEL_WIDTHS, (_labelled(label, run(text)) for label, text in facts))
    yield paragraph(
        "Note",
        run(
            "Each entry says what the site stated and shows the text on its page. The capture is the page as it was "
            "received; it lies in the archive's WARC file at the offset given, and proves the entry. "
            "每份条目为网站原文所述; 采集记录是收到的原始页面, 保存在所示 WARC 文件中。"
        ),
    )


def _table_of_contents(contents: Contents) -> Iterator[Elements]:
    yield [paragraph("TOCHeading", run("Contents 目录"))]
    opening = field_begin('TOC \\o "1-1" \\h \\z \\u')
    number = 0
    for batch in contents.rows.batches():
        # Filled in, so that it reads without updating; where it is updated, page numbers take the dates' place.
        for row in batch.select(["title", "published_on", "withdrawn_at"]).to_pylist():
            number += 1
            gone = " (withdrawn 已撤回)" if row["withdrawn_at"] else ""
            entry = run(f"{number}.\t{_one_line(row['title'])}{gone}\t{row['published_on'] or ''}".rstrip("\t"))
            yield [paragraph("TOC1", *opening, link_inside(_bookmark(number), entry))]
            opening = []
    yield [paragraph("Note", field_end())]


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


def _one(contents: Contents, number: int, row: Mapping[str, Any], history: History, links: _Links) -> Iterator[Element]:
    heading = run(f"{number}. {_one_line(row['title'])}")
    yield paragraph("Heading1", *bookmarked(number, _bookmark(number), heading))
    if row["withdrawn_at"] is not None:
        gone = f"Withdrawn 已撤回: the site has this document no longer, found on {instant(row['withdrawn_at'])}"
        yield paragraph("Withdrawn", run(gone))
    shown = [line for line in lines(row) if line[0] in contents.fields]
    if shown:
        yield table(
            TABLE_STYLE,
            LABEL_WIDTHS,
            (_labelled(label, links.link(text) if name == "url" else run(text)) for name, label, text in shown),
        )
    if "preview_text" in contents.fields:
        yield from _text(row)
    if "version" in contents.fields:
        yield from _history(history)


def _labelled(label: str, value: Element) -> tuple[Iterable[Element], ...]:
    return [paragraph("TableLabel", run(label))], [paragraph("TableValue", value)]


def _text(row: Mapping[str, Any]) -> Iterator[Element]:
    yield paragraph("Heading2", run(LABELS["preview_text"]))
    part = extent(row)
    if part:
        yield paragraph("Note", run(part))
    paragraphs = [line for line in (row["preview_text"] or "").split("\n") if line.strip()]
    if not paragraphs:
        yield paragraph("Note", run("The page shows no text of the document. 页面没有正文。"))
    yield from (paragraph("BodyText", run(line)) for line in paragraphs)


def _history(history: History) -> Iterator[Element]:
    yield paragraph("Heading2", run("History 版本历史"))
    if len(history) == 1:
        yield paragraph("Note", run(seen(history)))
        return
    names = ("Version 版本", "Seen (UTC) 见到", "Made by 来源", "Changes 变化")
    rows = [tuple([paragraph("TableLabel", run(name))] for name in names)]
    for version in history:
        first, last = (f"{version[name]:%Y-%m-%d %H:%M}" for name in ("first_seen", "last_seen"))
        between = [first] if first == last else [first, f"– {last}"]
        told = list(changes(version)) or ["first version 初版"]
        columns = ([str(version["version"])], between, [CAUSES[version["cause"]]], told)
        rows.append(tuple([paragraph("TableValue", run(text)) for text in column] for column in columns))
    yield table(TABLE_STYLE, HISTORY_WIDTHS, rows, names_first=True)
    yield paragraph("Note")  # Word wants a paragraph between a table and the end
