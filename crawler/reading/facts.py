"""What a document page states: title, ID, size, pages, format, date, tags, from labels first and shape second."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from crawler.reading.above_heading import above_heading, pages_above_heading
from crawler.reading.attribute_lists import as_its_file_ends, counts_first, is_asked, unknown, without_programs
from crawler.reading.beside import format_beside_size, pages_beside
from crawler.reading.citation import cited
from crawler.reading.dates import day
from crawler.reading.gazette import gazetted
from crawler.reading.ground import LONG_ATTRIBUTE, LONG_LINE, STANDARD, Fact, Facts, Ground, T
from crawler.reading.heading import bare, parts_of, squeezed, titled
from crawler.reading.imprint import from_imprint
from crawler.reading.labels import Pairs, Value
from crawler.reading.lines import SEPARATOR
from crawler.reading.meaning import known_meaning
from crawler.reading.page import ReaderHints
from crawler.reading.page_id import doc_id_of
from crawler.reading.phrases import Phrases
from crawler.reading.self_named import LONGEST_YEAR, is_about, names_itself, with_month
from crawler.reading.structured import Structured, Told
from crawler.reading.tags import tags_of
from crawler.reading.unlabelled import (
    from_attributes,
    from_button,
    from_files,
    from_files_above,
    from_list,
    from_offer,
)
from crawler.reading.values import FORMATS, format_of, page_count, size_bytes
from crawler.reading.versions import first_version
from crawler.reading.viewer import from_viewer
from crawler.reading.vocabulary import BOUNDED, ENDING, EXAMPLE, normal_label

LONGEST_ENDING = 5

MAX_HEADING_LINES = 4

MONTHS = 12

_DIGIT = re.compile(r"\d")

_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](?:19|20)\d\d(?!\d)")

_LIKE_A_DAY = re.compile(r"(?<![A-Za-z\d_])\d{1,4}(?![A-Za-z\d])|\d\s?[年月日]")

_DATE_IN_URL = re.compile(r"/(?:19|20)\d\d/(\d{1,2})/(\d{1,2})/")

_DATED_TITLE = re.compile(r"\] [^\[\]]{0,40}?\(((?:\d{1,2} )?[A-Z][a-z]{2,8} (?:19|20)\d\d)\)$")
"""The day behind the citation of a judgment: [2014] NWCA Civ 312 (21 March 2014)."""

_DECIMAL = re.compile(
    r"1\s?[KMG]B\s?(?:=|is|为|等于)\s?1[,. ]?000(?!\d)|(?:multiples|powers) of 1[,.]?000 bytes", re.IGNORECASE
)
"""The page says that its units are decimal."""

_DOTTED = ("es", "de", "it", "pt", "nl", "da", "nb", "tr", "id", "el")
"""Languages that part thousands by dots, and decimals by a comma."""

_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{3})+(?![\d.])")

_TRADITIONAL = re.compile("[發佈檔點閱單頁張貼數機關號傳間製稱網資訊業產農區縣會書學專處辦]")
"""Characters that only traditional script has, in labels."""

_OF_THE_PAGE = ("itemprop[datepublished", "meta[citation_publication_date", "meta[dcterms.issued")
"""What states the day of publication, and nothing else, for machines."""

_LABELLED_DATES = ("published", "uploaded", "deposited", "never")

_ON = re.compile(rf"[\s{SEPARATOR}]on[\s{SEPARATOR}]+([^{SEPARATOR}]{{6,30}})")


def facts_of(ground: Ground, pairs: Pairs, url: str, fetched_at: datetime, hints: ReaderHints) -> Facts:
    """Return what the page states."""
    facts = Facts()
    facts.title = _title(ground, pairs)
    _leave_explanations(pairs)
    decimal = "000" in ground.text and any(_DECIMAL.search(line.plain) for line in ground.lines if "000" in line.plain)

    dotted = ground.language.lower().startswith(_DOTTED)

    def size_of(text: str) -> int | None:
        return size_bytes(
            _THOUSANDS.sub(lambda match: match[0].replace(".", ""), text) if dotted else text, decimal=decimal
        )

    facts.size = _labelled(without_programs(ground.lines, pairs.values("size")), size_of)
    if facts.size.text is None:
        facts.size = unknown(pairs.values("size"))
    counts = [v for v in pairs.values("pages") if v.label.lower() != "page" or "page" in v.text.lower()]
    facts.pages = _labelled(counts_first(counts), lambda text: page_count(text, labelled=True))
    if facts.pages.text is None:
        facts.pages = pages_beside(pairs)
    facts.format = _labelled([_whole_type(value) for value in pairs.values("format")], format_of)
    if facts.format.value is None:
        facts.format = format_beside_size(ground, pairs)

    republic = _TRADITIONAL.search(ground.head_title) is not None or any(
        _TRADITIONAL.search(value.label) for meaning in _LABELLED_DATES for value in pairs.known.get(meaning, ())
    )

    day_first = hints.day_first if hints.day_first is not None else _day_first(pairs, ground, url)

    def published(text: str) -> str | None:
        year = _YEAR_FIRST.match(text)
        return day(year[1] if year is not None else text, fetched_at, day_first, republic=republic)

    facts.published = _labelled(_publication_first(pairs.values("published")) + pairs.values("uploaded"), published)
    if facts.published.value is None and not _LIKE_A_DAY.search(facts.published.text or ""):
        facts.published = Fact()  # shared by lily520
    if facts.published.value is not None and len(facts.published.value) == LONGEST_YEAR:
        facts.published = with_month(pairs, facts.published, published)
        same_year = (Fact(published(v.text), v.text, f"label:{v.label}") for v in pairs.values("published"))
        year = facts.published.value or ""
        facts.published = next((f for f in same_year if (f.value or "").startswith(f"{year}-")), facts.published)
    if pairs.known.get("imprint"):
        from_imprint(ground, pairs, facts)
    if facts.published.text is None:
        facts.published = gazetted(ground, published) or _by_whom_and_when(pairs, published)
    elif not pairs.known.get("published"):  # the day it was put there
        stated = [told for told in ground.structured.values("published") if told.place.startswith(_OF_THE_PAGE)]
        told = _told(stated, published)
        if told is not None and len(told.value or "") >= len(facts.published.value or ""):
            facts.published = told
    if not pairs.known.get("published"):
        facts.published = above_heading(ground, published, fetched_at) or facts.published
    from_button(ground, facts, size_of)
    from_attributes(ground, facts, published, size_of)
    pages_above_heading(ground, facts)
    from_viewer(ground, facts)
    from_list(ground, facts, size_of)
    from_files_above(ground, facts, size_of)
    from_offer(ground, facts, size_of)
    from_files(ground, facts)
    as_its_file_ends(ground, facts)
    _from_title(facts)
    _from_window_title(ground.head_title, facts)
    _from_structured(ground.structured, facts, published, size_of)
    if facts.published.value is None:
        facts.published = first_version(ground, published) or cited(ground) or facts.published
    if facts.published.value is None:
        deposited = _labelled(pairs.values("deposited"), published)
        if deposited.value is None:
            deposited = _told(ground.structured.values("deposited"), published) or deposited
        facts.published = deposited if deposited.value is not None else facts.published
    if facts.published.value is None and facts.title.value is not None:
        dated = _DATED_TITLE.search(facts.title.value)
        found = published(dated[1]) if dated is not None else None
        facts.published = Fact(found, dated[1], "title") if dated is not None and found is not None else facts.published
    facts.doc_id = doc_id_of(ground, pairs, url, hints)
    facts.labelled_id = bool(pairs.known.get("doc_id")) or names_itself(ground)
    facts.coarse_date = facts.coarse_date or is_about(facts.published)
    facts.is_counted = bool(pairs.known.get("counter"))
    facts.is_downloaded = any(_DOWNLOADS.match(value.label) for value in pairs.known.get("counter", ()))
    facts.uploader = bool(pairs.known.get("uploader"))
    facts.issuer = _short([value for value in pairs.values("issuer") if "[" not in value.text], 120)
    facts.tags = tags_of(ground, pairs, facts.issuer.value)
    facts.document_number = _short(_numbers_first(pairs.values("document_number")), 80)
    return facts


_DOWNLOADS = re.compile(r"下[载載]|downloads?\b|téléchargements|descargas", re.IGNORECASE)

_YEAR_FIRST = re.compile(r"((?:19|20)\d\d) \| ")
"""A year behind which other attributes stand: 2015 | Version v1."""

_EXPLAINS = Phrases("", f"{EXAMPLE.signs}|{BOUNDED.signs}")
"""One look for the signs of both."""


def _explains(text: str) -> bool:
    """Whether a value gives an example or sets a limit."""
    return _EXPLAINS.may_be_in(text) and bool(EXAMPLE.search(text) or BOUNDED.search(text))


_EXPLAINED = ("size", "pages", "format", "published", "document_number", "doc_id")


def _leave_explanations(pairs: Pairs) -> None:
    """Take out the values of lines that explain labels or set limits: Size: up to 5 MB, pages: any."""
    explained = {
        value.block
        for meaning in _EXPLAINED
        for value in pairs.known.get(meaning, ())
        if _explains(value.whole[:LONG_LINE])
    }
    for meaning in _EXPLAINED if explained else ():
        if meaning in pairs.known:
            pairs.known[meaning] = [value for value in pairs.known[meaning] if value.block not in explained]


def _day_first(pairs: Pairs, ground: Ground, url: str) -> bool | None:
    """Return False where the page's dates have the month first, None where nothing tells.

    Others can only be read so, 09/21/2021; the page's own stands in its URL as well, /2023/10/05/, or for machines
    beside it; else the page's language or its address is of the United States.
    """
    labelled = [
        (int(numeric[1]), int(numeric[2]))
        for meaning in _LABELLED_DATES
        for value in pairs.known.get(meaning, ())
        for numeric in _NUMERIC_DATE.finditer(value.text[:LONG_ATTRIBUTE])
    ]
    american = ground.language.lower() == "en-us" or ground.host.partition(":")[0].endswith(_AMERICAN)
    if not labelled and not american:
        return None
    dated = _DATE_IN_URL.search(url)
    if dated is not None and (int(dated[1]), int(dated[2])) in labelled:
        return False
    others = (
        (int(numeric[1]), int(numeric[2]))
        for line in ground.lines
        for numeric in _NUMERIC_DATE.finditer(line.plain[:LONG_LINE])
    )
    told = {first <= MONTHS < second for first, second in (*labelled, *others) if max(first, second) > MONTHS}
    if told:
        return False if told == {True} else None
    for printed, marked in ground.marked_days():
        numeric = _NUMERIC_DATE.search(printed)
        if numeric is not None and numeric[1] != numeric[2] and _MARKED_DAY.match(marked):
            return False if (int(numeric[1]), int(numeric[2])) == (int(marked[5:7]), int(marked[8:10])) else None
    return False if american else None


_AMERICAN = (".gov", ".mil", ".us")
_MARKED_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")


_WRITTEN = (
    "成文",
    "印发",
    "生成",
    "发文",
    "發文",
    "date of adoption",
    "adopted",
    "date of document",
    "签署",
    "裁判",
    "判决",
)
"""How labels begin of the day on which a document was written or decided."""


def _publication_first(values: list[Value]) -> list[Value]:
    """The day a document was made known goes before the day it was written."""
    return sorted(values, key=lambda value: value.label.lower().startswith(_WRITTEN))


def _numbers_first(values: list[Value]) -> list[Value]:
    """The number a document goes by (文号) goes before its place in an index (索引号)."""
    return sorted(values, key=lambda value: "索引" in value.label or "索引" in normal_label(value.label))


def _short(values: Sequence[Value], characters: int) -> Fact[str]:
    """Return the first value of at most so many characters."""
    value = next((value for value in values if len(value.text) <= characters), None)
    return Fact(value.text, value.text, f"label:{value.label}") if value is not None else Fact()


def _labelled(values: Sequence[Value], convert: Callable[[str], T | None]) -> Fact[T]:
    """Return the first value that can be understood; else the first as printed, if it has a number."""
    unreadable: Value | None = None
    for value in values:
        text = value.text
        if len(text) > LONG_ATTRIBUTE or is_asked(text) or _explains(text):
            continue
        converted = convert(text)
        if converted is not None:
            return Fact(converted, text, f"label:{value.label}")
        if unreadable is None and _DIGIT.search(text) is not None:
            unreadable = value
    return Fact() if unreadable is None else Fact(None, unreadable.text, f"label:{unreadable.label}")


_MIME_TYPE = re.compile(r"application/([\w.+-]{1,100})")


def _whole_type(value: Value) -> Value:
    """Return a value; of a MIME type longer than values are, its end, which says what it is."""
    named = _MIME_TYPE.fullmatch(value.text) if len(value.text) > LONG_ATTRIBUTE else None
    return value._replace(text=named[1][-LONG_ATTRIBUTE:]) if named is not None else value


def _by_whom_and_when(pairs: Pairs, published: Callable[[str], str | None]) -> Fact[str]:
    """Return the date of "Published by: A. Person on May 6, 2013"."""
    for value in pairs.values("issuer", "uploader"):
        when = _ON.search(value.whole[:LONG_ATTRIBUTE])
        found = published(when[1]) if when else None
        if when and found is not None:
            return Fact(found, when[1], f"label:{value.label}")
    return Fact()


_FORMAT_BEFORE = re.compile(r"\s{0,3}[(\[【]\s?([A-Za-z]{3,5})\s?[)\]】]")


def _title(ground: Ground, pairs: Pairs) -> Fact[str]:
    """Return the main heading without badges, else the title that metadata, labels or the window state."""
    section = _headed_by_section(ground)
    if section is not None:
        return section
    if ground.heading is not None:
        text = _whole_heading(ground)
        label, colon, rest = text.replace("：", ":").partition(":")
        if colon and rest.strip() and normal_label(label) in _TITLE_LABELS:
            text = text[len(label) + 1 :].strip()
        beside_site = _title_beside_site(ground, text)
        if beside_site is not None:
            return beside_site
        names_only = colon and (not rest.strip() or known_meaning(label) in ("doc_id", "document_number"))
        is_empty = not any(map(str.isalnum, text))  # a stop in the place of a title
        is_number = names_only or is_empty or STANDARD.fullmatch(text) or _leads_elsewhere(ground)
        stated = next((value for value in pairs.values("title") if _names_another(value, text, ground)), None)
        if stated is not None:
            return Fact(stated.text, stated.text, f"label:{stated.label}")
        named = next((value for value in pairs.values("title") if value.text), None) if is_number else None
        if named is not None:
            return Fact(named.text, named.text, f"label:{named.label}")
        if text and not is_empty:
            return Fact(text.rstrip(" :：") or text, text, "heading")
    for told in ground.structured.values("title"):
        return Fact(told.text, told.text, told.place)
    window = [squeezed(part) for part in parts_of(ground.head_title)]
    for value in pairs.values("title") if ground.heading is None else ():
        if not any(squeezed(value.text).startswith(part) for part in window):  # with a subtitle, by whom
            return Fact(value.text, value.text, f"label:{value.label}")
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


def _names_another(value: Value, heading: str, ground: Ground) -> bool:
    """Whether a row of title and value has another title than the heading, which is also the window's: the site's."""
    if (
        squeezed(heading) not in map(squeezed, parts_of(ground.head_title))
        or normal_label(value.label) not in _TITLE_LABELS
    ):
        return False
    title, own = squeezed(value.text), squeezed(heading)
    is_known = title in squeezed(ground.head_title) or own in title or title in own
    return len(title) >= 2 * SHORTEST_TITLE and not is_known


def _leads_elsewhere(ground: Ground) -> bool:
    """Whether the main heading is all link and not the window's whole title: the list that the document stands in."""
    if ground.heading is None:
        return False
    line = ground.lines[ground.heading]
    return (
        bool(line.anchors)
        and line.linked >= len(line.plain) > 0
        and squeezed(line.plain) != squeezed(ground.head_title)
    )


