"""What a dossier says of a document, in words for people who read English or Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any

from archive.asking.plain import cell_text
from archive.export.contents import History

Line = tuple[str, str, str]
"""The record field a line is about, its label, its text."""

LABELS = {
    "site": "Site 网站",
    "doc_id": "ID 编号",
    "url": "URL 网址",
    "title": "Title 标题",
    "title_text": "Title as printed 原标题",
    "size_bytes": "Size 大小",
    "size_text": "Size as printed 大小原文",
    "pages": "Pages 页数",
    "pages_text": "Pages as printed 页数原文",
    "format": "Format 格式",
    "format_text": "Format as printed 格式原文",
    "published_on": "Published 发布日期",
    "published_text": "Date as printed 日期原文",
    "tags": "Tags 标签",
    "issuer": "Issuer 发文机关",
    "document_number": "Document number 文号",
    "other_labels": "Other labels 其他信息",
    "preview_text": "Text 正文",
    "exact_copy_of": "Same text as 正文相同",
    "flags": "Flags 标记",
    "first_seen": "First seen 首次见到",
    "last_seen": "Last seen 最近见到",
    "fetched_at": "Captured at 采集时间",
    "capture": "Capture 采集记录",
    "warc_file": "WARC file WARC 文件",
    "payload_digest": "Digest of the page 页面摘要",
    "reader": "Read by 读取程序",
}

CAUSES = {"site": "the site 网站", "reader": "a better reading 重新读取", "import": "an import 导入"}

_SELECTIONS = {
    "search": "words 检索词",
    "where": "condition 条件",
    "site": "site 网站",
    "doc_format": "format 格式",
    "published_from": "published from 发布不早于",
    "published_to": "published to 发布不晚于",
    "min_pages": "pages at least 页数至少",
    "max_pages": "pages at most 页数至多",
    "as_of": "as the sites were 网站当时",
    "as_published": "as the archive was 档案当时",
    "sort": "order 排序",
    "limit": "at most 至多",
}

_VALUES = {
    "size_text": "size_bytes",
    "pages_text": "pages",
    "format_text": "format",
    "published_text": "published_on",
}
"""What a page printed -> what was understood of it."""

CHANGE_CHARACTERS = 160
"""Of a changed value this much is shown, from where it changed."""

_CONTEXT = 12
"""Characters shown before the place where two texts part."""


def instant(value: datetime | None) -> str:
    """Return an instant for people, to the second.

    >>> from datetime import UTC
    >>> instant(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    '2026-03-01 09:30:00 UTC'
    """
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def lines(row: Mapping[str, Any]) -> Iterator[Line]:
    """Yield what the document's page states, then how we know it; what is absent is left out."""
    named = [
        ("site", row["site"]),
        ("doc_id", row["doc_id"]),
        ("url", row["url"]),
        ("title_text", row["title_text"] if row["title_text"] != row["title"] else None),
        ("size_bytes", _with_text(_counted(row["size_bytes"], "byte"), row["size_text"])),
        ("pages", _with_text(_counted(row["pages"], "page"), row["pages_text"])),
        ("format", _with_text(row["format"], row["format_text"])),
        ("published_on", _with_text(row["published_on"], row["published_text"])),
        ("tags", "  ·  ".join(row["tags"] or ())),
        ("issuer", row["issuer"]),
        ("document_number", row["document_number"]),
    ]
    known = [
        ("exact_copy_of", row["exact_copy_of"]),
        ("flags", ", ".join(row["flags"] or ())),
        ("first_seen", instant(row["first_seen"])),
        ("last_seen", instant(row["last_seen"])),
        ("fetched_at", instant(row["fetched_at"])),
        ("capture", row["capture"]),
        ("warc_file", f"{row['warc_file']}, offset 偏移 {row['warc_offset']:,}" if row["warc_file"] else None),
        ("payload_digest", row["payload_digest"]),
        ("reader", row["reader"]),
    ]
    yield from ((field, LABELS[field], text) for field, text in named if text)
    for label, values in (row["other_labels"] or {}).items():
        yield "other_labels", label, "; ".join(values)
    yield from ((field, LABELS[field], text) for field, text in known if text)


def _counted(number: int | None, unit: str) -> str | None:
    return None if number is None else f"{number:,} {unit}{'' if number == 1 else 's'}"


def _with_text(value: str | None, printed: str | None) -> str | None:
    """Return the value with what the page printed beside it, where that says more."""
    if value is None:
        return f"unreadable 无法读取: “{printed}”" if printed else None
    return f"{value} ({printed})" if printed and printed.lower() != value.lower() else value


def extent(row: Mapping[str, Any]) -> str | None:
    """Return how much of the document its text on the page is, None where the page does not say."""
    if row["preview_pages"] is not None and row["pages"]:
        shown, whole = row["preview_pages"], row["pages"]
        return f"The page shows {shown:,} of {whole:,} pages. 页面显示 {whole:,} 页中的 {shown:,} 页。"
    if row["preview_share"] is not None and row["preview_share"] < 1:
        return f"The page shows {row['preview_share']:.0%} of the document. 页面显示文档的 {row['preview_share']:.0%}。"
    return None


def asked(selection: Mapping[str, Any]) -> str:
    """Return the selection as it was asked for.

    >>> asked({"search": "计生", "site": ["a", "b"]})
    'words 检索词: 计生; site 网站: a, b'
    """
    told = [
        f"{label}: {', '.join(value) if isinstance(value, (list, tuple)) else cell_text(value)}"
        for name, label in _SELECTIONS.items()
        if (value := selection.get(name)) and (name, value) != ("limit", 0)
    ]
    return "; ".join(told) or "all documents 全部文档"


def changes(version: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is different in *version* of a history, a field a text.

    What a page printed is told where its meaning is the same: else the value tells it.
    """
    changed = {change["field"] for change in version["changes"]}
    for change in version["changes"]:
        if _VALUES.get(change["field"]) in changed:
            continue
        before, after = parting(_readable(change["from"]), _readable(change["to"]))
        yield f"{LABELS[change['field']]}: {before or 'none 无'} → {after or 'none 无'}"


def _readable(value: Any) -> str:
    """Return a value of a record on one line.

    >>> _readable(["计生", "长效"]), _readable({"作者": ["李明", "王芳"]}), _readable("a\\n\\n b")
    ('计生  ·  长效', '作者: 李明; 王芳', 'a b')
    """
    if isinstance(value, Mapping):
        return "  ·  ".join(f"{label}: {'; '.join(values)}" for label, values in value.items())
    if isinstance(value, (list, tuple)):
        return "  ·  ".join(value)
    return " ".join(cell_text(value).split())


def parting(before: str, after: str) -> tuple[str, str]:
    """Return both texts from a little before they part, cut to what a table can show.

    >>> parting("a" * 200 + "b", "a" * 200 + "c")
    ('…aaaaaaaaaaaab', '…aaaaaaaaaaaac')
    """
    if max(len(before), len(after)) <= CHANGE_CHARACTERS:
        return before, after
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = max(0, same - _CONTEXT)
    shown = [
        ("…" if start else "")
        + text[start : start + CHANGE_CHARACTERS]
        + ("…" * (len(text) > start + CHANGE_CHARACTERS))
        for text in (before, after)
    ]
    return shown[0], shown[1]


def seen(history: History) -> str:
    """Return a sentence on a document that has one version."""
    (only,) = history
    first, last = instant(only["first_seen"]), instant(only["last_seen"])
    span = f"on {first}" if first == last else f"from {first} to {last}"
    return f"One version 仅一个版本, seen {span}; made by {CAUSES[only['cause']]}."
