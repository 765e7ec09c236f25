"""Makes hostile inputs out of honest ones; each change is a function of a random generator, so it can be repeated."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from crawler.reading.vocabulary import LABELS
from tests.naughty_strings import NAUGHTY

MOST_BYTES = 1_500_000
"""Of an input; larger ones take their time, and find nothing that these do not."""

ENCODINGS = ("utf-8", "gb18030", "gbk", "big5", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-7", "shift-jis",
             "utf-8-sig", "utf-32", "hz", "koi8-r")  # fmt: skip
TAGS = ("div", "p", "span", "a", "b", "i", "font", "table", "tr", "td", "th", "ul", "li", "dl", "dt", "dd", "h1", "h2", "svg", "math",
        "select", "option", "template", "noscript", "script", "style", "title", "textarea", "iframe", "frameset", "form", "button",
        "body", "html", "head", "br", "meta", "base", "nobr", "ruby", "rt", "plaintext", "xmp", "article", "nav", "aside", "caption",
        "colgroup", "time", "g", "path", "foreignObject", "mi", "annotation-xml", "details", "summary", "video", "x-y")  # fmt: skip
OPENINGS = ("", "", "", "<svg>", "<math>", "<select>", "<table>", "<ruby>", "<!x<script>", "<?x<script>", "</ <script>", "<![CDATA[<style>", "<!DOCTYPE a<script>",
            "<textarea><script></textarea>", "<iframe><!--</iframe>", "<xmp><title></xmp>", "<noframes><script></noframes>", "<noembed><!--</noembed>",
            "<noscript><!--</noscript>", "<a title='<script>", "<script><!--<script></script>", "<!---->", "<!-->")  # fmt: skip
"""What may make one who counts open elements look away."""

ENTITIES = ("&amp;", "&lt;", "&gt;", "&nbsp;", "&#0;", "&#xd800;", "&#x110000;", "&#65", "&notin", "&", "&;", "&#;", "&#x;", "&amp;amp;",
            "&CounterClockwiseContourIntegral;", "&#x1F600;", "&#128;", "&#xfeff;", "&emsp;")  # fmt: skip
VALUES = ("1.5MB", "12", "12页", "docx", "2020-01-02", "2020年1月2日", "3 days ago", "共70页", "第1页 / 共70页", "已阅读5页,还剩55页", "PDF, 1.2 MB, 24 pages",
          "水库 安全", "普府〔2026〕54号", "10.1234/abc.5", "999999999999 TB", "", " ", "-", "0", "?")  # fmt: skip
SEPARATORS = (":", "：", " : ", "\u3000", "</b>:", "</dt><dd>", "</th><td>", "</span><span>", "|", "=", " ", "")
LABEL_WORDS = tuple(label for labels in LABELS.values() for label in labels)

Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]
"""Generator, input, the other honest inputs -> another input."""

_TAG = re.compile(rb"<[^<>]{0,400}>")
_TEXT = re.compile(rb">[^<>]{1,400}<")
_ATTRIBUTE = re.compile(rb"""=\s*"[^"<>]{0,400}\"""")
_QUOTED = re.compile(rb"""(?<=[\s:,\[{(])"[^"<>\n]{1,200}\"""")
_NUMBER = re.compile(rb"\d{1,12}")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?[\w\-]+|encoding=["'][\w\-]+["']""")


def _place(rng: random.Random, data: bytes) -> int:
    """Return a place to change: as often as not where a tag begins or ends."""
    at = rng.randint(0, len(data))
    if rng.random() < 0.5:
        found = data.find(rng.choice((b"<", b">")), at, at + 2000)
        at = at if found < 0 else found
    return at


def _insert(rng: random.Random, data: bytes, piece: bytes) -> bytes:
    at = _place(rng, data)
    return data[:at] + piece + data[at:]


def _naughty(rng: random.Random) -> bytes:
    return rng.choice(NAUGHTY).encode("utf-8", "surrogatepass")


def _replace_some(rng: random.Random, data: bytes, pattern: re.Pattern[bytes], new: Callable[[bytes], bytes]) -> bytes:
    """Replace one to five of the places where *pattern* matches, looked for from somewhere on."""
    start = rng.randrange(len(data) + 1) if rng.random() < 0.5 else 0
    return data[:start] + pattern.sub(lambda match: new(match[0]), data[start:], count=rng.randint(1, 5))


def cut(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The end, the beginning, or a piece of the middle is missing."""
    first, last = sorted((_place(rng, data), _place(rng, data)))
    return rng.choice((data[:last], data[first:], data[:first] + data[last:]))


def flipped(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Bits are flipped."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 60) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def spliced(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A piece of another input stands in it, or follows its beginning."""
    other = rng.choice(others)
    first, last = sorted((_place(rng, other), _place(rng, other)))
    if rng.random() < 0.5:
        return data[: _place(rng, data)] + other[first:]
    return _insert(rng, data, other[first:last])


def repeated(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A piece of it stands there many times."""
    first = _place(rng, data)
    piece = data[first : first + rng.choice((1, 5, 40, 300, 3000))]
    return data[:first] + piece * min(rng.choice((2, 10, 300, 5000)), MOST_BYTES // (len(piece) + 1)) + data[first:]


def nested(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Elements are opened, some closed again, some thousand times."""
    names = rng.choices(TAGS, k=rng.randint(1, 4))
    opening = "".join(f"<{name}>" for name in names)
    text = rng.choice(("", "", "x"))
    depth = rng.choice((3, 30, 300, 3000, 30_000))
    piece = rng.choice(OPENINGS) + (opening + text) * depth
    if rng.random() < 0.5:
        piece += "x" + "".join(f"</{name}>" for name in reversed(names)) * depth
    return _insert(rng, data, piece[:MOST_BYTES].encode())


def tag_soup(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Tags stand around without order, with attributes that are none."""
    forms = (
        "<{}>",
        "</{}>",
        "<{} a=b>",
        "<{}/>",
        "<{} class='{}' title=\"",
        "<{} href=x",
        "<{}<{}>",
        "</{} x>",
        "<{} =>",
    )
    soup = "".join(rng.choice(forms).format(*rng.choices(TAGS, k=2)) for _ in range(rng.choice((1, 5, 40, 400))))
    return _insert(rng, data, soup.encode())


def tags_changed(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Tags are lost, doubled, or others."""

    def new(tag: bytes) -> bytes:
        return rng.choice((b"", tag * 2, b"<%s>" % rng.choice(TAGS).encode(), b"</%s>" % rng.choice(TAGS).encode()))

    return _replace_some(rng, data, _TAG, new)


def entity_soup(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Character references, right and wrong, stand in a heap."""
    soup = "".join(rng.choices(ENTITIES, k=rng.choice((1, 10, 200, 5000))))
    return _insert(rng, data, soup.encode())


def naughty_text(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Texts are naughty strings."""
    return _replace_some(rng, data, _TEXT, lambda text: b">" + _naughty(rng) + b"<")


def naughty_attributes(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Values of attributes are naughty strings."""
    return _replace_some(rng, data, _ATTRIBUTE, lambda text: b'="' + _naughty(rng).replace(b'"', b"&quot;") + b'"')


def naughty_numbers(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Numbers are too long, zero, or naughty strings."""

    def new(number: bytes) -> bytes:
        return rng.choice((b"0", number * 40, b"9" * 19, b"-" + number, b"00000000", _naughty(rng)))

    return _replace_some(rng, data, _NUMBER, new)


def labelled(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Labels of documents stand where they should not, with values that they should not have."""
    pairs = []
    for _ in range(rng.choice((1, 3, 20, 400))):
        value = rng.choice(VALUES) if rng.random() < 0.7 else rng.choice(NAUGHTY)
        pairs.append(rng.choice(LABEL_WORDS) + rng.choice(SEPARATORS) + value)
    joint = rng.choice((" ", "|", "<br>", "<p>", "<li>", "<tr><td>", "</dd><dt>", "\n", "", "<span>", " / "))
    return _insert(rng, data, joint.join(pairs).encode("utf-8", "surrogatepass"))


def encoded_anew(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """It stands in another encoding, whatever it says; or was decoded wrongly on its way."""
    text = data.decode("utf-8", "replace")
    wrongly = rng.choice(ENCODINGS)
    if rng.random() < 0.4:
        text = text.encode("utf-8", "replace").decode(wrongly, "replace")
    return text.encode(rng.choice(ENCODINGS), "replace")


def charset_lies(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """It says another encoding than it has."""
    said = rng.choice((*ENCODINGS, "x-user-defined", "none", "unicode_escape", "base64", "rot13", "undefined", ""))
    return _replace_some(rng, data, _CHARSET, lambda text: b"charset=" + said.encode())


def foreign_bytes(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Bytes that are no text stand in it."""
    piece = rng.choice(
        (
            b"\0",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\x1b$B",
            rng.randbytes(40),
        )
    )
    return _insert(rng, data, piece * rng.choice((1, 3, 200, 20_000)))


def bad_escapes(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Texts in scripts have escapes that stand for no character, or for one that is not wanted."""
    escapes = (
        rb"\ud83d",
        rb"\udc00\ud800",
        rb"\u0000",
        rb"\u000",
        rb"\x1",
        rb"\/",
        rb"\u003c/script>",
        b"\\" * 99,
        rb"\u{1F600}",
    )
    return _replace_some(rng, data, _QUOTED, lambda text: text[:-1] + rng.choice(escapes) + text[-1:])


CHANGES: tuple[Change, ...] = (
    cut, flipped, spliced, repeated, nested, tag_soup, tags_changed, entity_soup, naughty_text, naughty_attributes,
    naughty_numbers, labelled, encoded_anew, charset_lies, foreign_bytes, bad_escapes,
)  # fmt: skip


def changed(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Return *data* after one to five changes, at most `MOST_BYTES` of it."""
    for change in rng.choices(CHANGES, k=rng.choice((1, 1, 1, 2, 2, 3, 5))):
        data = change(rng, data, others)[:MOST_BYTES]
    return data
