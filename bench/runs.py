"""A year of a hundred daily sites: what an append, a question and the opening cost at its end against its beginning."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from archive.archive import Archive
from archive.clock import ManualClock, SystemClock
from archive.layout import TABLES, Layout, create
from archive.maintenance import maintain
from archive.published.tables import OpenTables
from archive.publishing.publish import Publisher
from archive.record import DocumentRecord, text_digest
from archive.site_state.staging import FETCHED, CapturedPage, Staging
from archive.site_state.state import State

SITES = 100
YOUNG_RUNS = 5
SAMPLE = 60
"""Appends measured: to the old archive and to a young one in turn, so that what else the machine does hits both."""

NEW_DOCUMENTS = 2
SEEN_AGAIN = 4
"""Pages of a run: small, so that what is measured is the run and not its pages."""

TEXT = "为了进一步做好计划生育长效管理工作,结合本街道实际,制定本方案。" * 20


@dataclass
class Growth:
    """What a year cost."""

    runs: int
    young_ms: list[float] = field(default_factory=list)
    old_ms: list[float] = field(default_factory=list)
    """CPU of appends, the tables' logs loaded as by a new process; without maintenance."""
    maintenance_seconds: list[float] = field(default_factory=list)
    questions: dict[str, tuple[float, float]] = field(default_factory=dict)
    """What -> wall and CPU seconds: on a machine that does other things besides, the first says little."""
    files: dict[str, int] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    views_kilobytes: float = 0.0


class _Site:
    """One site, published day after day without a crawl: rows through staging, as a session stages them."""

    def __init__(self, layout: Layout, name: str, clock: ManualClock) -> None:
        self.layout, self.name, self.clock = layout, name, clock
        self.state = State(layout, name, clock)
        self.state.acquire()
        self.staging = Staging(self.state)
        self.documents = 0

    def publish(self, run_id: str, opened: OpenTables | None) -> None:
        """Publish a run as a new process would; with *opened* without loading the tables' logs anew."""
        first = max(0, self.documents - SEEN_AGAIN)
        self.documents += NEW_DOCUMENTS
        with self.state.transaction():
            self.staging.start_run(run_id, started_at=self.clock.now(), reader="general/1", options={})
            for number in range(first, self.documents):
                self._stage(run_id, number)
            self.staging.save_counts(run_id, self.staging.document_counts(run_id))
            self.staging.set_status(run_id, FETCHED, finished_at=self.clock.now())
        publisher = Publisher(self.layout, self.state, self.staging, self.clock)
        if opened is not None:
            publisher._tables = opened
        publisher.publish(run_id)

    def _stage(self, run_id: str, number: int) -> None:
        self.clock.advance(1)
        url = f"https://{self.name}.example/doc/{number}.html"
        capture = f"<urn:uuid:{run_id}-{number}>"
        page = CapturedPage(
            site=self.name,
            capture=capture,
            url=url,
            canonical_url=url,
            fetched_at=self.clock.now(),
            http_status=200,
            content_type="text/html",
            record_type="response",
            refers_to=None,
            payload_digest=f"sha256:{run_id}{number}",
            payload_bytes=36_000,
            warc_file=f"warc/{self.name}/{run_id}-1-00000.warc.gz",
            warc_offset=number * 9000,
            warc_length=9000,
            page_type="document",
            reason="labels",
        )
        text = f"{self.name} {number} {TEXT}"
        record = DocumentRecord(
            site=self.name,
            doc_id=str(number),
            url=url,
            canonical_url=url,
            title=f"文件 {number}",
            pages=22,
            format="docx",
            preview_text=text,
            text_digest=text_digest(text),
            fetched_at=self.clock.now(),
            run_id=run_id,
            capture=capture,
            reader="general/1",
            counters={"views": number},
        )
        self.staging.stage(run_id, page, record)


