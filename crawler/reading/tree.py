"""A page's bytes as a tree."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from crawler.platforms import unpacked
from crawler.reading.encoding import decode
from crawler.reading.mojibake import mended
from crawler.reading.nesting import bounded
from crawler.reading.unseen import drop_unseen

PARSE_TRUNCATED = "parse_truncated"
"""Flag of a page of which only a part was looked at."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page as a tree."""

    tree: LexborHTMLParser
    text: str
    encoding: str
    flags: tuple[str, ...]


def parsed(body: bytes, content_type: str | None, encoding: str | None = None) -> Parsed:
    """Return the page *body*, its content coding undone, as a tree; *encoding* is for pages that say none."""
    decoded, found, flags = decode(body, content_type, encoding)
    text, seen = mended(decoded, body if found == "utf-8" else None)
    text, cut = bounded(unpacked(text))
    flags = (*flags, *seen, *((PARSE_TRUNCATED,) if cut else ()))
    # The parser takes UTF-8: a page that comes as such and is left as it is need not be encoded again.
    is_as_sent = text is decoded and found == "utf-8" and not flags and not body.startswith(codecs.BOM_UTF8)
    tree = LexborHTMLParser(body if is_as_sent else text)
    drop_unseen(tree, text)
    return Parsed(tree, text, found, flags)
