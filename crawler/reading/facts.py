"""What a document page states: title, ID, size, pages, format, date, tags, from labels first and shape second."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.reading.heading import bare, parts_of, titled
from crawler.reading.labels import Pairs, Value, known_meaning
from crawler.reading.lines import SEPARATOR, Anchor, Line
from crawler.reading.page import ReaderHints
from crawler.reading.structured import Structured, Told
from crawler.reading.urls import is_session, path_match
from crawler.reading.values import FORMATS, day, file_ending, format_of, page_count, pages_left, size_bytes, stated_size
from crawler.reading.vocabulary import BOUNDED, ENDING, EXAMPLE, NEXT, PREVIOUS, RELATED, normal_label
from crawler.reading.zones import Zone

T = TypeVar("T")

LONG_ATTRIBUTE = 60
"""Characters that the value of size, pages, format or date may have; longer ones are sentences about files."""

LONGEST_ENDING = 5
MAX_HEADING_LINES = 4
MAX_TAGS_LINE = 30
LONGEST_TAG = 30
LONG_LINE = 120
"""Characters of a line of attributes without labels, at the most."""

NEAR_HEADING = 4
"""Lines below the heading in which an unlabelled date is the document's."""

MONTHS = 12
WRAPPERS = 2
"""Elements around all of a page, and around a heading in the part that it shares with its date."""

_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](?:19|20)\d\d(?!\d)")
_COARSE_AGE = re.compile(r"(?<!\d)\d{1,4}\s?(?:(?:years?|months?|weeks?)\sago\b|(?:年|个月|周)前)", re.IGNORECASE)
_NOT_PUBLICATION = re.compile(
    r"updated|modified|修改|更新|accepted|effective|joined|member since|registered|注册|註冊|下架|有效期|截止|expires",
    re.IGNORECASE,
)
_PUBLICATION = re.compile(
    r"发布|发表|上传|公布|發布|發佈|發表|張貼|上傳|刊登|published|posted|uploaded|submitted|added|issued|created|filed|released|"
    r"publicado|publié|veröffentlicht|pubblicato|gepubliceerd|subido|hochgeladen|caricato|geüpload|\bviews\b",
    re.IGNORECASE,
)
"""What a line says that gives a date further below the heading."""

_LEADING_PUBLICATION = re.compile(
    r"(?:first )?(?:published|posted|uploaded|released|issued|filed)(?: online)?(?: on| in| at)?:? "
    r"\S{0,12}[ .]?\d{0,2},? ?(?:19|20)\d\d\b",
    re.IGNORECASE,
)
"""Published on May 2019."""

_DECIMAL = re.compile(
    r"1\s?[KMG]B\s?(?:=|is|为|等于)\s?1[,. ]?000(?!\d)|(?:multiples|powers) of 1[,.]?000 bytes", re.IGNORECASE
)
"""The page says that its units are decimal."""

_TRADITIONAL = re.compile("[發佈檔點閱單頁張貼數機關號傳間製稱網資訊業產農區縣會書學專處辦]")
"""Characters that only traditional script has, in labels."""

_OF_THE_PAGE = ("itemprop[datepublished", "meta[citation_publication_date", "meta[dcterms.issued")
"""What states the day of publication, and nothing else, for machines."""

_LABELLED_DATES = ("published", "uploaded", "deposited", "never")
_ON = re.compile(rf"[\s{SEPARATOR}]on[\s{SEPARATOR}]+([^{SEPARATOR}]{{6,30}})")
_VIEWER = re.compile(
    r"(?:^|\b(?:page|slide) )1 ?of ?([1-9]\d{0,3})(?![\d/])|(?:^|\D )1 ?/ ?([1-9]\d{0,3})$", re.IGNORECASE
)
_VIEWED = re.compile(r"1 ?/ ?([1-9]\d{0,3})")
_OF_TOTAL = re.compile(rf"(?:^|{SEPARATOR})\s?/\s?([1-9]\d{{0,3}})(?:{SEPARATOR}|$)")
"""The total behind a field for the page's number: / 14."""

