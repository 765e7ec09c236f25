"""Content systems of Chinese authorities (Hanweb JCMS, jpage) that put the rows of a listing into a script.

The rows stand as HTML inside `<datastore><recordset><record><![CDATA[<li>...</li>]]></record>`, in a script of type
text/xml that the page's own script unpacks, and the address of the next rows in `<nextgroup>`. What is answered there
(dataproxy.jsp) is the same `<datastore>` as a page of its own.
"""

from __future__ import annotations

import html
import re

_OPEN, _CLOSE = "<datastore", "</datastore>"
_CDATA_OPEN, _CDATA_CLOSE = "<![CDATA[", "]]>"
_HREF = re.compile(r"""href\s{0,3}=\s{0,3}["']([^"'<>\s]{1,2000})["']""", re.IGNORECASE)
MOST_ROWS = 5_000
"""Rows of one store that are unpacked; the engine sends three pages of 15 to 20 at a time."""


def fits(text: str) -> bool:
    """Whether the page has such a store."""
    return _OPEN in text and "<record>" in text


def next_page(text: str, url: str) -> str | None:
    """Return None: the next rows are a link of the page once it is unpacked."""
    del text, url
    return None


def unpacked(text: str) -> str:
    """Return the page *text* with the rows of its stores in the place of the scripts that hold them.

    >>> unpacked("<div><script type='text/xml'><datastore><recordset><record><![CDATA[<li>1</li>]]></record>"
    ...          "</recordset></datastore></script></div>")
    '<div><ul><li>1</li></ul></div>'
    """
    pieces: list[str] = []
    at = 0
    while (start := text.find(_OPEN, at)) >= 0:
        end = text.find(_CLOSE, start)
        if end < 0:
            break
        script = text.rfind("<script", at, start)
        is_inside = script >= 0 and text.find(">", script, start) >= 0 and "</script" not in text[script:start]
        pieces.append(text[at : script if is_inside else start])
        pieces.append(_rows(text[start:end]))
        at = end + len(_CLOSE)
        closing = text.find("</script>", at) if is_inside else -1
        if closing >= 0 and not text[at:closing].strip():
            at = closing + len("</script>")
    pieces.append(text[at:])
    return "".join(pieces)


def _rows(store: str) -> str:
    rows = [_content(row) for row in _elements(store, "record")]
    following = [match[1] for group in _elements(store, "nextgroup") if (match := _HREF.search(_content(group)))]
    pager = "".join(f'<a rel="next" href="{href}">下一页</a>' for href in following[:1])
    return f"<ul>{''.join(rows)}</ul>{pager}"


def _elements(store: str, name: str) -> list[str]:
    """Return what stands inside each element *name* of the store."""
    found: list[str] = []
    at = 0
    while len(found) < MOST_ROWS and (start := store.find(f"<{name}>", at)) >= 0:
        end = store.find(f"</{name}>", start)
        if end < 0:
            break
        found.append(store[start + len(name) + 2 : end])
        at = end
    return found


def _content(element: str) -> str:
    start, end = element.find(_CDATA_OPEN), element.rfind(_CDATA_CLOSE)
    if 0 <= start < end:
        return element[start + len(_CDATA_OPEN) : end]
    return html.unescape(element) if "&lt;" in element else element
