"""Bounds on the markup that reaches the parser.

The parser's time grows with the square of the depth (200,000 nested divs take 80 s), and a formatting element left open
is opened again in every paragraph behind it, so that a small page can become a large tree.
"""

from __future__ import annotations

import re
from collections import Counter

MAX_CHARACTERS = 4_000_000
"""Characters of a page that are read."""

SMALL_PAGE_TAGS = 2_000
SMALL_PAGE_CHARACTERS = 60_000
"""A page with less of both, and no long tag, cannot cost much; a page of 36 KB has about 500 tags."""

MAX_NESTING = 256
"""Elements open at a time; pages of this field stay below 60."""

MAX_FORMATTING = 8
"""Formatting elements open at a time; one dropped costs no text."""

LONG_TAG = 8_000
MAX_ATTRIBUTES = 1_000
"""Attributes of one tag; the parser compares each with all before it. Only tags longer than LONG_TAG characters have
more."""

_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{LONG_TAG}}}")
_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>]*+)"
    r"""(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+)*+>?+"""
)
"""A tag as the parser delimits it (HTML standard, section 13.2.5)."""

_TOKEN = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))|" + _TAG.pattern, re.DOTALL)
"""A comment or a tag."""

_TEXT_ONLY = {name: re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE) for name in ("script", "style", "title")}
"""Elements in which `<` begins no tag, and where each ends; in drawings and formulas they are elements like others."""

_DRAWN = frozenset(
    {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "use", "g", "svg", "stop", "image", "symbol"}
)
"""Elements of drawings: ended in their own tag they hold no text, but outside of a drawing they would nest."""

_ATTRIBUTE = re.compile(r"""(?<![\s/"'])[\s/"']++[^\s/"']""")
_FORMATTING = frozenset(
    {"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)  # fmt: skip
_SELF_ENDING = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
     "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "rp",
     "rt", "a", "html", "head", "body", "script", "style", "title"}
)  # fmt: skip
"""Void elements, and those that end where the next one of their kind begins: they do not nest by themselves."""


def bounded(text: str) -> tuple[str, bool]:
    """Return *text* such that the parser reads it in time linear in its length, and whether anything was taken out.

    Only tags are taken out, never text, unless the page is longer than MAX_CHARACTERS.
    """
    cut = len(text) > MAX_CHARACTERS
    if cut:
        text = text[:MAX_CHARACTERS]
    if len(text) < SMALL_PAGE_CHARACTERS and text.count("<") < SMALL_PAGE_TAGS and not _has_long_tag(text):
        return text, cut
    return _flattened(text, cut)


def _has_long_tag(text: str) -> bool:
    """Whether a tag is longer than LONG_TAG: then half as long a stretch of the text has neither `<` nor `>`."""
    half = LONG_TAG // 2
    may_have = any(
        text.find("<", start, start + half) < 0 and text.find(">", start, start + half) < 0
        for start in range(0, len(text) - half, half)
    )
    return may_have and _LONG_TAG.search(text) is not None


def _flattened(text: str, cut: bool) -> tuple[str, bool]:
    open_elements: Counter[str] = Counter()
    nesting = formatting = 0
    kept: list[str] = []
    start = 0
    at = 0
    while match := _TOKEN.search(text, at):
        at = match.end()
        if match[2] is None:  # a comment
            continue
        name = match[2].lower()
        if match.end() - match.start() > LONG_TAG and len(_ATTRIBUTE.findall(match[0])) > MAX_ATTRIBUTES:
            kept.append(text[start : match.start()])
            start = match.end()
            cut = True
        elif name in _SELF_ENDING:
            if name in _TEXT_ONLY and not match[1] and not open_elements["svg"] and not open_elements["math"]:
                end = _TEXT_ONLY[name].search(text, at)
                at = end.start() if end is not None else len(text)
        elif match[1]:
            if open_elements[name]:
                open_elements[name] -= 1
                if name in _FORMATTING:
                    formatting -= 1
                else:
                    nesting -= 1
        elif match[0].endswith("/>") and name in _DRAWN:
            kept.append(text[start : match.start()])
            start = match.end()
        elif (formatting >= MAX_FORMATTING) if name in _FORMATTING else (nesting >= MAX_NESTING):
            kept.append(text[start : match.start()])
            start = match.end()
            cut = cut or name not in _FORMATTING
        else:
            open_elements[name] += 1
            if name in _FORMATTING:
                formatting += 1
            else:
                nesting += 1
    kept.append(text[start:])
    return "".join(kept), cut
