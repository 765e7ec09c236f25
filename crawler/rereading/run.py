"""A reread that is published: what differs as one run of its site, and held runs healed, under the site's lease."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson

from archive.clock import Clock
from archive.errors import LeaseLost
from archive.judgement.gates import Fitness
from archive.publishing.judging import judge_run
from archive.publishing.publish import Publisher
from archive.publishing.rebuild_state import is_known, rebuild_state
from archive.publishing.reread_plan import Extent, Readings
from archive.record import DocumentRecord, from_json
from archive.site_state.planned import Planned
from archive.site_state.reread_staging import HEALED_BY, HEALING, ReadAgain, RereadStaging, is_reread
from archive.site_state.staging import CRAWLING, FETCHED, HELD, PUBLISHING, Run, Staging
from archive.site_state.state import State
from archive.warc.recovery import recover
from crawler.identity import identified
from crawler.rereading.comparing import Comparing, Readers, RereadOutcome, RereadRequest, lost
from crawler.rereading.pages import Pages, PagesRead, Reading

FILE_FLAGS = "file_"
"""Beginning of flags, and of entries of `provenance`, that tell of the document's attached files, not of its page."""

UNREADABLE = "unreadable"
"""Reason of a page of a held run that cannot be read from WARC any more."""


@dataclass(frozen=True, slots=True)
class HeldSite:
    """A site whose lease we hold."""

    name: str
    state: State
    staging: Staging


@contextmanager
def open_site(request: RereadRequest, site: str, clock: Clock) -> Iterator[HeldSite]:
    """Take the lease of *site*; its state file is made again first where there is none."""
    layout = request.layout
    path = layout.state(site)
    if (not path.exists() or not path.stat().st_size) and is_known(layout, site):
        rebuild_state(layout, site, clock)
    state = State(layout, site, clock)
    try:
        state.acquire()
        recover(layout, site)
        yield HeldSite(site, state, Staging(state))
    except LeaseLost:
        state.abandon()
        raise
    except BaseException:
        state.roll_back_group()
        state.close()
        raise
    state.close()


