"""The keywords of a document: labelled, in metadata, or links to searches."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import lru_cache
from itertools import takewhile

from crawler.reading.ground import LONG_ATTRIBUTE, LONGEST_TAG, NEXT_ROW, Fact, Ground
from crawler.reading.heading import parts_of
from crawler.reading.labels import Pairs, Value
from crawler.reading.lines import SEPARATOR, Anchor, Line
from crawler.reading.meaning import known_meaning
from crawler.reading.phrases import Phrases
from crawler.reading.urls import site_name
from crawler.reading.values import FORMATS
from crawler.reading.vocabulary import NEXT, PREVIOUS
from crawler.reading.zones import HEADINGS, IN_RELATED

MAX_TAGS_LINE = 30
MOST_BEHIND = 5
"""Keywords behind the related documents, at the most: more are the subjects of the site."""

_TAG_LINK = re.compile(
    r"/(?:tags?|label|topics?|keywords?|so|k|biaoqian|tagged|[a-z]{2,12}[-_](?:tags?|topics?|keywords?))[/_.\-?]|"
    r"[?&](?:q|tag|tags|tag_?id|kw|keyword|keywords|wd|search|word|query|subject)=|[?&]mod=tag&|/search|type=subject",
    re.IGNORECASE,
)

_BY_TAG = re.compile(r"[?&]tags?=|/tags?/", re.IGNORECASE)
"""What leads to all that has a tag."""

_OF_A_FORM = re.compile(r"(?:your )?(?:e-?mail|name|message)(?: address)?|验证码|您的(?:邮箱|姓名)", re.IGNORECASE)

_PEOPLE = "author|creator|contributor|person|people|affiliation|uploader|advisor|verfasser"
_OF_PEOPLE = Phrases(_PEOPLE, _PEOPLE)

_CHINESE = re.compile(r"[\u3400-\u9fff]")

_OF_SITES = ("meta[dc.subject]", "meta[dcterms.subject]")

_KEYWORDS = re.compile(r"key\s?words?|关键|關鍵|标签|標籤|\btags?\b", re.IGNORECASE)

_NONE = re.compile(
    r"[(（]?(?:none|n/?a|not available|无|暂无|-+)[)）]?|(?:本地|备用|电信|立即|点击|高速)下[载載]", re.IGNORECASE
)

_SEARCHES = re.compile(r"[(（]?(?:search|browse|view|see)\b", re.IGNORECASE)

_NO_TAG = Phrases(
    r"\b(?:back|results?|search|previous|advanced|more|all|home)\b|返回|搜索|更多|下载|下載|上一|下一|首页|(?:查看|阅读|閱讀|展开)(?:全文|原文|详情)|在线(?:预览|阅读)",
    "back|result|search|previous|advanced|more|all|home|返回|搜索|更多|下载|下載|上一|下一|首页|查看|阅读|閱讀|展开|预览",
)

_PARTED = re.compile(rf"(?:[{SEPARATOR},，;；、|\n]|(?<![A-Z])/|/(?!T\b))+")
"""What parts keywords; not the stroke in GB/T 31742."""


def tags_of(ground: Ground, pairs: Pairs, issuer: str | None) -> Fact[tuple[str, ...]]:
    """Return the document's keywords: labelled, else a line of links to tags or searches, else metadata."""
    tags: list[str] = []
    place = None
    end = _end_of_document(ground)
    values = [value for value in pairs.values("tags") if not _is_of_a_menu(ground, value)]
    if sum(value.block > end for value in values) > MOST_BEHIND:
        values = [value for value in values if value.block <= end]
    forms = {value.block for value in values if known_meaning(value.whole) == "tags"}
    """Labels below which another stands: of a form to search."""
    for value in _keywords_first([value for value in values if value.block not in forms]):
        parts = [part.strip() for part in _PARTED.split(value.whole)]
        if any(map(_OF_A_FORM.fullmatch, parts)) or parts[0].endswith((":", "：")):
            continue
        if len(parts) == 1 and _CHINESE.search(value.whole):
            parts = value.whole.split()
        elsewhere = _leading_elsewhere(ground, value)
        parts = [part for part in parts if not (_NONE.fullmatch(part) or _SEARCHES.match(part) or part in elsewhere)]
        tags += [part for part in parts if part and len(part) <= LONG_ATTRIBUTE]
        place = f"label:{value.label}"
    if not tags and ground.heading is not None:
        for index in ground.around:
            line = ground.lines[index]
            if (
                (index < end or line.tag != "dd")
                and 0 < len(line.anchors) <= MAX_TAGS_LINE
                and _is_all_links(ground.lines, index)
                and all(map(_is_tag, line.anchors))
                and all(_is_own(anchor, ground.host) for anchor in line.anchors)
                and not (line.tag in ("dd", "li") and _stands_in_columns(ground.lines, index))
                and not _are_numbered_people(line)
                and line.tag != "th"  # by which a table is sorted
                and not all(anchor.text.lower() in _EXPORTS for anchor in line.anchors)
            ):
                tags += [anchor.text for anchor in line.anchors]
                place = "links"
    if not tags and ground.heading is not None:  # taken for a list of other pages
        behind = ground.lines[ground.heading + 1 : end]
        own = [line for line in behind if line.anchors and line.tag == "li" and not line.navigation]
        links = [a for line in own for a in line.anchors if _BY_TAG.search(a.href) and len(line.anchors) == 1]
        if 0 < len(links) <= MAX_TAGS_LINE and all(_is_tag(a) and _is_own(a, ground.host) for a in links):
            tags, place = [anchor.text for anchor in links], "links"
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


