"""Helpers for single elements of the tree."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

MAX_NODES = 200
"""Nodes of one element that are looked at for its text: a label or a value has a handful."""


def short_text(element: LexborNode, limit: int = 200) -> str:
    """Return the text of *element*, white space collapsed, up to about *limit* characters.

    `text()` costs as much as the element is large, and elements nest: on a hostile page that is the square of it.
    """
    pieces: list[str] = []
    size = 0
    for number, node in enumerate(element.traverse(include_text=True)):
        if node.tag == "-text" and node.text_content:
            pieces.append(node.text_content)
            size += len(node.text_content)
        elif node.tag == "br":
            pieces.append(" ")
        if size > limit or number > MAX_NODES:
            break
    return " ".join("".join(pieces).split())
