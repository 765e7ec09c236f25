"""What a page shows as an icon: labels that stand in an attribute, which are put into the text, and a file's format."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.reading.nodes import short_text
from crawler.reading.values import FORMATS
from crawler.reading.vocabulary import KNOWN, normal_label

MAX_ICONS = 300
"""Elements of a page that are given their label; what has more is a table or a list of files."""

LONGEST_LABEL = 30
_ATTRIBUTES = ("title", "aria-label", "data-label", "data-title", "data-th", "alt")
_SELECTOR = ", ".join([*(f"[{name}]:not(a)" for name in _ATTRIBUTES[:-1]), "img[alt]"])
_NO_ICONS = frozenset(
    ("a", "button", "input", "iframe", "html", "body", "link", "style", "select", "form", "nav", "abbr")
)
_INSIDE = frozenset(("td", "div", "p", "li", "dd"))
"""Blocks take their label inside, so that it stands on one line with the value."""


def spell_out(tree: LexborHTMLParser) -> bool:
    """Put the known labels that stand in attributes of icons, spans and cells before their values; say if any did."""
    found = False
    heads: dict[int, frozenset[str]] = {}
    for element in tree.css(_SELECTOR)[:MAX_ICONS]:
        if element.tag in _NO_ICONS:
            continue
        attributes = element.attributes
        label = next((text for name in _ATTRIBUTES if (text := attributes.get(name))), "")
        if len(label) > LONGEST_LABEL or normal_label(label) not in KNOWN:
            continue
        if element.tag == "td" and _is_headed(element, label, heads):
            continue
        text = "" if element.tag in ("img", "svg") else short_text(element)
        if len(text) <= 100 and not text.lower().startswith(label.strip(" :：").lower()):
            spelled = f" {label.strip(' :：')}: "
            found = True
            if element.tag in _INSIDE:
                if element.first_child is not None:
                    element.first_child.insert_before(spelled)
            else:
                element.insert_before(spelled)
    return found


def _is_headed(cell: LexborNode, label: str, heads: dict[int, frozenset[str]]) -> bool:
    """Whether the head of the cell's table has the label, which narrow screens are to show in each cell instead.

    *heads*: table -> labels in its head, as far as they were looked for: a table has many cells.
    """
    around = cell.parent
    for _ in range(MOST_AROUND):
        if around is None or around.tag == "table":
            break
        around = around.parent
    if around is None or around.tag != "table":
        return False
    if around.mem_id not in heads:
        found = around.css("th")[:MAX_HEADS]
        heads[around.mem_id] = frozenset(normal_label(short_text(head)) for head in found)
    return normal_label(label) in heads[around.mem_id]


MOST_AROUND = 4
"""Elements around a cell in which its table is looked for: tr, tbody."""

MAX_HEADS = 12

MAX_HEADINGS = 30
MAX_PICTURES = 12
BESIDE = 2
"""Elements on either side of a heading that may be its icon."""

_DRAWN = frozenset(("i", "b", "em", "span", "img"))
_NAMED = re.compile(
    r"(?:[a-z]{1,12}[-_]){0,3}(docx?|pdf|pptx?|xlsx?|txt|wps|epub)(?:[-_]?(?:icon|ico|\d{1,3}))?\Z", re.IGNORECASE
)
"""Names of icons in a class, or of their pictures: ico-doc, icon_pdf, file-icon-pptx, doc.gif."""


def format_by_icon(tree: LexborHTMLParser, tag: str, heading: str) -> str | None:
    """Return the format that an icon in the main *heading*, an element *tag*, or right beside it stands for."""
    wanted = "".join(heading.split())
    for element in tree.css(tag)[:MAX_HEADINGS]:
        if not "".join(element.text().split()).startswith(wanted):
            continue
        for icon in _icons(element):
            attributes = icon.attributes
            picture = (attributes.get("src") or "").partition("?")[0].rpartition("/")[2].rpartition(".")[0]
            names = (attributes.get("class") or "").split()
            named = next((m for name in (*names, picture) if (m := _NAMED.match(name)) is not None), None)
            if named is not None:
                return FORMATS.get(named[1].lower())
        return None
    return None


def _icons(heading: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements without a text in a heading and on either side of it."""
    near = list(heading.css("i, b, em, span, img")[:MAX_PICTURES])
    for step in ("prev", "next"):
        node = getattr(heading, step)
        for _ in range(BESIDE):
            while node is not None and (node.tag or "").startswith("-"):
                node = getattr(node, step)
            if node is None or node.tag not in _DRAWN:
                break
            near.append(node)
            node = getattr(node, step)
    yield from (node for node in near if len(short_text(node)) <= LONGEST_NAME)


LONGEST_NAME = 4
"""Characters that an icon shows: DOCX."""
