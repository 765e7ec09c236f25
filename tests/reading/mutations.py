"""Changes of a page that must not matter: what it says stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256

Mutation = Callable[[str], str]

_CLASS = re.compile(r"""(\s(?:class|id)\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
_BODY = re.compile(r"(<body[^>]*>)(.*)(</body>)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>")
_QUOTED = re.compile(r"""(\s[\w\-]+=)"([^"'<>\s=`]+)"(?=[\s>])""")
_RAW = re.compile(r"(<(script|style|textarea|pre)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL)


def _outside_raw(html: str, change: Callable[[str], str]) -> str:
    """Apply *change* to what is neither script nor style nor preformatted."""
    pieces = _RAW.split(html)
    return "".join(
        piece if number % 3 == 1 else change(piece) for number, piece in enumerate(pieces) if number % 3 != 2
    )


def classes_renamed(html: str) -> str:
    """Every class and id has another name, the same one everywhere."""

    def renamed(match: re.Match[str]) -> str:
        names = (f"c{sha256(name.encode()).hexdigest()[:7]}" for name in match[2].strip("\"'").split())
        return f'{match[1]}"{" ".join(names)}"'

    return _outside_raw(html, lambda piece: _CLASS.sub(renamed, piece))


def classes_removed(html: str) -> str:
    """No class and no id is left."""
    return _outside_raw(html, lambda piece: _CLASS.sub("", piece))


def wrapped(html: str) -> str:
    """The page stands in five more elements."""
    return _BODY.sub(lambda m: f"{m[1]}{'<div>' * 5}{m[2]}{'</div>' * 5}{m[3]}", html, count=1)


def upper_case(html: str) -> str:
    """Tags are in capital letters."""
    return _outside_raw(html, lambda piece: _TAG.sub(lambda m: f"<{m[1]}{m[2].upper()}{m[3]}>", piece))


def unquoted(html: str) -> str:
    """Attributes stand without quotation marks where they may."""
    return _outside_raw(html, lambda piece: _QUOTED.sub(r"\1\2", piece))


def commented(html: str) -> str:
    """A comment stands in front of each block."""
    block = re.compile(r"(?=<(?:div|p|table|ul|dl|section|h[1-6])\b)", re.IGNORECASE)
    return _outside_raw(html, lambda piece: block.sub("<!-- block -->", piece))


def spaced_out(html: str) -> str:
    """White space stands between blocks."""
    between = re.compile(r"(</(?:div|p|tr|ul|dl|table|section|h[1-6])>)\s*(?=<)", re.IGNORECASE)
    return _outside_raw(html, lambda piece: between.sub("\\1\n        \t", piece))


def with_adverts(html: str) -> str:
    """An advert stands above and below everything else."""
    advert = '<div><div>广告</div><a href="https://ads.example/r">立即加盟 年入百万 3.5MB 88页</a></div>'
    return _BODY.sub(lambda m: f"{m[1]}{advert}{m[2]}{advert}{m[3]}", html, count=1)


def with_scripts(html: str) -> str:
    """Scripts without data and frames stand around."""
    script = "<script>var track = {uid: 77, tag: 'x'};</script><noscript><img src=/p.gif></noscript>"
    return _BODY.sub(lambda m: f"{m[1]}{script}{m[2]}{script}{m[3]}", html, count=1)


MUTATIONS: tuple[Mutation, ...] = (
    classes_renamed,
    classes_removed,
    wrapped,
    upper_case,
    unquoted,
    commented,
    spaced_out,
    with_adverts,
    with_scripts,
)

ENCODINGS = ("utf-8", "gb18030", "utf-16")
"""Encodings that a page may be sent in, with what says so."""


def encoded(html: str, encoding: str) -> tuple[bytes, str]:
    """Return the page's bytes in *encoding* and the header that names it; UTF-16 says so by its mark alone."""
    charset = re.compile(r"""(charset\s*=\s*["']?)[\w\-]+""", re.IGNORECASE)
    text = charset.sub(rf"\g<1>{encoding}", html)
    return text.encode(encoding, "replace"), "text/html" + ("" if encoding == "utf-16" else f"; charset={encoding}")
