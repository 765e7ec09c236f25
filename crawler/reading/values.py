"""What printed values mean: sizes, page counts, dates, formats."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from crawler.reading.phrases import Phrases

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_EXACT = re.compile(r"[(（]\s?(\d[\d,\s]{2,18}\s?(?:bytes?|字节|位元組|octets))\b", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\d{1,15},(?:\d{1,2}|\d{4,6})")
SIZE = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?|\d{1,15}(?:[.,]\d{1,6})?)\s*([KMGT])?(i?B(?:ytes?)?|ytes?|字节|位元組|b|o(?:ctets?)?)?"
    r"(?![A-Za-z\d])",
    re.IGNORECASE,
)
"""A number, with blanks or commas between its thousands or a comma before its decimals, K, M, G or T, and a unit."""
_COUNTED = re.compile(
    r"[\s\x01]?\+?[\s\x01]?(?:views?|reads?|downloads?|likes?|followers?|members?|users?|shares?|saves?|hits?|people|times|comments?|words?|"
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
_NUMBER = re.compile(r"^\D{0,3}(\d{1,6})(?:\D{0,4}$|[.。;；]\s)")
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
}  # fmt: skip
_WORDS_TOO = frozenset(
    ("et", "key", "ps", "md", "pub", "dot", "sep", "exe", "iso", "tar", "msg", "sav", "mov", "gd", "bib", "ris")
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
    (re.compile(r"excel (?:spreadsheet|workbook)|ms[ -]excel|microsoft excel", re.I), "xlsx"),
    (re.compile(r"word document|ms[ -]word|microsoft word|msword", re.I), "doc"),
    (re.compile(r"powerpoint|vnd\.ms-powerpoint", re.I), "ppt"),
    (re.compile(r"portable document|adobe|application/pdf", re.I), "pdf"),
    (re.compile(r"rich text", re.I), "rtf"),
    (re.compile(r"comma[- ]separated", re.I), "csv"),
    (re.compile(r"web page|text/html", re.I), "html"),
)  # fmt: skip
_OFFICE_XML = re.compile(r"(word|excel|powerpoint)\s*(?:open)?\s*(?:xml|2007|2010|2013|2016|2019)", re.I)
_WORD = re.compile(r"[A-Za-z0-9]{1,5}")
_MONTHS = {name.lower(): n for n in range(1, 13) for name in (calendar.month_name[n], calendar.month_abbr[n])} | {
    name: number
    for number, names in enumerate(
        (
            "enero ene janvier janv januar jänner gennaio gen janeiro januari",
            "febrero février févr fevr februar febbraio fevereiro fev februari",
            "marzo mars märz mär mrz março maart mrt",
            "abril abr avril avr aprile april",
            "mayo mai maggio mag maio mei",
            "junio juin juni giugno giu junho",
            "julio juillet juil juli luglio lug julho",
            "agosto ago août aout agosto augustus",
            "septiembre setiembre sept set septembre settembre setembro september",
            "octubre octobre oktober okt ottobre ott outubro out",
            "noviembre novembre november novembro",
            "diciembre dic décembre déc dezember dez dicembre dezembro december",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months in English and in the other languages of the vocabulary; they are read beside numbers only."""
_ISO = re.compile(r"(?<!\d)((?:1[4-9]|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(0?[1-9]|1[0-2])(?!\d)(?:\s*月)?")
_DMY = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|°)?[\s\-./]+(?:de |d')?([^\W\d_]{3,10})\.?,?(?: del?)?[\s\-./]+"
    r"((?:19|20)\d\d)(?!\d)",
    re.I,
)
_MDY = re.compile(r"(?<![A-Za-z])([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)", re.I)
_YM = re.compile(r"(?<!\d)((?:19|20)\d\d)[\s\-/.,]+([A-Za-z]{3,9})(?![A-Za-z])", re.I)
_YMD = re.compile(r"(?<!\d)((?:19|20)\d\d)[\s\-/.,]+([A-Za-z]{3,9})\.?[\s\-/.,]+(\d{1,2})(?!\d)", re.I)
_MY = re.compile(r"(?<![A-Za-z])([A-Za-z]{3,9})\.?,?[\s\-./]+((?:19|20)\d\d)(?!\d)", re.I)
_CTIME = re.compile(r"\b([A-Z][a-z]{2}) {1,2}(\d{1,2}) \d\d:\d\d:\d\d (?:[A-Z]{2,5} )?((?:19|20)\d\d)(?!\d)")
"""Mon Feb 01 00:00:00 EST 1960, as C prints it."""

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)\d\d)(?!\d)")
_NUMERIC_MONTH = re.compile(r"(?<![\d/.,-])(0?[1-9]|1[0-2])[-/.]((?:19|20)\d\d)(?![\d/.-])")
"""4-2016."""

