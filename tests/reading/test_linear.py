"""No text makes a pattern of the reader slow: each is searched in long hostile texts."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import crawler.platforms
import crawler.reading
from crawler.reading.phrases import Phrases

CHARACTERS = 100_000
PIECES = (
    "a", " ", "1", "，", "(", "/", "-", ".", "1,", "a ", "1 ", "a1", "页", "第1", "共", "2023-", "已阅读", "x:", "\x01",
    "&a=", "Ã", "é©", "<a ", "Jan ", "of ", "showing 1 - ", "1 - 2 of ", "页面", "文档", "=\"", "createPage(", "\n",
)  # fmt: skip


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    for package in (crawler.reading, crawler.platforms):
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            for name, value in vars(module).items():
                if isinstance(value, Phrases):
                    yield f"{found.name}.{name}", value.pattern
                if isinstance(value, re.Pattern):
                    yield f"{found.name}.{name}", value


@pytest.mark.timeout(20)
@pytest.mark.parametrize(("name", "pattern"), [pytest.param(n, p, id=n) for n, p in patterns()])
def test_no_pattern_is_slow_on_any_text(name: str, pattern: re.Pattern[str] | re.Pattern[bytes]) -> None:
    for piece in PIECES:
        text = (piece * (CHARACTERS // len(piece) + 1))[:CHARACTERS]
        if isinstance(pattern.pattern, bytes):
            pattern.search(text.encode())  # type: ignore[arg-type]
        else:
            pattern.search(text)  # type: ignore[arg-type]
