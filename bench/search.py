"""Search over many records, published as runs are: exactness, speed, size, and the cost of a further run."""

from __future__ import annotations

import math
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import orjson

from archive.archive import Archive
from archive.clock import SystemClock
from archive.layout import Layout, create
from archive.publishing.import_run import all_or_nothing, publish_import
from archive.publishing.importing import READER, import_records
from archive.site_state.staging import Run, Staging
from archive.site_state.state import GROUP_PAGES
from archive.snapshot.selection import selection
from archive.text_index import catch_up, rebuild
from archive.text_index.asking import TextAnswer
from archive.text_index.fields import COUNTED
from archive.words.folding import fold
from archive.words.text_query import parse_text_query
from bench import search_records
from bench.sizes import Row

RECORDS_AT_ONCE = 20_000
"""Records of one run while an archive is built."""

RUN_RECORDS = 1_000

FURTHER_RUNS = 8
PIECES, QUESTIONS = 300, 200

RUNS, RUN_CHANGED, RUN_NEW = 50, 20, 20
"""Further runs after which all is asked again, and the documents of each."""

RUNS_UNSEEN = 10
"""So many runs the index is behind at a time; the last ones it is when everything is asked."""

MOST_IN_MEMORY = 200_000
"""Records that are looked through for the brute force; of a larger archive none are."""

SPEED_SAMPLE = 60
"""Questions of a kind that are timed."""


@dataclass
class Built:
    """An archive to search."""

    layout: Layout
    records: int
    seconds: float = 0.0
    import_cpu: float = 0.0
    index_cpu: float = 0.0
    clock: SystemClock = field(default_factory=SystemClock)

    def add(self, numbers: range) -> tuple[float, float, float]:
        """Publish the records as one run, then index them; return CPU seconds of either, and wall seconds of both."""
        lines = search_records.lines(numbers)
        wall, cpu = time.perf_counter(), time.process_time()
        publish_import(self.layout, self.clock, lambda staging: self._staged(staging, lines))
        published = time.process_time()
        catch_up(self.layout)
        done, seconds = time.process_time(), time.perf_counter() - wall
        return published - cpu, done - published, seconds

    def _staged(self, staging: Staging, lines: Sequence[bytes]) -> Run:
        """Stage as an import does, of documents that are all new: what is known of others is not read before."""
        run_id = self._run_id()
        with staging.state.transaction():
            staging.start_run(run_id, started_at=self.clock.now(), reader=READER, options={"import": True})
        with all_or_nothing(staging, run_id):
            for number, record in enumerate(import_records(lines, "bench", fetched_at=self.clock.now())):
                staging.state.begin_group()
                staging.stage(run_id, None, replace(record, run_id=run_id, capture=f"<urn:uuid:{run_id}>"))
                if number % GROUP_PAGES == GROUP_PAGES - 1:
                    staging.state.commit_group()
        return staging.run(run_id)

    def publish_changes(self, draw: Random, number: int) -> None:
        """Publish documents that are new, from *number* on, and others that have the text of other documents now."""
        later = {"fetched_at": self.clock.now().isoformat()}
        changed = [
            {**search_records.record(number + 1_000_000 + each), **_key(each), **later}
            for each in draw.sample(range(self.records), RUN_CHANGED)
        ]
        new = [{**search_records.record(number + each), **later} for each in range(RUN_NEW)]
        lines = list(map(orjson.dumps, [*changed, *new]))
        publish_import(self.layout, self.clock, lambda staging: self._staged(staging, lines))

    def _run_id(self) -> str:
        return f"{self.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"

    def bytes_of(self, *names: str) -> int:
        """Return the size of folders of the archive."""
        return sum(p.stat().st_size for n in names for p in (self.layout.root / n).rglob("*") if p.is_file())


def _key(number: int) -> dict[str, Any]:
    known = search_records.record(number)
    return {name: known[name] for name in ("site", "doc_id")}


def build(folder: Path, records: int) -> Built:
    """Make an archive of that many records."""
    built = Built(create(folder / "data"), records)
    for start in range(0, records, RECORDS_AT_ONCE):
        costs = built.add(range(start, min(start + RECORDS_AT_ONCE, records)))
        built.import_cpu += costs[0]
        built.index_cpu += costs[1]
        built.seconds += costs[2]
    return built


def answer(archive: Archive, text: str | None, **keywords: Any) -> TextAnswer:
    """Return what the index finds; it is there and whole, or this is no benchmark of it."""
    assert archive._session.texts is not None
    found = archive._session.texts.answer(archive._session, selection(search=text, **keywords))
    assert found is not None
    return found


# Exactness


@dataclass(frozen=True)
class Question:
    """A search and the filters beside it."""

    text: str
    filters: dict[str, Any] = field(default_factory=dict)