_SEASON = re.compile(r"\b(spring|summer|autumn|fall|winter)\b", re.IGNORECASE)
_MONTHS_OF = {"spring": (1, 6), "summer": (5, 9), "autumn": (8, 12), "fall": (8, 12), "winter": (11, 3)}
"""First and last month of a university's term: Spring 5-12-2018 is the twelfth of May."""

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)\s*年?")
_AGO = re.compile(
    r"(?<!\d)(\d{1,4}|an?|一)\s*(秒|分钟|分|小时|个小时|天|日|周|个月|月|年|seconds?|secs?|minutes?|mins?|hours?|days?)\s*(?:前|ago)",
    re.I,
)
_OLD_YEAR = re.compile(r"(1[4-8]\d\d)年?")
"""A year alone: of a print or a manuscript."""

_WEEKDAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)", re.I)
_SOME_AGO = re.compile(r"(?<!\d)(\d{1,4}) days?,? \d{1,2} (?:hours?|hrs?|minutes?|mins?) ago", re.I)
_SECONDS = {"秒": 1, "分": 60, "分钟": 60, "小时": 3600, "个小时": 3600, "天": 86400, "日": 86400}
_DAYS_AGO = {
    "heute": 0, "gestern": 1, "vorgestern": 2, "hoy": 0, "ayer": 1, "anteayer": 2, "aujourd'hui": 0, "hier": 1,
    "avant-hier": 2, "oggi": 0, "ieri": 1, "hoje": 0, "ontem": 1, "vandaag": 0, "gisteren": 1,
}  # fmt: skip
_ABROAD_AGO = re.compile(
    r"\W{0,3}(?:(" + "|".join(name.replace("'", "['’]") for name in _DAYS_AGO) + r")(?=\s?"
    r"(?:\Z|[,;|·\x01]|(?:um|à|a las?|alle|às|om) ?\d|\d))|"
    r"(?:vor|il y a|hace|há) (\d{1,4}|einem|einer|une?|una?) "
    r"(sekunden?|minuten?|stunden?|tag(?:en?)?|secondes?|minutes?|heures?|jours?|segundos?|minutos?|horas?|d[ií]as?)\b)"
)
"""Gestern, 17:05 Uhr; vor 3 Tagen: at the beginning of a text only, for hier is a word of its own in German."""

_CN = {"今天": 0, "昨天": 1, "前天": 2, "today": 0, "yesterday": 1, "刚刚": 0, "just now": 0}


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
    """Return the first size with a unit in *text*, as printed; None where there is none. 1.2K views are none."""
    for match in SIZE.finditer(text):
        if match[2] and not match[3] and (_is_count(text, match) or _OF_A_CODE.match(text, match.end())):
            continue
        if _is_word(match):
            continue
        enclosed = match[3] == "B" and text[: match.start()].rstrip()[-1:] in ("(", "（")
        if match[2] or enclosed or (match[3] and match[3].lower() in ("bytes", "byte", "字节", "位元組")):
            return match[0].strip()
    return None


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
        is_rest = match and text[: match.start(1)].rstrip().endswith(("剩", "余", "餘"))
        if match and not is_rest and not _LEFT_BEHIND.match(text, match.end()):
            return _sane(int(match[1]))
    written = _WRITTEN_PAGES.search(text) if "共" in text else None
    if written is not None and (number := _tens(written[1])) is not None:
        return _sane(number)
    if labelled:
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


