"""Forums of Discuz! X, on which documents are shared: the thread's first post is the document, the others are answers.

The posts stand one below the other in `#postlist`, each in an element `#post_N`; what is answered names files, sizes
and days of its own, none of which are the document's.
"""

from __future__ import annotations

import re

_LIST = 'id="postlist"'
_POST = re.compile(r'<div id="post_\d{1,12}"')
_ENDS = ('<div id="postlistreply"', '<div id="f_pst"', '<div id="ft"')
"""What stands behind the last post: the place for a new one, the form for it, the foot of the page."""
_FIRST = re.compile(r"(?:楼主|樓主|<em>1</em><sup>#</sup>)\s{0,9}</a>")
"""What the first post of a thread is called; those of its later pages have other numbers."""


def fits(text: str) -> bool:
    """Whether the page is a thread of such a forum."""
    return _LIST in text and "Discuz!" in text


def unpacked(text: str) -> str:
    """Return the page *text* without the answers to a thread's first post, where it has that.

    >>> unpacked('<div id="postlist"><div id="post_1">楼主</a> A</div><div id="post_2">B</div></div><div id="ft">')
    '<div id="postlist"><div id="post_1">楼主</a> A</div></div><div id="ft">'
    """
    first = _POST.search(text, text.find(_LIST))
    second = _POST.search(text, first.end()) if first is not None else None
    if first is None or second is None or _FIRST.search(text, first.end(), second.start()) is None:
        return text
    ends = (text.find(end, second.end()) for end in _ENDS)
    end = next((end for end in ends if end >= 0), -1)
    if end < 0:
        return text
    is_inside = text.startswith(_ENDS[0], end)
    return f"{text[: second.start()]}{'' if is_inside else '</div>'}{text[end:]}"
