"""What a page states for machines: meta elements, JSON-LD, microdata, and the data its scripts start from.

Sources of the names: schema.org, Dublin Core terms, Google Scholar's citation_*, Open Graph; for scripts, the names
that document-sharing sites use.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from selectolax.lexbor import LexborNode

from crawler.reading.feeds import LINK_KEYS
from crawler.reading.json_data import loads, sound
from crawler.reading.nodes import short_text
from crawler.reading.tree import Parsed
from crawler.reading.vocabulary import ENDING

MAX_OBJECTS = 5_000
"""Objects and lists of one script that are looked at; the data of a page has some hundred."""

MAX_SCRIPT = 2_000_000
"""Characters of the longest script that is looked at."""

MOST_STARTS = 40
"""Places of one script at which data may begin, at the most."""

MAX_PROPERTIES = 300
"""Elements of microdata that are looked at."""

LONGEST_PROPERTY = 1000
MAX_TEXT = 20_000
MAX_RELATED = 100
SHORTEST_TITLE = 4

_METAS = {
    "citation_title": "title", "dc.title": "title", "dcterms.title": "title", "og:title": "page_title",
    "twitter:title": "page_title", "og:site_name": "site_name",
    "citation_publication_date": "published", "dcterms.issued": "published", "dc.date.issued": "published",
    "citation_date": "published", "dc.date": "published", "dcterms.date": "published",
    "article:published_time": "published", "pubdate": "published", "publishdate": "published",
    "citation_online_date": "uploaded", "dcterms.available": "deposited", "eprints.datestamp": "deposited",
    "eprints.date": "published", "eprints.title": "title", "eprints.keywords": "tags", "eprints.abstract": "abstract",
    "citation_keywords": "tags", "dc.subject": "tags", "dcterms.subject": "tags", "article:tag": "tags",
    "citation_abstract": "abstract", "dcterms.abstract": "abstract", "dc.description": "abstract",
    "citation_technical_report_number": "document_number", "citation_publisher": "issuer", "dc.publisher": "issuer",
    "citation_doi": "doi", "citation_pdf_url": "file", "eprints.document_url": "file", "dc.format": "format",
}  # fmt: skip
"""Name of a meta element -> what it states."""

_CHINESE_METAS = {
    "articletitle": "title", "pubdate": "published", "contentsource": "issuer", "keywords": "keywords",
}  # fmt: skip
"""Those of the Chinese government's page norm (国办发〔2019〕); `keywords` are the site's as often as the page's."""

_PROPERTIES = {
    "name": "title", "headline": "title", "datepublished": "published", "dateissued": "published",
    "uploaddate": "uploaded", "datecreated": "uploaded", "numberofpages": "pages", "contentsize": "size",
    "filesize": "size", "encodingformat": "format", "fileformat": "format", "keywords": "tags",
    "contenturl": "file",
    "identifier": "doc_id", "abstract": "abstract", "description": "description", "publisher": "issuer",
}  # fmt: skip
"""Property of schema.org -> what it states."""

_WORKS = frozenset(
    {"creativework", "article", "scholarlyarticle", "report", "digitaldocument", "textdigitaldocument", "book",
     "presentationdigitaldocument", "spreadsheetdigitaldocument", "dataset", "legislation", "techarticle", "thesis",
     "chapter", "publicationissue", "governmentpermit", "mediaobject", "datadownload", "learningresource",
     "newsarticle", "document"}
)  # fmt: skip
"""Types of schema.org that a document may be."""

