"""Which day a printed date means, whole, partial or relative, in the order that the page's language has."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta

from crawler.reading.numerals import DIGITS, below_hundred

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
    r"((?:1[4-9]|20)\d\d)(?!\d)",
    re.I,
)
_MDY = re.compile(r"(?<![A-Za-z])([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:1[4-9]|20)\d\d)(?!\d)", re.I)
_YM = re.compile(r"(?<!\d)((?:19|20)\d\d)[\s\-/.,]+([A-Za-z]{3,9})(?![A-Za-z])", re.I)
_YMD = re.compile(r"(?<!\d)((?:19|20)\d\d)[\s\-/.,]+([A-Za-z]{3,9})\.?[\s\-/.,]+(\d{1,2})(?!\d)", re.I)
_MY = re.compile(r"(?<![A-Za-z])([A-Za-z]{3,9})\.?,?[\s\-./]+((?:19|20)\d\d)(?!\d)", re.I)
_CTIME = re.compile(r"\b([A-Z][a-z]{2}) {1,2}(\d{1,2}) \d\d:\d\d:\d\d (?:[A-Z]{2,5} )?((?:19|20)\d\d)(?!\d)")
"""Mon Feb 01 00:00:00 EST 1960, as C prints it."""

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)\d\d)(?!\d)")
_SHORT_YEAR = re.compile(
    r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d\d)(?:\Z|,?\s\d{1,2}:\d\d(?::\d\d)?(?:\s?([AP])\.?M\b)?)", re.IGNORECASE
)
"""3/25/16 10:22 AM."""
CENTURY_TURNS = 70
"""Years of two digits below this are of the years 2000."""
_CHINESE_MONTH = re.compile(r"(?:(?<!\d)(\d{1,2})[-\s])?(十[一二]?|[一二三四五六七八九])月[-\s]((?:19|20)\d\d)(?!\d)")
"""12-六月-2019: the month's name where software meant for Jun has it."""
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
_OLD_YEAR = re.compile(r"(1[4-8]\d\d)年?(?:\s?\[c(?:1[4-8]\d\d)\])?")
"""A year alone, of a print or a manuscript; behind it that of its copyright: 1849 [c1848]."""

_OLD_MONTH = re.compile(r"(1[4-8](?:1[3-9]|[2-9]\d)-(?:0[1-9]|1[0-2]))")
"""A month of such a year, where it can not be the end of a span of years as well: 1897-06, not 1801-10."""

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
    if "民" in text and (written := _REPUBLIC_DAY.search(text)) is not None:
        found = _of_characters(written, FIRST_YEAR - 1)
        if found is not None:
            return found
    if "月" in text and (named := _CHINESE_MONTH.search(text)) is not None:
        month = below_hundred(named[2])
        if month is not None:
            return _date(int(named[3]), month, int(named[1])) if named[1] else f"{named[3]}-{month:02d}"
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
    short = _SHORT_YEAR.search(text) if "/" in text else None
    if short is not None and (found := _of_short_year(short, fetched_at, day_first)) is not None:
        return found
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
    old = _OLD_YEAR.fullmatch(text.strip()) or _OLD_MONTH.fullmatch(text.strip())
    return old[1] if old else None


def _of_short_year(match: re.Match[str], fetched_at: datetime, day_first: bool | None) -> str | None:
    """Return the date of 3/25/16 10:22 AM; None where it would lie behind *fetched_at*."""
    first, second, short = int(match[1]), int(match[2]), int(match[3])
    year = short + (1900 if short >= CENTURY_TURNS else 2000)
    if year > fetched_at.year:
        return None
    month_first = second > 12 or (first <= 12 and (day_first is False or (day_first is None and match[4] is not None)))
    return _date(year, first, second) if month_first else _date(year, second, first)


_CHINESE_DAY = re.compile(
    r"([一二][〇○零0一二三四五六七八九]{3})\s?年\s?([一二三四五六七八九十]{1,2})\s?月(?:\s?([一二三四五六七八九十廿卅]{1,3})\s?[日号])?"
)
"""二〇二〇年七月十三日, as official papers write it."""


_REPUBLIC_DAY = re.compile(
    r"民[國国]\s?([一二][〇零○一二三四五六七八九]{2}|一百(?:[零〇○]?[一二三四五六七八九十]{1,3})?|[一二三四五六七八九十]{1,3})\s?年\s?"
    r"([一二三四五六七八九十]{1,2})\s?月(?:\s?([一二三四五六七八九十廿卅]{1,3})\s?[日號号])?"
)
"""中華民國九十四年三月八日, 民國一百零三年五月: as older papers of Taiwan's authorities write it."""


def _of_characters(written: re.Match[str], before: int | None = None) -> str | None:
    """Return a date whose numbers are written in Chinese characters, cut to the month where no day is written.

    *before*: years are numbers, counted from the one behind it, and not the four digits of a year.
    """
    if before is None:
        year = "".join(DIGITS.get(character, character) for character in written[1])
    elif all(character in DIGITS for character in written[1]) and len(written[1]) > 2:
        year = str(before + int("".join(DIGITS[character] for character in written[1])))
    else:
        hundred, tens = written[1].startswith("一百"), written[1].removeprefix("一百").lstrip("零〇○")
        number = below_hundred(tens) if tens else 0
        if number is None:
            return None
        year = str(before + 100 * hundred + number)
    month, day_of_month = (below_hundred(number) if number else None for number in (written[2], written[3]))
    if month is None or not 1 <= month <= 12:
        return None
    return _date(int(year), month, day_of_month) if day_of_month is not None else f"{year}-{month:02d}"


_REPUBLIC_MONTH = re.compile(r"(?:中[華华])?(?:民國|民国)\s{0,3}(\d{1,3})\s{0,3}年\s{0,3}(?:(\d{1,2})\s{0,3}月)?")
"""A month of the Republic, or a year: 民國99年5月."""

_REPUBLIC = re.compile(
    r"(?:中[華华](?=民))?(民國|民国)?\s{0,3}(\d{2,3})\s{0,3}[-./年]\s{0,3}(\d{1,2})\s{0,3}[-./月]\s{0,3}(\d{1,2})\s{0,3}日?"
    r"(?:\s{1,3}\d{1,2}:\d\d(?::\d\d)?)?"
)


def _of_the_republic(text: str, expected: bool) -> str | None:
    """Return the date of a year counted from 1912, as Taiwan's authorities print it: 112-03-15, 民國99年7月20日."""
    match = _REPUBLIC.fullmatch(text.strip())
    if match is None:
        partial = _REPUBLIC_MONTH.fullmatch(text.strip())
        if partial is None or not partial[2]:
            return str(int(partial[1]) + 1911) if partial is not None else None
        return f"{int(partial[1]) + 1911}-{int(partial[2]):02d}" if 1 <= int(partial[2]) <= MONTHS else None
    year = int(match[2])
    sure = match[1] or FIRST_SURE_YEAR <= year <= LAST_YEAR or ("年" in text and year > MONTHS_OR_DAYS)
    if not sure and not (expected and MONTHS_OR_DAYS < year <= LAST_YEAR):
        return None
    return _date(year + 1911, int(match[3]), int(match[4]))


FIRST_YEAR = 1912
"""The first year of the Republic."""
FIRST_SURE_YEAR = 100
LAST_YEAR = 150
"""Years of the Republic (2011 to 2061) of which no other calendar's numbers are taken for."""
MONTHS_OR_DAYS = 31
MONTHS = 12


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
