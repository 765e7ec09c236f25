"""What printed values mean: sizes, page counts, formats."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from crawler.reading.numerals import below_hundred
from crawler.reading.phrases import Phrases

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "兆": 2}
_EXACT = re.compile(r"[(（]\s?(\d[\d,\s]{2,18}\s?(?:bytes?|字节|位元組|octets))\b", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\d{1,15},(?:\d{1,2}|\d{4,6})")
SIZE = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?|\d{1,15}(?:[.,]\d{1,6})?)\s*([KMGT兆])?(i?B(?:ytes?)?|ytes?|字节|位元組|b|o(?:ctets?)?)?"
    r"(?![A-Za-z\d])",
    re.IGNORECASE,
)
"""A number, with blanks or commas between its thousands or a comma before its decimals, K, M, G or T, and a unit."""
_COUNTED = re.compile(
    r"[\s\x01]?\+?[\s\x01]?(?:views?|reads?|downloads?|likes?|followers?|members?|users?|shares?|saves?|hits?|people|times|comments?|words?|"
    r"books|articles|documents|papers|titles|records|subscribers|students|readers|journals|"
    r"次|人|阅读|浏览|下载|收藏|热度|字|visualizaci|vistas|vues|aufrufe|visualizzazioni|weergaven)",
    re.IGNORECASE,
)
_COUNTED_BEFORE = re.compile(
    r"(?:热度|人气|浏览|阅读|下载|收藏|点击|关注|點閱|點擊|瀏覽|views?|reads?|downloads?|likes?|hits?|shares?|votes?)[量数數次]?[:：\s\x01]{0,3}$",
    re.IGNORECASE,
)
_OF_THE_NEXT = re.compile(
    r"[^\s\x01]{0,14}[:：\s\x01]{1,3}\d[\d,.]{0,9}(?![\d,.]|\s?(?:pages?|slides?|pp|页|頁)(?![a-z]))", re.IGNORECASE
)
"""What K and M stand before when they are thousands and millions."""
_OF_A_CODE = re.compile(r"/[A-Za-z]")
"""What goes on behind a letter that is no unit: the form 13G/A."""
PAGES_LEFT = Phrases(
    r"(?:已?[阅閱]?[读讀]|[览覽看示]|已?预览|前)\D{0,4}(\d{1,6})\s*[页頁]\D{0,8}[剩余餘]\D{0,4}(\d{1,6})\s*[页頁]|"
    r"(\d{1,6})\s?(?:pages?|slides?|seiten|páginas?|pagine)(?: \w{1,12})?\s?[,;.–—-]\s?"
    r"(?:and |noch |still |quedan |encore )?(\d{1,6})\s?"
    r"(?:more )?(?:pages?|slides?|seiten|páginas?|pagine)? ?"
    r"(?:left|remaining|more|unread|to go|übrig|verbleibend|restantes?|rimanenti)\b",
    "剩|余|餘|left|remaining|more|unread|to go|übrig|verbleibend|restante|rimanenti",
)
"""What is shown and what is left: 已预览 4 页，剩余 5 页; 4 pages, 21 pages left."""

_LEFT_BEHIND = re.compile(r"\D{0,8}?\b(?:left|remaining|restantes?|übrig|to go)\b", re.IGNORECASE)
_WRITTEN_PAGES = re.compile(r"共\s?([一二三四五六七八九十廿卅]{1,4})\s?[页頁]")
"""共三十六頁."""

_PAGES_OF = re.compile(
    r"(?:共|总|of|/)\s*(\d{1,6})\s*(?:页|頁|pages?|slides?|张|p\b|páginas?|págs?\b|pagine|seiten|pagina['’]s|folien|diapositivas|ページ)",
    re.IGNORECASE,
)
_PAGES = re.compile(
    r"(?<![A-Za-z\d.,-])(\d{1,6})\]?\s*(?:页|頁|pages?\b|pp?\b(?!\.\d)\.?|slides?\b|张幻灯片|páginas?\b|págs?\b\.?|pagine\b|seiten\b|pagina['’]s\b|"
    r"folien\b|"
    r"diapositivas\b|ページ)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:first|lecture|chapter|part|week|unit|section|module|volume|lesson|session|day|grade|class|level|step|appendix|annex|issue)\s\Z",
    re.IGNORECASE,
)
"""Words before a number that is not how many there are: Lecture 3 Slides."""
_NUMBER = re.compile(r"^\D{0,3}(\d{1,6})(?:\D{0,4}$|[.。;；]\s)")
_AND_RANGE = re.compile(
    r"(\d{1,5})\s?[(（\[]\s?(?:第|pp?\.? ?)?[A-Z]?\d{1,6}\s?[-–—~～至到]\s?[A-Z]?\d{1,6}\s?[页頁]?\s?[)）\]]",
    re.IGNORECASE,
)
"""How many pages, and which of the issue: 8（160-167）."""
MAX_PAGES = 200_000
LARGEST = 2**43
"""Bytes (8 TiB) of the largest file that a page is believed to offer."""
SMALLEST_BARE = 1000
"""Bytes from which on a number without a unit is believed to be a size."""

LONGEST_NUMBER = 24
"""Characters of the longest number worth reading."""

FORMATS = {
    "doc": "doc", "docx": "docx", "pdf": "pdf", "ppt": "ppt", "pptx": "pptx", "xls": "xls", "xlsx": "xlsx",
    "txt": "txt", "rtf": "rtf", "wps": "wps", "odt": "odt", "ods": "ods",
    "odp": "odp", "html": "html", "htm": "html", "csv": "csv",
    "xml": "xml", "zip": "zip", "rar": "rar", "epub": "epub", "et": "et", "dps": "dps", "caj": "caj", "ceb": "ceb",
    "ofd": "ofd", "pps": "pps", "ppsx": "ppsx", "tex": "tex", "ps": "ps", "jpg": "jpg", "jpeg": "jpg", "png": "png",
    "7z": "7z", "dwg": "dwg", "mp3": "mp3", "mp4": "mp4", "json": "json", "md": "md", "key": "key", "vsd": "vsd",
    "tif": "tif", "tiff": "tif", "msg": "msg", "eml": "eml", "gif": "gif", "bmp": "bmp", "svg": "svg", "mov": "mov",
    "avi": "avi", "wav": "wav", "pub": "pub", "wpd": "wpd", "djvu": "djvu", "mobi": "mobi", "azw3": "azw3", "gz": "gz",
    "xlsm": "xlsm", "xlsb": "xlsb", "docm": "docm", "pptm": "pptm", "dotx": "dotx", "dot": "dot", "potx": "potx",
    "shp": "shp", "kml": "kml", "geojson": "geojson", "sav": "sav", "dta": "dta", "parquet": "parquet", "tsv": "tsv",
    "bib": "bib", "ris": "ris", "jsonld": "jsonld", "uof": "uof", "uot": "uot", "wpt": "wpt", "ett": "ett", "gd": "gd",
    "sep": "sep", "swf": "swf", "flv": "flv", "exe": "exe", "iso": "iso", "tar": "tar", "ppsm": "ppsm", "xps": "xps",
    "dxf": "dxf", "step": "step", "stp": "stp", "iges": "iges", "igs": "igs", "skp": "skp", "rvt": "rvt", "stl": "stl",
}  # fmt: skip
_WORDS_TOO = frozenset(
    ("et", "key", "ps", "md", "pub", "dot", "sep", "exe", "iso", "tar", "msg", "sav", "mov", "gd", "bib", "ris", "step")
)
"""Endings that are words or names as well: a format only where they stand alone."""

_FORMAT_NAMES = (
    (re.compile(r"\bplain text\b|text/plain|文本文[件档]", re.I), "txt"),
    (re.compile(r"(?:ms|microsoft)[ -]*(?:office )?word.*\bx\b|wordprocessingml", re.I), "docx"),
    (re.compile(r"spreadsheetml", re.I), "xlsx"),
    (re.compile(r"presentationml", re.I), "pptx"),
    (re.compile(r"opendocument[ .-]*text|opendocument document|odf text", re.I), "odt"),
    (re.compile(r"opendocument[ .-]*spreadsheet", re.I), "ods"),
    (re.compile(r"opendocument[ .-]*presentation", re.I), "odp"),
    (re.compile(r"excel (?:spreadsheet|workbook|document|file)|excel ?(?:文[档檔件]|表格)", re.I), "xlsx"),
    (re.compile(r"ms[ -]excel|microsoft excel", re.I), "xlsx"),
    (re.compile(r"word ?(?:document|文[档檔件稿]|[档檔])|ms[ -]word|microsoft word|msword", re.I), "doc"),
    (re.compile(r"powerpoint|vnd\.ms-powerpoint", re.I), "ppt"),
    (re.compile(r"portable document|adobe|application/pdf", re.I), "pdf"),
    (re.compile(r"rich text", re.I), "rtf"),
    (re.compile(r"comma[- ]separated", re.I), "csv"),
    (re.compile(r"web page|text/html", re.I), "html"),
)  # fmt: skip
_OFFICE_XML = re.compile(r"(word|excel|powerpoint)\s*(?:open)?\s*(?:xml|2007|2010|2013|2016|2019)", re.I)
_WORD = re.compile(r"[A-Za-z0-9]{1,5}")


def size_bytes(text: str, *, decimal: bool = False) -> int | None:
    """Return the file size that *text* states, in bytes, rounded half up; None where it states none.

    K, M and G are powers of 1024, or of 1000 where the page says so (*decimal*) and they are not Ki and Mi; a bare
    number is bytes.
    Where bytes stand beside a rounded size, "33 KB (33,526 bytes)", they count.

    >>> size_bytes("32.74KB"), size_bytes("1,234 bytes"), size_bytes("918 KB")
    (33526, 1234, 940032)
    """
    match = SIZE.search(text)
    if match is None or _is_word(match):
        return None
    exact = _EXACT.search(text, match.end()) if match[2] else None
    if exact is not None:
        match = SIZE.match(exact[1]) or match
    number = _number(match[1])
    if len(number) > LONGEST_NUMBER:
        return None
    unit = (match[2] or "").lower()
    if not unit and not match[3] and match[0].strip() != text.strip():
        return None  # a number among other things
    thousand = 1000 if decimal and not (match[3] or "").lower().startswith("i") else 1024
    size = int((Decimal(number) * thousand ** _POWERS[unit]).quantize(Decimal(1), ROUND_HALF_UP))
    if not unit and not match[3] and size < SMALLEST_BARE:
        return None  # pages, sheets, an extent of something else
    return size if size <= LARGEST else None


def _number(printed: str) -> str:
    """Return a printed number as Python writes it: "1,234.5" and "4,7"; a comma before three digits parts thousands."""
    if "," in printed and _DECIMAL_COMMA.fullmatch(printed):
        return printed.replace(",", ".")
    return "".join(printed.replace(",", "").split())


def stated_size(text: str) -> str | None:
    """Return the first size with a unit in *text*, as printed; None where there is none. 1.2K views are none.

    A letter alone may count readers without a word; a unit goes before it.

    >>> stated_size("1.2K | 1.46 MB"), stated_size("35M")
    ('1.46 MB', '35M')
    """
    lettered: str | None = None
    for match in SIZE.finditer(text):
        is_letter_alone = bool(match[2]) and not match[3]
        if is_letter_alone and (_is_count(text, match) or _OF_A_CODE.match(text, match.end())):
            continue
        before = text[max(0, match.start() - 1) : match.start()]
        if is_letter_alone and before.isascii() and before.isalpha():
            continue  # of a code: A01G 3/025
        if _is_word(match):
            continue
        enclosed = match[3] == "B" and text[: match.start()].rstrip()[-1:] in ("(", "（")
        if is_letter_alone:
            lettered = lettered or match[0].strip()
        elif match[2] or enclosed or (match[3] and match[3].lower() in ("bytes", "byte", "字节", "位元組")):
            return match[0].strip()
    return lettered


def _is_word(match: re.Match[str]) -> bool:
    """Whether what looks like a French unit is an English word: 1996 to 1997."""
    return (match[2] or "") + (match[3] or "") in ("to", "go")


def _is_count(text: str, match: re.Match[str]) -> bool:
    """Whether a number such as 1.2K counts readers: their word stands behind it, or before it."""
    if _COUNTED_BEFORE.search(text, max(0, match.start() - 16), match.start()):
        return True
    counted = _COUNTED.match(text, match.end())
    if counted is None:
        return False
    word = counted[0].strip(" \x01+")
    return word != "Download" and not _OF_THE_NEXT.match(text, counted.start() + len(counted[0]) - len(word))


def pages_left(text: str) -> tuple[int, str, int] | None:
    """Return (pages, as printed, pages left) of a line such as "已阅读5页,还剩55页未读", None for any other.

    >>> pages_left("已阅读5页,还剩55页未读")
    (60, '已阅读5页,还剩55页', 55)
    """
    match = PAGES_LEFT.search(text)
    if match is None:
        return None
    shown, left = (int(number) for number in match.groups() if number is not None)
    return shown + left, match[0], left


def leading_count(text: str) -> int | None:
    """Return the number that a counter's text begins with, None where it begins with none."""
    match = re.match(r"\s*(\d[\d,]{0,12})", text)
    return int(match[1].replace(",", "")) if match else None