_EXPORTS = FORMATS.keys() | {
    "bibtex", "endnote", "refworks", "marc", "marcxml", "mods", "mets", "mods xml", "rdf", "csl", "dublin core",
}  # fmt: skip
"""What records are handed on as, beside which no keywords stand."""


def _is_of_a_menu(ground: Ground, value: Value) -> bool:
    """Whether a value is of the whole site: of a menu above the main heading, or among columns of links."""
    label = value.block - 1
    line = ground.lines[label]
    is_link = line.linked >= len(line.plain) > 0
    if is_link and line.tag == "li" and line.anchors[0].href[:1] == "#":
        return True  # to a part of the page
    if label < (ground.heading or 0):
        return line.tag in _HEADS_AND_FORMS or (
            is_link and (line.tag == "li" or _is_between_links(ground.lines, label))
        )
    return line.tag in _HEADS and _stands_in_columns(ground.lines, label)


def _is_between_links(lines: Sequence[Line], index: int) -> bool:
    """Whether the lines around one are elements like it that are links as well: a menu."""
    own = lines[index]
    around = [line for line in lines[max(0, index - 1) : index + 2] if line is not own]
    return all(
        line.tag == own.tag and len(line.path) == len(own.path) and line.linked >= len(line.plain) > 0
        for line in around
    )


def _stands_in_columns(lines: Sequence[Line], index: int) -> bool:
    """Whether a line stands in a part of the page that is columns of links, each below its head: at a site's foot."""
    path = lines[index].path
    if len(path) < COLUMN_DEPTH:
        return False
    home = path[-COLUMN_DEPTH]
    below = takewhile(lambda line: home in line.path, lines[index : index + MOST_IN_COLUMNS])
    above = takewhile(lambda line: home in line.path, reversed(lines[max(0, index - MOST_IN_COLUMNS) : index]))
    heads = links = 0
    for line in (*below, *above):
        if line.anchors and line.linked >= len(line.plain) - 2:
            links += len(line.anchors)
            continue
        if line.tag not in _HEADS or line.anchors:
            return False
        heads += 1
    return heads >= COLUMNS and links >= LINKS_IN_A_COLUMN * heads


_HEADS_AND_FORMS = HEADINGS | {"fieldset", "form"}
"""What labels above the main heading stand in that are of the site: to search it."""

_HEADS = HEADINGS | {"dt"}
COLUMN_DEPTH = 3
"""Elements from a link, or the head above it, out to what holds all columns."""
COLUMNS = LINKS_IN_A_COLUMN = 3
"""Columns, and links in each on the average, at least: a document has fewer facts that are links."""
MOST_IN_COLUMNS = 100


def _are_numbered_people(line: Line) -> bool:
    """Whether links of a line have numbers behind them, of where these people work, and lead to no keywords."""
    if any(_OF_KEYWORDS.search(anchor.href) for anchor in line.anchors):
        return False
    return any(piece.strip().isdecimal() for piece in line.text.split(SEPARATOR))


_OF_KEYWORDS = re.compile(r"tag|topic|key|label|subject", re.IGNORECASE)


def _leading_elsewhere(ground: Ground, value: Value) -> Container[str]:
    """Return the texts of links among keywords that lead to other sites: adverts."""
    lines = ground.lines[value.block - 1 : value.block - 1 + NEXT_ROW]
    return {anchor.text for line in lines for anchor in line.anchors if not _is_own(anchor, ground.host)}


def _is_own(anchor: Anchor, host: str) -> bool:
    """Whether a link stays on the page's site."""
    if anchor.href[:4].lower() != "http" and anchor.href[:2] != "//":
        return True
    netloc = anchor.href.partition("//")[2].partition("/")[0].partition("?")[0]
    return site_name(netloc.lower()) == site_name(host)


def _end_of_document(ground: Ground) -> int:
    """Return the line of the related documents: behind it a site lists its subjects, unless facts stand there too."""
    start = 0 if ground.heading is None else ground.heading
    if ground.panel is not None or IN_RELATED not in ground.zones[start:]:
        return len(ground.lines) + 1
    return ground.zones.index(IN_RELATED, start)


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
    label = lines[index - 1] if index else None
    if label is None or len(label.plain) > LONGEST_TAG:
        return True
    if line.tag in ("dd", "td") and label.tag in ("dt", "th", "td"):
        return False
    beside = label.path[-1:] == line.path[-1:] or label.path[:-1] == line.path[:-1]
    return not (beside and not label.anchors and known_meaning(label.plain) not in (None, "tags"))


def _is_tag(anchor: Anchor) -> bool:
    text = anchor.text
    if not 0 < len(text) <= LONGEST_TAG or (text.isdecimal() and len(text) < 4) or _is_control(text):
        return False
    if anchor.href.startswith("mailto:"):
        return False
    return _TAG_LINK.search(anchor.href) is not None and not _OF_PEOPLE.search(anchor.href)


@lru_cache(maxsize=4096)
def _is_control(text: str) -> bool:
    """Whether a link as short as a tag leads to the next page, to a search, home."""
    return bool(NEXT.match(text) or PREVIOUS.match(text) or _NO_TAG.search(text))
