"""The general reader: from the bytes of a page to what it is and what it states."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from archive.errors import UsageError
from archive.record import DocumentRecord, text_digest
from crawler.platforms import platform_of
from crawler.reading.attached import attached_files
from crawler.reading.dates import covered_days
from crawler.reading.directory import directory_of
from crawler.reading.entries import ListedFile, listed_files
from crawler.reading.explaining import reasons_of
from crawler.reading.extent import Extent, extent_of, pages_said
from crawler.reading.facts import facts_of
from crawler.reading.feeds import Feed, feed_of
from crawler.reading.given import is_given
from crawler.reading.ground import NEAR_HEADING, Fact, Facts, Ground
from crawler.reading.heading import bare, parts_of
from crawler.reading.icons import format_by_icon, spell_out
from crawler.reading.inline import labels_in
from crawler.reading.labels import Pairs, pairs_of
from crawler.reading.lines import url_in, width
from crawler.reading.links import LONGEST_NEXT
from crawler.reading.listing import Listing, listing_of, other_listings
from crawler.reading.nodes import short_text
from crawler.reading.other_labels import other_labels
from crawler.reading.page import Page, PageType, ReaderHints
from crawler.reading.page_texts import PAGE_NUMBER
from crawler.reading.page_type import FRONT_PAGE, NEEDS_BROWSER, OVERRULED, empty_reason, obstacle, refusal
from crawler.reading.preview import Preview, preview_of
from crawler.reading.registers import Register, offers_many, register_of
from crawler.reading.related import related_links
from crawler.reading.sight import Sight, look
from crawler.reading.state import listed_in_scripts
from crawler.reading.structured import Structured, structured_of
from crawler.reading.tree import PARSE_TRUNCATED, Parsed, parsed
from crawler.reading.urls import Base, canonical_url, path_match, site_of
from crawler.reading.values import format_of, leading_count
from crawler.reading.vocabulary import NEXT, RESULTS, STANDING_NOTICE, normal_label
from crawler.reading.zones import IN_RELATED, Zone

READER = "general/10"
"""Name and version of this reader: the version grows whenever its answers change."""

EVIDENCE = 2
"""Independent pieces of evidence, besides a title, without which a page is no document."""

LISTING_ATTRIBUTES = 3
"""Attributes from which on a page with links to other documents is a document all the same."""

MAX_BUTTONS = 60
CONTENTS = 6
LONG_INTRODUCTION = 320
"""Titles from which on, and characters of a text up to which, a page is a table of contents with an introduction."""

SHORTEST_ABSTRACT = 40
"""Width of the shortest value of a label that is an abstract."""

LONGEST_NOTICE = 200
TEXT_EVIDENCE = 80
"""Letters from which on a text counts as a piece of evidence; a Chinese character says as much as two."""


def read_page(
    body: bytes,
    *,
    url: str,
    fetched_at: datetime,
    content_type: str | None = None,
    http_status: int = 200,
    site: str | None = None,
    hints: ReaderHints | None = None,
    explain: bool = False,
) -> Page:
    """Return what the page *body* (content coding undone) is and states; never raises for what a site sends.

    *site* is the profile's name; None takes the URL's host. *fetched_at* resolves relative dates, in its own time zone.
    With *explain* the page comes with its `reasons`.
    """
    if not isinstance(body, bytes):
        raise UsageError(f"read_page reads bytes, not {type(body).__name__}; of a text give its text.encode()")
    hints = hints or ReaderHints()
    feed = feed_of(body, url, hints.item_url) if http_status < 400 else None
    if feed is not None:
        return _feed_page(feed, url)
    page = parsed(body, content_type, hints.encoding)
    encoding, flags = page.encoding, page.flags
    directory = directory_of(page, url) if http_status < 400 else None
    if directory is not None:
        return replace(_feed_page(directory, url), encoding=encoding, flags=flags)
    sight = look(page, url)
    if sight.cut and PARSE_TRUNCATED not in flags:
        flags = (*flags, PARSE_TRUNCATED)
    reason = f"http_{http_status}" if http_status >= 400 else refusal(page, sight)
    if reason is not None and reason not in OVERRULED:
        return Page(url=url, page_type=PageType.OTHER, reason=reason, encoding=encoding, flags=flags)
    found = _understand(page, sight, url, fetched_at, hints)
    if _lacks_values(found.facts) and spell_out(page.tree):
        sight = look(page, url)
        found = _understand(page, sight, url, fetched_at, hints)
    lines, zones, base, links, heading = sight[:5]
    preview, pairs, structured, facts, _ = found
    has_text = _is_evidence(preview.text or "")
    attributes = _attributes(facts)
    told = _told_type(hints, url) or (PageType.LISTING if FRONT_PAGE.fullmatch(url) else None)
    is_long = len(preview.text or "") >= LONG_INTRODUCTION
    gives_it = (
        is_long and attributes < LISTING_ATTRIBUTES and is_given(found.ground)
    )  # with more it makes no difference
    is_document = told is not PageType.LISTING and _is_document(facts, attributes + gives_it, has_text)
    if is_document and attributes == 1 and facts.format.place == "file link" and offers_many(lines, zones):
        is_document = False
    is_settled = is_document and _is_settled(attributes, preview.text)
    register = None
    if told is not PageType.DOCUMENT:
        register = register_of(lines, zones, base, heading, by_endings=is_settled)
    is_register = register is not None and register.is_certain and not _states_more(pairs, register)
    if register is not None and not register.leads_to_files:  # such rows may be of a document's parts as well
        is_register = is_register and not is_document
    is_document = is_document and not is_register
    if reason is not None and not is_register and not (is_document and _is_beyond_doubt(facts, attributes)):
        return Page(url=url, page_type=PageType.OTHER, reason=reason, encoding=encoding, flags=flags)
    listing = None
    if told is not PageType.DOCUMENT and not (is_document and is_settled):
        listing = listing_of(
            lines, links, base, url, hints, heading, _next_outside(page, base, hints, sight.passed_over), register
        )
    if (
        is_document
        and listing is not None
        and _is_rather_a_listing(listing, attributes, preview.text or "", zones, lambda: _is_one_document(facts, sight))
    ):
        is_document = False
    is_listing = not is_document and listing is not None and listing.is_listing
    if (
        attributes < LISTING_ATTRIBUTES
        and not is_register
        and not (is_listing and listing is not None and listing.in_parts)
    ):
        # A form to search asks for words and dates; no form states how large or how long a document is.
        is_offered = facts.is_offered or facts.size.is_evidence or facts.pages.is_evidence
        reason = obstacle(page, sight, is_listing=is_listing, is_offered=is_offered, text=preview.text)
        if reason is not None:
            return Page(url=url, page_type=PageType.OTHER, reason=reason, encoding=encoding, flags=flags)
    if is_document:
        if facts.format.value is None and heading is not None:
            drawn = format_by_icon(page.tree, lines[heading].tag, lines[heading].plain)
            facts.format = Fact(drawn, drawn, "icon") if drawn is not None else facts.format
        stated = (base.absolute(told.text) for told in structured.values("related"))
        others = tuple(dict.fromkeys(target for target in stated if target is not None and target != url))
        record = _record(facts, preview, pairs, sight, url, fetched_at, site, flags, others)
        return Page(
            url=url,
            page_type=PageType.DOCUMENT,
            reason="facts",
            record=record,
            file_urls=attached_files(found.ground, base),
            encoding=encoding,
            flags=flags,
            reasons=reasons_of(record, pairs, structured) if explain else {},
        )
    if listing is not None and is_listing:
        return Page(
            url=url,
            page_type=PageType.LISTING,
            reason="links",
            document_urls=listing.document_urls,
            listed_files=_listed_files(listing, register, found.ground, base, fetched_at, hints),
            next_page=listing.next_page,
            listing_urls=other_listings(lines, base, url, listing, hints),
            advertised_total=listing.total,
            encoding=encoding,
            flags=flags,
        )
    reason = empty_reason(page, sight)
    state = listed_in_scripts(page, base) if reason == NEEDS_BROWSER and told is not PageType.DOCUMENT else None
    if state is not None:
        return replace(_feed_page(state, url), encoding=encoding, flags=flags)
    return Page(url=url, page_type=PageType.OTHER, reason=reason, encoding=encoding, flags=flags)


def _listed_files(
    listing: Listing, register: Register | None, ground: Ground, base: Base, fetched_at: datetime, hints: ReaderHints
) -> Mapping[str, ListedFile]:
    """Return what the listing says of the documents that are files themselves."""
    if register is None or not register.leads_to_files or register.rows_of.keys().isdisjoint(listing.document_urls):
        return {}
    order = hints.day_first
    said = listed_files(ground.lines, register, base, fetched_at, language=ground.language, day_first=order)
    return {url: said[url] for url in listing.document_urls if url in said}


class _Understood(NamedTuple):
    """What the page states."""

    preview: Preview
    pairs: Pairs
    structured: Structured
    facts: Facts
    ground: Ground


def _understand(page: Parsed, sight: Sight, url: str, fetched_at: datetime, hints: ReaderHints) -> _Understood:
    lines, zones, links, heading, head_title = sight.lines, sight.zones, sight.links, sight.heading, sight.head_title
    preview = preview_of(lines, zones, links.item_lines, heading)
    items = {index for index, inside in enumerate(links.item_lines) if inside}
    if heading is not None:  # who uploaded it is linked among the attributes
        below = items.intersection(range(heading + 1, heading + 1 + NEAR_HEADING))
        own = [index for index in (items if below else ()) if not zones[index].foreign]
        labelled = {index for index in own if len(labels_in(lines[index].text)) >= EVIDENCE}
        items -= labelled.intersection(below) if len(labelled) == 1 else set()
    passed_over = frozenset(items | preview.lines | ({heading} if heading is not None else set()))
    pairs = pairs_of(lines, zones, passed_over, heading, hints.labels, preview.lines)
    title = bare(lines[heading]) if heading is not None else max(parts_of(head_title), key=len, default=None)
    structured = structured_of(page, title, is_empty=preview.text is None)
    panel = _panel(pairs, zones, heading)
    ground = Ground(lines, zones, heading, passed_over, structured, head_title, sight.base.netloc, page.tree, panel)
    facts = facts_of(ground, pairs, url, fetched_at, hints)
    preview = _with_abstract(preview, pairs)
    if preview.text is None:
        preview = _from_data(structured, "page_text", *(("text",) if heading is None else ())) or preview
    if facts.pages.text is None and (said := pages_said(preview.text)) is not None:
        facts.pages = Fact(int(said[1]), said[0], "text")
    return _Understood(preview, pairs, structured, facts, ground)


_OF_A_PANEL = ("size", "pages", "format", "published", "uploaded", "document_number")


def _panel(pairs: Pairs, zones: Sequence[Zone], heading: int | None) -> int | None:
    """Return the first line behind the related documents that is the value of a label, None without one."""
    start = 0 if heading is None else heading + 1
    if IN_RELATED not in zones[start:]:
        return None
    beyond = zones.index(IN_RELATED, start)
    return min((v.block - 1 for v in pairs.values(*_OF_A_PANEL) if v.block > beyond), default=None)


def _lacks_values(facts: Facts) -> bool:
    """Whether something is missing that an icon's label might tell."""
    return None in (facts.size.value, facts.pages.value, facts.published.value, facts.format.value)