def file_ending(href: str) -> str | None:
    """Return the format that the path of a link ends with, None where it is no file's.

    >>> file_ending("/media/7/b.CSV?download=1")
    'csv'
    """
    path = href.partition("?")[0].partition("#")[0]
    return FORMATS.get(path.rpartition(".")[2].lower()) if "." in path[-6:] else None


def page_count(text: str, *, labelled: bool) -> int | None:
    """Return the page count that *text* states; *labelled*: the text is the value of a label for it.

    >>> page_count("已阅读5页,还剩55页", labelled=False), page_count("22页", labelled=True)
    (60, 22)
    """
    left = pages_left(text)
    if left is not None:
        return _sane(left[0])
    for pattern in (_PAGES_OF, _PAGES):
        match = pattern.search(text)
        if match is None or (pattern is _PAGES and _NUMBERED.search(text, 0, match.start(1))):
            continue
        before = text[: match.start(1)].rstrip()
        is_rest = before.endswith(("剩", "余", "餘", "前", "第")) and not before.endswith("目前")
        if not is_rest and not _LEFT_BEHIND.match(text, match.end()):
            return _sane(int(match[1]))
    written = _WRITTEN_PAGES.search(text) if "共" in text else None
    if written is not None and (number := below_hundred(written[1])) is not None:
        return _sane(number)
    if labelled:
        ranged = _AND_RANGE.match(text.lstrip())
        if ranged is not None:
            return _sane(int(ranged[1]))
        match = re.fullmatch(r"\s*\d+\s*/\s*(\d{1,6})\s*", text) or _NUMBER.match(text)
        if match:
            return _sane(int(match[1]))
    return None


def _sane(number: int) -> int | None:
    return number if 0 < number <= MAX_PAGES else None


def format_of(text: str) -> str | None:
    """Return the file ending that *text* names: "DOCX", ".pdf", "MS Excel Spreadsheet", "application/pdf"."""
    text = text.strip()
    if len(text) > 80:
        return None
    match = _OFFICE_XML.search(text)
    if match:
        return {"w": "docx", "e": "xlsx", "p": "pptx"}[match[1][0].lower()]
    for word in _WORD.findall(text):
        found = FORMATS.get(word.lower())
        if found and (word.isupper() or word.islower() or len(text) <= 6) and word.lower() not in _WORDS_TOO:
            return found
    for pattern, name in _FORMAT_NAMES:
        if pattern.search(text):
            return name
    return FORMATS.get(text.lower().lstrip("."))
