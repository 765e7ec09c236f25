"""Dates as precise as a site prints them: a year, a month or a day, in ISO form."""

from __future__ import annotations

import calendar
import re
from datetime import date

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def days_covered(text: str) -> tuple[date, date] | None:
    """Return the first and last day of an ISO date cut to a year, month or day; None where it is none.

    >>> [day.isoformat() for day in days_covered("2019-02")]
    ['2019-02-01', '2019-02-28']
    """
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(group) if group else None for group in match.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    last_month = month or 12
    return first, date(year, last_month, day or calendar.monthrange(year, last_month)[1])