def _is_evidence(text: str) -> bool:
    """Whether a text is long enough to speak for a document."""
    return len(text) >= TEXT_EVIDENCE or width(text) >= TEXT_EVIDENCE


def _is_settled(attributes: int, text: str | None) -> bool:
    """Whether attributes and a text leave no doubt that a page is a document's, whatever it lists beside them."""
    return attributes >= LISTING_ATTRIBUTES and len(text or "") >= LONG_INTRODUCTION


def _is_beyond_doubt(facts: Facts, attributes: int) -> bool:
    """Whether a page is a document's although its heading has the words of a notice: it is labelled as one."""
    labelled = sum(
        (fact.place or "").startswith("label:") for fact in (facts.size, facts.pages, facts.format, facts.published)
    )
    return facts.title.is_evidence and attributes >= LISTING_ATTRIBUTES and labelled >= EVIDENCE


def _states_more(pairs: Pairs, register: Register) -> bool:
    """Whether a page states attributes of one document outside of the rows of files that it has."""
    outside = [
        meaning
        for meaning, is_one in _OF_ONE_DOCUMENT.items()
        if any(
            not register.first <= value.block - 1 <= register.last and is_one(value.text)
            for value in pairs.values(meaning)
        )
    ]
    return len(outside) >= EVIDENCE