class RereadRun:
    """A reread whose differences are published, and the healing of held runs: of one site, under its lease."""

    def __init__(self, request: RereadRequest, pools: Readers, opened: HeldSite, clock: Clock) -> None:
        self._request = request
        self._layout = request.layout
        self._pools = pools
        self._site = opened.name
        self._state = opened.state
        self._staging = opened.staging
        self._rereads = RereadStaging(opened.staging)
        self._publisher = Publisher(request.layout, opened.state, opened.staging, clock)
        self._clock = clock

    def run(self) -> Iterator[RereadOutcome]:
        """Heal the held runs, then read what is published; yield what became of each."""
        for run in self._staging.runs():
            if can_be_healed(run):
                yield self.heal(run)
        unfinished = self._rereads.unfinished()
        if unfinished is not None and unfinished.status != CRAWLING:
            yield self._end(unfinished, RereadOutcome(site=self._site, run_id=unfinished.run_id, resumed=True))
            if unfinished.reader == self._request.reader:
                return
        yield self._reread()

    # What is published

    def _reread(self) -> RereadOutcome:
        began = self._clock.monotonic()
        readings = Readings(self._layout)  # of the archive as it is now: under the lease no run of the site comes
        try:
            run, resumed = self._open_run(readings.last_seq)
            outcome = RereadOutcome(site=self._site, run_id=run.run_id, resumed=resumed)
            progress = self._rereads.progress(run.run_id)
            plan = readings.plan(Extent(site=self._site, every=progress.every, last_seq=progress.last_seq))
            outcome.damaged += map(lost, plan.lost)
            comparing = Comparing(self._request, outcome)
            counts = Counter(run.counts)
            for pages, done in self._pools.read(self._site, plan, plan.after(progress.place)):
                counts["ids_shared"] += self._stage(run.run_id, pages, done, comparing.compare(pages, done))
                counts.update(done.counts)
                self._staging.save_counts(run.run_id, counts)
                self._state.commit_group()
                comparing.tell(plan.pages)
        finally:
            readings.close()
        with self._state.transaction(lasting=True):
            counts.update(self._staging.document_counts(run.run_id))
            self._staging.save_counts(run.run_id, counts)
            self._staging.set_status(run.run_id, FETCHED, finished_at=self._clock.now())
        self._end(self._staging.run(run.run_id), outcome)
        outcome.elapsed_seconds = self._clock.monotonic() - began
        return outcome

    def _open_run(self, last_seq: int) -> tuple[Run, bool]:
        """Return the reread that was stopped, if it can be gone on with, else a new one; and which of the two it is."""
        run = self._rereads.unfinished()
        if run is not None:
            if run.reader == self._request.reader and self._rereads.progress(run.run_id).every == self._request.every:
                return run, True
            self._rereads.forget(run.run_id)
        for held in self._staging.runs():
            if held.status == HELD and is_reread(held):
                reason = f"read again by {self._request.reader}"
                self._publisher.close_without_publishing(held.run_id, "rejected", reason)
        now = self._clock.now()
        run_id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        return self._rereads.start(
            run_id, self._clock, self._request.reader, last_seq, every=self._request.every
        ), False

    def _stage(self, run_id: str, pages: Pages, done: PagesRead, published: Mapping[int, Mapping[str, Any]]) -> int:
        """Stage what a portion brought, and that it is done, in the group that is open then.

        Return how many of the new documents state an ID that another one has.
        """
        self._state.begin_group()
        shared = 0
        for number in done.same:
            planned = pages.captures[number]
            assert planned.doc_id is not None and planned.content_digest is not None
            self._rereads.stage_same(run_id, self._site, planned.doc_id, planned.capture, planned.content_digest)
        for reading in done.differing:
            planned = pages.captures[reading.number]
            doc_id, row, was_shared = self._identified(run_id, reading, planned, published.get(reading.number))
            shared += was_shared
            self._rereads.stage(
                run_id,
                self._site,
                ReadAgain(
                    doc_id=doc_id,
                    capture=planned.capture,
                    fetched_at=planned.fetched_at,
                    reader=reading.reader,
                    content_digest=reading.content_digest,
                    counters=reading.counters,
                    version=None if reading.repeats else row,
                    begins=reading.previous_digest != reading.content_digest,
                ),
            )
        self._rereads.reached(run_id, pages.captures[-1].place)
        return shared

    def _identified(
        self, run_id: str, reading: Reading, planned: Planned, published: Mapping[str, Any] | None
    ) -> tuple[str, bytes, bool]:
        """Return the ID and the `versions` row of a reading: of a new document with the ID that it is kept under.

        And whether another document has the ID that it states.
        """
        if planned.doc_id is None:
            row = orjson.loads(reading.row)
            found = identified(_record_of(row), self._staging, run_id)
            doc_id = found.record.doc_id
            return doc_id, orjson.dumps(row | {"doc_id": doc_id}), found.was_shared
        if published is not None and _tells_of_files(published):
            return planned.doc_id, orjson.dumps(_with_file_flags(orjson.loads(reading.row), published)), False
        return planned.doc_id, reading.row, False

    def _end(self, run: Run, outcome: RereadOutcome) -> RereadOutcome:
        """Judge and publish a reread whose pages are all read."""
        if run.status == FETCHED:
            if not self._rereads.differs(run.run_id):
                self._rereads.forget(run.run_id)
                outcome.run_id = None
                return outcome
            verdict = judge_run(self._layout, self._staging, run.run_id, approved=True)
            if verdict.fitness is Fitness.HOLD:
                self._publisher.hold(run.run_id, verdict.reason or "")
                with self._state.transaction():
                    self._rereads.drop_same(run.run_id)
                outcome.event, outcome.reason = "held", verdict.reason
                return outcome
            self._rereads.freeze(run.run_id)
        self._publisher.publish(run.run_id, preface="reread")
        outcome.event = "published"
        return outcome

    # Held runs

    def heal(self, run: Run) -> RereadOutcome:
        """Read the pages of a held run again, judge it anew, and publish it if it passes."""
        began = self._clock.monotonic()
        outcome = RereadOutcome(site=self._site, run_id=run.run_id, healed=True)
        if run.status == HELD:
            self._heal(run, outcome)
        if run.status != PUBLISHING:
            verdict = judge_run(self._layout, self._staging, run.run_id)
            if verdict.fitness is not Fitness.PUBLISH:
                self._publisher.hold(run.run_id, verdict.reason or "")
                outcome.event, outcome.reason = "held", verdict.reason
        if outcome.event is None:
            self._publisher.publish(run.run_id, preface="reread")
            outcome.event = "published"
        outcome.elapsed_seconds = self._clock.monotonic() - began
        return outcome

    def _heal(self, run: Run, outcome: RereadOutcome) -> None:
        comparing = Comparing(self._request, outcome)
        counts: Counter[str] = Counter()
        self._rereads.begin_healing(run.run_id)
        readings = Readings(self._layout)
        try:
            extent = Extent(site=self._site, last_seq=readings.last_seq)
            plan = readings.plan_of_held(extent, self._rereads.pages(run.run_id))
            # The page states its ID anew: that every document has another one may be what the run is held for.
            captures = (planned._replace(doc_id=None) for planned in plan.after())
            for pages, done in self._pools.read(self._site, plan, captures):
                self._stage_healed(run.run_id, pages, done, counts)
                outcome.pages += len(pages.captures)
                outcome.damaged += done.damaged
                comparing.tell(plan.pages)
        finally:
            readings.close()
        self._rereads.end_healing(run.run_id, self._request.reader, counts)

    def _stage_healed(self, run_id: str, pages: Pages, done: PagesRead, counts: Counter[str]) -> None:
        by_number = {reading.number: reading for reading in done.differing}
        counts.update(done.counts)
        self._state.begin_group()
        for number, planned in enumerate(pages.captures):
            page_type, reason = done.kinds[number] or ("other", UNREADABLE)
            page, url_id = self._rereads.take_page(planned.capture, page_type, reason)
            reading = by_number.get(number)
            record = None
            previous: str | None = None
            if reading is not None:
                stated = replace(_record_of(orjson.loads(reading.row)), run_id=run_id)
                found = identified(stated, self._staging, run_id + HEALING, replaces=run_id)
                record = found.record
                counts["ids_shared"] += found.was_shared
                previous = reading.previous_digest
            self._staging.stage(run_id + HEALING, page, record, url_id=url_id, reread=_answering(previous))
        self._state.commit_group()


