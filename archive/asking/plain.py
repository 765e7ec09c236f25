"""Values of an answer as JSON types and as text, the same in every output."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from archive.clock import instant_text

_ONLY_JSON_TYPES = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def plain(value: Any) -> Any:
    """Return *value* as JSON types: instants and days as ISO text, maps as objects, other kinds as their text.

    >>> plain({"sum": Decimal(7), "days": (date(2023, 4, 16),), "raw": b"\\x01"})
    {'sum': 7, 'days': ['2023-04-16'], 'raw': '01'}
    """
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):  # sums come as these
        return int(value) if value == value.to_integral_value() and abs(value) < 2**63 else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def json_line(row: Mapping[str, Any]) -> bytes:
    """Return *row* as one line of JSON."""
    try:  # a quarter of the time, as only what JSON has no type for is made plain
        return orjson.dumps(row, default=plain, option=_ONLY_JSON_TYPES) + b"\n"
    except TypeError:  # keys that are no text
        return orjson.dumps(plain(row)) + b"\n"


def cell_text(value: Any) -> str:
    """Return *value* as the text of a cell: nothing for None, lists and maps as JSON.

    >>> cell_text(["计生", "长效"])
    '["计生","长效"]'
    """
    value = plain(value)
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
