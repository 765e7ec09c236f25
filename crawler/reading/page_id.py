"""The ID that a document's page states: labelled, else in its URL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from crawler.reading.ground import NEAR_HEADING, STANDARD, Fact, Ground
from crawler.reading.labels import Pairs, Value
from crawler.reading.lines import SEPARATOR
from crawler.reading.page import ReaderHints
from crawler.reading.urls import TOKEN_PARAMETERS, is_session, path_match, printable, unquoted
from crawler.reading.vocabulary import normal_label

_PAGE_ENDING = re.compile(r"\.(?:s?html?|php|aspx?|jsp|do)$", re.IGNORECASE)

_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|do|cgi|action|cfm)$|/$", re.IGNORECASE)

_HANDLE = re.compile(r"(?:hdl\.handle\.[a-z]+|/handle)/(?=[A-Z.]{0,8}\d)([A-Z\d.]{1,20}/[\w.\-]+)")
"""Prefixes of some have capitals among their digits: /handle/3WLS5/12991."""

_DOI = re.compile(r"(?:\bdoi[.:/]|/)[^\s?#]{0,60}?(10\.\d{4,9}/[^\s?#]{2,80})")

_LONG_NUMBER = re.compile(r"(\d{4,14}(?:-\d{2,14}){1,3})(?:[-_.][A-Za-z]|$)")
"""A number in groups: 0000990017-19-000012."""

_AFTER_NAME = re.compile(r"[a-z]_(\d[0-9a-z]{5,20}(?:-[a-z]{2})?)$")
"""An id behind a title: managing-small-harbours_9789264311992-en."""

_DATED = re.compile(r"(?:19|20)\d\d-\d\d?(?:-\d\d?)?\b")

_UUID = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b", re.IGNORECASE)

_THREAD = re.compile(r"(?:thread|viewthread|tid)-(\d{1,10})-1-\d{1,6}$")
"""The first page of a forum's thread, and the page of the listing that it was reached from: thread-28817-1-3."""

_NUMBERED_SLUG = re.compile(r"/(?:threads|resources)/[^/.]{1,200}\.((?!(?:19|20)\d\d(?:/|$))\d{1,9})(?:/|$)")
"""The number that XenForo puts behind a title: /resources/bird-survey-handbook.77/."""

_BEHIND_ITS_USER = re.compile(r"\d{4,8}_(?!1[3-7]\d{8}$)(\d{9,12})|\d{4,6}_(\d{7,8})")
"""A document's number behind the shorter one of who put it there, or of its day: 367918_587087074."""

_LEADING_NUMBER = re.compile(r"(\d{3,})(?:[-_]|$)")
_LAST_NUMBER = re.compile(r"(?:^|[-_])(\d{4,})$")
_HEX_TAIL = re.compile(r"[a-z0-9]-((?=[0-9a-f]{0,31}\d)(?=[0-9a-f]{0,31}[a-f])[0-9a-f]{8,32})$")
"""An id behind a title: winter-catalogue-99c44ad910."""

_LETTERED_NUMBER = re.compile(r"[A-Za-z]{0,3}(\d{4,})(?:_[a-z]{1,2})?")
_CAPITALS = re.compile(r"([A-Z]{2,3}\d{7,20})")
"""Capitals are part of a number that is long enough to be a register's: AN2018080916079305990."""

_PII = re.compile(r"([SB]\d{15}[\dX])")
"""Publisher item identifier: of an article, of a part of a book."""

_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[A-Za-z0-9][\w\-./:]{0,60}")

_MIXED = re.compile(r"((?=[A-Za-z0-9]{0,36}?\d{4})(?=[A-Za-z0-9]{0,39}?[A-Za-z])[A-Za-z0-9]{7,40})")
"""An id of letters and digits: c4013a118207."""

_CODE = re.compile(r"[a-z]{2,6}(?:-[a-z]{2,4})?-?(?:\d{4}-)?\d{3,8}")
"""A code of letters and a number, as URLs have it in lower case: cbp-9187, sn01412."""

_LETTERS = re.compile(r"[a-z]+")

