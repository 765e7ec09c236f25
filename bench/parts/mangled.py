"""How well mangled texts are told from clean ones, by the right table, and how well they are restored.

`DOCARCHIVE_COPIES` names a folder with `docs.jsonl` and `truth.jsonl` (`bench.copies`); without it documents are made,
which have few words and say little of context. `DOCARCHIVE_TABLES` names a file of tables in JSON, {"A": [["计划",
"方案"], ...]}; without it those that everybody has. Some works of the folder are left out but for one mangled copy,
others get one more.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from archive.archive import Archive
from bench import copies
from bench.copies import Made
from bench.mangling import Change, Restoration, Tables, area_under_curve, mangle, seed_tables
from bench.measure import cost_of
from bench.sizes import Row, Sizes

DOCUMENTS = 2_000
SEED = 78

RESTORED = 25
"""Works of each table that are restored without a clean copy, and as many with one."""

PARTLY = ("sub30",)
WHOLLY = ("sub100", "sub100_t1500", "seedlike", "kitchen", "mangled", "mangled cut")
MANGLED = (*PARTLY, *WHOLLY, "sub60", "sub100_t500")


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """AUC, names and restoration, with what the copies themselves teach and without."""
    given = os.environ.get("DOCARCHIVE_COPIES")
    made = copies.read(Path(given)) if given else copies.make(sizes.documents or DOCUMENTS, SEED)
    names = _tables_of(Path(given)) if given else {}
    r = random.Random(SEED)
    tables = _tables()
    made, asked = _with_asked(made, tables, r)
    archive = folder / "data"
    records = folder / "records.jsonl"
    with records.open("w", encoding="utf-8") as file:
        for each in made:
            row = {"site": each.site, "doc_id": str(each.number), "title": each.title or "-", "preview_text": each.text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    command = [sys.executable, "-m", "docarchive", "--archive", str(archive)]
    cost_of([*command, "import", str(records)], log=folder / "log")
    for learned in (False, True):
        cost_of([*command, "rebuild", "duplicates", *(["--learn"] if learned else [])], log=folder / "log")
        cost_of([*command, "duplicates", "--json"], log=folder / "log")
        what = "mangled, pairs learned" if learned else "mangled, seed pairs"
        with Archive.open(archive) as opened:
            yield from _scores(what, opened, made, names)
            yield from _restored(what, opened, asked)


def _tables() -> Tables:
    given = os.environ.get("DOCARCHIVE_TABLES")
    if given is None:
        return seed_tables()
    read = json.loads(Path(given).read_text("utf-8"))
    tables: dict[str, dict[str, str]] = {}
    for table, pairs in read.items():
        for original, replacement in pairs:
            tables.setdefault(table, {}).setdefault(original, replacement)
    return tables


def _tables_of(folder: Path) -> dict[int, str]:
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: row["table"] for row in map(json.loads, lines) if row.get("table", "-") != "-"}


Asked = dict[str, list[tuple[int, list[Change]]]]
"""Where what was said before must be known from -> numbers of documents, and what was done to them."""


def _with_asked(made: Sequence[Made], tables: Tables, r: random.Random) -> tuple[list[Made], Asked]:
    originals = [each for each in made if each.kind == "orig"]
    r.shuffle(originals)
    number = max(each.number for each in made)
    new: list[Made] = []
    left_out: set[str] = set()
    asked: Asked = {"context": [], "copy": []}
    for table, words in sorted(tables.items()):
        for where in asked:
            for original in originals[:RESTORED]:
                number += 1
                text, changes = mangle(original.text, words, r, numbers=table == "A")
                asked[where].append((number, changes))
                new.append(replace(original, number=number, text=text, kind="asked", site=f"s{r.randrange(12)}"))
                if where == "context":
                    left_out.add(original.base)
            del originals[:RESTORED]
    return [*(each for each in made if each.base not in left_out), *new], asked


def _scores(what: str, opened: Archive, made: Sequence[Made], names: dict[int, str]) -> Iterator[Row]:
    found = {
        int(row["doc_id"]): (row["mangled_by"], row["mangled_score"])
        for row in opened.query("SELECT doc_id, mangled_by, mangled_score FROM documents")
    }
    clean = [found[each.number][1] for each in made if each.kind not in (*MANGLED, "asked")]
    for share, kinds, bar in (("30 %", PARTLY, ".98"), ("all", WHOLLY, ".995")):
        scores = [found[each.number][1] for each in made if each.kind in kinds]
        if scores:
            yield f"{what}: AUC, {share} of the words replaced", f"{area_under_curve(scores, clean):.4f}", bar
    named = [(found[number][0], table) for number, table in names.items() if number in found and found[number][0]]
    if named:
        right = sum(one == other for one, other in named) / len(named)
        yield f"{what}: right table, of those found", f"{right:.4f}", "-"
        of_kind = [each.number for each in made if each.kind in WHOLLY]
        yield f"{what}: found, all replaced", f"{sum(bool(found[n][0]) for n in of_kind) / len(of_kind):.4f}", "-"
    yield f"{what}: clean ones named", f"{sum(score >= 0.5 for score in clean) / len(clean):.4f}", "-"


def _restored(what: str, opened: Archive, asked: Asked) -> Iterator[Row]:
    by_number = {row["doc_id"]: row for row in opened.records(limit=0)}
    for where, bars in (("context", (".95", ".90")), ("copy", (".99", ".99"))):
        known = [by_number[str(number)] for number, _ in asked[where]]
        score = Restoration()
        for row, made, (_, changes) in zip(known, opened.restored_rows(known), asked[where], strict=True):
            score.add(row["preview_text"], changes, made["spans"])
        yield f"{what}, from {where}: changes right", f"{score.right / max(1, score.made):.4f}", bars[0]
        yield f"{what}, from {where}: words restored", f"{score.restored / max(1, score.words):.4f}", bars[1]
        yield f"{what}, from {where}: guessed wrongly", f"{score.guessed}", "0"