def day(text: str, fetched_at: datetime, day_first: bool | None = None, *, republic: bool = False) -> str | None:
    """Return the date that *text* states as ISO text, cut to what is printed; None where it states none.

    Relative dates of days or less are resolved against *fetched_at* in its own time zone; coarser ones are None.
    *republic*: on this page 99-07-20 is a day of 2010, the 99th year of the Republic of China.
    """
    text = unicodedata.normalize("NFKC", text)
    if "年" in text and (written := _CHINESE_DAY.search(text)) is not None:
        found = _of_characters(written)
        if found is not None:
            return found
    if (found := _of_the_republic(text, republic)) is not None:
        return found
    for pattern in (_ISO, _COMPACT):
        match = pattern.search(text)
        if match:
            found = _date(int(match[1]), int(match[2]), int(match[3]))
            if found:
                return found
    match = _CTIME.search(text)
    if match and match[1].lower() in _MONTHS:
        return _date(int(match[3]), _MONTHS[match[1].lower()], int(match[2]))
    match = _DMY.search(text)
    if match and match[2].lower() in _MONTHS:
        return _date(int(match[3]), _MONTHS[match[2].lower()], int(match[1]))
    match = _YMD.search(text)
    if match and match[2].lower() in _MONTHS:
        return _date(int(match[1]), _MONTHS[match[2].lower()], int(match[3]))
    match = _MDY.search(text)
    if match and match[1].lower() in _MONTHS:
        return _date(int(match[3]), _MONTHS[match[1].lower()], int(match[2]))
    match = _NUMERIC.search(text)
    if match:
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if second > 12 or (day_first is False and first <= 12):
            return _date(year, first, second)
        if day_first is None and first <= 12 and _is_weekday_of(text, _date(year, first, second)):
            return _date(year, first, second)
        if day_first is None and first <= 12 and _is_in_season(text, first) and not _is_in_season(text, second):
            return _date(year, first, second)
        return _date(year, second, first)
    lowered = text.lower()
    match = _SOME_AGO.search(text)
    if match:
        return (fetched_at - timedelta(days=int(match[1]))).date().isoformat()
    match = _AGO.search(text)
    if match:
        return _ago(match, fetched_at)
    match = _ABROAD_AGO.match(lowered)
    if match:
        return _ago_abroad(match, fetched_at)
    for word, days in _CN.items():
        if word in lowered:
            return (fetched_at - timedelta(days=days)).date().isoformat()
    match = _MONTH.search(text)
    if match:
        return f"{match[1]}-{int(match[2]):02d}"
    match = _NUMERIC_MONTH.search(text)
    if match:
        return f"{match[2]}-{int(match[1]):02d}"
    match = _MY.search(text)
    if match and match[1].lower() in _MONTHS:
        return f"{match[2]}-{_MONTHS[match[1].lower()]:02d}"
    match = _YM.search(text)
    if match and match[2].lower() in _MONTHS:
        return f"{match[1]}-{_MONTHS[match[2].lower()]:02d}"
    match = _YEAR.search(text)
    if match and len(text.strip()) <= 24:
        return match[1]
    old = _OLD_YEAR.fullmatch(text.strip())
    return old[1] if old else None


_CHINESE_DAY = re.compile(
    r"([一二][〇○零0一二三四五六七八九]{3})\s?年\s?([一二三四五六七八九十]{1,2})\s?月(?:\s?([一二三四五六七八九十廿卅]{1,3})\s?[日号])?"
)
"""二〇二〇年七月十三日, as official papers write it."""

_CHARACTERS = dict(zip("〇○零一二三四五六七八九", "000123456789", strict=True))


def _of_characters(written: re.Match[str]) -> str | None:
    """Return a date whose numbers are written in Chinese characters, cut to the month where no day is written."""
    year = "".join(_CHARACTERS.get(character, character) for character in written[1])
    month, day_of_month = (_tens(number) if number else None for number in (written[2], written[3]))
    if month is None or not 1 <= month <= 12:
        return None
    return _date(int(year), month, day_of_month) if day_of_month is not None else f"{year}-{month:02d}"


