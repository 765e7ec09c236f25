"""What a page states beyond the fields of a record: label -> values, as printed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from crawler.reading.labels import Pairs
from crawler.reading.lines import SEPARATOR
from crawler.reading.vocabulary import CHROME

MOST_LABELS = 60
"""Labels of one page that are kept; the longest index of a register has some thirty."""

LONGEST_VALUE = 500
"""Characters of a value; longer ones are texts."""

_NUMBERS = frozenset(("size", "pages", "published", "uploaded", "deposited"))
"""Meanings whose value has a digit; another one is a viewer's control or a form's field."""

_NO_LABEL = re.compile(r"^\d|https?$|\d$|[【】\[\]⟨⟩<>{}()（）\"“”]|^[-–—*]")
"""What no label begins or ends with or has: times, URLs, torn brackets."""

_NEVER_OTHER = frozenset(("counter", "abstract", "title", "tags"))
"""What has a place of its own in a record, whole: counters go with the sighting."""

_PASSING = re.compile(
    r"\d\s?(?:秒|分钟|分|个?小时|天|日|周|个?月|年)[前后後]|刚刚|刚才|今天|昨天|前天|\bago\b|"
    r"\bjust now\b|\btoday\b|\byesterday\b|"
    r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?) (?:left|remaining)\b",
    re.IGNORECASE,
)
"""Values that are others tomorrow, though nothing happened: they would make versions."""


def other_labels(pairs: Pairs, used: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return what *pairs* state beside the labels *used* for the record's fields, in the page's order."""
    found: dict[str, dict[str, None]] = {}
    known = [
        (value.block, value.label, value.whole)
        for meaning, values in pairs.known.items()
        if meaning not in _NEVER_OTHER
        for value in values
        if value.label not in used and (meaning not in _NUMBERS or any(c.isdecimal() for c in value.whole))
    ]
    others = [(block, label, whole) for label, values in pairs.other.items() for block, whole in values]
    for _, label, whole in sorted(known + others, key=lambda pair: pair[0]):
        text = " ".join(whole.replace(SEPARATOR, " ").split()).strip(" |/·;；")
        if _NO_LABEL.search(label) or CHROME.search(label) or _PASSING.search(label):
            continue
        if text and len(text) <= LONGEST_VALUE and not _PASSING.search(text):
            found.setdefault(label, {})[text] = None
    return {label: tuple(values) for label, values in list(found.items())[:MOST_LABELS]}
