"""Which link of a listing leads to its next page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from crawler.reading.lines import SEPARATOR, Anchor, Line
from crawler.reading.links import LONGEST_NEXT
from crawler.reading.urls import Base, canonical_url
from crawler.reading.vocabulary import NEXT, PREVIOUS
from crawler.reading.zones import HEADINGS

LONGEST_TOTAL = 200
"""Characters of a line with a pager, or one that says how many documents there are."""


def next_page_of(lines: Sequence[Line], base: Base, url: str) -> str | None:
    """Return the URL of the listing's next page: by rel, by text, by the number after the present one."""
    here = canonical_url(url)
    for anchor in anchors_of(lines):
        text = anchor.text or anchor.title
        if (anchor.rel and "next" in anchor.rel.lower().split()) or (len(text) <= LONGEST_NEXT and NEXT.match(text)):
            target = base.absolute(anchor.href)
            if target is not None and canonical_url(target) != here:
                if text.lower() in _GOES_ON and _leads_on_often(lines, base, text):
                    continue
                return target if same_host(target, url) else None
    found = _numbered(lines, base, here)
    return found if found is not None and same_host(found, url) else None


_GOES_ON = frozenset(("weiter", "más"))
"""Words of a next page that also stand below each item of a list: read on."""


def _leads_on_often(lines: Sequence[Line], base: Base, text: str) -> bool:
    """Whether links of the same *text* lead to several pages."""
    return len({base.absolute(a.href) for a in anchors_of(lines) if a.text == text}) > 1


def follows_another(lines: Sequence[Line], base: Base, url: str) -> bool:
    """Whether the page links to the page before it: the last page of a listing may list a single document."""
    here = canonical_url(url)
    for anchor in anchors_of(lines):
        backward = anchor.rel and "prev" in anchor.rel.lower().split()
        if backward or PREVIOUS.match(anchor.text or anchor.title):
            target = base.absolute(anchor.href)
            if target is not None and same_host(target, url):
                return canonical_url(target) != here
    return False


def anchors_of(lines: Sequence[Line]) -> Iterator[Anchor]:
    """Yield the links of *lines*, in the page's order."""
    return (anchor for line in lines for anchor in line.anchors)


def _numbered(lines: Sequence[Line], base: Base, here: str) -> str | None:
    """Return the link to the number that follows the present one of a pager.

    The present number is no link, or one to the page itself. *here* is the page's canonical URL.
    """
    ranged = _next_range(lines, base)
    if ranged is not None:
        return ranged
    for numbers, text in _pagers(lines):
        present = [int(n) for n in re.findall(r"\d{1,5}", text) if int(n) not in numbers]
        if not present:
            targets = ((number, base.absolute(anchor.href)) for number, anchor in numbers.items())
            present = [number for number, target in targets if target is not None and canonical_url(target) == here]
        following = numbers.get(present[0] + 1) if len(present) == 1 else None
        if following is not None:
            return base.absolute(following.href)
    return None


def _next_range(lines: Sequence[Line], base: Base) -> str | None:
    """Return the link of a pager by ranges, 1-25 26-50 51-61, that follows the range which is no link."""
    for line in lines:
        if len(line.anchors) == 0 or len(line.plain) > LONGEST_TOTAL:
            continue
        linked = {int(m[1]): anchor for anchor in line.anchors if (m := _RANGE.fullmatch(anchor.text)) is not None}
        if not linked:
            continue
        for piece in line.text.split(SEPARATOR):
            present = _RANGE.fullmatch(piece)
            if present is not None and int(present[1]) not in linked and int(present[2]) + 1 in linked:
                return base.absolute(linked[int(present[2]) + 1].href)
    return None


_RANGE = re.compile(r"(\d{1,7})\s?[-–]\s?(\d{1,7})")


def _pagers(lines: Sequence[Line]) -> Iterator[tuple[Mapping[int, Anchor], str]]:
    """Yield number -> link, and the text, of each line of page numbers, or row of lines with one each."""
    numbers: dict[int, Anchor] = {}
    texts: list[str] = []
    for line in lines:
        own = {int(a.text): a for a in line.anchors if a.text.isdecimal() and len(a.text) <= 5}
        single = len(line.plain) <= 5 and line.spaced.isdecimal() and line.tag not in HEADINGS
        if single or (own and len(line.anchors) == 1 and len(line.plain) <= 20):  # <li><a>2</a></li>
            numbers |= own
            texts.append(line.plain)
            continue
        if len(texts) > 1 and numbers:
            yield numbers, " ".join(texts)
        numbers, texts = {}, []
        if own and len(line.plain) <= 200:
            yield own, line.spaced
    if len(texts) > 1 and numbers:
        yield numbers, " ".join(texts)


def same_host(url: str, other: str) -> bool:
    """Whether both URLs are of one host."""
    host, other_host = _PLAIN_HOST.match(url), _PLAIN_HOST.match(other)
    if host is not None and other_host is not None:
        return host[1] == other_host[1]
    try:
        return urlsplit(url).netloc.lower() == urlsplit(other).netloc.lower()
    except ValueError:
        return False


_PLAIN_HOST = re.compile(r"https?://([a-z0-9.\-]+(?::[0-9]+)?)(?=[/?#]|\Z)")
"""The host of most URLs, as it is compared with others."""
