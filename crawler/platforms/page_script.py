"""Content systems of Chinese authorities (TRS WCM and its kin) whose pager is written by a script of the page.

The pages of a listing are index.html, index_1.html, index_2.html; the page itself has nothing but a call such as
createPageHTML(25, 0, "index", "html"): number of pages, this page's counted from 0, name and ending of the files.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

_CALL = re.compile(
    r"""createPage(?:HTML|Html|Tab|Nav)?\s*\(\s*["']?(\d{1,5})["']?\s*,\s*["']?(\d{1,5})["']?\s*,\s*"""
    r"""["']([\w\-./]{1,80})["']\s*,\s*["'](\w{2,5})["']"""
)


def fits(text: str) -> bool:
    """Whether the page calls the pager."""
    return "createPage" in text and _CALL.search(text) is not None


def next_page(text: str, url: str) -> str | None:
    """Return the URL of the next page, None on the last.

    >>> next_page('<script>createPageHTML(25, 0, "index", "html");</script>', "http://a.example/zfxxgk/")
    'http://a.example/zfxxgk/index_1.html'
    """
    call = _CALL.search(text)
    if call is None or int(call[2]) + 1 >= int(call[1]):
        return None
    return urljoin(url, f"{call[3]}_{int(call[2]) + 1}.{call[4]}")