def pieces(draw: Random, records: int) -> list[Question]:
    """Return pieces of 2 to 16 characters, cut anywhere out of random texts."""
    found = []
    while len(found) < PIECES:
        text = search_records.record(draw.randrange(records))["preview_text"]
        start = draw.randrange(len(text) - 1)
        piece = text[start : start + draw.randint(2, 16)].replace("\n", " ").replace('"', "").strip()
        if piece:
            found.append(Question(f'"{piece}"'))
    return found


def questions(draw: Random, records: int) -> list[Question]:
    """Return questions with AND, OR, `-` and filters."""
    found = []
    for _ in range(QUESTIONS):
        one, two, three = (_word(draw, records) for _ in range(3))
        text = draw.choice((f"{one} {two}", f"{one} -{two}", f"{one} OR {two}", f"{one} OR {two} {three}", one))
        filters: dict[str, Any] = {}
        if draw.random() < 0.5:
            filters["site"] = [f"site{draw.randrange(8):02d}" for _ in range(2)]
        if draw.random() < 0.4:
            filters["doc_format"] = draw.choice(search_records.FORMATS)
        if draw.random() < 0.4:
            filters["published_from"] = f"{draw.randint(2006, 2016)}-0{draw.randint(1, 9)}"
        if draw.random() < 0.3:
            filters["published_to"] = f"{draw.randint(2017, 2025)}"
        if draw.random() < 0.3:
            filters |= {"min_pages": draw.randint(1, 6), "max_pages": draw.randint(7, 40)}
        found.append(Question(text, filters))
    return found


def _word(draw: Random, records: int) -> str:
    if draw.random() < 0.5:
        return search_records.words()[int(search_records.WORDS * draw.random() ** 4)]
    text = "".join(search_records.record(draw.randrange(records))["preview_text"].split())
    start = draw.randrange(len(text) - 4)
    return text[start : start + draw.randint(1, 4)].replace('"', "").lstrip("-") or "工作"


def wrong(archive: Archive, asked: Sequence[Question], rows: Sequence[tuple[Any, ...]]) -> tuple[int, int]:
    """Return how many documents the index did not find, and found wrongly, over all questions."""
    missed = false = 0
    for question in asked:
        chosen = selection(search=question.text, **question.filters)
        query = parse_text_query(question.text)
        expected = {r[0] for r in rows if query.matches(r[2]) and chosen.admits(r[1])}
        found = answer(archive, question.text, **question.filters)
        keys = {(site, doc_id) for site, doc_id, _ in found.all()}
        assert found.total == len(keys)
        missed += len(expected - keys)
        false += len(keys - expected)
    return missed, false


def folded_rows(archive: Archive) -> list[tuple[Any, ...]]:
    """Return key, filtered values and folded texts of every document, read from the tables."""
    names = ("site", "doc_id", "format", "pages", "published_from", "published_until")
    rows = archive.query(f"SELECT {', '.join(names)}, title, tags, preview_text FROM documents")
    return [
        (
            (row["site"], row["doc_id"]),
            {name: row[name] for name in names},
            [fold(text or "") for text in (row["title"], *(row["tags"] or ()), row["preview_text"])],
        )
        for row in rows
    ]


# Speed


def p95(asked: Sequence[Callable[[], Any]]) -> tuple[float, float]:
    """Return the 95th percentile of wall and of CPU milliseconds; each is asked twice and the better one counts."""
    walls, cpus = [], []
    for ask in asked:
        tries = []
        for _ in range(2):
            wall, cpu = time.perf_counter(), time.process_time()
            ask()
            tries.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
        walls.append(min(t[0] for t in tries))
        cpus.append(min(t[1] for t in tries))
    return _percentile(walls), _percentile(cpus)


def _percentile(values: Sequence[float]) -> float:
    return sorted(values)[max(0, math.ceil(len(values) * 0.95) - 1)]


def kinds(archive: Archive, draw: Random, records: int) -> dict[str, tuple[list[Callable[[], Any]], float]]:
    """Return the questions that are timed, by their kind, with the bar in milliseconds."""
    common = [search_records.words()[rank] for rank in range(0, 3 * SPEED_SAMPLE, 3)]
    sentences = ["领导小组", "工作机制", "实施方案", "贯彻落实", "责任", "工作", "管理", "检查", "情况", "单位"]
    terms = [*sentences, *common][:SPEED_SAMPLE]
    phrases = [q.text for q in pieces(draw, records) if 8 <= len(q.text) <= 16][:SPEED_SAMPLE]
    pairs = [f"{draw.choice(sentences)} {term}" for term in terms]
    keys = [
        (r["site"], r["doc_id"]) for r in archive.query(f"SELECT site, doc_id FROM raw_versions LIMIT {SPEED_SAMPLE}")
    ]

    def of(texts: Sequence[str], ask: Callable[[str], Any]) -> list[Callable[[], Any]]:
        return [lambda text=text: ask(text) for text in texts]

    filtered = {"site": ["site00", "site03"], "published_from": "2010", "published_to": "2020", "min_pages": 5}
    return {
        "count of a word": (of(terms, lambda t: answer(archive, t).total), 30),
        "count of a character": (of([t[0] for t in terms], lambda t: answer(archive, t).total), 30),
        "count of a phrase": (of(phrases, lambda t: answer(archive, t).total), 30),
        "count of two words": (of(pairs, lambda t: answer(archive, t).total), 30),
        "BM25 top 10 of a word": (of(terms, lambda t: answer(archive, t).first(10)), 30),
        "BM25 top 10 of two words": (of(pairs, lambda t: answer(archive, t).first(10)), 30),
        "filters, by date, first 10": (
            of(terms, lambda t: answer(archive, t, sort="published", **filtered).first(10)), 30),
        "sites, formats, years, tags, flags of 30 %": (
            of(sentences[:6], lambda t: [answer(archive, t).counts(n) for n in COUNTED]), 150),
        "a document by its key, whole": ([lambda k=k: archive.get(*k) for k in keys], 5),
        "search, 10 whole rows": (of(terms, lambda t: archive.search(t, limit=10).to_list()), 30),
    }  # fmt: skip