class Archives:
    """An archive of `SITES` sites that are published in turn, a hundred runs a day, ending today."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.layout = create(folder)
        self.clock = ManualClock(SystemClock().now() - timedelta(days=runs / SITES + 1))
        self.sites = [_Site(self.layout, f"site{number:03d}", self.clock) for number in range(SITES)]
        self.opened = OpenTables(self.layout)
        self.number = 0

    def publish(self, *, anew: bool = False) -> float:
        """Publish the next run and return its CPU seconds; *anew*: as a process that has just started."""
        self.clock.advance(timedelta(days=1).total_seconds() / SITES)
        run_id = f"{self.clock.now():%Y%m%dT%H%M%SZ}-{self.number:06x}"
        began = time.process_time()
        self.sites[self.number % SITES].publish(run_id, None if anew else self.opened)
        self.number += 1
        return time.process_time() - began

    def maintain(self) -> float | None:
        """Do as a crawl does behind a publish; return the CPU seconds of maintenance, None where it was not due."""
        began = time.process_time()
        return None if maintain.maintain_if_due(self.layout, self.clock) is None else time.process_time() - began

    def close(self) -> None:
        """Give the leases back."""
        for site in self.sites:
            site.state.close()


def growth(folder: Path, runs: int) -> Growth:
    """Publish *runs* runs, with maintenance as it comes due, and measure what the archive then costs."""
    old = Archives(folder / "old", runs)
    found = Growth(runs)
    for _ in range(runs):
        old.publish()
        if (seconds := old.maintain()) is not None:
            found.maintenance_seconds.append(seconds)
    measure(old, folder / "young", found)
    old.close()
    return found


def measure(old: Archives, folder: Path, found: Growth) -> None:
    """Append to *old* and to a young archive in *folder* in turn, then ask *old*."""
    young = Archives(folder, YOUNG_RUNS + SAMPLE)
    for _ in range(YOUNG_RUNS):
        young.publish()
    for _ in range(SAMPLE):
        for archive, costs in ((young, found.young_ms), (old, found.old_ms)):
            costs.append(archive.publish(anew=True) * 1000)
            archive.maintain()
    young.close()
    _ask(old, found)


def _ask(old: Archives, found: Growth) -> None:
    layout = old.layout
    with _timed(found, "the archive opens"), Archive.open(layout.root):
        pass
    with Archive.open(layout.root) as archive:
        with _timed(found, "50 records of a site"):
            archive.records(site="site007", limit=50).to_list()
        with _timed(found, "all records of a site"):
            archive.records(site="site007").to_list()
        with _timed(found, "records of a site as of three days ago"):
            archive.records(site="site007", as_of=old.clock.now() - timedelta(days=3)).to_list()
        with _timed(found, "20 records of all sites"):
            archive.records(limit=20).to_list()
    found.views_kilobytes = layout.views_sql.stat().st_size / 1024
    for name in TABLES:
        present = [path.stat().st_size for path in layout.table(name).glob("*.parquet")]
        found.files[name] = len(present)
        found.megabytes[name] = sum(present) / 2**20


@contextmanager
def _timed(found: Growth, what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    found.questions[what] = time.perf_counter() - wall, time.process_time() - cpu


def rows(found: Growth) -> Iterator[tuple[str, str, str]]:
    """Yield the lines of the table: what, measured, bar."""
    young, last = statistics.mean(found.young_ms), statistics.mean(found.old_ms)
    yield "append to a young archive: CPU ms", f"{young:.0f}", f"mean of {SAMPLE}, by a process that has just started"
    yield f"append after {found.runs:,} runs: CPU ms", f"{last:.0f}", f"ratio {last / young:.2f}, bar 1.5"
    if found.maintenance_seconds:
        each = [f"{seconds:.1f}" for seconds in (found.maintenance_seconds[0], found.maintenance_seconds[-1])]
        share = sum(found.maintenance_seconds) * 1000 / found.runs
        yield f"maintenance, {len(found.maintenance_seconds)} times: CPU s, first and last", " ".join(each), ""
        yield "maintenance, CPU ms a run", f"{share:.0f}", ""
    for what, (wall, cpu) in found.questions.items():
        yield f"{what}: s", f"{wall:.2f}", f"{cpu:.2f} CPU, bar {1 if 'opens' in what else 2}"
    files = sum(found.files.values())
    yield "table files on disk", f"{files:,}", ", ".join(f"{name} {number}" for name, number in found.files.items())
    yield "tables: MB", f"{sum(found.megabytes.values()):.0f}", ""
    yield "views.sql: KB", f"{found.views_kilobytes:.0f}", ""
