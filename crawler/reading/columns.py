"""Tables whose columns have heads: the files of a document, with their sizes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crawler.reading.lines import SEPARATOR, Line
from crawler.reading.meaning import known_meaning
from crawler.reading.values import file_ending, format_of, stated_size
from crawler.reading.zones import Zone

LONG_NUMBER = 4
"""Digits of a number of bytes in a table, at least."""

_COLUMNS = 3
MOST_CELLS = 40
"""Cells of a row in which the name of its file is looked for."""

LONGEST_HEAD = 14
"""Characters of the head of a column, at the most."""
_TABLE_COLUMNS = frozenset(("size", "format", "pages", "published", "uploaded"))
_OF_FILES = frozenset(("size", "format", "pages"))


def tables_of(lines: Sequence[Line], zones: Sequence[Zone]) -> dict[int, list[tuple[str, str, str]]]:
    """Return the lines of tables with column heads, each with the pairs that its first row of values makes.

    Further rows are other files of the same document.
    """
    rows: dict[int, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if line.row and not zones[index].foreign:
            rows[line.row].append(index)
    order = list(rows.values())
    found: dict[int, list[tuple[str, str, str]]] = {}
    for number, heads in enumerate(order[:-1]):
        if len(heads) < 2 or not _are_heads(lines, heads, order[number + 1]):
            continue
        columns = [(known_meaning(lines[i].plain), lines[i].plain) for i in heads]
        files = any(meaning in _OF_FILES for meaning, _ in columns) or (
            any(meaning is not None for meaning, _ in columns)
            and any(file_ending(lines[i].plain) is not None for i in order[number + 1])
        )
        if not files or _lists_pages(lines, order[number + 1], columns):
            continue
        cells: list[list[int]] = []
        for index in order[number + 1]:
            if cells and cell_of(lines[index]) == cell_of(lines[cells[-1][0]]):
                cells[-1].append(index)
            else:
                cells.append([index])
        whole = [SEPARATOR.join(lines[i].text for i in cell) for cell in cells]
        pairs = [
            (meaning, name, value)
            for (meaning, name), value in zip(columns, _under(columns, whole), strict=True)
            if meaning in _TABLE_COLUMNS and meaning is not None and value
        ]
        ending = next((e for i in order[number + 1] for a in lines[i].anchors if (e := file_ending(a.href))), None)
        if ending is not None and not any(meaning == "format" and format_of(value) for meaning, _, value in pairs):
            pairs.append(("format", "file", ending))  # of the first file: a column of types may have other ones
        pairs = [_exactly(pair, lines, order[number + 1]) for pair in pairs]
        found.update({index: [] for index in (*heads, *order[number + 1])})
        found[order[number + 1][0]] = pairs
    return found


def _exactly(pair: tuple[str, str, str], lines: Sequence[Line], row: Sequence[int]) -> tuple[str, str, str]:
    """Return a pair; of a format that only names the program, Microsoft Word, the ending of the file's name."""
    meaning, name, value = pair
    if meaning != "format" or (broad := format_of(value)) not in _OF_PROGRAMS or value.strip(" .").lower() == broad:
        return pair
    endings = (file_ending(lines[i].plain) for i in row[:MOST_CELLS])
    return next(((meaning, name, ending) for ending in endings if ending == f"{broad}x"), pair)


_OF_PROGRAMS = frozenset(("doc", "xls", "ppt"))


def _under(columns: Sequence[tuple[str | None, str]], cells: Sequence[str]) -> Sequence[str]:
    """Return the cell of each column; where cells are empty, which makes no lines, a size is known by what it is."""
    size = next((cell for cell in cells if stated_size(cell) is not None), None)
    size = size or next((cell for cell in cells if cell.isdecimal() and len(cell) >= LONG_NUMBER), None)
    at = next((number for number, (meaning, _) in enumerate(columns) if meaning == "size"), None)
    if len(cells) == len(columns) and (at is None or size is None or _is_size(cells[at])):
        return cells
    padded = [*cells, *[""] * len(columns)]
    return [
        size if meaning == "size" and size is not None else cell
        for (meaning, _), cell in zip(columns, padded, strict=False)
    ]


def _is_size(cell: str) -> bool:
    return cell.isdecimal() or stated_size(cell) is not None


def _lists_pages(lines: Sequence[Line], row: Sequence[int], columns: Sequence[tuple[str | None, str]]) -> bool:
    """Whether a table with a column of titles lists other documents: its rows lead to pages, not to files."""
    titled = any(meaning == "title" for meaning, _ in columns)
    anchors = [anchor for index in row for anchor in lines[index].anchors]
    lead_to_files = (file_ending(a.href) not in (None, "html") or "download" in a.href.lower() for a in anchors)
    names_a_file = any(file_ending(lines[index].plain) is not None for index in row)
    return titled and bool(anchors) and not names_a_file and not any(lead_to_files)


def cell_of(line: Line) -> int:
    """Return the element that is the line's cell in its row."""
    at = line.path.index(line.row) + 1 if line.row in line.path else len(line.path)
    return line.path[at] if at < len(line.path) else line.element


def _are_heads(lines: Sequence[Line], heads: Sequence[int], values: Sequence[int]) -> bool:
    """Whether *heads* are the heads of columns: marked so, or words above as many cells with numbers."""
    if all(lines[i].tag == "th" for i in heads):
        return True
    if lines[heads[0]].tag == "th" and lines[heads[1]].tag == "td":
        return False  # pairs, two in a row
    if len(heads) < _COLUMNS or len(values) < len(heads) or any(lines[i].plain.endswith((":", "：")) for i in heads):
        return False
    words = all(len(lines[i].plain) <= LONGEST_HEAD and not any(c.isdecimal() for c in lines[i].plain) for i in heads)
    return words and any(c.isdecimal() for i in values for c in lines[i].plain)