_HAS_DIGIT = re.compile(r"\d").search

_OF_ONE_DOCUMENT: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("size", "pages", "published", "uploaded", "deposited", "document_number", "doc_id"), _HAS_DIGIT),
    "format": format_of,
}
"""What a document's page states with labels, and whether a value may be one."""


def _feed_page(feed: Feed, url: str) -> Page:
    return Page(
        url=url,
        page_type=PageType.LISTING,
        reason=feed.kind,
        document_urls=feed.document_urls,
        next_page=feed.next_page,
        listing_urls=feed.listing_urls,
        advertised_total=feed.total,
        flags=(PARSE_TRUNCATED,) if feed.cut else (),
    )


def _next_outside(page: Parsed, base: Base, hints: ReaderHints, passed_over: frozenset[str]) -> str | None:
    """Return the next page that no link of the page's body leads to: named in its head, by a button or by a script."""
    element = page.tree.css_first('link[rel~="next"][href]')
    if element is not None:
        return base.absolute(element.attributes.get("href"))
    if not passed_over.isdisjoint(("input", "button")):
        for element in page.tree.css("input[onclick], button[onclick]")[:MAX_BUTTONS]:
            attributes = element.attributes
            called = (attributes.get("value") or attributes.get("title") or short_text(element, LONGEST_NEXT)).strip()
            if len(called) <= LONGEST_NEXT and NEXT.match(called) and "disabled" not in attributes:
                return base.absolute(url_in(attributes.get("onclick")))
    platform = platform_of(page.text, hints.platform)
    return platform.next_page(page.text, base.url) if platform is not None else None


