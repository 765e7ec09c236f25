"""What reading a page costs, and how well it is read, beside what others would do."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from bench.document_pages import MadePage, document_pages
from bench.peers import regex_floor, trafilatura_alone
from bench.scoring import Fields, Reader, Score, score
from crawler.reading import read_page

BATCHES = 5
"""Measurements of a figure, each of other pages: machines are shared, and the median forgives what others did."""

PEERS_READ = 20
"""Pages of a batch that the others read: they take ten times as long and more."""

FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
CONTENT_TYPE = "text/html; charset=utf-8"


def docarchive(body: bytes, meta: Fields) -> Fields | None:
    """Read a golden page as we do."""
    fetched_at = datetime.fromisoformat(meta["fetched_at"])
    record = read_page(body, **{**meta, "fetched_at": fetched_at}).record
    if record is None:
        return None
    names = ("title", "doc_id", "size_bytes", "pages", "format", "published_on", "preview_text")
    return {name: getattr(record, name) for name in names}


READERS: dict[str, Reader] = {
    "docarchive": docarchive,
    "trafilatura, text and metadata": trafilatura_alone,
    "regex floor: 5 labels, h1, trafilatura": regex_floor,
}


def reading(pages: int) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: what reading costs with *pages* pages, each read once, and what it scores."""
    yield from _costs(pages)
    for name, read in READERS.items():
        yield from _scores(name, score(read))


def _costs(pages: int) -> Iterator[tuple[str, str, str]]:
    one_site = _batches(document_pages(pages, seed=1), pages)
    many_sites = _batches(document_pages(pages, sites=pages, seed=2), pages)
    peers = [name for name in READERS if name != "docarchive"]
    yardstick: list[float] = []
    ours: list[float] = []
    elsewhere: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    wrong: list[str] = []
    for batch, other in zip(one_site, many_sites, strict=True):
        # Side by side, so that all of them meet the machine in the same mood.
        yardstick.append(cpu_milliseconds(lambda page: LexborHTMLParser(page.body), batch))
        ours.append(cpu_milliseconds(partial(_read_made, wrong), batch))
        elsewhere.append(cpu_milliseconds(partial(_read_made, wrong), other))
        for name in peers:
            theirs[name].append(cpu_milliseconds(partial(_read_as_peer, READERS[name]), batch[:PEERS_READ]))
    size = statistics.mean(len(page.body) for batch in one_site for page in batch) / 1024
    yield "yardstick: selectolax parses the same pages: CPU ms a page", shown(yardstick), "0.12 where the bars were set"
    yield f"read_page, {pages:,} pages of {size:.0f} KB of one site: CPU ms a page", shown(ours), "1.5; goal 0.8"
    yield f"read_page, each page of another site ({len(wrong)} read wrong)", shown(elsewhere), "no cache helps"
    for name in peers:
        yield f"{name}: CPU ms a page", shown(theirs[name]), "peer"


def _read_made(wrong: list[str], page: MadePage) -> None:
    """Read a made page in full; one that is not read right goes to *wrong*."""
    record = read_page(page.body, url=page.url, fetched_at=FETCHED_AT, content_type=CONTENT_TYPE).record
    if record is None or (record.doc_id, record.title, record.pages) != (page.doc_id, page.title, page.pages):
        wrong.append(page.url)


def _read_as_peer(read: Reader, page: MadePage) -> None:
    read(page.body, {"url": page.url})


def _batches(pages: Iterable[MadePage], number: int) -> list[Sequence[MadePage]]:
    made = list(pages)
    size = max(1, number // BATCHES)
    return [made[start : start + size] for start in range(0, size * BATCHES, size)]


def cpu_milliseconds(read: Callable[[MadePage], Any], pages: Sequence[MadePage]) -> float:
    """Return the CPU ms a page that *read* takes for *pages*."""
    began = time.process_time()
    for page in pages:
        read(page)
    return (time.process_time() - began) / len(pages) * 1000


def shown(costs: Sequence[float]) -> str:
    """Return the median of some measurements, and the best in brackets: what the machine does when it is let.

    >>> shown([1.5, 1.25, 1.75])
    '1.50 (1.25)'
    """
    return f"{statistics.median(costs):.2f} ({min(costs):.2f})"


def _scores(name: str, found: Score) -> Iterator[tuple[str, str, str]]:
    is_ours = name == "docarchive"
    by_field = ", ".join(f"{field} {tally.f1:.2f}" for field, tally in found.fields.items() if tally.f1)
    yield (
        f"{name}: macro F1 of {found.documents} golden documents",
        f"{found.macro_f1:.3f}",
        "0.95" if is_ours else by_field,
    )
    yield f"{name}: exact records", f"{found.exact / found.documents:.0%}", "85 %" if is_ours else "peer"
    yield f"{name}: records of {found.others} pages that are none", str(found.spurious), "0" if is_ours else "peer"
    yield f"{name}: F1 of the preview's text", f"{found.preview.f1:.3f}", "0.95" if is_ours else "peer"
