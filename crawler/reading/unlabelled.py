"""What a page states without labels: lines of attributes, lists and links of files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from crawler.reading.attribute_lists import (
    CITED,
    OF_A_PROGRAM,
    OF_COLLECTION,
    OF_FIGURE,
    OF_RECORDS,
    is_in_title_block,
    is_of_publication,
)
from crawler.reading.ground import (
    LONG_ATTRIBUTE,
    LONG_LINE,
    NEAR_HEADING,
    NEXT_ROW,
    PAGE_ENDINGS,
    Fact,
    Facts,
    Ground,
)
from crawler.reading.lines import SEPARATOR, Line
from crawler.reading.meaning import known_meaning
from crawler.reading.phrases import Phrases
from crawler.reading.values import FORMATS, file_ending, format_of, page_count, pages_left, stated_size
from crawler.reading.vocabulary import BOUNDED, ENDING, EXAMPLE, RELATED
from crawler.reading.zones import HEADINGS, IN_FILES

_COARSE_AGE = re.compile(r"(?<!\d)\d{1,4}\s?(?:(?:years?|months?|weeks?)\sago\b|(?:年|个月|周)前)", re.IGNORECASE)

_OF_ANOTHER_DAY = (
    "updated|modified|修改|更新|accepted|received|revised|收稿|effective|joined|registered|注册|註冊|覆檢|覆检|"
    "member since|inscription|membre depuis|mitglied seit|miembro desde|"
    "下架|有效期|截止|expires"
)
_NOT_PUBLICATION = Phrases(_OF_ANOTHER_DAY, _OF_ANOTHER_DAY)

_PUBLISHED = (
    "发布|发表|上传|公布|發布|發佈|發表|張貼|上傳|刊登|published|posted|uploaded|submitted|added|issued|created|filed|released|"
    "publicado|publié|veröffentlicht|pubblicato|gepubliceerd|subido|hochgeladen|caricato|geüpload"
)
_PUBLICATION = Phrases(rf"{_PUBLISHED}|\bviews\b", f"{_PUBLISHED}|views")
"""What a line says that gives a date further below the heading."""

_DOWNLOAD_AS = re.compile(r"\b(?:download|available|save) (?:as|in)(?: an?)? \.?([A-Za-z]{3,5})\b", re.IGNORECASE)

_ONE_PAGE = re.compile(r"第\s*\d+\s*[页頁]$")

_DIGIT = re.compile(r"\d")

_LASTS = re.compile(r"\d (?:minutes|hours)\b")


def from_attributes(
    ground: Ground,
    facts: Facts,
    published: Callable[[str], str | None],
    size_of: Callable[[str], int | None],
) -> None:
    """Read attribute lines without labels: "PDF, 1.2 MB, 24 pages", "已阅读5页,还剩55页", a date below the heading."""
    first_file: int | None = None
    of_others = False
    for index in ground.around:
        line = ground.lines[index]
        if line.tag in HEADINGS:
            of_others = line.plain.strip(" :：").lower() in CITED
        if of_others:
            continue
        text = line.spaced
        if ground.zones[index] is IN_FILES and len(text) > LONG_LINE:
            text = line.text.rpartition(SEPARATOR)[2]  # what stands behind a long name of a file
        if ground.zones[index] is IN_FILES and _states_a_file(line):
            first_file = index if first_file is None else first_file
            if index != first_file:
                continue  # of several files the first counts
        if facts.pages.value is None and len(text) <= 160 and _DIGIT.search(line.plain) is not None:
            left = pages_left(line.plain)
            if left is not None:
                facts.pages = Fact(left[0], left[1], "text")
        if len(text) > LONG_LINE:
            continue
        has_digit = _DIGIT.search(text) is not None
        if "字" in text:
            facts.words = facts.words or _WORDS.search(text) is not None
            text = _FEW_WORDS.sub("", text)
        if has_digit and (BOUNDED.search(text) or OF_COLLECTION.search(text)):
            continue
        if _is_of_others(text) or (has_digit and _LASTS.search(text) is not None):
            continue  # of related documents; of a talk, a film
        if (
            has_digit
            and facts.size.text is None
            and not (line.plain[:1].isdecimal() and _is_counter(ground.lines, index))
        ):
            _unlabelled_size(text, facts, size_of)
        if facts.format.value is None and (offered := _DOWNLOAD_AS.search(text)) is not None:
            facts.format = Fact(FORMATS.get(offered[1].lower()), offered[0], "attributes")
        if facts.pages.text is None and (has_digit or "共" in text):  # 共三十六頁
            count = page_count(text, labelled=False)
            if count is not None and not (_ONE_PAGE.search(text) or EXAMPLE.search(text) or OF_RECORDS.search(text)):
                facts.pages = Fact(count, text[:LONG_ATTRIBUTE], "attributes")
        below = index - (ground.heading or 0)
        near = below <= NEAR_HEADING or (below <= 3 * NEAR_HEADING and _PUBLICATION.search(text) is not None)
        near = near and len(text) <= 2 * LONG_ATTRIBUTE
        other = _NOT_PUBLICATION.search(text) if near else None
        if other is not None and _PUBLICATION.search(text[: other.start()]):
            text, other = text[: other.start()], None  # Published on 14 February 2019. Modified 3 years ago
        if near and facts.published.text is None and other is None:
            found = published(text)
            if (
                found is not None
                and found >= OLDEST
                and (is_of_publication(found, text, ground.lines, index) or is_in_title_block(ground, index))
            ):
                facts.published = Fact(found, text, "below heading")
            facts.coarse_date = facts.coarse_date or bool(_COARSE_AGE.search(text))


OLDEST = "1900"
"""Year before which no document is published that says so without a label: what it is about is as old."""

_FEW_WORDS = re.compile(r"约?(?:小于|少于|不足|不到|大于|超过)\s?\d[\d.,]{0,8}\s?[万千]?\s?字")
"""How long a document is, about, and no limit to anything: 约小于1千字."""

_WORDS = re.compile(r"[约共](?:小于|少于|不足|不到|大于|超过)?\s?\d[\d.,]{0,8}\s?[万千]?\s?字")

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


def from_list(ground: Ground, facts: Facts, size_of: Callable[[str], int | None]) -> None:
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

COUNT_OF_PAGES = re.compile(
    r"[约共]?\s?\d{1,5}\s?(?:页|頁|张|張|pages?|slides?|seiten|páginas?|págs?\.?|pages)", re.IGNORECASE
)


def _take(pieces: Sequence[str], facts: Facts, size_of: Callable[[str], int | None]) -> bool:
    """Take what a list's pieces state where two of size, pages and format are among them; return whether they are."""
    if len(pieces) < 2:
        return False
    size = next((p for p in pieces if stated_size(p) == p.strip()), None)
    count = next((p for p in pieces if COUNT_OF_PAGES.fullmatch(p.strip())), None)
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


