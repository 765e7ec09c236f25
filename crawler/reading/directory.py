"""Directories as web servers show them (Apache and nginx: "Index of"; IIS; Python): files, and folders beside them."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote, urlsplit

from crawler.reading.feeds import Feed
from crawler.reading.tree import Parsed
from crawler.reading.urls import Base

MOST = 100_000
"""Entries that are looked at."""

_HEAD_CHARACTERS = 4000
"""Of the page, in which its title and heading stand."""

_CALLED = re.compile(
    r"<(?:title|h1)\b[^>]{0,200}>\s{0,20}(?:Index of |Directory listing for |[\w.:-]{1,100} - )/", re.IGNORECASE
)
"""How such pages are called: Index of /pub/, www.3gpp.org - /ftp/Specs/."""


def directory_of(page: Parsed, url: str) -> Feed | None:
    """Return what a directory of a web server lists, None for any other page.

    Its entries lie below the page's own folder; what leads up, and sorts it otherwise, is none.
    """
    called = _CALLED.search(page.text, 0, _HEAD_CHARACTERS)
    if called is None:
        return None
    base = Base(url)
    here = url.partition("?")[0].partition("#")[0]
    here = here if here.endswith("/") else f"{here}/"
    files: dict[str, None] = {}
    folders: dict[str, None] = {}
    up = False
    for element in page.tree.css("a[href]")[:MOST]:
        href = element.attributes.get("href") or ""
        if href.startswith("?"):
            continue
        target = base.absolute(href)
        if target is None:
            continue
        up = up or (here.startswith(target) and target != here and target.endswith("/"))
        if target.startswith(here) and target != here and "?" not in target:
            (folders if target.endswith("/") else files)[target] = None
    path = unquote(urlsplit(here).path).strip("/")
    says = unescape(page.text[called.end() : called.end() + 6 * len(here)].partition("<")[0]).strip("/ ")
    if not (files or folders) or not (up or path == says):
        return None
    return Feed("directory", tuple(files), tuple(folders))
