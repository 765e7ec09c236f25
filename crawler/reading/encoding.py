"""Bytes to text: BOM, header, meta, plausibility, in that order."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from functools import lru_cache

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_READ_AS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "iso-8859-1": "cp1252",
    "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252", "utf8": "utf-8",
    "big5": "big5hkscs",
}  # fmt: skip
"""Names that pages use for a smaller encoding than they are written in (WHATWG Encoding, section 4.2)."""

_WEB = re.compile(
    r"utf-(?:8|16(?:-[bl]e)?)|gb18030|gbk|gb2312|hz|big5(?:hkscs)?|cp(?:125\d|437|850|852|866|874|932|949|950)|"
    r"iso8859-\d+|koi8-[rut]|mac-(?:roman|cyrillic)|euc_(?:jp|kr)|shift_jis(?:_2004|x0213)?|iso2022_(?:jp|kr).*|johab|"
    r"tis-620"
)
"""Codecs, by Python's names, that pages are written in; the others (idna, punycode, undefined, rot13) are no text."""

LONGEST_NAME = 40
"""Characters of a name that is remembered once it is looked up."""

META_BYTES = 2048
SLOPPY = 0.002
"""Share of replaced characters up to which an encoding that the page states is believed."""


_PRIVATE = re.compile("[\ue000-\uf8ff]")
PRIVATE_SHARE = 50
"""Characters among which one of private use is one too many for Chinese as it is written."""

MOST_PASTED = 500
"""Wrong bytes of a page up to which each is looked at."""

_MIXED = "windows_1252_inside_utf_8"


def _western(error: UnicodeError) -> tuple[str, int]:
    """Read a byte alone in ASCII that begins nothing in UTF-8 as Windows-1252: a quotation mark from elsewhere."""
    assert isinstance(error, UnicodeDecodeError)
    body, at = error.object, error.start
    is_alone = 0x80 <= body[at] <= 0xBF and (at == 0 or body[at - 1] < 0x80) and body[at + 1 : at + 2].isascii()
    return body[at : at + 1].decode("cp1252", "replace") if is_alone else "\ufffd", at + 1 if is_alone else error.end


codecs.register_error(_MIXED, _western)


def decode(body: bytes, content_type: str | None, hint: str | None = None) -> tuple[str, str, tuple[str, ...]]:
    """Return (text, encoding, flags) of a page's bytes; never fails."""
    for bom, marked in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(marked, "replace"), marked, ()
    stated = [_name(m[1]) for m in [_CHARSET.search(content_type or "")] if m]
    head = body[:META_BYTES]
    for pattern in (_META, _XML):
        match = pattern.search(head)
        if match:
            stated.append(_name(match[1].decode("ascii", "replace")))
    if len(stated) > 1 and stated[0] == "cp1252":
        stated.reverse()  # a server adds Latin-1 to whatever it sends; the page's author knows better
    if hint:
        stated.append(_name(hint))
    for name in stated:
        text = _strict(body, name)
        western_by_mistake = name == "cp1252" and not body.isascii() and _strict(body, "utf-8") is not None
        if name is not None and text is not None and not western_by_mistake:
            rather = _rather_big5(body, text) if name == "gb18030" else None
            return (text, name, ()) if rather is None else (rather, "big5hkscs", ("encoding_stated_wrongly",))
    text = _strict(body, "utf-8")
    if text is not None:
        return text, "utf-8", ("encoding_stated_wrongly",) if stated else ()
    replaced = body.decode("utf-8", "replace")
    damaged = body.decode("utf-8", _MIXED) if replaced.count("\ufffd") <= MOST_PASTED else replaced
    if _is_damaged_utf8(replaced, damaged.count("\ufffd")):
        flags = () if "utf-8" in stated else _stated_flags(stated)
        return damaged, "utf-8", (*flags, "encoding_damaged")
    for name in stated:
        if name is not None and name not in ("cp1252", "utf-8"):
            text = body.decode(name, "replace")
            if text.count("\ufffd") <= max(3, len(text) * SLOPPY):
                return text, name, ("encoding_damaged",)
    return _guess(body, stated)


def _stated_flags(stated: Sequence[str | None]) -> tuple[str, ...]:
    return ("encoding_stated_wrongly",) if stated else ("encoding_guessed",)


def _is_damaged_utf8(text: str, lost: int) -> bool:
    """Whether *text*, decoded with replacement, is UTF-8 all the same: no other encoding has so many of its sequences.

    *lost* are those of which nothing could be made. Of GBK read as UTF-8, less than one sequence in four is whole; of
    Windows-1252 with a few accents, none.
    """
    whole = len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
    if not whole:
        return False
    return (lost <= max(3, len(text) * SLOPPY) and whole >= lost) or whole > 2 * lost


def _guess(body: bytes, stated: Sequence[str | None]) -> tuple[str, str, tuple[str, ...]]:
    flags = _stated_flags(stated)
    high = sum(1 for b in body[:100_000] if b >= 0x80)
    chinese = _strict(body, "gb18030")
    if chinese is None:
        damaged = body.decode("gb18030", "replace")
        if damaged.count("\ufffd") <= max(3, len(damaged) * SLOPPY):
            chinese = damaged
    if chinese is not None and high * 12 > len(body[:100_000]) - high and _common(chinese):
        return chinese, "gb18030", flags
    big5 = _strict(body, "big5hkscs")
    if big5 is not None and _common(big5):
        return big5, "big5hkscs", flags
    if chinese is not None and _common(chinese):
        return chinese, "gb18030", flags
    return body.decode("cp1252", "replace"), "cp1252", flags


def _common(text: str) -> bool:
    """Whether the text has characters that any Chinese page has."""
    return sum(text.count(c) for c in "的一是在不了有和人这中大为上个国我以要他時時文件") >= 3


def _rather_big5(body: bytes, text: str) -> str | None:
    """Return what *body* says in Big5 where *text*, which GB 18030 makes of it, is full of characters nobody has."""
    private = len(_PRIVATE.findall(text))
    if private * PRIVATE_SHARE <= len(text) - len(text.encode("ascii", "ignore")):
        return None
    big5 = _strict(body, "big5hkscs")
    return big5 if big5 is not None and _common(big5) and len(_PRIVATE.findall(big5)) * 10 < private else None


def _strict(body: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return body.decode(name)
    except UnicodeError:
        return None


def _name(text: str) -> str | None:
    """Return Python's name of an encoding that pages are written in, None for anything else."""
    return _known_name(text) if len(text) <= LONGEST_NAME else _known_name.__wrapped__(text)


@lru_cache(maxsize=256)
def _known_name(text: str) -> str | None:
    name = _READ_AS.get(text.strip().lower(), text.strip().lower())
    try:
        return name if _WEB.fullmatch(codecs.lookup(name).name) else None
    except (LookupError, UnicodeError):
        return None