_SCRIPT_KEYS = {
    "pagecount": "pages", "docpagecount": "pages", "totalpage": "pages", "totalpages": "pages", "pagetotal": "pages",
    "numpages": "pages", "numberofpages": "pages", "allpage": "pages", "pages": "pages", "pagenumber": "pages",
    "slidecount": "pages", "totalslides": "pages", "pagenum": "pages",
    "filesize": "size", "docsize": "size", "size": "size", "contentsize": "size",
    "filetype": "format", "doctype": "format", "fileext": "format", "ext": "format", "fileformat": "format",
    "suffix": "format", "docformat": "format", "format": "format", "extension": "format",
    "publishtime": "published", "publishdate": "published", "pubdate": "published", "publishedat": "published",
    "datepublished": "published", "createtime": "uploaded", "createdat": "uploaded", "uploadtime": "uploaded",
    "uploaddate": "uploaded", "addtime": "uploaded", "createdate": "uploaded", "uploadedat": "uploaded",
    "docid": "doc_id", "documentid": "doc_id", "fileid": "doc_id", "aid": "doc_id",
    "keywords": "tags", "tags": "tags",
    "description": "text", "summary": "text", "abstract": "text", "content": "text", "intro": "text", "desc": "text",
    "doccontent": "text", "doctext": "text", "textcontent": "text",
}  # fmt: skip
"""Name in a script's data, without _ and -, in lower case -> what it states."""

ATTRIBUTES = frozenset(
    name for name, meaning in _SCRIPT_KEYS.items() if meaning in ("pages", "size", "format", "published", "uploaded")
)
"""Names in a script's data of what only documents have."""

_RELATED_LISTS = re.compile(r"recommend|related|similar|relevant|guess|alsoread|alsoview|maylike", re.IGNORECASE)
_PAGE_LISTS = frozenset(("pages", "pagelist", "slides", "paragraphs", "sections", "contents", "transcript"))
_PAGE_TEXTS = ("text", "content", "txt", "body")
"""Names of the lists of a document's pages in a script's data, and of the text of each."""

TITLE_KEYS = frozenset(("title", "doctitle", "docname", "filename", "name", "documenttitle", "filetitle"))
_PAIR = re.compile(
    r"""["']?\b([A-Za-z_][A-Za-z0-9_\-]{1,30})["']?\s{0,3}[:=]\s{0,3}"""
    r"""(?:"([^"\\\n]{1,400})"|'([^'\\\n]{1,400})'|(\d{1,15}(?:\.\d{1,6})?)(?=[\s,;}]))"""
)
_START = re.compile(r"(?:=|\()\s{0,5}(?=[{\[])")
_LONG = frozenset(("abstract", "text", "page_text"))
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")


Attributes = Mapping[str, str | None]
"""What stands in an element's tag."""


class Told(NamedTuple):
    """One value, as printed, and where it was read."""

    text: str
    place: str


@dataclass(slots=True)
class Structured:
    """What the page states for machines, by meaning, the most trustworthy first."""

    told: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    is_work: bool = False
    """Whether JSON-LD calls the page a document, article, report."""

    def add(self, meaning: str, text: str, place: str) -> None:
        """Note a value, if it is one."""
        text = " ".join(text.split()) if meaning not in _LONG else text.strip()
        if text and len(text) <= MAX_TEXT:
            self.told[meaning].append(Told(text, place))

    def values(self, *meanings: str) -> Sequence[Told]:
        """Return the values of *meanings*, the first meaning's first."""
        return [told for meaning in meanings for told in self.told.get(meaning, ())]


def structured_of(page: Parsed, title: str | None, *, is_empty: bool = False) -> Structured:
    """Return what the page states for machines; *title* is its heading, which tells its own data from others'.

    Of a page that *is_empty*, without a text until its scripts draw it, their data gives the text of the document's
    pages and the related documents too.
    """
    structured = Structured()
    scripts: list[str] = []
    metas: list[Attributes] = []
    properties: list[tuple[LexborNode, Attributes]] = []
    for element in page.tree.css("script, meta[content], [itemprop]"):
        attributes = element.attributes
        if "itemprop" in attributes:
            properties.append((element, attributes))
        if element.tag == "meta":
            metas.append(attributes)
        if element.tag != "script" or attributes.get("src"):
            continue
        kind = (attributes.get("type") or "").lower()
        text = element.text()
        if not text or len(text) > MAX_SCRIPT:
            continue
        if "ld+json" in kind:
            _read_json_ld(text, title, structured)
        elif not kind or "javascript" in kind or "json" in kind or kind == "module":
            scripts.append(text)
    _read_microdata(properties, structured)
    _read_metas(metas, structured)
    if title is not None and len(title) >= SHORTEST_TITLE:
        for text in scripts:
            _read_script(text, title, structured, is_empty)
    return structured