_KINDS = frozenset(
    {"doc", "docs", "page", "view", "item", "news", "show", "info", "file", "list", "book", "paper", "art", "node",
     "detail", "story", "entry", "record", "id", "no", "num", "pub", "report", "post", "topic", "thread", "product",
     "case", "read", "down", "soft", "html", "pdf", "ppt", "xls", "text", "content", "wenku", "wendang", "ziliao"}
)  # fmt: skip
"""What stands before the number of any page of a site: doc-953365."""

_OF_STANDARDS = re.compile(r"标准|標準|\bstandard\b", re.IGNORECASE)

_ID_NAME = re.compile(
    r"(?:id|no|nr|num|number|key|keyval|sn|serno|serial|code|ref|guid|uuid|item|doc|record|hcno|\Ain|\As)\Z",
    re.IGNORECASE,
)
"""How the names of query parameters end that say which document is meant."""

_NOT_ID_NAME = re.compile(
    r"(?:page|item_?cat|cat|category|\Ac|user|\Au|session|lang|type|column|class|channel|parent|menu|site|theme|tab|node|mp|topic|org|stock|plate|company|corp|dept|area|city|region|seite)_?(?:id|no|nr|num|code)?\Z",
    re.IGNORECASE,
)
"""Those that say what it belongs to, or how it is shown."""

_DASHED = re.compile(r"[A-Za-z]{0,6}\d{1,8}(?:[-_]\d{1,10}){1,3}")
"""A number with dashes: 2022-08114."""

LONG_ID = 4
"""Characters from which on a value is rather a document's than a section's."""

_ID_IN_SEGMENT = re.compile(r"(?:^|,)(?:\w{0,6}id)[,:=](\d{1,12})$", re.IGNORECASE)

_YEAR = re.compile(r"(?:19|20)\d\d")


