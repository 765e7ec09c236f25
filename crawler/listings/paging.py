"""Listings that are asked for by number: by a form, a body in JSON or a parameter, where no link leads onwards.

Such a page has no URL of its own. The frontier knows it by the listing's URL with `#page=3` behind it, which no server
ever sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from crawler.reading.page import Page, PageType

PAGE = "{page}"
"""Stands for the number of the page in a profile; a whole value of a body in JSON becomes a number."""

_NUMBERED = re.compile(r"(.*)#page=(\d{1,9})", re.DOTALL)


class Asked(NamedTuple):
    """How one page of a listing is asked for."""

    url: str
    method: str
    body: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a site's listing is asked for, page by page."""

    url: str
    """Where it is asked for; may hold `{page}`."""
    method: str = "GET"
    form: Mapping[str, str] = field(default_factory=dict)
    """Fields of the form sent with POST, `{page}` in one of them."""
    json: Mapping[str, Any] = field(default_factory=dict)
    """Body sent with POST instead of a form."""
    first_page: int = 1
    page_step: int = 1
    """What the number grows by from page to page: 20 where it counts documents."""

    def first(self) -> str:
        """Return the URL by which the frontier knows the first page."""
        return self._numbered(self.first_page)

    def asked(self, url: str) -> Asked | None:
        """Return how to ask for the page that the frontier knows as *url*; None for any other URL."""
        number = self._number(url)
        if number is None:
            return None
        target = self.url.replace(PAGE, str(number))
        if self.json:
            return Asked(target, self.method, orjson.dumps(_filled(self.json, number)), "application/json")
        if self.form:
            body = urlencode({name: text.replace(PAGE, str(number)) for name, text in self.form.items()})
            return Asked(target, self.method, body.encode(), "application/x-www-form-urlencoded")
        return Asked(target, self.method, b"", None)

    def following(self, url: str, page: Page) -> str | None:
        """Return the page behind the one known as *url*, read as *page*; None behind the last one.

        A page that lists nothing is behind the last; so is one behind as many documents as the site says there are.
        """
        number = self._number(url)
        if number is None or page.page_type is not PageType.LISTING or not page.document_urls:
            return None
        pages = (number - self.first_page) // self.page_step + 1
        if page.advertised_total is not None and pages * len(page.document_urls) >= page.advertised_total:
            return None
        return self._numbered(number + self.page_step)

    def _numbered(self, number: int) -> str:
        return f"{self.url.replace(PAGE, str(number))}#page={number}"

    def _number(self, url: str) -> int | None:
        match = _NUMBERED.fullmatch(url)
        return int(match[2]) if match and url == self._numbered(int(match[2])) else None


def holds_page(value: Any) -> bool:
    """Whether *value*, part of a URL, a form or a body in JSON, holds `{page}`."""
    if isinstance(value, str):
        return PAGE in value
    if isinstance(value, Mapping):
        return any(map(holds_page, value.values()))
    return isinstance(value, list) and any(map(holds_page, value))


def _filled(value: Any, number: int) -> Any:
    """Return *value* with the page's number in it."""
    if isinstance(value, str):
        return number if value == PAGE else value.replace(PAGE, str(number))
    if isinstance(value, Mapping):
        return {name: _filled(one, number) for name, one in value.items()}
    return [_filled(one, number) for one in value] if isinstance(value, list) else value