def _title_beside_site(ground: Ground, heading: str) -> Fact[str] | None:
    """Return the title told for machines where the window's has it beside the *heading*, which is the site's name."""
    window = squeezed(ground.head_title)
    for told in ground.structured.values("title"):
        title = squeezed(told.text)
        if len(title) >= SHORTEST_TITLE and title in window and squeezed(heading) in window.replace(title, ""):
            return Fact(told.text, told.text, told.place)
    return None


def _headed_by_section(ground: Ground) -> Fact[str] | None:
    """Return the window's title where the page's heading only names the section that its path leads through.

    Home >> Databases >> Court of Appeal >> Pargeter v Wexcombe: below the heading "Court of Appeal".
    """
    if ground.heading is None:
        return None
    heading, title = ground.lines[ground.heading].plain, ground.head_title
    if not heading or heading in title:
        return None
    for line in ground.lines[: ground.heading + MAX_HEADING_LINES]:
        if heading not in line.spaced:
            continue
        *before, last = _STEPS.split(line.spaced)
        if heading in map(str.strip, before) and len(last) >= SHORTEST_TITLE and title.startswith(last.strip()):
            return Fact(title, title, "path")
    return None


_STEPS = re.compile(r"\s?(?:>>|»|>|›)\s?")

SHORTEST_TITLE = 8