def _read_metas(metas: Iterable[Attributes], structured: Structured) -> None:
    for attributes in metas:
        name = (attributes.get("name") or attributes.get("property") or attributes.get("itemprop") or "").lower()
        meaning = _METAS.get(name) or _CHINESE_METAS.get(name)
        content = attributes.get("content") or ""
        if meaning is not None and not (meaning == "format" and "html" in content):  # the page's own
            structured.add(meaning, content, f"meta[{name}]")


def _read_microdata(elements: Sequence[tuple[LexborNode, Attributes]], structured: Structured) -> None:
    """Read the properties of the outermost work; those of a thing inside it (an author, a comment) are not its own."""
    for element, attributes in elements[:MAX_PROPERTIES]:
        names = (attributes.get("itemprop") or "").lower().split()
        meaning = next((_PROPERTIES[name] for name in names if name in _PROPERTIES), None)
        if meaning is None or meaning in ("title", "issuer", "description"):
            continue
        if not _of_a_work(element, names[0] == "datepublished"):
            continue
        text = attributes.get("content") or attributes.get("datetime") or short_text(element, LONGEST_PROPERTY)
        structured.add(meaning, text, f"itemprop[{names[0]}]")


def _of_a_work(element: Any, of_the_page: bool) -> bool:
    """Whether a property is one of a work; *of_the_page*: or has no scope at all, as themes of blogs print it."""
    scope = element.parent
    for _ in range(60):
        if scope is None:
            return of_the_page
        if "itemscope" in (attributes := scope.attributes):
            kind = (attributes.get("itemtype") or "").rstrip("/").rpartition("/")[2].lower()
            return kind in _WORKS
        scope = scope.parent
    return False


def _read_json_ld(text: str, title: str | None, structured: Structured) -> None:
    try:
        data = loads(text)
    except (ValueError, RecursionError):
        return
    works = [thing for thing in _objects(data) if _is_work(thing)]
    if not works:
        return
    structured.is_work = True
    wanted = _squeezed(title or "")
    own = next(
        (w for w in works if wanted and _squeezed(_text(w.get("name") or w.get("headline"))) == wanted), works[0]
    )
    _read_work(own, structured)
    for key in ("encoding", "associatedMedia", "distribution", "hasPart", "mainEntity"):
        parts = own.get(key)
        part = parts[0] if isinstance(parts, list) and parts else parts
        if isinstance(part, dict) and (key != "mainEntity" or _is_work(part)):
            _read_work(part, structured, titled=False)


def _read_work(work: Mapping[str, Any], structured: Structured, *, titled: bool = True) -> None:
    for key, value in work.items():
        meaning = _PROPERTIES.get(key.lower())
        if meaning is None or (not titled and meaning in ("title", "doc_id", "description", "abstract", "issuer")):
            continue
        for text in _texts(value):
            structured.add(meaning, text, f"json-ld[{key}]")


def _is_work(thing: Mapping[str, Any]) -> bool:
    return any(kind.rpartition("/")[2].lower() in _WORKS for kind in _texts(thing.get("@type")))