_DOWNLOAD_AS = re.compile(r"\b(?:download|available|save) (?:as|in)(?: an?)? \.?([A-Za-z]{3,5})\b", re.IGNORECASE)
_ONE_PAGE = re.compile(r"第\s*\d+\s*[页頁]$")
_TAG_LINK = re.compile(
    r"/(?:tags?|label|topics?|keywords?|so|k|biaoqian|tagged)[/_.\-?]|"
    r"[?&](?:q|tag|tags|kw|keyword|keywords|wd|search|word|query|subject)=|/search|type=subject",
    re.IGNORECASE,
)
_OF_A_FORM = re.compile(r"(?:your )?(?:e-?mail|name|message)(?: address)?|验证码|您的(?:邮箱|姓名)", re.IGNORECASE)
_OF_PEOPLE = re.compile(
    r"author|creator|contributor|person|people|affiliation|uploader|advisor|verfasser", re.IGNORECASE
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
NEXT_ROW = 3
"""Lines that a row of a table has: label, value, language."""

_OF_SITES = ("meta[dc.subject]", "meta[dcterms.subject]")
_KEYWORDS = re.compile(r"key\s?words?|关键|關鍵|标签|標籤|\btags?\b", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_NONE = re.compile(r"[(（]?(?:none|n/?a|not available|无|暂无|-+)[)）]?", re.IGNORECASE)
_SEARCHES = re.compile(r"[(（]?(?:search|browse|view|see)\b", re.IGNORECASE)
_NO_TAG = re.compile(
    r"\b(?:back|results?|search|previous|advanced|more|all|home)\b|返回|搜索|更多|上一|下一|首页", re.IGNORECASE
)
_PARTED = re.compile(rf"[{SEPARATOR},，;；、|/\n]+")
_PAGE_ENDING = re.compile(r"\.(?:s?html?|php|aspx?|jsp|do)$", re.IGNORECASE)
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|do|cgi|action|cfm)$|/$", re.IGNORECASE)
_HANDLE = re.compile(r"(?:hdl\.handle\.[a-z]+|/handle)/(\d[\d.]*/[\w.\-]+)")
_DOI = re.compile(r"(?:\bdoi[.:/]|/)[^\s?#]{0,60}?(10\.\d{4,9}/[^\s?#]{2,80})")
_LONG_NUMBER = re.compile(r"(\d{4,14}(?:-\d{2,14}){1,3})(?:[-_.][A-Za-z]|$)")
"""A number in groups: 0000990017-19-000012."""

_AFTER_NAME = re.compile(r"[a-z]_(\d[0-9a-z]{5,20}(?:-[a-z]{2})?)$")
"""An id behind a title: managing-small-harbours_9789264311992-en."""

_DATED = re.compile(r"(?:19|20)\d\d-\d\d?(?:-\d\d?)?\b")
_UUID = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b", re.IGNORECASE)
_MIXED = re.compile(r"((?=[A-Za-z0-9]{0,36}?\d{4})(?=[A-Za-z0-9]{0,39}?[A-Za-z])[A-Za-z0-9]{7,40})")
"""An id of letters and digits: c4013a118207."""

_OF_STANDARDS = re.compile(r"标准|標準|\bstandard\b", re.IGNORECASE)
_STANDARD = re.compile(
    r"[A-Z]{1,7}\d{0,2}(?:[/ ][A-Z]{1,7}){0,3}[ -]{0,2}[A-Z]?\d{1,6}(?:[.\-]\d{1,4}){0,3}"
    r"(?:\s?[-—–:：]{1,2}\s?\d{2,4})?(?:\+[A-Z]{1,2}\d{1,2}(?::\d{4})?)?(?![\w/])"
)
"""The number of a standard: GB/T 45123-2024, DB37/T 3391—2018, ISO/IEC 27001:2013, ASTM D638-14."""

_ID_NAME = re.compile(
    r"(?:id|no|num|number|key|keyval|sn|serno|serial|code|ref|guid|uuid|item|doc|record|hcno|\Ain|\As)\Z", re.IGNORECASE
)
"""How the names of query parameters end that say which document is meant."""

_NOT_ID_NAME = re.compile(
    r"(?:page|item_?cat|cat|category|\Ac|user|\Au|session|lang|type|column|class|channel|parent|menu|site|theme|tab|node|mp|topic)_?(?:id|no|num)?\Z",
    re.IGNORECASE,
)
"""Those that say what it belongs to, or how it is shown."""

_DASHED = re.compile(r"[A-Za-z]{0,6}\d{1,8}(?:[-_]\d{1,10}){1,3}")
"""A number with dashes: 2022-08114."""

LONG_ID = 4
"""Characters from which on a value is rather a document's than a section's."""

_ID_IN_SEGMENT = re.compile(r"(?:^|,)(?:\w{0,6}id)[,:=](\d{1,12})$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True)
class Fact(Generic[T]):
    """A value, as printed and as understood, and where it was read."""

    value: T | None = None
    text: str | None = None
    place: str | None = None

    @property
    def is_evidence(self) -> bool:
        """Whether it speaks for a document: templates put a title, a date and a format into the head of any page."""
        return self.value is not None and not (self.place or "").startswith(_OF_ANY_PAGE)


_OF_ANY_PAGE = (
    "window title",
    "meta[og:",
    "meta[twitter:",
    "meta[dc.",
    "meta[dcterms.",
    "meta[pubdate",
    "meta[publishdate",
)


@dataclass(slots=True)
class Facts:
    """All that a page states of its document."""

    title: Fact[str] = field(default_factory=Fact)
    doc_id: Fact[str] = field(default_factory=Fact)
    size: Fact[int] = field(default_factory=Fact)
    pages: Fact[int] = field(default_factory=Fact)
    format: Fact[str] = field(default_factory=Fact)
    published: Fact[str] = field(default_factory=Fact)
    tags: Fact[tuple[str, ...]] = field(default_factory=Fact)
    issuer: Fact[str] = field(default_factory=Fact)
    document_number: Fact[str] = field(default_factory=Fact)
    labelled_id: bool = False
    is_counted: bool = False
    """The page counts its readers, with a label."""
    uploader: bool = False
    """The page says who put the document there."""
    words: bool = False
    """The page says how many words the document has: 约856字."""
    coarse_date: bool = False
    """The page says "3 years ago": a date too coarse to keep, but evidence of a document."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where facts are looked for."""

    lines: Sequence[Line]
    zones: Sequence[Zone]
    heading: int | None
    passed_over: frozenset[int]
    """Lines of list items and of the document's own text."""
    structured: Structured
    head_title: str
    host: str

    def around(self) -> Iterable[int]:
        """Yield the lines that may state something: from the heading to the related documents, and lists of files."""
        start = 0 if self.heading is None else self.heading + 1
        is_beyond = False
        for index in range(start, len(self.lines)):
            is_beyond = is_beyond or self.zones[index] is Zone.RELATED
            if is_beyond and self.zones[index] is not Zone.FILES:
                continue
            if index not in self.passed_over and not self.lines[index].navigation and not self.zones[index].foreign:
                yield index


def facts_of(ground: Ground, pairs: Pairs, url: str, fetched_at: datetime, hints: ReaderHints) -> Facts:
    """Return what the page states."""
    facts = Facts()
    facts.title = _title(ground, pairs)
    _leave_explanations(pairs)
    decimal = any("000" in line.plain and _DECIMAL.search(line.plain) for line in ground.lines)

    def size_of(text: str) -> int | None:
        return size_bytes(text, decimal=decimal)

    facts.size = _labelled(pairs.values("size"), size_of)
    facts.pages = _labelled(pairs.values("pages"), lambda text: page_count(text, labelled=True))
    facts.format = _labelled(pairs.values("format"), format_of)
    if facts.format.value is None:
        facts.format = Fact()

    republic = _TRADITIONAL.search(ground.head_title) is not None or any(
        _TRADITIONAL.search(value.label) for meaning in _LABELLED_DATES for value in pairs.known.get(meaning, ())
    )

    day_first = hints.day_first if hints.day_first is not None else _day_first(pairs)

    def published(text: str) -> str | None:
        return day(text, fetched_at, day_first, republic=republic)

    facts.published = _labelled(_publication_first(pairs.values("published")) + pairs.values("uploaded"), published)
    if facts.published.text is None:
        facts.published = _by_whom_and_when(pairs, published)
    elif not pairs.known.get("published"):  # the day it was put there
        stated = [told for told in ground.structured.values("published") if told.place.startswith(_OF_THE_PAGE)]
        told = _told(stated, published)
        if told is not None and len(told.value or "") >= len(facts.published.value or ""):
            facts.published = told
    if not pairs.known.get("published"):
        facts.published = _above_heading(ground, published, fetched_at) or facts.published
    _unlabelled(ground, facts, published, size_of)
    _from_viewer(ground, facts)
    _from_list(ground, facts, size_of)
    _from_files_above(ground, facts, size_of)
    _from_offer(ground, facts, size_of)
    _from_files(ground, facts)
    _from_title(facts)
    _from_window_title(ground.head_title, facts)
    _from_structured(ground.structured, facts, published, size_of)
    if facts.published.value is None:
        deposited = _labelled(pairs.values("deposited"), published)
        if deposited.value is None:
            deposited = _told(ground.structured.values("deposited"), published) or deposited
        facts.published = deposited if deposited.value is not None else facts.published
    facts.doc_id = _doc_id(ground, pairs, url, hints)
    facts.labelled_id = bool(pairs.known.get("doc_id"))
    facts.is_counted = bool(pairs.known.get("counter"))
    facts.uploader = bool(pairs.known.get("uploader"))
    facts.issuer = _short([value for value in pairs.values("issuer") if "[" not in value.text], 120)
    facts.tags = _tags(ground, pairs, facts.issuer.value)
    facts.document_number = _short(_numbers_first(pairs.values("document_number")), 80)
    return facts


_EXPLAINED = ("size", "pages", "format", "published", "document_number", "doc_id")


def _leave_explanations(pairs: Pairs) -> None:
    """Take out the values of lines that explain labels or set limits: Size: up to 5 MB, pages: any."""
    explained = {
        value.block
        for meaning in _EXPLAINED
        for value in pairs.known.get(meaning, ())
        if EXAMPLE.search(value.whole[:LONG_LINE]) or BOUNDED.search(value.whole[:LONG_LINE])
    }
    for meaning in _EXPLAINED if explained else ():
        if meaning in pairs.known:
            pairs.known[meaning] = [value for value in pairs.known[meaning] if value.block not in explained]


def _day_first(pairs: Pairs) -> bool | None:
    """Return False where other dates of the page can only have the month first, 09/21/2021; None where none tells."""
    told = {
        int(numeric[1]) <= MONTHS < int(numeric[2])
        for meaning in _LABELLED_DATES
        for value in pairs.known.get(meaning, ())
        for numeric in _NUMERIC_DATE.finditer(value.text[:LONG_ATTRIBUTE])
        if int(numeric[1]) > MONTHS or int(numeric[2]) > MONTHS
    }
    return False if told == {True} else None


def _publication_first(values: list[Value]) -> list[Value]:
    """The day a document was made known goes before the day it was written."""
    return sorted(values, key=lambda value: value.label.startswith(("成文", "印发", "生成", "发文", "發文")))


def _numbers_first(values: list[Value]) -> list[Value]:
    """The number a document goes by (文号) goes before its place in an index (索引号)."""
    return sorted(values, key=lambda value: "索引" in value.label or "索引" in normal_label(value.label))


def _short(values: Sequence[Value], characters: int) -> Fact[str]:
    """Return the first value of at most so many characters."""
    value = next((value for value in values if len(value.text) <= characters), None)
    return Fact(value.text, value.text, f"label:{value.label}") if value is not None else Fact()


def _labelled(values: Sequence[Value], convert: Callable[[str], T | None]) -> Fact[T]:
    """Return the first value that can be understood; else the first as printed, if it has a number."""
    usable = [
        v for v in values if len(v.text) <= LONG_ATTRIBUTE and not (BOUNDED.search(v.text) or EXAMPLE.search(v.text))
    ]
    for value in usable:
        converted = convert(value.text)
        if converted is not None:
            return Fact(converted, value.text, f"label:{value.label}")
    for value in usable:
        if any(c.isdecimal() for c in value.text):
            return Fact(None, value.text, f"label:{value.label}")
    return Fact()


def _by_whom_and_when(pairs: Pairs, published: Callable[[str], str | None]) -> Fact[str]:
    """Return the date of "Published by: A. Person on May 6, 2013"."""
    for value in pairs.values("issuer", "uploader"):
        when = _ON.search(value.whole[:LONG_ATTRIBUTE])
        found = published(when[1]) if when else None
        if when and found is not None:
            return Fact(found, when[1], f"label:{value.label}")
    return Fact()


def _above_heading(ground: Ground, published: Callable[[str], str | None], fetched_at: datetime) -> Fact[str] | None:
    """Return the date that stands alone right above the heading, in the element that holds both; not today's."""
    if ground.heading is None:
        return None
    path = ground.lines[ground.heading].path
    today = {(fetched_at + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)}
    for index in range(max(0, ground.heading - 3), ground.heading):
        line = ground.lines[index]
        shared = sum(element in path for element in line.path)
        if not WRAPPERS < shared >= len(path) - WRAPPERS:
            continue  # a clock in the head of the site
        if _DATE_ALONE.fullmatch(line.plain) is None or line.navigation or line.anchors or ground.zones[index].foreign:
            continue
        found = published(line.plain)
        if found is not None and found not in today:
            return Fact(found, line.plain, "above heading")
    return None


_DATE_ALONE = re.compile(
    r"(?:[A-Z][a-z]{2,8}\.? (?:\d{1,2}, )?|\d{1,2}\.? [A-Z][a-z]{2,8}\.? )(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d"
)


def _from_viewer(ground: Ground, facts: Facts) -> None:
    """Take the number of pages from a viewer's controls: "1 of 24"."""
    if facts.pages.text is not None:
        return
    for index, line in enumerate(ground.lines):
        if len(line.plain) > LONGEST_TAG or line.navigation or ground.zones[index].foreign:
            continue
        match = _VIEWER.search(line.spaced) or _OF_TOTAL.search(line.text)
        if match is None and "/" in line.text:
            match = _viewed(line)
        if match and index not in ground.passed_over:
            facts.pages = Fact(
                int(next(group for group in match.groups() if group)), match[0].strip(" " + SEPARATOR), "viewer"
            )
            return


def _viewed(line: Line) -> re.Match[str] | None:
    """Return the controls that are one element of a line: 1 / 19, with an advert behind it."""
    return next(
        (match for piece in line.text.split(SEPARATOR) if (match := _VIEWED.fullmatch(piece)) is not None), None
    )


def _unlabelled(
    ground: Ground,
    facts: Facts,
    published: Callable[[str], str | None],
    size_of: Callable[[str], int | None],
) -> None:
    """Read attribute lines without labels: "PDF, 1.2 MB, 24 pages", "已阅读5页,还剩55页", a date below the heading."""
    first_file: int | None = None
    for index in ground.around():
        line = ground.lines[index]
        text = line.spaced
        if ground.zones[index] is Zone.FILES and _states_a_file(line):
            first_file = index if first_file is None else first_file
            if index != first_file:
                continue  # of several files the first counts
        if facts.pages.value is None and len(text) <= 160:
            left = pages_left(line.plain)
            if left is not None:
                facts.pages = Fact(left[0], left[1], "text")
        if len(text) > LONG_LINE or (_DIGIT.search(text) and BOUNDED.search(text)) or _is_of_others(text):
            continue
        facts.words = facts.words or ("字" in text and _WORDS.search(text) is not None)
        if facts.size.text is None and not (line.plain[:1].isdecimal() and _is_counter(ground.lines, index)):
            _unlabelled_size(text, facts, size_of)
        if facts.format.value is None and (offered := _DOWNLOAD_AS.search(text)) is not None:
            facts.format = Fact(FORMATS.get(offered[1].lower()), offered[0], "attributes")
        if facts.pages.text is None:
            count = page_count(text, labelled=False)
            if count is not None and not _ONE_PAGE.search(text) and not EXAMPLE.search(text):
                facts.pages = Fact(count, text[:LONG_ATTRIBUTE], "attributes")
        below = index - (ground.heading or 0)
        near = below <= NEAR_HEADING or (below <= 3 * NEAR_HEADING and _PUBLICATION.search(text) is not None)
        near = near and len(text) <= 2 * LONG_ATTRIBUTE
        other = _NOT_PUBLICATION.search(text) if near else None
        if other is not None and _PUBLICATION.search(text, 0, other.start()):
            text, other = text[: other.start()], None  # Published on 14 February 2019. Modified 3 years ago
        if near and facts.published.text is None and other is None:
            found = published(text)
            if found is not None and (len(found) == len("2020-01-01") or _LEADING_PUBLICATION.match(text)):
                facts.published = Fact(found, text, "below heading")
            facts.coarse_date = facts.coarse_date or bool(_COARSE_AGE.search(text))


_WORDS = re.compile(r"[约共]\s?\d[\d.,]{0,8}\s?[万千]?\s?字")
_NUMBER_ALONE = re.compile(r"\d{1,4}(?:\.\d{1,2})?\s?[KMkm]")


def _is_counter(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is the number of a counter whose word stands in the line below it or above: 1K, Views."""
    line = lines[index]
    if line.row and any(
        other.row == line.row and known_meaning(other.plain) == "counter"
        for other in lines[max(0, index - NEXT_ROW) : index]
    ):
        return True
    if _NUMBER_ALONE.fullmatch(line.plain) is None:
        return False
    return any(known_meaning(lines[i].plain) == "counter" for i in (index - 1, index + 1) if 0 <= i < len(lines))


def _from_list(ground: Ground, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    """Take size, pages and format from a list of attributes without labels, each alone: DOCX, 18页, 2.3MB.

    It may stand between the related documents and the text.
    """
    if None not in (facts.size.text, facts.pages.text, facts.format.value):
        return
    start = (ground.heading or 0) + 1
    last = max((index for index in ground.passed_over if index > start), default=start)
    run: list[str] = []
    home: tuple[object, ...] = ()
    for index in range(start, min(len(ground.lines), max(last, start + MAX_LIST_LINES))):
        line = ground.lines[index]
        is_plain = not (line.anchors or line.navigation or ground.zones[index].foreign or index in ground.passed_over)
        pieces = line.text.split(SEPARATOR) if is_plain and len(line.plain) <= LONG_ATTRIBUTE else []
        around = (line.tag, *line.path[:-1])
        if not pieces or around != home or len(pieces) > 1:
            if _take(run, facts, size_of):
                return
            run, home = [], around
        run += pieces
        if len(pieces) > 1:
            if _take(run, facts, size_of):
                return
            run = []
    _take(run, facts, size_of)


MAX_LIST_LINES = 40
_COUNT_OF_PAGES = re.compile(r"[约共]?\s?\d{1,5}\s?(?:页|頁|张|張|pages?|slides?|seiten|páginas?|pages)", re.IGNORECASE)


def _take(pieces: Sequence[str], facts: Facts, size_of: Callable[[str], int | None]) -> bool:
    """Take what a list's pieces state where two of size, pages and format are among them; return whether they are."""
    size = next((p for p in pieces if stated_size(p) == p.strip()), None)
    count = next((p for p in pieces if _COUNT_OF_PAGES.fullmatch(p.strip())), None)
    named = next(
        (p for p in pieces if p.strip(" .").isalnum() and p.strip(" .").lower() in FORMATS and p != p.title()), None
    )
    if sum(piece is not None for piece in (size, count, named)) < 2:
        return False
    if size is not None and facts.size.text is None:
        facts.size = Fact(size_of(size), size, "attributes")
    if count is not None and facts.pages.text is None:
        facts.pages = Fact(page_count(count, labelled=True), count, "attributes")
    if named is not None and facts.format.value is None:
        facts.format = Fact(format_of(named), named, "attributes")
    return True


def _from_files_above(ground: Ground, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    """Take size, pages and format from the first file of a list of files that stands above the heading."""
    lines = ground.lines
    for index in range(ground.heading or 0):
        line = lines[index]
        if ground.zones[index] is not Zone.FILES or line.navigation or not _says_of_a_file(line):
            continue
        row = [
            other for other in lines[max(0, index - NEXT_ROW) : index + NEXT_ROW] if line.row and other.row == line.row
        ]
        text = " ".join(part.spaced for part in row or [line])
        printed = stated_size(text)
        if len(text) > LONG_LINE or BOUNDED.search(text):
            return
        if printed is not None and facts.size.text is None:
            facts.size = Fact(size_of(text[text.index(printed) :]), printed, "files")
        count = page_count(text, labelled=False)
        if count is not None and facts.pages.text is None:
            facts.pages = Fact(count, text[:LONG_ATTRIBUTE], "files")
        endings = (ending for part in row or [line] for a in part.anchors if (ending := file_ending(a.href)))
        named = next(endings, None) or format_of(text)
        if named is not None and facts.format.value is None:
            facts.format = Fact(named, text[:LONG_ATTRIBUTE], "files")
        return


def _says_of_a_file(line: Line) -> bool:
    """Whether a line states the size of a file, beside its name or alone."""
    return len(line.plain) <= LONG_LINE and stated_size(line.spaced) is not None


def _is_of_others(text: str) -> bool:
    """Whether a line begins by saying that it is of related documents; related files are the document's own."""
    return RELATED.match(text) is not None and not _OWN_FILES.match(text)


_OWN_FILES = re.compile(r"(?:相关|相關)(?:附件|檔案|文件)|related files?", re.IGNORECASE)


def _states_a_file(line: Line) -> bool:
    """Whether the line says of a file what it is: "PDF, 1.2 MB", "24 pages", "HTML"."""
    text = line.spaced
    if len(text) > LONG_ATTRIBUTE * 2 or line.linked > len(line.plain) / 2:
        return False
    if stated_size(text) is not None or page_count(text, labelled=False) is not None:
        return True
    return len(text) <= LONG_ATTRIBUTE and not ENDING.search(text) and format_of(text) is not None


def _unlabelled_size(text: str, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    printed = stated_size(text)
    if printed is None:
        return
    facts.size = Fact(size_of(text[text.index(printed) :]), printed, "attributes")
    if facts.format.value is None:
        named = format_of(text.replace(printed, " "))
        if named is not None and not (named == "html" and _AS_HTML.search(text)):
            facts.format = Fact(named, text[:LONG_ATTRIBUTE], "attributes")


_AS_HTML = re.compile(r"\b(?:view|open|read) (?:as|in) html\b", re.IGNORECASE)


def _from_files(ground: Ground, facts: Facts) -> None:
    """Take the format from the first attached file."""
    if facts.format.value is not None:
        return
    for index in ground.around():
        line = ground.lines[index]
        files = ground.zones[index] is Zone.FILES
        name = ENDING.search(line.plain) if len(line.plain) <= LONGEST_FILE_NAME else None
        if name is not None and not line.plain.endswith(" " + name[0]):
            facts.format = Fact(format_of(name[1]), line.plain, "files")
            return
        if files and _states_a_file(line):
            named = format_of(line.spaced)
            if named is not None:
                facts.format = Fact(named, line.plain, "files")
                return
        for anchor in line.anchors:
            ending = file_ending(anchor.href)
            if ending is None and len(anchor.text) <= LONGEST_FILE_NAME:
                ending = _called(anchor.text)
            if ending is not None and (files or ending not in PAGE_ENDINGS):
                facts.format = Fact(ending, ending, "file link")
                return
    offer = _offer_above(ground)
    if offer is not None:
        facts.format = Fact(offer[1], offer[1], "file link")


def _offer_above(ground: Ground) -> tuple[Line, str] | None:
    """Return the line of the first button above the heading that offers a file, and the file's format."""
    for line in ground.lines[: ground.heading or 0]:
        if not line.anchors or line.navigation:
            continue
        for anchor in line.anchors:
            ending = file_ending(anchor.href) if "." in anchor.href else None
            if ending and ending not in PAGE_ENDINGS and _OFFERS_FILE.search(anchor.text):
                return line, ending
    return None


def _from_offer(ground: Ground, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    """Take size and pages from beside a button above the heading: Download PDF (212.4 KB, 11 pages)."""
    if facts.size.text is not None and facts.pages.text is not None:
        return
    offer = _offer_above(ground)
    text = offer[0].spaced if offer is not None else ""
    if not 0 < len(text) <= LONG_LINE or BOUNDED.search(text):
        return
    printed = stated_size(text)
    if printed is not None and facts.size.text is None:
        facts.size = Fact(size_of(text[text.index(printed) :]), printed, "file link")
    count = page_count(text, labelled=False)
    if printed is not None and count is not None and facts.pages.text is None:
        facts.pages = Fact(count, text[:LONG_ATTRIBUTE], "file link")


PAGE_ENDINGS = frozenset(("html", "xml", "json", "jpg", "png", "gif", "svg", "bmp"))
"""Endings of links that lead to pages and pictures, not to documents."""

_CALLED = re.compile(
    r"(?:(?:view|download|get|open|read|access|full[- ]?text|article|the\b|as|in|official|complete|下载|下載|全文|"
    r"查看|阅读)"
    r"[ :]{0,2}){0,4}[(\[]?(PDF|DOCX?|XLSX?|PPTX?|EPUB|ODT|RTF|TXT|CSV|ZIP|OFD|CAJ)[)\]]?"
    r"(?: \([A-Za-z ]{2,20}\)| file| version| full text|全文|下载)?",
    re.IGNORECASE,
)
"""A link that is called by a format: "View PDF", "PDF (Français)"."""

_OFFERED = re.compile(
    r"(?:(?:view|download|get|open|read|access)\b|télécharger|descargar|herunterladen|下载|下載|查看|阅读)[^()（）]{0,60}[(（]\s?"
    r"(?:[^()（）,，;；]{1,20}[,，;；]\s?)?(PDF|DOCX?|XLSX?|PPTX?|EPUB|ODT|ODS|ODP|RTF|TXT|CSV|ZIP|WPS|OFD|CAJ)"
    r"(?:\s?[,，;；][^()（）]{1,40})?\s?[)）]",
    re.IGNORECASE,
)
"""A link that offers a file and says in brackets what it is: "Download the report (PDF, 217 KB, 11 pp.)"."""


def _called(text: str) -> str | None:
    """Return the format that a link's *text* names: it is called by it, by the file's name, or says it in brackets."""
    named = _CALLED.fullmatch(text)
    if named is None and text[-1:] in (")", "）"):
        named = _OFFERED.fullmatch(text)
    named = named or ENDING.search(text)
    return format_of(named[1]) if named is not None else None


_FORMAT_BEFORE = re.compile(r"\s{0,3}[(\[【]\s?([A-Za-z]{3,5})\s?[)\]】]")
LONGEST_FILE_NAME = 120
_OFFERS_FILE = re.compile(r"download|full text|view|open|pdf|下载|下載|全文|查看|原文", re.IGNORECASE)


def _title(ground: Ground, pairs: Pairs) -> Fact[str]:
    """Return the main heading without badges, else the title that metadata, labels or the window state."""
    if ground.heading is not None:
        text = _whole_heading(ground)
        label, colon, rest = text.replace("：", ":").partition(":")
        if colon and rest.strip() and normal_label(label) in _TITLE_LABELS:
            text = text[len(label) + 1 :].strip()
        is_number = (colon and known_meaning(label) in ("doc_id", "document_number")) or _STANDARD.fullmatch(text)
        named = next((value for value in pairs.values("title") if value.text), None) if is_number else None
        if named is not None:
            return Fact(named.text, named.text, f"label:{named.label}")
        if text:
            return Fact(text, text, "heading")
    for told in ground.structured.values("title"):
        return Fact(told.text, told.text, told.place)
    for index, line in enumerate(ground.lines[:-1]):
        if len(line.plain) <= 20 and normal_label(line.plain) in _TITLE_LABELS and ground.lines[index + 1].plain:
            text = ground.lines[index + 1].plain
            return Fact(text, text, "label:" + line.plain.strip(" :：\xa0"))
    for told in ground.structured.values("page_title"):
        text = parts_of(told.text)[0] if parts_of(told.text) else told.text
        return Fact(text, told.text, told.place)
    if ground.head_title and parts_of(ground.head_title):
        return Fact(parts_of(ground.head_title)[0], ground.head_title, "window title")
    return Fact()


def _whole_heading(ground: Ground) -> str:
    """Return the heading with what stands behind its line breaks."""
    lines, heading = ground.lines, ground.heading
    assert heading is not None
    texts = [titled(lines[heading], ground.head_title, ground.host)]
    for line in lines[heading + 1 : heading + 1 + MAX_HEADING_LINES]:
        if line.element != lines[heading].element or line.tag not in _BROKEN:
            break
        texts.append(bare(line))
    return ("" if all(text[-1:] > "\u2e7f" for text in texts) else " ").join(text for text in texts if text)


_BROKEN = frozenset(("h1", "h2", "h3", "p"))
_TITLE_LABELS = frozenset(("title", "dc.title", "标题", "名称", "文件名称", "文档名称", "題名", "標題"))


def _from_title(facts: Facts) -> None:
    """A title such as 报告.docx states the format, and is a title without it."""
    if facts.title.value is None:
        return
    ending = ENDING.search(facts.title.value)
    if ending is None:
        return
    facts.title.value = facts.title.value[: ending.start()].strip()
    if facts.format.value is None:
        facts.format = Fact(format_of(ending[1]), ending[1], "title")


def _from_window_title(head_title: str, facts: Facts) -> None:
    """A window's title such as "(PDF) Broken on purpose" or "Broken on purpose | PDF" states the format."""
    if facts.format.value is not None:
        return
    before = _FORMAT_BEFORE.match(head_title)
    parts = [part for part in parts_of(head_title)[1:] if len(part) <= LONGEST_ENDING and part.isupper()]
    for name in (before[1] if before else "", *parts):
        named = FORMATS.get(name.lower())
        if named is not None:
            facts.format = Fact(named, name, "window title")
            return


def _from_structured(
    structured: Structured,
    facts: Facts,
    published: Callable[[str], str | None],
    size_of: Callable[[str], int | None],
) -> None:
    """Take from what is stated for machines what the page does not print."""
    if facts.published.value is None:
        facts.published = _told(structured.values("published", "uploaded"), published) or facts.published
    if facts.size.value is None:
        facts.size = _told(structured.values("size"), size_of) or facts.size
    if facts.pages.value is None:
        facts.pages = _told(structured.values("pages"), lambda text: page_count(text, labelled=True)) or facts.pages
    if facts.format.value is None:
        facts.format = _told(structured.values("format"), format_of) or facts.format


def _told(values: Sequence[Told], convert: Callable[[str], T | None]) -> Fact[T] | None:
    for told in values:
        converted = convert(told.text) if len(told.text) <= LONG_ATTRIBUTE * 2 else None
        if converted is not None:
            return Fact(converted, told.text, told.place)
    return None


def _tags(ground: Ground, pairs: Pairs, issuer: str | None) -> Fact[tuple[str, ...]]:
    """Return the document's keywords: labelled, else a line of links to tags or searches, else metadata."""
    tags: list[str] = []
    place = None
    for value in _keywords_first(pairs.values("tags")):
        parts = [part.strip() for part in _PARTED.split(value.whole)]
        if any(map(_OF_A_FORM.fullmatch, parts)):
            continue
        if len(parts) == 1 and _CHINESE.search(value.whole):
            parts = value.whole.split()
        parts = [part for part in parts if not _NONE.fullmatch(part) and not _SEARCHES.match(part)]
        tags += [part for part in parts if part and len(part) <= LONG_ATTRIBUTE]
        place = f"label:{value.label}"
    if not tags and ground.heading is not None:
        for index in ground.around():
            line = ground.lines[index]
            if (
                0 < len(line.anchors) <= MAX_TAGS_LINE
                and _is_all_links(ground.lines, index)
                and all(map(_is_tag, line.anchors))
            ):
                tags += [anchor.text for anchor in line.anchors]
                place = "links"
    subjects = ground.structured.values("tags") if not tags else ()
    if len(subjects) == 1 and subjects[0].place in _OF_SITES:
        subjects = ()  # a template's own
    for told in subjects:
        if place is None or place == told.place:
            tags += [part.strip() for part in _PARTED.split(told.text) if part.strip()]
            place = told.place
    named = parts_of(ground.head_title) if place is not None and place.startswith("meta[") else ()
    others = {issuer, *named}
    return Fact(tuple(tag.lstrip("#") for tag in dict.fromkeys(tags) if tag not in others)[:100], None, place)


def _keywords_first(values: list[Value]) -> list[Value]:
    """Where the page names keywords, subjects are a classification; of a label its first place on the page counts."""
    keywords = [value for value in values if _KEYWORDS.search(value.label)] or values
    last: dict[str, int] = {}
    kept = []
    for value in keywords:
        before = last.setdefault(value.label, value.block)
        if value.block - before <= NEXT_ROW:  # of the same label, or of one in the next row
            last[value.label] = value.block
            kept.append(value)
    return kept


def _is_all_links(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is links and the marks between them, and no value of a label that is not of tags."""
    line = lines[index]
    said = sum(len(anchor.text) for anchor in line.anchors)
    if sum(map(str.isalnum, line.plain)) - said > len(line.anchors):
        return False
    return not (
        index
        and line.tag in ("dd", "td")
        and lines[index - 1].tag in ("dt", "th", "td")
        and len(lines[index - 1].plain) <= LONGEST_TAG
    )


def _is_tag(anchor: Anchor) -> bool:
    text = anchor.text
    if (
        not 0 < len(text) <= LONGEST_TAG
        or (text.isdecimal() and len(text) < 4)
        or NEXT.match(text)
        or PREVIOUS.match(text)
    ):
        return False
    if _NO_TAG.search(text) or anchor.href.startswith("mailto:"):
        return False
    return _TAG_LINK.search(anchor.href) is not None and not _OF_PEOPLE.search(anchor.href)


def _doc_id(ground: Ground, pairs: Pairs, url: str, hints: ReaderHints) -> Fact[str]:
    """Return the site's own ID: the labelled one, else the one in the URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return Fact(url, None, "url")
    match = path_match(hints.document_url, url)
    if match is not None and match.groupdict().get("id"):
        return Fact(match["id"], None, "url")
    for value in pairs.values("doc_id"):
        handle = _HANDLE.search(value.text) or (_DOI.search(value.text) if "://" in value.text else None)
        if handle:
            return Fact(handle[1], value.text, f"label:{value.label}")
    for value in pairs.values("document_number"):
        if "索引" in normal_label(value.label) and re.fullmatch(r"[\w\-./]{6,60}", value.text):
            return Fact(value.text, value.text, f"label:{value.label}")  # the register's own
    for value in pairs.values("document_number", "doc_id"):
        if _OF_STANDARDS.search(value.label) and (number := _STANDARD.match(value.text)) is not None:
            return Fact(number[0], value.text, f"label:{value.label}")
    end = _PAGE_ENDING.sub("", urlsplit(url).path.rstrip("/").rpartition("/")[2])
    for value in pairs.values("document_number"):
        word = value.text.strip()
        if (
            len(word) >= LONG_ID
            and _DASHED.fullmatch(word)
            and end.endswith(word)
            and end[: -len(word)][-1:] in ("", "-", "_")
        ):
            return Fact(word, value.text, f"label:{value.label}")
    for value in pairs.values("doc_id"):
        word = value.text.strip().partition(",")[0]
        if re.fullmatch(r"[A-Za-z0-9][\w\-./:]{0,60}", word) and any(c.isdecimal() for c in word):
            return Fact(word, value.text, f"label:{value.label}")
    path = unquote(parts.path)
    reference = _reference(pairs) if not any(c.isdecimal() for c in path + parts.query) else None
    if reference is not None:
        return reference
    return _printed_id(ground, path) or Fact(_id_in_url(path, parts.query, parts.netloc).strip("\"' "), None, "url")


def _reference(pairs: Pairs) -> Fact[str] | None:
    """Return the reference that the page prints, where the URL has no number at all."""
    for value in pairs.values("document_number"):
        if "ref" in value.label.lower() and re.fullmatch(r"[A-Za-z0-9][\w\-./]{3,40}", value.text):
            return Fact(value.text, value.text, f"label:{value.label}")
    return None


def _printed_id(ground: Ground, path: str) -> Fact[str] | None:
    """Return the last part of the URL as the page prints it below the heading: /p/gar-22-104 -> GAR-22-104."""
    stem = _PAGE_ENDING.sub("", path.rstrip("/").rpartition("/")[2])
    if ground.heading is None or len(stem) < NEAR_HEADING or not any(c.isdecimal() for c in stem) or stem.isdecimal():
        return None
    for line in ground.lines[ground.heading + 1 : ground.heading + 1 + NEAR_HEADING * 2]:
        for piece in line.text.split(SEPARATOR):
            if len(piece) <= len(stem) + 2 and piece.strip(" .,;:()").casefold() == stem.casefold():
                return Fact(piece.strip(" .,;:()"), piece, "below heading")
    return None


def _id_parameter(query: str) -> str | None:
    """Return the value of the query's parameter that says which document is meant: the longest one with a digit."""
    candidates = [
        (len(value) >= LONG_ID, name.lower() == "id", len(value), value)
        for name, value in parse_qsl(query)
        if any(c.isdecimal() for c in value)
        and re.fullmatch(r"[\w\-.:/]{1,64}", value)
        and not is_session(name.lower(), value)
        and _ID_NAME.search(name)
        and not _NOT_ID_NAME.search(name)
    ]
    return max(candidates)[-1] if candidates else None


def _id_in_url(path: str, query: str, host: str) -> str:
    handle = _HANDLE.search(path) or _DOI.search(path) or _UUID.search(path) or _UUID.search(query)
    if handle:
        return handle[1]
    segments = [_PAGE_ENDING.sub("", segment) for segment in path.split("/") if segment]
    for stem in reversed(segments):
        named = _AFTER_NAME.search(stem)
        if named is not None:
            return named[1]
        grouped = _LONG_NUMBER.match(stem)
        if grouped and not _DATED.match(stem):
            return grouped[1]
        match = (
            re.match(r"(\d{3,})(?:[-_]|$)", stem)
            or re.search(r"(?:^|[-_])(\d{4,})$", stem)
            or re.fullmatch(r"[A-Za-z]{0,3}(\d{4,})(?:_[a-z]{1,2})?", stem)
            or _MIXED.fullmatch(stem)
        )
        if match and not _YEAR.fullmatch(match[1]):
            return match[1]
    for stem in reversed(segments):
        named = _ID_IN_SEGMENT.search(stem)
        if named:
            return named[1]
    parameter = _id_parameter(query)
    if parameter is not None:
        return parameter
    if query and _SCRIPT.search(path):  # show.php?sid=7&key=b: all documents have the script's name
        values = [value for name, value in parse_qsl(query) if not is_session(name.lower(), value)]
        if values:
            return "-".join(values)
    return segments[-1] if segments else host