def doc_id_of(ground: Ground, pairs: Pairs, url: str, hints: ReaderHints) -> Fact[str]:
    """Return the site's own ID: the labelled one, else the one in the URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return Fact(url, None, "url")
    match = path_match(hints.document_url, url)
    if match is not None and match.groupdict().get("id"):
        return Fact(match["id"], None, "url")
    end = _PAGE_ENDING.sub("", parts.path.rstrip("/").rpartition("/")[2])
    ids = pairs.values("doc_id")
    for value in ids:
        asked_for = _inside_doi(ground, value.text) if value.text.startswith("10.") else None
        if asked_for is not None:
            return Fact(asked_for, asked_for, "form")
        handle = _HANDLE.search(value.text)
        doi = _DOI.search(value.text) if handle is None and "://" in value.text else None
        own = next((v for v in ids if v.text == end), None) if doi is not None and _DIGIT.search(end) else None
        if own is not None:  # the site's, which goes before everybody's
            return Fact(own.text, own.text, f"label:{own.label}")
        if found := handle or doi:
            return Fact(found[1], value.text, f"label:{value.label}")
    for value in pairs.values("document_number"):
        if "索引" in normal_label(value.label) and re.fullmatch(r"[\w\-./]{6,60}", value.text):
            return Fact(value.text, value.text, f"label:{value.label}")  # the register's own
    for value in pairs.values("document_number", "doc_id"):
        if _OF_STANDARDS.search(value.label) and (number := STANDARD.match(value.text)) is not None:
            return Fact(number[0], value.text, f"label:{value.label}")
    for value in pairs.values("document_number"):
        word = value.text.strip()
        if (
            len(word) >= LONG_ID
            and _DASHED.fullmatch(word)
            and ((end.endswith(word) and end[: -len(word)][-1:] in ("", "-", "_")) or f"/{word}/" in parts.path)
        ):
            return Fact(word, value.text, f"label:{value.label}")
    for value in (*pairs.values("doc_id"), *_numbered(pairs)):
        word = _BEHIND_A_NUMBER.split(value.text.strip(), maxsplit=1)[0]
        counted = _COUNTED.fullmatch(word)
        if counted is not None:
            return Fact(counted[1], value.text, f"label:{value.label}")
        if _WORD.fullmatch(word) and _DIGIT.search(word):
            return Fact(word, value.text, f"label:{value.label}")
    path = unquoted(parts.path)
    reference = _reference(pairs) if not _DIGIT.search(path + parts.query) else None
    if reference is not None:
        return reference
    return (
        _printed_id(ground, path)
        or _printed_in_query(ground, path, parts.query)
        or (None if _asks_by_id(path, parts.query) else _code_of_file(ground, path))
        or _to_be_copied(ground, path)
        or Fact(_id_in_url(path, parts.query, parts.netloc).strip("\"' "), None, "url")
    )


def _to_be_copied(ground: Ground, path: str) -> Fact[str] | None:
    """Return the number in a handle that a field holds to be copied, where one program shows all the site has.

    永久網址: https://docs.example/handle/86755230593656809, on the page gsweb.cgi/ccd=x/record?r1=9 of a session as on
    those that others link to.
    """
    if ".cgi/" not in path:
        return None
    field = ground.tree.css_first('input[readonly][value*="/handle/"]')
    handle = _HANDLE_ALONE.search(field.attributes.get("value") or "") if field is not None else None
    return Fact(handle[1], handle[0], "form") if handle is not None else None


_HANDLE_ALONE = re.compile(r"/handle/(\d{6,24})$")


def _inside_doi(ground: Ground, doi: str) -> str | None:
    """Return the name that the site has for a paper, and asks for it by: a hidden field has it, and the DOI inside it.

    10.27828/d.JNGC202103012.2021.372 is made of JNGC202103012.
    """
    for field in ground.tree.css("input[type=hidden][value]")[:MOST_FIELDS]:
        value = (field.attributes.get("value") or "").strip()
        if _OWN_NAME.fullmatch(value) is not None and f".{value}." in f"{doi}.":
            return value
    return None


MOST_FIELDS = 60
_OWN_NAME = re.compile(r"(?=[\d.]{0,30}[A-Za-z])(?=[A-Za-z]{0,12}\d{4})[A-Za-z\d]{8,30}(?:\.[a-z]{2})?")
"""The name of a paper's file: JNGC202103012, 1018230417.nh; a day, 20210312, is none."""

_COUNTED = re.compile(r"第(\d{2,8})[号號](?:公告|通告|通知|令)?")
"""A number as gazettes print it: 第3315號公告."""

_BEHIND_A_NUMBER = re.compile(r"\s?[,，;；|｜\u3000]")


def _numbered(pairs: Pairs) -> list[Value]:
    """Return the values that are the document's number by the label's own word for it: 文件編號, not 文号."""
    return [v for v in pairs.values("document_number") if normal_label(v.label).endswith(("文件编号", "文件編號"))]


def _reference(pairs: Pairs) -> Fact[str] | None:
    """Return the reference that the page prints, where the URL has no number at all."""
    for value in pairs.values("document_number"):
        if "ref" in value.label.lower() and re.fullmatch(r"[A-Za-z0-9][\w\-./]{3,40}", value.text):
            return Fact(value.text, value.text, f"label:{value.label}")
    return None


def _printed_id(ground: Ground, path: str) -> Fact[str] | None:
    """Return the last part of the URL as the page prints it below the heading: /p/gar-22-104 -> GAR-22-104."""
    stem = _PAGE_ENDING.sub("", path.rstrip("/").rpartition("/")[2])
    if ground.heading is None or len(stem) < NEAR_HEADING or not _DIGIT.search(stem) or stem.isdecimal():
        return None
    for line in ground.lines[ground.heading + 1 : ground.heading + 1 + NEAR_HEADING * 2]:
        for piece in line.text.split(SEPARATOR):
            if len(piece) <= len(stem) + 2 and piece.strip(" .,;:()").casefold() == stem.casefold():
                return Fact(piece.strip(" .,;:()"), piece, "below heading")
    return None