def _tens(number: str) -> int | None:
    """Return a number below 100 written in characters: 七, 十三, 二十, 二十一, 廿一.

    >>> [_tens(number) for number in ("七", "十", "十三", "二十", "三十一", "廿一", "十十")]
    [7, 10, 13, 20, 31, 21, None]
    """
    number = number.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = number.partition("十")
    if not ten:
        tens, ones = "零", number
    digits = [_CHARACTERS.get(part or default) for part, default in ((tens, "一"), (ones, "零"))]
    return int(f"{digits[0]}{digits[1]}") if None not in digits else None


_REPUBLIC = re.compile(
    r"(民國|民国)?\s{0,3}(\d{2,3})\s{0,3}[-./年]\s{0,3}(\d{1,2})\s{0,3}[-./月]\s{0,3}(\d{1,2})\s{0,3}日?"
    r"(?:\s{1,3}\d{1,2}:\d\d(?::\d\d)?)?"
)


def _of_the_republic(text: str, expected: bool) -> str | None:
    """Return the date of a year counted from 1912, as Taiwan's authorities print it: 112-03-15, 民國99年7月20日."""
    match = _REPUBLIC.fullmatch(text.strip())
    if match is None:
        return None
    year = int(match[2])
    sure = match[1] or FIRST_SURE_YEAR <= year <= LAST_YEAR or ("年" in text and year > MONTHS_OR_DAYS)
    if not sure and not (expected and MONTHS_OR_DAYS < year <= LAST_YEAR):
        return None
    return _date(year + 1911, int(match[3]), int(match[4]))


FIRST_SURE_YEAR = 100
LAST_YEAR = 150
"""Years of the Republic (2011 to 2061) of which no other calendar's numbers are taken for."""
MONTHS_OR_DAYS = 31


def _is_weekday_of(text: str, iso: str | None) -> bool:
    """Whether *text* names a day of the week, and it is that of the date."""
    named = _WEEKDAY.search(text)
    return named is not None and iso is not None and date.fromisoformat(iso).strftime("%a").lower() == named[1].lower()


def _is_in_season(text: str, month: int) -> bool:
    """Whether *text* names a term of the year, and *month* is in it."""
    named = _SEASON.search(text)
    if named is None:
        return False
    first, last = _MONTHS_OF[named[1].lower()]
    return first <= month <= last if first <= last else month >= first or month <= last


def _ago_abroad(match: re.Match[str], fetched_at: datetime) -> str | None:
    """Return the day of "gestern", "vor 3 Tagen", "il y a 2 heures", "hace un día"."""
    if match[1]:
        days = _DAYS_AGO[match[1].replace("’", "'")]
        return (fetched_at - timedelta(days=days)).date().isoformat()
    number = int(match[2]) if match[2].isdecimal() else 1
    seconds = {"s": 1, "m": 60, "h": 3600, "u": 3600, "d": 86400, "t": 86400, "j": 86400}
    unit = 3600 if match[3].startswith(("stunde", "ore", "ora")) else seconds.get(match[3][0], 86400)
    return (fetched_at - timedelta(seconds=unit * number)).date().isoformat()


def _ago(match: re.Match[str], fetched_at: datetime) -> str | None:
    number = 1 if match[1].lower() in ("a", "an", "一") else int(match[1])
    unit = match[2].lower()
    seconds = _SECONDS.get(unit) or {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(unit[0] if unit.isascii() else "")
    if seconds is None or unit in ("周", "个月", "月", "年"):
        return None
    try:
        return (fetched_at - timedelta(seconds=seconds * number)).date().isoformat()
    except OverflowError:
        return None


def _date(year: int, month: int, day_of_month: int) -> str | None:
    try:
        return date(year, month, day_of_month).isoformat()
    except ValueError:
        return None


def covered_days(iso: str | None) -> tuple[date | None, date | None]:
    """Return first and last day of an ISO date cut to year, month or day."""
    if iso is None:
        return None, None
    numbers = [int(part) for part in iso.split("-")]
    year = numbers[0]
    month = numbers[1] if len(numbers) > 1 else None
    if len(numbers) == 3:
        exact = date(*numbers)
        return exact, exact
    if month is not None:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)
