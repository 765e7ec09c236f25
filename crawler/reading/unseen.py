"""Dialogs that a page holds ready and does not show: forms to correct a record, to log in, to cite."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_DIALOGS = 100
"""Dialogs of a page that are looked at; an issue's contents have one for each article."""

_SIGNS = ("dialog", "modal", "opup")
"""What stands in the source of a page that has one: a look before the tree is asked."""

_DIALOGS = "dialog, [role=dialog], [role=alertdialog], .modal, div[class*=popup], div[class*=Popup]"
_ROLES = frozenset(("dialog", "alertdialog"))
_HIDDEN = re.compile(r"display\s?:\s?none", re.IGNORECASE)
_SHOWN = frozenset(("show", "in", "open", "is-open", "active", "is-active", "visible"))
"""Classes of dialogs that stand open."""


def drop_unseen(tree: LexborHTMLParser, text: str) -> None:
    """Take the dialogs that are not shown out of the *tree* of a page, whose source is *text*.

    What they say is of what may be done with the page. One that only its role tells stays where it holds the page's
    first heading or its main part: whole pages are called dialogs.
    """
    if not any(map(text.__contains__, _SIGNS)):
        return
    dialogs = {element.mem_id: element for element in tree.css(_DIALOGS)[:MOST_DIALOGS]}
    first = tree.css_first("h1") if dialogs else None
    kept = frozenset(_around(first)) if first is not None else frozenset()
    for element in reversed(dialogs.values()):  # inner ones before those around them
        if _is_hidden(element) or (
            element.attributes.get("role") in _ROLES
            and element.mem_id not in kept
            and element.css_first("main, article") is None
        ):
            element.decompose()


def _is_hidden(element: LexborNode) -> bool:
    """Whether a dialog says of itself that it is not shown, or is one of Bootstrap's, which scripts show."""
    attributes = element.attributes
    if attributes.get("aria-hidden") == "true" or "hidden" in attributes:
        return True
    if _HIDDEN.search(attributes.get("style") or ""):
        return True
    if element.tag == "dialog":
        return "open" not in attributes
    classes = frozenset((attributes.get("class") or "").lower().split())
    return "modal" in classes and _SHOWN.isdisjoint(classes) and element.css_first(".modal-dialog") is not None


def _around(node: LexborNode) -> list[int]:
    """Return the elements around a *node*, by where they are in memory."""
    found: list[int] = []
    parent = node.parent
    while parent is not None:
        found.append(parent.mem_id)
        parent = parent.parent
    return found
