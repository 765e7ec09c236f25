"""Numbers written in Chinese characters."""

from __future__ import annotations

DIGITS = dict(zip("〇○零一二三四五六七八九", "000123456789", strict=True))


def below_hundred(number: str) -> int | None:
    """Return a number below 100 written in characters: 七, 十三, 二十, 二十一, 廿一.

    >>> [below_hundred(number) for number in ("七", "十", "十三", "二十", "三十一", "廿一", "十十")]
    [7, 10, 13, 20, 31, 21, None]
    """
    number = number.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = number.partition("十")
    if not ten:
        tens, ones = "零", number
    digits = [DIGITS.get(part or default) for part, default in ((tens, "一"), (ones, "零"))]
    return int(f"{digits[0]}{digits[1]}") if None not in digits else None
