"""The gates: faults injected into simulated sites, and healthy runs with natural variation.

A fault is missed when a run that is not held publishes a record that is not what the site says, or listings that no
longer name what is there; one that the reader reads through correctly, or that no fetched page shows, is none.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.direct import DirectSite
from docarchive import Archive
from simulator.script import FAULTS

ALL_FAULTS = ("renumbered", *FAULTS)
SHARES = (1.0, 0.2)
CHECKED = ("title", "size_bytes", "pages", "format", "published_on", "tags", "preview_text")
"""Fields that are held against the simulator's truth."""
HEALTHY_RUNS = 3
"""Published runs before a fault."""
A_DAY = 86_000
"""Seconds that a fault lasts: the next crawl of the same site is past it."""


@dataclass
class Tally:
    """What became of the faults."""

    held: Counter[str] = field(default_factory=Counter)
    """Event of the run -> faults: held, empty, or none (the site blocks us)."""
    read_through: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    damaged: int = 0


def faults(folder: Path, documents: int, share: float, *, arrivals: bool, seed: int = 7) -> Tally:
    """Inject every fault into a site of *documents*, on a *share* of its pages; *arrivals*: new documents alone.

    With *arrivals* each run brings *documents* new ones, and known ones are not asked for again.
    """
    site = DirectSite(documents, seed=seed)
    base = folder / "base"
    brought = documents if arrivals else max(1, documents // 20)
    asking: dict[str, Any] = {"revisit_budget": 0} if arrivals else {"full": True}
    for number in range(HEALTHY_RUNS):
        if number:
            site.happen("added", count=brought)
            site.happen("changed", share=0.005)
        outcome = site.crawl(base, **asking)
        assert outcome.event == "published", outcome.reason
    site.happen("added", count=brought)
    tally = Tally()
    for fault in (*FAULTS, "renumbered"):  # the last one lasts
        archive = folder / "copy"
        shutil.copytree(base, archive)
        if fault == "renumbered":
            site.happen("renumbered", share=share)
        else:
            site.happen("fault", name=fault, share=share, duration=A_DAY + 86_400)
        before = _visible(archive)
        outcome = site.crawl(archive, **asking)
        site.clock.advance(A_DAY)
        after = _visible(archive)
        wrong = _damaged(site, before, after)
        if outcome.event != "published":
            tally.held[outcome.event or f"exit {outcome.exit_code}"] += 1
        elif wrong or (unlisted := _unlisted(archive, outcome.run_id)):
            tally.missed.append(f"{fault} ({wrong or unlisted} of {documents})")
        else:
            tally.read_through.append(fault)
        tally.damaged += wrong
        shutil.rmtree(archive)
    shutil.rmtree(base)
    return tally


def _visible(archive: Path) -> dict[str, dict[str, object]]:
    with Archive.open(archive) as opened:
        return {row["doc_id"]: {name: row[name] for name in CHECKED} for row in opened.records(limit=0)}


def _unlisted(archive: Path, run_id: str) -> int:
    """Return how many documents a published run's listings named no more; none was taken out."""
    with Archive.open(archive) as opened:
        options = next(json.loads(row["options"]) for row in opened.runs() if row["run_id"] == run_id)
    (measures,) = options["measures"].values()
    return int(measures["shares"].get("listing/unlisted", (0, 0))[0])


def _damaged(site: DirectSite, before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]) -> int:
    """Return how many records are not what the site says, though they were or are new; and how many were doubled."""
    truth = site.truth()
    wrong = 0
    for doc_id, record in after.items():
        if before.get(doc_id) != record:
            said = truth.get(doc_id)
            wrong += said is None or any(record[name] != said[name] for name in CHECKED)
    return wrong + (len(after) > len(truth))


def healthy(folder: Path, documents: int, runs: int, seed: int) -> list[str]:
    """Crawl a healthy site *runs* times while it lives; return why runs were held, were there any."""
    draw = random.Random(seed)
    site = DirectSite(documents, seed=seed, failure_rate=0.01)
    archive = folder / f"healthy-{documents}-{seed}"
    held = []
    for number in range(runs):
        if number:
            _live(site, draw, documents)
        outcome = site.crawl(archive, full=draw.random() < 0.3)
        if outcome.event in ("held", "empty"):
            held.append(f"run {number + 1} of seed {seed}: {outcome.event}: {outcome.reason}")
    shutil.rmtree(archive)
    return held


def _live(site: DirectSite, draw: random.Random, documents: int) -> None:
    """Let a day pass: uploads, edits, removals, returns, moves, backdated batches, pages that fail."""
    site.happen("changed", share=draw.choice((0, 0, 0.002, 0.005, 0.01, 0.02, 0.05)))
    site.happen("added", count=draw.choice((0, 1, 3, 10, documents // 20 + 1, documents // 10 + 1)))
    if draw.random() < 0.5:
        how = draw.choice(("gone", "missing", "notice", "soft404", "unlisted"))
        site.happen("withdrawn", share=draw.choice((0.002, 0.005, 0.01, 0.02)), how=how)
    if draw.random() < 0.2:
        site.happen("returned", share=0.2)
    if draw.random() < 0.2:
        site.happen("moved", share=0.01)
    if draw.random() < 0.2:
        site.happen("added", count=draw.choice((2, 8)), published_on="2024-05-05")
    if draw.random() < 0.1:
        site.happen("failing", share=0.02, duration=A_DAY)


def rows(folder: Path, documents: int) -> Iterator[tuple[str, str, str]]:
    """Yield (what, measured, bar): faults in runs of 40, 400, ... up to *documents*, then 200 healthy runs."""
    for size in (40, 400, 4_000):
        if size > documents:
            break
        for arrivals in (False, True):
            for share in SHARES:
                tally = faults(folder, size, share, arrivals=arrivals)
                kind = "new documents" if arrivals else "documents, known ones read again"
                what = f"{len(ALL_FAULTS)} faults, {size:,} {kind}, {share:.0%} of the pages"
                back = ", ".join(f"{number} {event}" for event, number in sorted(tally.held.items()))
                yield f"{what}: kept back", back, f"read through: {len(tally.read_through)}"
                yield f"{what}: published", ", ".join(tally.missed) or "0", "0"
                yield f"{what}: damaged records", str(tally.damaged), "0"
    held = [
        reason
        for size, runs, seeds in ((40, 20, (1, 2, 3, 4, 5)), (400, 20, (6, 7, 8, 9, 10)))
        for seed in seeds
        for reason in healthy(folder, size, runs, seed)
    ]
    yield "healthy runs with natural variation held, of 200", str(len(held)), "2"
    for reason in held:
        yield f"  {reason}"[:200], "", ""