def _with_abstract(preview: Preview, pairs: Pairs) -> Preview:
    """A labelled abstract is the document's text, unless there is a longer text below a heading of its own."""
    values = [
        value._replace(whole=_PAGE_ABOVE.sub("", _MORE_BEHIND.sub("", value.whole).replace("\x01", " ")).strip())
        for value in pairs.values("abstract")
        if not (preview.text and _PAGE_ABOVE.match(value.whole))  # the first page of the text
    ]
    values = [value for value in values if not STANDING_NOTICE.search(value.whole[:LONGEST_NOTICE])]
    longest = max((value.whole for value in values), key=len, default="")
    if len(values) > 1 and {normal_label(value.label) for value in values} == _TWO_ABSTRACTS:
        longest = "\n".join(dict.fromkeys(value.whole for value in values))
    if width(longest) < SHORTEST_ABSTRACT:
        return preview
    if preview.text and preview.place == "section" and len(longest) < len(preview.text) / 2:
        return preview
    if preview.text and len(preview.text) > len(longest) and longest not in preview.text:
        return Preview(f"{longest}\n{preview.text}", preview.lines, "label:abstract")
    return Preview(longest, preview.lines, "label:abstract")


_MORE_BEHIND = re.compile(
    r"\x01\s?[(（\[【]?(?:(?:查看|显示|展开|閱讀|阅读)?(?:更多|全部|全文|详情)|展开|收起)[)）\]】]?[\s>»↓▼∨]{0,4}$"
)
"""The control behind an abstract that shows the rest of it: 查看全部>>."""

_PAGE_ABOVE = re.compile(rf"\A\s*(?:{PAGE_NUMBER.pattern})\s*\n", re.IGNORECASE)
"""The number of the page whose text a label has for a value: 第1页 / 共8页."""

_TWO_ABSTRACTS = frozenset(("description", "abstract"))
"""Labels of Dublin Core under which a record has two texts, each with its own."""


def _from_data(structured: Structured, *meanings: str) -> Preview | None:
    """Return the longest text of *meanings* in the data of a page's scripts, where these are to draw the page."""
    texts = [(len(told.text), told) for told in structured.values(*meanings) if width(told.text) >= TEXT_EVIDENCE]
    if not texts:
        return None
    told = max(texts)[1]
    text = LexborHTMLParser(told.text).text(separator="\n", strip=True) if "<" in told.text else told.text
    return Preview(text, frozenset(), told.place)


def _told_type(hints: ReaderHints, url: str) -> PageType | None:
    """Return what the site's profile takes the page at *url* for, None where it says nothing."""
    if path_match(hints.listing_url, url) is not None:
        return PageType.LISTING
    return PageType.DOCUMENT if path_match(hints.document_url, url) is not None else None


def _attributes(facts: Facts) -> int:
    """Return how many attributes of a document the page states; what templates say of themselves is none."""
    return sum(
        (
            facts.size.is_evidence,
            facts.pages.is_evidence,
            facts.format.is_evidence,
            facts.published.is_evidence,
            facts.labelled_id,
            facts.uploader,
            facts.document_number.value is not None,
            facts.coarse_date,
            facts.words,
        )
    )


