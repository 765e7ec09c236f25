"""JSON that a site sends, read such that what is in it can be stored."""

from __future__ import annotations

import json
import re
from typing import Any

_LONE_SURROGATE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""Half of a character beyond U+FFFF, written out: JSON allows it (RFC 8259, section 8.2), UTF-8 has no form for it."""


def sound(text: str) -> str:
    """Return JSON *text* with U+FFFD in the place of halves of characters.

    >>> sound(r'["\\ud83d\\ude00", "a\\ud83d"]')
    '["\\\\ud83d\\\\ude00", "a\\\\ufffd"]'
    """
    return _LONE_SURROGATE.sub(r"\\ufffd", text) if "\\u" in text else text


def loads(text: str | bytes) -> Any:
    """Return the value of JSON *text*. Raises ValueError or RecursionError for what is none."""
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "replace")
    return json.loads(sound(text.removeprefix("\ufeff")))