def _objects(data: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of *data*, outer ones first, without recursion."""
    waiting = [data]
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return
        thing = waiting.pop(0) if len(waiting) < 200 else waiting.pop()
        if isinstance(thing, dict):
            yield thing
            waiting.extend(value for value in thing.values() if isinstance(value, dict | list))
        elif isinstance(thing, list):
            waiting.extend(value for value in thing if isinstance(value, dict | list))


def _texts(value: Any) -> list[str]:
    """Return the texts that a JSON value has: itself, its name or value, or those of its first hundred members."""
    if isinstance(value, list):
        return [text for member in value[:100] if (text := _text(member))]
    text = _text(value)
    return [text] if text else []


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name") or value.get("value") or value.get("@value") or ""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


_ESCAPED = re.compile(r"\\[ux][0-9A-Fa-f]")
"""A character as scripts may write it."""


def _read_script(text: str, title: str, structured: Structured, is_empty: bool) -> None:
    """Read the object of a script's data that has the page's title, or what stands beside the title in the script."""
    start = title[:SHORTEST_TITLE]
    if start not in text and not _has_escaped(text, start):
        return
    wanted = _named(title)
    for data in data_of(text):
        for thing in _objects(data):
            names = {plain(key): value for key, value in thing.items() if isinstance(key, str)}
            titled = next((key for key in TITLE_KEYS & names.keys() if _named(_text(names[key])) == wanted), None)
            if titled is not None:
                structured.add("title", _text(names[titled]), f"script[{titled}]")
                _take(((name, part) for name, value in names.items() for part in _texts(value)), structured)
                if is_empty:
                    _take_lists(data, structured)
                return
    if ENDING.sub("", title) not in text:
        return
    pairs = [(plain(m[1]), m[2] or m[3] or m[4]) for m in _PAIR.finditer(text)]
    if not any(name in TITLE_KEYS and _named(value) == wanted for name, value in pairs):
        return
    values: dict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        values[name].add(value)
    _take(((name, value) for name, value in pairs if len(values[name]) == 1), structured)


def _has_escaped(text: str, start: str) -> bool:
    """Whether *start* stands in a script as scripts may write it."""
    if "\\" not in text or not _ESCAPED.search(text):
        return False
    return start.encode("unicode_escape").decode() in text.lower()


def _take_lists(data: Any, structured: Structured) -> None:
    """Take the texts of the document's pages, and the links of related documents."""
    for thing in _objects(data):
        for name, members in thing.items():
            if not isinstance(members, list) or not members:
                continue
            if plain(name) in _PAGE_LISTS:
                texts = [text for member in members if (text := _page_text(member))]
                structured.add("page_text", "\n".join(texts), f"script[{name}]")
            elif _RELATED_LISTS.search(name):
                for member in members[:MAX_RELATED]:
                    names = {plain(key): value for key, value in member.items()} if isinstance(member, dict) else {}
                    href = next((value for key in LINK_KEYS if isinstance(value := names.get(key), str)), "")
                    if TITLE_KEYS & names.keys():
                        structured.add("related", href, f"script[{name}]")


def _page_text(member: Any) -> str:
    if isinstance(member, dict):
        return next((text.strip() for key in _PAGE_TEXTS if isinstance(text := member.get(key), str)), "")
    return member.strip() if isinstance(member, str) else ""


def _take(pairs: Iterator[tuple[str, str]], structured: Structured) -> None:
    for name, text in pairs:
        meaning = _SCRIPT_KEYS.get(name)
        if meaning in ("published", "uploaded") and _EPOCH.fullmatch(text):
            text = datetime.fromtimestamp(int(text[:10]), UTC).date().isoformat()
        if meaning is not None:
            structured.add(meaning, text, f"script[{name}]")


def data_of(text: str) -> Iterator[Any]:
    """Yield the JSON values that a script consists of or assigns."""
    decoder = json.JSONDecoder()
    stripped = sound(text.strip())
    starts = [0] if stripped[:1] in "{[" else [m.end() for m in islice(_START.finditer(stripped), MOST_STARTS)]
    end = 0
    for start in starts:
        if start < end:
            continue
        try:
            data, end = decoder.raw_decode(stripped, start)
        except (ValueError, RecursionError):
            continue
        yield data


def plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _named(title: str) -> str:
    """Return a title as titles are compared: a file's ending is no part of it."""
    return _squeezed(ENDING.sub("", title))


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