def _whole_heading(ground: Ground) -> str:
    """Return the heading with what stands behind its line breaks."""
    lines, heading = ground.lines, ground.heading
    assert heading is not None
    texts = [titled(lines[heading], ground.head_title, ground.host)]
    for line in lines[heading + 1 : heading + 1 + MAX_HEADING_LINES]:
        if line.element != lines[heading].element or line.tag not in _BROKEN:
            break
        if _is_part_alone(ground.head_title, texts[-1], bare(line)):
            break
        texts.append(bare(line))
    return ("" if all(text[-1:] > "\u2e7f" for text in texts) else " ").join(text for text in texts if text)


def _is_part_alone(head_title: str, title: str, line: str) -> bool:
    """Whether the window's title has both a title and the line below it, apart: the number that it goes by."""
    parts = [squeezed(part) for part in parts_of(head_title)]
    return squeezed(title) in parts and squeezed(line) in parts and squeezed(title + line) not in squeezed(head_title)


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
    if facts.format.value is None:
        files = (told for told in structured.values("file") if told.place == "meta[citation_pdf_url]")
        offered = next((told for told in files if "pdf" in told.text.lower()), None)
        facts.format = Fact("pdf", None, offered.place) if offered is not None else facts.format


def _told(values: Sequence[Told], convert: Callable[[str], T | None]) -> Fact[T] | None:
    for told in values:
        converted = convert(told.text) if len(told.text) <= LONG_ATTRIBUTE * 2 else None
        if converted is not None:
            return Fact(converted, told.text, told.place)
    return None
