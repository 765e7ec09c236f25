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


_EDITED = re.compile(r'<i class="pstatus">[^<]{1,120}</i>(?:\s{0,9}<br ?/?>){0,2}')
"""Who changed the post last, which stands before its text."""
_MESSAGE = '<tr><td class="t_f" id="postmessage_'
_TABLE, _TABLE_ENDS = "<table", "</td></tr></table>"
_ATTACHED = re.compile(r'<ignore_js_op|<span [^<>]{0,80}id="attach_|<dl class="tattl')
"""Where the files of a post begin."""
_IN_BLOCKS = re.compile(r"<(?:table|div|p|ul|ol|blockquote)[\s>]")
_RELATED = re.compile(r"<h3[^>]{0,80}>\s{0,9}相[关關]帖子\s{0,9}</h3>\s{0,9}<ul[^>]{0,80}>")
"""What a thread's page lists behind the last post."""


def unpacked(text: str) -> str:
    """Return the page *text* without the answers to a thread's first post, where it has that.

    >>> unpacked('<div id="postlist"><div id="post_1">楼主</a> A</div><div id="post_2">B</div></div><div id="ft">')
    '<div id="postlist"><div id="post_1">楼主</a> A</div></div><div id="ft">'
    """
    first = _POST.search(text, text.find(_LIST))
    if first is None:
        return text
    second = _POST.search(text, first.end())
    end = _end_of_posts(text, second.end() if second is not None else first.end())
    until = second.start() if second is not None else end if end >= 0 else len(text)
    if _FIRST.search(text, first.end(), until) is None:
        return text
    post = f"{text[: first.end()]}{_as_paragraph(_EDITED.sub('', text[first.end() : until]))}"
    if second is None or end < 0:
        return f"{post}{text[until:]}"
    is_inside = text.startswith(_ENDS[0], end)
    return f"{post}{'' if is_inside else '</div>'}{_related(text[second.end() : end])}{text[end:]}"


def _end_of_posts(text: str, start: int) -> int:
    """Return where what stands behind the last post begins, -1 where nothing does."""
    ends = (text.find(end, start) for end in _ENDS)
    return next((end for end in ends if end >= 0), -1)


def _as_paragraph(post: str) -> str:
    """Return a *post* whose text is a paragraph, as it is shown, and no table of one cell; one of blocks stays.

    >>> _as_paragraph('<table><tr><td class="t_f" id="postmessage_7">A<br>B</td></tr></table>')
    '<p>A<br>B</p><div></div>'
    """
    at = post.find(_MESSAGE)
    begins = post.rfind(_TABLE, 0, at) if at >= 0 else -1
    opened = post.find(">", at + len(_MESSAGE)) + 1
    ends = post.find(_TABLE_ENDS, opened)
    if begins < 0 or ends < 0:
        return post
    attached = _ATTACHED.search(post, opened, ends)
    said = ends if attached is None else attached.start()
    if _IN_BLOCKS.search(post, opened, said) is not None or _TABLE in post[said:ends]:
        return post
    return f"{post[:begins]}<p>{post[opened:said]}</p><div>{post[said:ends]}</div>{post[ends + len(_TABLE_ENDS) :]}"


def _related(posts: str) -> str:
    """Return the list of related threads that stands among or behind the *posts* that are left out, if there is one."""
    listed = _RELATED.search(posts)
    end = posts.find("</ul>", listed.end()) if listed is not None else -1
    return f"<div>{posts[listed.start() : end]}</ul></div>" if listed is not None and end >= 0 else ""
