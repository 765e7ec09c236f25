"""A profile to start from, made of what a trial saw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import orjson

from crawler.reading.page import Page, PageType

_DIGITS = re.compile(r"\d+")
ENOUGH = 2
"""Documents whose URLs must agree on a pattern before it is proposed."""


def proposed_profile(name: str, host: str, start_urls: Sequence[str], pages: Iterable[Page], now: datetime) -> str:
    """Return the text of a profile for the site at *host*, ready to be saved as NAME.toml.

    What a trial can only guess stands in it behind a #.
    """
    pages = list(pages)
    lines = [
        f"# {name}: what a maintainer needs to know. Lists: what. Quirks: which.",
        f"# Last checked: {now:%Y-%m}.",
        f"hosts = [{_toml(host)}]",
        f"start_urls = [{', '.join(map(_toml, start_urls))}]",
    ]
    pattern = document_pattern([page for page in pages if page.page_type is PageType.DOCUMENT])
    if pattern is not None:
        lines.append(f"# document_url = '{pattern}'  # if a listing's other links are taken for documents")
    if any(page.page_type is PageType.LISTING and page.next_page is None for page in pages):
        lines.append("# [listing]  # if its next page is asked for by a form or a script: see docs/settings.md")
    return "\n".join(lines) + "\n"


def document_pattern(documents: Sequence[Page]) -> str | None:
    """Return a regular expression for the paths of *documents*, with the ID as group `id`; None where they differ.

    >>> document_pattern([])
    """
    patterns = {_pattern_of(page) for page in documents}
    if len(documents) < ENOUGH or len(patterns) != 1:
        return None
    return patterns.pop()


def _pattern_of(page: Page) -> str | None:
    parts = urlsplit(page.url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    doc_id = page.record.doc_id if page.record is not None else ""
    before, found, after = target.rpartition(doc_id) if doc_id else (target, "", "")
    if not found or "'" in target:
        return None
    group = r"(?P<id>\d+)" if doc_id.isdecimal() else "(?P<id>[^/?&]+)"
    return f"^{_general(before)}{group}{_general(after)}$"


def _general(text: str) -> str:
    """Return an expression for texts that differ from *text* in their numbers."""
    return r"\d+".join(re.escape(piece).replace("\\-", "-") for piece in _DIGITS.split(text))


def _toml(text: str) -> str:
    """Return *text* as TOML writes it: as JSON does."""
    return orjson.dumps(text).decode()
