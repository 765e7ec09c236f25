"""What a label means, whatever is printed around its words."""

from __future__ import annotations

import re
import string
from functools import lru_cache

from crawler.reading.composed import ENDS, both_languages, composed_meaning
from crawler.reading.vocabulary import KNOWN, normal_label

_COMPOUND = re.compile(r"[/／]|[（(][^（()）]{0,12}[)）]?$")
_MARKS = frozenset("/／(（")
"""One of which a compound has."""

_LABELS_BEGIN = frozenset(
    [*string.ascii_letters, *(label[:1] for label in KNOWN), *(label[:1].upper() for label in KNOWN)]
)
"""What known labels begin with, marks before them aside: a look before a text is looked up."""

_OWN_ID = re.compile(
    r"(?!(?:user|session|author|member|group|parent|tax|vendor|package|course|series|collection|project|order|customer|"
    r"job|grant|award|loan|country|region|site|company|publisher|account|category|template|orcid|isni) )"
    r"[a-z]{2,12} id(?:entifier)?|[a-z]{2,12}编号"
)
"""A number that a site gives with its own name: OSTI ID."""

_LANGUAGE = re.compile(r"\s?\[(?:[a-z]{2,3}|english|deutsch|français)\Z")
"""Which language a value is in, as some repositories have it behind a label: Keywords [en]."""

_JOINTS = re.compile(r"[\s_\-.]")
_RUN_TOGETHER = {
    _JOINTS.sub("", label): meaning for label, meaning in KNOWN.items() if label.isascii() and len(label) > 4
}
"""Labels without what joins their words: Filetype, file-size, page_count."""


def known_meaning(label: str) -> str | None:
    """Return what *label* means by the vocabulary; of "Subject/TRT terms" and 文件大小(KB) what a part of it means."""
    first = label[:1]
    if first in _LABELS_BEGIN or not first.isalnum() or not ENDS.isdisjoint(label[-2:]):
        return _meaning(label)
    return _meaning(label) if "/" in label or "／" in label or "(" in label or "（" in label else None


@lru_cache(maxsize=8192)
def _meaning(label: str) -> str | None:
    normal = normal_label(label)
    if "[" in normal:
        normal = _LANGUAGE.sub("", normal)
    found = KNOWN.get(normal)
    if found is None and not _MARKS.isdisjoint(normal) and _COMPOUND.search(normal):
        parts = _COMPOUND.sub("/", normal).split("/")
        found = next((KNOWN[part] for piece in parts if (part := piece.strip()) in KNOWN), None)
    if found is None and normal.endswith((" id", " identifier", "编号")) and _OWN_ID.fullmatch(normal):
        found = "doc_id"
    if found is None and normal.isascii():
        found = _RUN_TOGETHER.get(_JOINTS.sub("", normal))
    if found is None:
        found = composed_meaning(normal)
    if found is None and not label.isascii() and (halves := both_languages(label)) is not None:
        found = _meaning(halves[0]) or _meaning(halves[1])
    return found
