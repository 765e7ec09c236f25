"""Labels that a page shows as an icon or a hint, and names in an attribute: they are put into the text."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from crawler.reading.nodes import short_text
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
    for element in tree.css(_SELECTOR)[:MAX_ICONS]:
        if element.tag in _NO_ICONS:
            continue
        attributes = element.attributes
        label = next((text for name in _ATTRIBUTES if (text := attributes.get(name))), "")
        if len(label) > LONGEST_LABEL or normal_label(label) not in KNOWN:
            continue
        text = "" if element.tag in ("img", "svg") else short_text(element)
        if len(text) <= 100 and not text.lower().startswith(label.strip(" :：").lower()):
            spelled = f" {label.strip(' :：')}: "
            found = True
            if element.tag in _INSIDE:
                if element.child is not None:
                    element.child.insert_before(spelled)
            else:
                element.insert_before(spelled)
    return found
