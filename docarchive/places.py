"""Where on a page the values stand that were read from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crawler.reading.lines import Line

PRINTED = {
    "title": "title_text",
    "size_bytes": "size_text",
    "pages": "pages_text",
    "format": "format_text",
    "published_on": "published_text",
    "doc_id": "doc_id",
}
"""Record field -> the field that holds it as the page prints it."""

AROUND = 60
"""Characters of an excerpt on each side of what was read."""


def read_from(
    printed: Mapping[str, tuple[str, str]], preview_text: str | None, lines: Sequence[Line]
) -> Mapping[int, list[str]]:
    """Return the lines that values were read from, by what stands there: line -> record fields.

    *printed*: record field -> the text as printed, and the place it was read at (`provenance`).
    """
    found: dict[int, list[str]] = {}
    paragraphs = {"".join(part.split()) for part in (preview_text or "").split("\n")}
    numbered = list(enumerate(lines))
    for name, (text, place) in printed.items():
        having = [index for index, line in numbered if text and text in line.spaced]
        labelled = [index for index in having if place.removeprefix("label:") in _around(numbered, index)]
        for index in (labelled or having)[:1]:
            found.setdefault(index, []).append(name)
    for index, line in numbered:
        if line.plain and index not in found and "".join(line.plain.split()) in paragraphs:
            found[index] = ["preview_text"]
    return found


def _around(numbered: Sequence[tuple[int, Line]], index: int) -> str:
    """Return the text of a line and of the one before it, where its label may stand."""
    return " ".join(line.spaced for _, line in numbered[max(0, index - 1) : index + 1])


def excerpts(
    printed: Mapping[str, tuple[str, str]], preview_text: str | None, lines: Sequence[Line], source: str
) -> Mapping[str, str]:
    """Return record field -> a short piece of the page around what was read, of those that are found on it.

    What is on no line that a reader of the page sees (metadata, data of scripts) is looked for in its *source*.
    """
    found: dict[str, str] = {}
    for index, names in read_from(printed, preview_text, lines).items():
        for name in names:
            text = printed[name][0] if name in printed else lines[index].spaced
            around = "\n".join(line.spaced for line in lines[max(0, index - 1) : index + 2] if line.plain)
            found.setdefault(name, excerpt(around, text))
    for name, (text, _) in printed.items():
        if name not in found and text and text in source:
            found[name] = excerpt(source, text)
    return found


def excerpt(text: str, wanted: str) -> str:
    """Return the piece of *text* around *wanted*, which stands in it, on one line.

    >>> excerpt("一" * 100 + "大小：" + "32.74KB", "32.74KB")[-12:]
    '一一大小：32.74KB'
    """
    place = text.index(wanted)
    start, end = max(0, place - AROUND), place + min(len(wanted), 2 * AROUND) + AROUND
    shown = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{shown}{'…' if end < len(text) else ''}"
