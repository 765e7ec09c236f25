"""What was read of pages, and from where, as one HTML page that a person can look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from archive.record import to_json
from crawler.reading.lines import Line
from crawler.reading.page import Page, PageType
from crawler.reading.sight import look
from crawler.reading.tree import parsed
from crawler.reading.zones import Zone
from docarchive.places import PRINTED, read_from

LONGEST_VALUE = 400
"""Characters of a value that are shown in the table; the text itself is marked on the page."""

MOST_LINES = 1_000
"""Lines of a page that are shown."""

_STYLE = """
:root { color-scheme: light dark; --mark: #ffe9a8; --soft: #667; --line: #ccd; }
@media (prefers-color-scheme: dark) { :root { --mark: #5a4a10; --soft: #99a; --line: #445; } }
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2.5rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; } thead th:nth-child(1) { width: 9rem; }
thead th:nth-child(2) { width: 34%; } thead th:nth-child(5) { width: 4.5rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem;
text-align: left; vertical-align: top; overflow-wrap: anywhere; } thead th { color: var(--soft); font-weight: normal; }
.low { font-weight: bold; } .others, .zone, .aside { color: var(--soft); }
ol { list-style: none; padding: 0; } li { display: grid; grid-template-columns: 9rem 1fr 12rem; gap: .8rem;
border-bottom: 1px dotted var(--line); padding: .1rem .3rem; overflow-wrap: anywhere; }
li.read { background: var(--mark); } li b { text-align: right; }
@media (max-width: 50rem) { li { grid-template-columns: 1fr; } li b { text-align: left; } }
"""


_HEAD = f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What was read, and where</title><style>{_STYLE}</style></head><body><h1>What was read, and where</h1>
"""


class Saved(NamedTuple):
    """One page and how it was read."""

    body: bytes
    content_type: str | None
    page: Page


def explained_page(pages: Iterable[Saved]) -> str:
    """Return an HTML document: for each page the values, where each was read, how sure it is and what competed.

    All that a page says is shown as text: nothing of it is loaded or run.
    """
    parts = [_HEAD]
    for saved in pages:
        record = saved.page.record
        heading = record.title if record is not None else saved.page.url
        parts.append(f"<h2>{escape(heading)}</h2><p>{_verdict(saved.page)}<br>{escape(saved.page.url)}</p>")
        if saved.page.record is not None:
            parts.append(_values(saved.page))
        parts.append(_lines(saved))
    return "".join(parts) + "</body></html>\n"


def _verdict(page: Page) -> str:
    facts = [f"<strong>{escape(page.page_type)}</strong>: {escape(page.reason)}"]
    if page.encoding is not None:
        facts.append(f"encoding {escape(page.encoding)}")
    if page.page_type is PageType.LISTING:
        facts.append(f"{len(page.document_urls)} documents listed")
        facts.append(f"next page {escape(page.next_page)}" if page.next_page else "no next page")
        if page.advertised_total is not None:
            facts.append(f"the site says {page.advertised_total:,} in all")
    return ", ".join([*facts, *(f"flag {escape(flag)}" for flag in page.flags)])


def _values(page: Page) -> str:
    assert page.record is not None
    row = to_json(page.record)
    head = "<th>field</th><th>value</th><th>as printed</th><th>read at</th><th>sure</th><th>what competed</th>"
    rows = []
    for name, reason in page.reasons.items():
        others = "<br>".join(f"{escape(other.text)} <i>{escape(other.place)}</i>" for other in reason.others)
        printed = row.get(PRINTED.get(name, "")) if PRINTED.get(name) != name else None
        rows.append(
            f"<tr><th>{escape(name)}</th><td>{_shown(row[name])}</td><td>{_shown(printed)}</td>"
            f"<td>{escape(reason.place)}</td><td class={escape(reason.confidence)}>{escape(reason.confidence)}</td>"
            f"<td class=others>{others}</td></tr>"
        )
    for label, values in (row.get("other_labels") or {}).items():
        rows.append(f"<tr><th class=others>{escape(label)}</th><td colspan=5>{_shown('; '.join(values))}</td></tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _shown(value: object) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return escape(text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…")


def _lines(saved: Saved) -> str:
    """Return the page's lines with their part of the page, those marked that a value was read from."""
    sight = look(parsed(saved.body, saved.content_type, saved.page.encoding), saved.page.url)
    read = _read_from(saved.page, sight.lines)
    shown = []
    for index, line in enumerate(sight.lines[:MOST_LINES]):
        if not line.plain:
            continue
        zone = sight.zones[index]
        part = "heading" if index == sight.heading else _part(line, zone, sight.links.item_lines[index])
        names = ", ".join(read.get(index, ()))
        kind = " class=read" if names else " class=aside" if line.navigation or zone.foreign else ""
        cells = f"<span class=zone>{escape(part)}</span><span>{escape(line.spaced)}</span><b>{escape(names)}</b>"
        shown.append(f"<li{kind}>{cells}</li>")
    left = len(sight.lines) - MOST_LINES
    more = f"<p>{left:,} more lines are not shown.</p>" if left > 0 else ""
    return f"<ol>{''.join(shown)}</ol>{more}"


def _part(line: Line, zone: Zone, in_item: bool) -> str:
    words = [line.tag, zone.label, "menu" if line.navigation else "", "item" if in_item else ""]
    return " ".join(word for word in words if word)


def _read_from(page: Page, lines: Sequence[Line]) -> Mapping[int, list[str]]:
    if page.record is None:
        return {}
    row = to_json(page.record)
    printed = {
        name: (str(row.get(PRINTED[name]) or ""), reason.place)
        for name, reason in page.reasons.items()
        if name in PRINTED
    }
    return read_from(printed, page.record.preview_text, lines)