def can_be_healed(run: Run) -> bool:
    """Whether a run is held, or was when its healing began, which was stopped before its end."""
    return not is_reread(run) and (
        run.status == HELD or (run.status in (FETCHED, PUBLISHING) and HEALED_BY in run.options)
    )


def _answering(digest: str | None) -> Callable[[DocumentRecord], str | None]:
    return lambda _: digest


def _record_of(row: Mapping[str, Any]) -> DocumentRecord:
    return from_json({name: value for name, value in row.items() if name not in _DIGESTS})


_DIGESTS = frozenset({"content_digest", "previous_reread_digest"})


def _tells_of_files(published: Mapping[str, Any]) -> bool:
    return any(flag.startswith(FILE_FLAGS) for flag in published["flags"] or ())


def _with_file_flags(row: dict[str, Any], published: Mapping[str, Any]) -> dict[str, Any]:
    """Return *row* with what was found of the document's files; what it said of a value that is read otherwise goes."""
    kept = []
    for flag in published["flags"]:
        claim = flag.removeprefix("file_conflict_")
        if flag.startswith(FILE_FLAGS) and (claim == flag or row.get(claim) == published.get(claim)):
            kept.append(flag)
    conflicts = {name: text for name, text in (published["provenance"] or {}).items() if name in kept}
    return row | {
        "flags": list(dict.fromkeys((*row["flags"], *kept))),
        "provenance": row["provenance"] | conflicts,
    }