def _printed_in_query(ground: Ground, path: str, query: str) -> Fact[str] | None:
    """Return the number that a script is asked for by, among other words, and that the page's title has as well.

    /udl?uri=NOTICE:112233-2019:TEXT:EN with the heading "Supplies - 112233-2019".
    """
    if not query or _DIGIT.search(path) or _id_parameter(query) is not None:
        return None
    titles = ground.head_title + (ground.lines[ground.heading].plain if ground.heading is not None else "")
    for _, value in parse_qsl(query):
        for word in _PARTS_OF_NAMES.split(value):
            if _DASHED.fullmatch(word) and len(word) > LONG_ID and word in titles:
                return Fact(word, word, "url")
    return None


_PARTS_OF_NAMES = re.compile(r"[:;,|/]")


def _asks_by_id(path: str, query: str) -> bool:
    """Whether a script is asked for a document by its id, so that the script's name says nothing: vo020.asp?VOLNR=7."""
    return bool(query) and _SCRIPT.search(path) is not None and _id_parameter(query, is_named=True) is not None


def _code_of_file(ground: Ground, path: str) -> Fact[str] | None:
    """Return the last part of the URL where it is a code, as the page's files are called: /cbp-9187/ -> CBP-9187."""
    stem = _PAGE_ENDING.sub("", path.rstrip("/").rpartition("/")[2])
    if _CODE.fullmatch(stem) is None:
        return None
    code = stem.upper()
    for index in ground.around:
        for anchor in ground.lines[index].anchors:
            if code in anchor.href:
                return Fact(code, code, "file link")
    words = _LETTERS.findall(stem)
    return Fact(stem, None, "url") if len(words) > 1 or words[0] not in _KINDS else None


def _id_parameter(query: str, *, is_named: bool = False) -> str | None:
    """Return the value of the query's parameter that says which document is meant: the longest one with a digit.

    *is_named*: the path names the document, so that what may as well tell who asks is no document's.
    """
    for _, value in parse_qsl(query) if "%22" in query or '"' in query else ():
        asked = _ASKED.fullmatch(value)
        if asked is not None:
            return asked[1]
    inner = [value for name, value in parse_qsl(query) if _OF_A_PART.search(name) and value.isdecimal()]
    if inner:
        return inner[0]
    candidates = [
        (name.lower() not in _OF_ASKING, len(value) >= LONG_ID, name.lower() == "id", len(value), value)
        for name, value in parse_qsl(query)
        if _DIGIT.search(value)
        and re.fullmatch(r"[\w\-.:/〔〕()（）]{1,64}", value)
        and not is_session(name.lower(), value)
        and _ID_NAME.search(name)
        and not _NOT_ID_NAME.search(name)
        and not (is_named and name.lower() in _OF_ASKING)
    ]
    return max(candidates)[-1] if candidates else None


_ASKED = re.compile(r"""[\w.]{0,20}id\s?=\s?"((?=[\w.\-]{0,40}\d)[\w.\-]{4,40})"\.?""", re.IGNORECASE)
"""A search for one document, which a parameter has whole: s=id="107NTUS5442018"."""

_OF_ASKING = TOKEN_PARAMETERS | {"ref"}
"""Parameters that say who asks, or where one came from, rather than which document is meant: /doc/7.html?ref=3."""

_OF_A_PART = re.compile(r"\A(?!.*page)\w{2,40}\[(?!page|action|controller|sort)\w{1,30}\]\Z", re.IGNORECASE)
"""A parameter of a part of the page, which says more than the page's own: tx_ris[uid]=77 beside id=214."""

_NUMBERED_ID = re.compile(r"(?:^|&)id=\d{3,}(?:&|$)", re.IGNORECASE)
"""A parameter that is the number itself; what stands beside it, ever so long, is a key to it."""


_KEY_ALONE = re.compile(
    r"\d{2,12}|((?=[\w\-]{0,63}?\d)[A-Za-z0-9][\w\-]{7,63})(?:=|%3D){0,2}", re.ASCII | re.IGNORECASE
)
_OF_ALL = re.compile(
    r"[a-z_\-]{0,20}(?:detail|show|view|info|content|article|news|display|read|index|page|item|doc|document|file|law)s?\d?",
    re.IGNORECASE,
)
"""A query that is nothing but a key, behind one page for all documents: /detail2.html?NGU5ZDBhMzRj."""