def _is_document(facts: Facts, attributes: int, has_text: bool) -> bool:
    """Refuse by default: a document has a title and two independent pieces of evidence, one of them an attribute.

    Of a page without a heading, whose title is only the window's, more is asked.
    """
    evidence = attributes + has_text + bool(facts.tags.value) + (facts.issuer.value is not None)
    evidence += (facts.is_counted and facts.published.is_evidence) or facts.is_offered
    needed = EVIDENCE if facts.title.is_evidence else EVIDENCE + 1
    if not facts.title.value or RESULTS.fullmatch(facts.title.value):
        return False
    return attributes >= needed - 1 and evidence >= needed


def _is_one_document(facts: Facts, sight: Sight) -> bool:
    """Whether what a page lists beside a short text is no table of contents.

    The window's title has the document's labelled number, or what is listed are the works that it cites.
    """
    if (facts.doc_id.place or "").startswith("label:") and (facts.doc_id.value or " ") in sight.head_title:
        return True
    items = (line for line, is_item in zip(sight.lines, sight.links.item_lines, strict=True) if is_item)
    return sum(_CITED.match(line.plain) is not None for line in items) >= CONTENTS


_CITED = re.compile(
    r"\[\d{1,3}\]\s?\S.{0,200}?(?:\[[A-Z]{1,2}(?:/OL)?\]|(?:19|20)\d\d)|"
    r"\d{1,3}\.\s[A-Z].{0,200}?\((?:19|20)\d\d[a-z]?\).{0,200}\d[-–]\d"
)
"""A work as others cite it: [1] 张某. 桥梁检测[J]. 城市道桥, 2013, (3): 13-18."""


def _is_rather_a_listing(
    listing: Listing, attributes: int, text: str, zones: Sequence[Zone], is_one: Callable[[], bool]
) -> bool:
    """Whether a page that states something lists documents rather than to be one; a text and attributes settle it.

    A later page of a listing may list one document with all its attributes, but not its text.
    """
    if listing.is_foreign:
        return False
    if listing.is_listing and listing.in_parts and listing.are_stated:
        return True
    if listing.is_later and (listing.total or 0) > len(listing.document_urls) and attributes < LISTING_ATTRIBUTES:
        return True  # a later page of a search's results, each with the beginning of its text
    if _is_evidence(text):
        contents = listing.are_titles and len(listing.document_urls) >= CONTENTS and IN_RELATED not in zones
        return contents and len(text) < LONG_INTRODUCTION and attributes <= LISTING_ATTRIBUTES and not is_one()
    if listing.is_later:
        return True
    return listing.is_listing and attributes < LISTING_ATTRIBUTES and IN_RELATED not in zones


def _record(
    facts: Facts,
    preview: Preview,
    pairs: Pairs,
    sight: Sight,
    url: str,
    fetched_at: datetime,
    site: str | None,
    flags: tuple[str, ...],
    related_urls: tuple[str, ...],
) -> DocumentRecord:
    first_day, last_day = covered_days(facts.published.value)
    places = {
        "title": facts.title.place,
        "doc_id": facts.doc_id.place,
        "size_bytes": facts.size.place,
        "pages": facts.pages.place,
        "format": facts.format.place,
        "published_on": facts.published.place,
        "tags": facts.tags.place,
        "issuer": facts.issuer.place,
        "document_number": facts.document_number.place,
        "preview_text": preview.place,
    }
    related = related_links(sight.links, sight.lines, url) or related_urls
    extent = extent_of(sight.lines, facts.pages.value) if preview.text else Extent()
    counters = {value.label: leading_count(value.text) for value in pairs.values("counter")}
    return DocumentRecord(
        site=site or site_of(url),
        doc_id=facts.doc_id.value or url,
        url=url,
        canonical_url=canonical_url(url),
        title=facts.title.value or "",
        title_text=facts.title.text,
        size_bytes=facts.size.value,
        size_text=facts.size.text,
        pages=facts.pages.value,
        pages_text=facts.pages.text,
        format=facts.format.value,
        format_text=facts.format.text,
        published_on=facts.published.value,
        published_text=facts.published.text,
        published_from=first_day,
        published_until=last_day,
        tags=facts.tags.value or (),
        issuer=facts.issuer.value,
        document_number=facts.document_number.value,
        other_labels=other_labels(pairs, {place.removeprefix("label:") for place in places.values() if place}),
        preview_text=preview.text,
        preview_pages=extent.pages,
        preview_share=extent.share,
        text_digest=text_digest(preview.text),
        related_urls=related,
        flags=flags,
        counters={label: count for label, count in counters.items() if count is not None},
        fetched_at=fetched_at,
        reader=READER,
        provenance={name: place for name, place in places.items() if place is not None},
    )
