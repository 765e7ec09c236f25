"""Records of Chinese documents as a search meets them: made from a number alone, any amount of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

import orjson

from simulator.draw import Draw
from simulator.wording.chinese import CHINESE
from simulator.wording.english import ENGLISH

SITES = 40
FORMATS = ("docx", "doc", "pdf", "pptx", "xlsx", "txt")
FORMAT_WEIGHTS = (34, 24, 30, 6, 4, 2)
START = datetime(2026, 1, 1, tzinfo=UTC)

WORDS = 30_000
"""Words of two to four characters beside the simulator's own sentences, the first ones much commoner than the last."""


@lru_cache(maxsize=1)
def _characters() -> list[str]:
    """The 3,755 characters of GB 2312, level 1."""
    codes = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return [c for high, low in codes if (c := bytes((high, low)).decode("gb2312", "ignore"))]


@lru_cache(maxsize=1)
def words() -> list[str]:
    """Return the words, the commonest first."""
    draw = Random(11)
    return ["".join(draw.choices(_characters(), k=draw.choice((2, 2, 2, 3, 4)))) for _ in range(WORDS)]


@lru_cache(maxsize=1)
def _weights() -> list[float]:
    return list(accumulate(1 / (rank + 20) for rank in range(WORDS)))


def record(number: int) -> dict[str, Any]:
    """Return record *number*, as `docarchive import` takes it: the same every time."""
    draw = Random(number)
    wording = ENGLISH if draw.random() < 0.03 else CHINESE
    own = Draw(number)
    work = wording.work(own)
    length = 300 + int(1700 * draw.random() ** 1.6)
    lines = list(wording.paragraphs(work, own, 6))
    size = sum(map(len, lines))
    while size < length:
        chosen = draw.choices(words(), cum_weights=_weights(), k=draw.randint(8, 26))
        marks = draw.choices(("", "", "", "", "，", "、", "的", "和", "在"), k=len(chosen))
        line = "".join(map(str.__add__, chosen, marks)) + "。"
        if draw.random() < 0.08:
            line += f"（{draw.randint(1990, 2026)}）第{draw.randint(1, 999)}号，共{draw.randint(2, 90)}页。"
        lines.append(line)
        size += len(line)
    day = date(2006, 1, 1) + timedelta(days=int(7300 * draw.random()))
    printed = day.isoformat()[: draw.choice((4, 7, 10, 10, 10, 10))]
    found: dict[str, Any] = {
        "site": f"site{min(int(draw.expovariate(0.12)), SITES - 1):02d}",
        "doc_id": str(100_000 + number),
        "title": work.title,
        "pages": 1 + int(draw.expovariate(1 / 14)),
        "format": draw.choices(FORMATS, FORMAT_WEIGHTS)[0],
        "size_text": f"{draw.randint(20, 900)}.{draw.randint(0, 99):02d}KB",
        "tags": list(work.tags),
        "preview_text": "\n".join(lines),
        "fetched_at": (START + timedelta(seconds=number)).isoformat(),
    }
    if draw.random() < 0.94:
        found["published_on"] = printed
    return found


def lines(numbers: range) -> list[bytes]:
    """Return the records as the lines of a file to be imported."""
    return [orjson.dumps(record(number)) for number in numbers]
