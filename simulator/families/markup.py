"""Small pieces of markup that several families print."""

from __future__ import annotations

import re
from datetime import date


def kept(text: str | None) -> str:
    """Return *text*, or nothing for None."""
    return text or ""


def options_text(*pairs: tuple[str, str | None]) -> str:
    """Return label and value pairs on one line, those without a value left out.

    >>> options_text(("大小", "12KB"), ("页数", None))
    '大小:12KB'
    """
    return "&nbsp;&nbsp;".join(f"{label}:{value}" for label, value in pairs if value)


def date_in_other_order(day: date) -> str:
    """Return *day* as the `date_format` fault prints it: two digits of the year at the end.

    >>> date_in_other_order(date(2023, 4, 16))
    '16.4.23'
    """
    return f"{day.day}.{day.month}.{day.year % 100:02d}"


_NO_SLUG = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Return *text* as a part of an address.

    >>> slug("Café: a 5-year plan")
    'caf-a-5-year-plan'
    """
    return _NO_SLUG.sub("-", text.lower()).strip("-")
