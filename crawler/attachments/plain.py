"""Text without what no reader of it can bear, and no longer than wanted."""

from __future__ import annotations

import codecs
import re

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
_ENCODINGS = ("utf-8", "gb18030")
_LOOK_AT = 64 * 1024
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def clean(text: str) -> str:
    """Return *text* without control characters, surrogates and noncharacters; tabs and line ends stay.

    >>> clean("a\\x00b\\ud800\\tc")
    'ab\\tc'
    """
    return _UNWANTED.sub("", text)


def one_line(text: str | None, characters: int) -> str | None:
    """Return *text* cleaned, on one line, cut to *characters*; None where nothing is left.

    >>> one_line("  计生\\n 工作 ", 80), one_line(" \\x00", 80)
    ('计生 工作', None)
    """
    if not text:
        return None
    return _SPACE.sub(" ", clean(text[: characters * 4])).strip()[:characters].strip() or None


def encoding_of(data: bytes) -> str | None:
    """Return the codec in which *data* is plain text, None where it is none: by its byte order mark, else by trial."""
    head = data[:_LOOK_AT]
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig" if _decodes(head, "utf-8") else None
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if _decodes(head, "utf-16") else None
    if not head.strip() or _CONTROLS.search(head):
        return None
    return next((name for name in _ENCODINGS if _decodes(head, name)), None)


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < _LOOK_AT)
    except UnicodeDecodeError:
        return False
    return True


class Lines:
    """Lines of text up to a number of characters."""

    def __init__(self, characters: int) -> None:
        self._left = characters
        self._lines: list[str] = []
        self.is_cut = False
        self.characters = 0
        """Of all lines that were offered."""

    def add(self, line: str) -> bool:
        """Take one more line, whole or cut; return whether there is room for another."""
        line = clean(line).strip("\r\n")
        if line.strip():
            self.characters += len(line)
            if len(line) > self._left:
                line, self.is_cut = line[: max(0, self._left)], True
            self._left -= len(line) + 1
            self._lines += [line] if line else []
        return self._left > 0

    def text(self) -> str:
        return "\n".join(self._lines)
