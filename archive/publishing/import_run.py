"""Records made elsewhere, published as one run: the file into WARC, its rows through staging like a crawl's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from archive.clock import Clock
from archive.errors import UsageError
from archive.judgement.gates import Fitness
from archive.layout import IMPORT_FOLDER, Layout
from archive.publishing.importing import read_import
from archive.publishing.judging import judge_run
from archive.publishing.publish import Publisher
from archive.publishing.rebuild_state import known_documents
from archive.site_state.staging import CRAWLING, FETCHED, HELD, Run, Staging
from archive.site_state.state import GROUP_PAGES, State
from archive.warc.recovery import recover
from archive.warc.writing import WarcWriter

MAX_FILE_BYTES = 256 * 1024 * 1024
"""An import file is one WARC record, which readers take into memory whole."""


def import_file(layout: Layout, path: Path, clock: Clock, *, new_run_id: Callable[[], str]) -> Run:
    """Publish the records of the JSON Lines file *path* as one run and return it, with its counts.

    All of the file or nothing: a bad line raises UsageError, with its number, before anything is published. A run that
    the gates hold back has the status `HELD` and a reason. An import that was killed while it published is finished
    first.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise UsageError(f"{path} has {size:,} bytes; split it into files of at most {MAX_FILE_BYTES:,}")
    return publish_import(layout, clock, lambda staging: _stage(layout, path, staging, clock, new_run_id()))


def publish_import(layout: Layout, clock: Clock, stage: Callable[[Staging], Run]) -> Run:
    """Publish the run that *stage* stages, or hold it back, and return it (`HELD`: with the reason).

    One that was killed while it published is finished first.
    """
    state = State(layout, IMPORT_FOLDER, clock)
    try:
        state.acquire()
        recover(layout, IMPORT_FOLDER)
        staging = Staging(state)
        publisher = Publisher(layout, state, staging, clock)
        _end_earlier(layout, staging, publisher)
        run = stage(staging)
        return _judge_and_publish(layout, staging, publisher, run)
    finally:
        state.close()


def _judge_and_publish(layout: Layout, staging: Staging, publisher: Publisher, run: Run) -> Run:
    """Let the gates decide about a run that is staged; a file without documents is published for its pages."""
    verdict = judge_run(layout, staging, run.run_id)
    if verdict.fitness is Fitness.HOLD:
        publisher.hold(run.run_id, verdict.reason or "")
        return staging.run(run.run_id)
    publisher.publish(run.run_id, preface="import")
    return run


@contextmanager
def all_or_nothing(staging: Staging, run_id: str) -> Iterator[None]:
    """Stage what an import brings, in groups; an error forgets the run as if it had never begun."""
    try:
        yield
        staging.state.commit_group()
    except BaseException:
        staging.state.roll_back_group()
        with staging.state.transaction():
            staging.forget_run(run_id, published=False)
        raise
    with staging.state.transaction():
        staging.save_counts(run_id, {**staging.run(run_id).counts, **staging.document_counts(run_id)})
        staging.set_status(run_id, FETCHED, finished_at=staging.state.clock.now())


def _end_earlier(layout: Layout, staging: Staging, publisher: Publisher) -> None:
    """Finish an import that was killed while it published; forget one that was still reading its file."""
    for run in staging.runs():
        if run.status == CRAWLING:
            with staging.state.transaction():
                staging.forget_run(run.run_id, published=False)
        elif run.status == FETCHED:
            _judge_and_publish(layout, staging, publisher, run)
        elif run.status != HELD:
            publisher.publish(run.run_id, preface="import")


def _stage(layout: Layout, path: Path, staging: Staging, clock: Clock, run_id: str) -> Run:
    state = staging.state
    with state.transaction():
        staging.start_run(
            run_id, started_at=clock.now(), reader="import/1", options={"import": True, "file": path.name}
        )
    capture = _archive_file(layout, path, staging, clock, run_id)
    sites: set[str] = set()
    number = -1
    with all_or_nothing(staging, run_id):
        for number, record in enumerate(read_import(path, fetched_at=clock.now())):
            if record.site not in sites:
                sites.add(record.site)
                known_documents(layout, record.site, staging)
            state.begin_group()
            staging.stage(run_id, None, replace(record, run_id=run_id, capture=capture))
            if number % GROUP_PAGES == GROUP_PAGES - 1:
                state.commit_group()
        if number < 0:
            raise UsageError(f"{path} holds no record; nothing was imported, name a file of JSON lines")
    return staging.run(run_id)


def _archive_file(layout: Layout, path: Path, staging: Staging, clock: Clock, run_id: str) -> str:
    """Write the file into WARC as it is, and return that record's id: the evidence of every row."""
    assert staging.state.lease is not None
    writer = WarcWriter(
        layout, IMPORT_FOLDER, run_id, staging.state.lease.epoch, clock, info={"description": f"Import of {path.name}"}
    )
    stored = writer.write_resource(f"urn:docarchive:run:{run_id}:file", path.read_bytes(), "application/jsonl")
    writer.close()
    return stored.capture