def cold_seconds(layout: Layout) -> float:
    """Return what the first answer of a new process takes, Python's start included: the median of three."""
    command = [sys.executable, "-m", "docarchive.cli", "search", "领导小组", "--limit", "10", "--json"]
    took = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([*command, "--archive", str(layout.root)], check=True, capture_output=True)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def rows(folder: Path, records: int, *, young: Built | None = None) -> Iterator[Row]:
    """Build, then measure; *young*: what a further run of an archive of 20,000 costs is measured beside."""
    built = build(folder, records)
    cpu = built.import_cpu + built.index_cpu
    yield f"{records:,} records imported and indexed a second", f"{records / built.seconds:.0f}", "400"
    yield (
        "the same a CPU second",
        f"{records / cpu:.0f}",
        f"import {built.import_cpu:.0f} s, index {built.index_cpu:.0f} s",
    )
    size = {name: built.bytes_of(name) / records for name in ("tables", "index")}
    yield "bytes a record, tables and index", f"{sum(size.values()):,.0f}", f"16,000; index {size['index']:,.0f}"
    draw = Random(5)
    with Archive.open(built.layout.root) as archive:
        for what, (asked_all, bar) in kinds(archive, draw, records).items():
            wall, used = p95(asked_all)
            yield f"{what}: ms, p95", f"{wall:.1f}", f"{bar:g}; {used:.1f} CPU"
    yield "first answer of a new process: s", f"{cold_seconds(built.layout):.2f}", "2"
    if records <= MOST_IN_MEMORY:
        yield from exactness(built)
    yield from further_run(built, young)


def exactness(built: Built) -> Iterator[Row]:
    """Yield how many documents are missed, and found wrongly: as built, made again, and after many small runs."""
    draw = Random(7)
    yield from asked_of(built, "as built")
    rebuild(built.layout)
    yield from asked_of(built, "index made again")
    for run in range(RUNS):
        built.publish_changes(draw, 20_000_000 + run * RUN_NEW)
        if run % RUNS_UNSEEN == 0:
            catch_up(built.layout)
    yield from asked_of(built, f"after {RUNS} runs, {RUNS_UNSEEN - 1} of them not indexed")
    catch_up(built.layout)


def asked_of(built: Built, when: str) -> Iterator[Row]:
    """Ask all pieces and questions, and look through all texts for the same."""
    draw = Random(5)
    with Archive.open(built.layout.root) as archive:
        known = folded_rows(archive)
        for what, asked in (("pieces", pieces(draw, built.records)), ("questions", questions(draw, built.records))):
            missed, false = wrong(archive, asked, known)
            yield f"{len(asked)} {what}, {when}: missed, found wrongly", f"{missed} {false}", "0 0"


def further_run(built: Built, young: Built | None) -> Iterator[Row]:
    """Yield what a run of 1,000 new records adds, in turn with an archive of 20,000.

    Each eighth or so makes parts of the index one, which costs as much as several: the mean counts, not the median.
    """
    number = 10_000_000
    costs: dict[str, list[tuple[float, float]]] = {"young": [], "old": []}
    for _ in range(FURTHER_RUNS):
        for name, each in (("young", young), ("old", built)):
            if each is not None:
                costs[name].append(each.add(range(number, number + RUN_RECORDS))[:2])
                number += RUN_RECORDS
    means = {
        name: [statistics.mean(column) for column in zip(*found, strict=True)] for name, found in costs.items() if found
    }
    for i, part in enumerate(("imported", "indexed")):
        old = means["old"][i]
        beside = f"ratio {old / means['young'][i]:.2f} to 20,000 records, bar 2" if "young" in means else ""
        yield f"a run of {RUN_RECORDS:,}, {part}: CPU s", f"{old:.2f}", beside
