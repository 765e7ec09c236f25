"""When a file was put there first, by the table of its versions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from itertools import takewhile

from crawler.reading.ground import LONG_ATTRIBUTE, Fact, Ground
from crawler.reading.meaning import known_meaning
from crawler.reading.values import stated_size
from crawler.reading.zones import HEADINGS

_HISTORY = re.compile(
    r"(?:file|version|document) history|(?:previous )?versions|"
    r"(?:文件|檔案|版本|歷史|历史)(?:历史|歷史|版本|记录|紀錄)|"
    r"dateiversionen|historial del archivo|historique du fichier|cronologia del file|histórico do ficheiro|"
    r"bestandsgeschiedenis",
    re.IGNORECASE,
)

MOST_CELLS = 3_000
"""Lines of such a table that are looked at; of a longer one the first version is not known."""
WHOLE_DAY = len("2020-01-01")


def first_version(ground: Ground, published: Callable[[str], str | None]) -> Fact[str] | None:
    """Return the earliest day in a table of a file's versions: each row has a day and a size."""
    lines = ground.lines
    for index, line in enumerate(lines):
        if line.tag not in HEADINGS or not _HISTORY.fullmatch(line.plain.strip(" :：")):
            continue
        table = lines[index + 1 : index + 1 + MOST_CELLS]
        inside = list(takewhile(lambda line: line.tag not in HEADINGS, table))
        if len(inside) == MOST_CELLS:
            continue
        rows: dict[int, list[str]] = defaultdict(list)
        heads: list[str] = []
        for cell in inside:
            if cell.tag == "th":
                heads.append(cell.plain)
            elif cell.row:
                rows[cell.row].append(cell.spaced)
        if any(known_meaning(head) == "never" for head in heads):
            continue
        days = [
            (found, text)
            for cells in rows.values()
            if any(stated_size(text) for text in cells)
            for text in cells
            if len(text) <= LONG_ATTRIBUTE and (found := published(text)) is not None and len(found) == WHOLE_DAY
        ]
        if days:
            return Fact(*min(days), "versions")
    return None
