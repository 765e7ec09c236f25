"""No text makes a pattern of the reader slow: each is searched in long hostile texts."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import crawler.platforms
import crawler.reading
from crawler.reading.phrases import Phrases

CHARACTERS = 50_000
NOTICEABLE = 0.1
"""Seconds up to which nobody minds."""

BETWEEN = 9
"""More than four times, less than sixteen times as long."""

PIECES = (
    "a", " ", "1", "，", "(", "/", "-", ".", "1,", "a ", "1 ", "a1", "页", "第1", "共", "2023-", "已阅读", "x:", "\x01",
    "&a=", "Ã", "é©", "<a ", "Jan ", "of ", "showing 1 - ", "1 - 2 of ", "页面", "文档", "=\"", "createPage(", "\n",
)  # fmt: skip


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield each pattern once, by the module that comes first of those that use it."""
    seen = set()
    for package in (crawler.reading, crawler.platforms):
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            for name, value in vars(module).items():
                pattern = value.pattern if isinstance(value, Phrases) else value
                if isinstance(pattern, re.Pattern) and pattern not in seen:
                    seen.add(pattern)
                    yield f"{found.name}.{name}", pattern


def seconds(pattern: re.Pattern[str] | re.Pattern[bytes], piece: str, characters: int) -> float:
    """Return the CPU time of one search in a text made of *piece* over and over."""
    text = (piece * (characters // len(piece) + 1))[:characters]
    began = time.process_time()
    if isinstance(pattern.pattern, bytes):
        pattern.search(text.encode())  # type: ignore[arg-type]
    else:
        pattern.search(text)  # type: ignore[arg-type]
    return time.process_time() - began


def is_linear(pattern: re.Pattern[str] | re.Pattern[bytes], piece: str, characters: int = CHARACTERS) -> bool:
    """Whether four times the text takes about four times as long; sixteen times would be the square.

    Where the quarter takes so little that nobody would mind the square, the whole is not searched.
    """
    if seconds(pattern, piece, characters // 4) * 16 < NOTICEABLE:
        return True
    took = seconds(pattern, piece, characters)
    return took < NOTICEABLE or took < BETWEEN * seconds(pattern, piece, characters // 4)


@pytest.mark.parametrize(("name", "pattern"), [pytest.param(n, p, id=n) for n, p in patterns()])
def test_no_pattern_is_slow_on_any_text(name: str, pattern: re.Pattern[str] | re.Pattern[bytes]) -> None:
    assert [piece for piece in PIECES if not is_linear(pattern, piece)] == []


def test_a_slow_pattern_is_seen() -> None:
    assert not is_linear(re.compile(r"\d+x"), "1", CHARACTERS // 5)
