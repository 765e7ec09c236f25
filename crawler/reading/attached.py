"""Files that a document's page offers: where the document itself can be fetched."""

from __future__ import annotations

import re

from crawler.reading.ground import PAGE_ENDINGS, Ground
from crawler.reading.lines import Anchor
from crawler.reading.urls import Base
from crawler.reading.values import file_ending, format_of
from crawler.reading.zones import IN_FILES

MOST_FILES = 50
"""Files of one document that are told; a register's longest appendices are some thirty."""

_IN_QUERY = re.compile(r"=([^=&?#]{1,200}\.[A-Za-z0-9]{2,5})(?:&|#|\Z)")
"""A file's name in a query: /download?name=report.docx."""

_PATH = re.compile(r"/(?:bitstreams?|attachments?|downloads?|files?|fulltext)/", re.IGNORECASE)
"""Folders of files whose URLs have no ending."""

_LONGEST_NAME = 5


def attached_files(ground: Ground, base: Base) -> tuple[str, ...]:
    """Return the absolute URLs of the files that the page offers, in its order, those of a list of files first.

    A file is known by the ending of its URL, by a name in the query, or, in a list of files, by its folder or by a
    link that is called PDF.
    """
    listed: dict[str, None] = {}
    others: dict[str, None] = {}
    for told in ground.structured.values("file"):
        _note(others, base.absolute(told.text))
    for index in ground.around:
        in_list = ground.zones[index] is IN_FILES
        for anchor in ground.lines[index].anchors:
            if _is_file(anchor, in_list):
                _note(listed if in_list else others, base.absolute(anchor.href))
    return tuple(dict.fromkeys((*listed, *others)))[:MOST_FILES]


def _note(urls: dict[str, None], url: str | None) -> None:
    if url is not None:
        urls[url] = None


def _is_file(anchor: Anchor, in_list: bool) -> bool:
    ending = file_ending(anchor.href)
    if ending is None and "=" in anchor.href and (named := _IN_QUERY.search(anchor.href)) is not None:
        ending = file_ending(named[1])
    if ending is not None:
        return ending not in PAGE_ENDINGS
    if not in_list:
        return False
    is_called_so = len(anchor.text) <= _LONGEST_NAME and anchor.text.isupper() and format_of(anchor.text) is not None
    return is_called_so or _PATH.search(anchor.href) is not None
