"""In which language a page speaks, and in which a text is written."""

from __future__ import annotations

import re

LANGUAGES = ("en", "zh")

_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)

_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_HAN = re.compile("[\u3400-\u9fff]")
_ENGLISH = re.compile(r"\b(?:the|of|and|for|with|report|policy|guidance)\b", re.IGNORECASE)
_LOOKED_AT = 2_000
_TRADITIONAL = frozenset("這個說為國學書時來對們會過後點還開問題實業關體務發經應當見數據單雜誌東長門間變")
_SIMPLIFIED = frozenset("这个说为国学书时来对们会过后点还开问题实业关体务发经应当见数据单杂志东长门间变")


def preferred(accept_language: str) -> str:
    """Return the language that Accept-Language likes best of those there are; English where it names none.

    >>> preferred("zh-CN,zh;q=0.9,en;q=0.8"), preferred("fr, en;q=0.5, zh;q=0.4"), preferred("nonsense;;")
    ('zh', 'en', 'en')
    """
    best, quality = LANGUAGES[0], 0.0
    for part in accept_language[:1000].split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        language = found[1].lower()
        weight = float(found[2]) if found[2] else 1.0
        if language in LANGUAGES and weight > quality:
            best, quality = language, weight
    return best


def language_of(text: str | None) -> str:
    """Return the language tag of a text, "" (not known, as HTML says it) where its letters do not tell.

    >>> language_of("计生长效机制"), language_of("這個國學"), language_of("Guidance of the office"), language_of("Café")
    ('zh-Hans', 'zh-Hant', 'en', '')
    """
    if not text:
        return ""
    looked_at = text[:_LOOKED_AT]
    if _KANA.search(looked_at):
        return "ja"
    if _HANGUL.search(looked_at):
        return "ko"
    if _HAN.search(looked_at):
        letters = set(looked_at)
        traditional, simplified = (
            len(letters & (_TRADITIONAL - _SIMPLIFIED)),
            len(letters & (_SIMPLIFIED - _TRADITIONAL)),
        )
        return "zh-Hant" if traditional > simplified else "zh-Hans"
    return "en" if _ENGLISH.search(looked_at) else ""