def from_files_above(ground: Ground, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    """Take size, pages and format from the first file of a list of files that stands above the heading."""
    lines = ground.lines
    for index in range(ground.heading or 0):
        line = lines[index]
        if ground.zones[index] is not IN_FILES or line.navigation or not _says_of_a_file(line):
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
    if printed is None or OF_FIGURE.search(text):
        return
    if OF_A_PROGRAM.search(text) is not None and _FILE.search(text) is None:
        return
    facts.size = Fact(size_of(text[text.index(printed) :]), printed, "attributes")
    if facts.format.value is None:
        before = text[: text.index(printed)]  # of several files in one line the first counts
        named = format_of(before) or format_of(text.replace(printed, " "))
        if named is not None and not (named == "html" and _AS_HTML.search(text)):
            facts.format = Fact(named, text[:LONG_ATTRIBUTE], "attributes")


_FILE = re.compile(r"\.(?:docx?|pdf|pptx?|xlsx?|wps|zip|rar)(?![A-Za-z])", re.IGNORECASE)

_AS_HTML = re.compile(r"\b(?:view|open|read) (?:as|in) html\b", re.IGNORECASE)


def from_files(ground: Ground, facts: Facts) -> None:
    """Take the format from the first attached file."""
    if facts.format.value is not None:
        return
    for index in ground.around:
        line = ground.lines[index]
        files = ground.zones[index] is IN_FILES
        if line.tag == "th" and all(file_ending(anchor.href) is None for anchor in line.anchors):
            continue  # the head of a column, by which its table is sorted: ZIP
        named_files = [ending for a in line.anchors if (ending := _called(a.text[:LONGEST_FILE_NAME])) is not None]
        if len(named_files) > 1:
            facts.format = Fact(named_files[0], line.plain[:LONG_ATTRIBUTE], "files")
            return
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
            if ending is None or (ending in PAGE_ENDINGS and not files):
                ending = file_ending(anchor.text) if _is_numbered(ground.lines, index) else None
            if ending is not None:
                facts.format = Fact(ending, ending, "file link")
                return
    offer = _offer_above(ground)
    if offer is not None:
        facts.format = Fact(offer[1], offer[1], "file link")
    elif facts.size.text is not None and ground.first_file is not None:
        called, _, rest = ground.first_file.text.partition(SEPARATOR)
        ended = ENDING.search(called)
        if ended is not None and stated_size(rest) == facts.size.text:  # the file whose size is the document's
            facts.format = Fact(format_of(ended[1]), called, "files")


def _is_numbered(lines: Sequence[Line], index: int) -> bool:
    """Whether the cell before a line's in its row says that it is a file of the document's, be it a picture: 附件1."""
    before = lines[index - 1]
    return index > 0 and lines[index].row == before.row > 0 and _NUMBERED_FILE.fullmatch(before.plain) is not None


_NUMBERED_FILE = re.compile(r"附件\s?[\d一二三四五六七八九十]{0,2}[:：]?")


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


def from_button(ground: Ground, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    """Take size and format from a button that offers the document, wherever it stands: Download (PDF, 2.3 MB).

    What a pointer is shown counts as well: title="PDF (2.3 MB) opens in new window".
    """
    begun = [i for i, line in enumerate(ground.lines) if line.anchors and line.anchors[0].text[:1] in _BUTTONS_BEGIN]
    for index in begun:
        line = ground.lines[index]
        anchor = line.anchors[0]
        if line.row or line.navigation or index in ground.passed_over:
            continue
        if ground.zones[index].foreign or ground.zones[index] is IN_FILES:
            continue  # a list of files is read as such
        if len(line.plain) > LONG_ATTRIBUTE or not _BUTTON.match(anchor.text) or OF_FIGURE.search(anchor.text):
            continue
        if _OF_ALL.search(anchor.text) and ground.first_file is not None:
            _from_named_file(ground.first_file, facts, size_of)
            continue  # the first file counts
        told = f"{line.spaced} {anchor.title[:LONG_ATTRIBUTE]}"
        printed = stated_size(told)
        named = _CALLED.match(anchor.title) or _FORMAT_SAID.search(told) or _FILE_NAMED.search(told)
        if printed is not None and facts.size.value is None:
            facts.size = Fact(size_of(told[told.index(printed) :]), printed, "button")
        ending = file_ending(anchor.href)
        if named is not None and facts.format.value is None and ending in (None, *PAGE_ENDINGS):
            facts.format = Fact(format_of(named[1]), told.strip(), "button")
        if printed is not None or named is not None:
            return


def _from_named_file(line: Line, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    """Take size and format from a line that is a file's name and its size."""
    name, _, rest = line.text.partition(SEPARATOR)
    ending, printed = ENDING.search(name), stated_size(rest)
    if ending is None or printed is None:
        return
    if facts.size.text is None:
        facts.size = Fact(size_of(printed), printed, "files")
    if facts.format.value is None:
        facts.format = Fact(format_of(ending[1]), name, "files")


_BUTTON = re.compile(
    r"(?:download|télécharger|descargar|herunterladen)\b|(?:立即|免费|点击)?下[载載]|"
    r"full[- ]text [(\[](?:pdf|docx?|pptx?|xlsx?)\b|"
    r"(?:view|get|open) (?:the )?(?:full[- ]text|(?:technical )?report|document|file|pdf)\b",
    re.IGNORECASE,
)
_OF_ALL = re.compile(r"\ball\b|全部|所有|打包", re.IGNORECASE)
_BUTTONS_BEGIN = frozenset("DdTtHhVvGgOoFf下立免点")
"""What `_BUTTON` begins with: a look before the expression."""

_FILE_NAMED = re.compile(r"[\w)\-]\.(pdf|docx?|xlsx?|pptx?|epub|odt|rtf|zip)(?![\w.])", re.IGNORECASE)
"""A file's name on a button: newsletter-winter.pdf - 2.38 MB."""

_FORMAT_SAID = re.compile(r"\b(PDF|DOCX?|XLSX?|PPTX?|EPUB|ODT|RTF|ZIP)\b")


def from_offer(ground: Ground, facts: Facts, size_of: Callable[[str], int | None]) -> None:
    """Take size and pages from beside a button above the heading: Download PDF (212.4 KB, 11 pages)."""
    if facts.size.text is not None and facts.pages.text is not None:
        return
    offer = _offer_above(ground)
    text = offer[0].spaced if offer is not None else ""
    if not 0 < len(text) <= LONG_LINE or BOUNDED.search(text):
        return
    printed = stated_size(text)
    if offer is not None and printed is not None and facts.format.value is None:
        facts.format = Fact(offer[1], offer[1], "file link")
    if printed is not None and facts.size.text is None:
        facts.size = Fact(size_of(text[text.index(printed) :]), printed, "file link")
    count = page_count(text, labelled=False)
    if printed is not None and count is not None and facts.pages.text is None:
        facts.pages = Fact(count, text[:LONG_ATTRIBUTE], "file link")


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


LONGEST_FILE_NAME = 120

_OFFERS_FILE = re.compile(r"download|full text|view|open|pdf|下载|下載|全文|查看|原文", re.IGNORECASE)