def id_in_url(url: str) -> str:
    """Return what *url* has for a document's ID: a number or a code in it, else its last segment."""
    parts = urlsplit(url)
    return _id_in_url(unquoted(parts.path), parts.query, parts.netloc).strip("\"' ")


def _id_in_url(path: str, query: str, host: str) -> str:
    handle = _HANDLE.search(path) or _DOI.search(path) or _UUID.search(path) or _NUMBERED_SLUG.search(path)
    if handle is None and not _NUMBERED_ID.search(query):
        handle = _UUID.search(query)
    if handle:
        return handle[1]
    segments = [_PAGE_ENDING.sub("", segment) for segment in path.split("/") if segment]
    for place, stem in reversed(list(enumerate(segments))):
        named = _AFTER_NAME.search(stem)
        if named is not None:
            return named[1]
        behind = _BEHIND_ITS_USER.fullmatch(stem) if "_" in stem else None
        if behind is not None:
            return behind[1] or behind[2]
        grouped = _LONG_NUMBER.match(stem)
        if grouped and not _DATED.match(stem):
            return grouped[1]
        match = (
            _THREAD.match(stem)
            or _LEADING_NUMBER.match(stem)
            or _LAST_NUMBER.search(stem)
            or _HEX_TAIL.search(stem)
            or _PII.fullmatch(stem)
            or _CAPITALS.fullmatch(stem)
            or _LETTERED_NUMBER.fullmatch(stem)
            or _MIXED.fullmatch(stem)
        )
        if match and not _YEAR.fullmatch(match[1]):
            return _before_slug(segments, place, match[1]) or match[1]
    for stem in reversed(segments):
        named = _ID_IN_SEGMENT.search(stem)
        if named:
            return named[1]
    is_script = _SCRIPT.search(path) is not None
    is_named = bool(segments) and (segments[-1].isdecimal() or not (is_script or _OF_ALL.fullmatch(segments[-1])))
    parameter = _id_parameter(query, is_named=is_named)
    if parameter is not None:
        return parameter
    key = _KEY_ALONE.fullmatch(query)
    if key and segments and _OF_ALL.fullmatch(segments[-1]):
        return key[1] or query
    if not is_named and (is_script or all(map(_OF_ALL.fullmatch, segments))):  # all documents have the script's name
        asked_for = _asked_for(query, whole=is_script)
        if asked_for:
            return asked_for
    while len(segments) > 1 and segments[-1].lower() in _ACTIONS:
        segments.pop()
    return segments[-1] if segments else host


def _asked_for(query: str, *, whole: bool) -> str:
    """Return what a script is asked for by, in words: show.php?lm=a&key=b -> a-b.

    Unless *whole*, only by what is called an id, if anything is: view?id=rain&from=list -> rain.
    """
    given = [(name, value) for name, value in parse_qsl(query) if not is_session(name.lower(), value)]
    given = [(name, value) for name, value in given if name.lower() not in _OF_ASKING] or given
    ids = [value for name, value in given if _ID_NAME.search(name) and not _NOT_ID_NAME.search(name)]
    return printable("-".join(ids if ids and not whole else [value for _, value in given]))


def _before_slug(segments: Sequence[str], place: int, number: str) -> str | None:
    """Return the longer number before a title that ends with one: /doc/6540705/bell-founders-1650-1820."""
    before = segments[place - 1] if place else ""
    is_title = segments[place].count("-") > 1 and segments[place].endswith(number)
    is_number = before.isdecimal() and len(before) > len(number) and _DAY.fullmatch(before) is None
    return before if is_title and is_number else None


_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-3]\d)?")
"""A folder of a month or a day: 202311, 20231105."""


_ACTIONS = frozenset(("view", "show", "detail", "details", "read", "full", "abstract", "summary", "overview"))
"""What a path ends with that says how a document is shown, and not which: /minutes-of-may/view."""
