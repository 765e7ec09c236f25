"""What a listing states of each document beside its link, as a digest that changes when the document may have.

Title, size, number of pages and whole dates count; counters (views, downloads) and times told from today ("2 days
ago") do not, or every visit would look like an edit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.reading.urls import Base

DIGEST_BYTES = 8
"""Enough to tell two states of one document apart; a chance agreement costs one late visit."""

MOST_LINKS = 2_000
"""Links of one page that are looked at: a listing of more is a sitemap, which states nothing beside."""

CLIMB = 6
"""Elements between a link and the element that holds all that is stated of its document."""

MOST_CHARACTERS = 2_000
"""Text of one item that is looked at."""

_FACTS = re.compile(
    r"\d[\d.,]{0,15}\s?(?:bytes|[KMGT]i?B?\b|B\b|字节|页|頁|张|pages?\b|pp?\b|slides?\b)"
    r"|\d{4}\s?[-/.年]\s?\d{1,2}\s?(?:[-/.月]\s?\d{1,2})?"
    r"|\d{1,2}[ -]?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[ -]?\d{4}",
    re.IGNORECASE,
)


def listing_signals(
    body: bytes, encoding: str | None, url: str, documents: Iterable[str], canonical: Callable[[str], str]
) -> Mapping[str, bytes]:
    """Return canonical URL -> digest of what the listing at *url* states of each of its *documents*.

    Empty for what is no HTML, or states nothing beside its links.
    """
    wanted = {canonical(document) for document in documents}
    if not wanted or len(wanted) > MOST_LINKS or body[:64].lstrip()[:1] in (b"{", b"["):
        return {}
    tree = LexborHTMLParser(body.decode(encoding or "utf-8", "replace"))
    anchors: dict[str, LexborNode] = {}
    holds: dict[int, set[str]] = {}
    base = Base(url)
    for anchor in tree.css("a[href]")[: 2 * MOST_LINKS]:
        link = base.absolute(anchor.attributes.get("href"))
        target = canonical(link) if link is not None else None
        if target is None or target not in wanted:
            continue
        anchors.setdefault(target, anchor)
        for node in _around(anchor):
            holds.setdefault(node.mem_id, set()).add(target)
    return {target: _digest(anchor, holds) for target, anchor in anchors.items()}


def _around(anchor: LexborNode) -> Iterable[LexborNode]:
    node: LexborNode | None = anchor
    for _ in range(CLIMB):
        if node is None or node.tag in ("body", "html"):
            return
        yield node
        node = node.parent


def _squeezed(text: str) -> str:
    return " ".join(text[:MOST_CHARACTERS].split())


def _digest(anchor: LexborNode, holds: Mapping[int, set[str]]) -> bytes:
    item = anchor
    for node in _around(anchor):
        if len(holds[node.mem_id]) > 1:
            break
        item = node
    title = _squeezed(anchor.text(deep=True))
    facts = _FACTS.findall(_squeezed(item.text(deep=True, separator=" ")))
    stated = "\n".join([title, *("".join(fact.split()).lower() for fact in facts)])
    return hashlib.blake2b(stated.encode("utf-8", "replace"), digest_size=DIGEST_BYTES).digest()
