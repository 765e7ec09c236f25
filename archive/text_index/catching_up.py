"""Brings the index to where the tables are.

One process does it at a time, whoever comes first; nobody waits for another. All it changes becomes visible in one
commit, with the row of the ledger up to which the index then knows everything: killed before it, nothing happened.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import tantivy

from archive import durable, exclusion
from archive.errors import ArchiveError, MachineTrouble, SiteBusy
from archive.layout import Layout
from archive.published import tables
from archive.snapshot.duckdb_session import Session
from archive.snapshot.touched import Touched, touched
from archive.text_index import fields, generation, standings
from archive.text_index.behind import Differences, digest_of_row, last_row, was_rebuilt
from archive.text_index.generation import Generation, IndexUnusable, Position, guarded
from archive.text_index.standings import Reached

SMALL_BUFFER, LARGE_BUFFER = 50_000_000, 250_000_000
"""Bytes in memory before the index writes a segment: for what a run brings, and for all documents."""

MANY_DOCUMENTS = 3_000
"""From so many on the larger buffer pays: fewer segments are to be merged."""

COMMITTED_AT_ONCE = 50_000
"""Documents written between commits of an index that is made anew: nobody sees it before its last one."""

logger = logging.getLogger(__name__)


def catch_up(layout: Layout) -> int:
    """Bring the index to where the tables are, made anew where it must be; return how many documents it took.

    Raises SiteBusy while another process does it, MachineTrouble, DamagedFile.
    """
    with exclusion.indexing(layout), _session(layout) as session:
        return bring(layout, session)


def catch_up_if_free(layout: Layout) -> None:
    """Bring the index to where the tables are, unless another process does; to be called behind every publish.

    What hinders it is told in a sentence: searches look through what the index does not know.
    """
    try:
        catch_up(layout)
    except SiteBusy:
        return
    except ArchiveError as error:
        logger.warning("the text index was not brought up to date: %s", error)


def rebuild(layout: Layout) -> int:
    """Make the index anew, return how many documents it has; the old one is used meanwhile. Raises as `catch_up`."""
    with exclusion.indexing(layout), _session(layout) as session:
        return _make(layout, session)


@contextmanager
def _session(layout: Layout) -> Iterator[Session]:
    with TemporaryDirectory(prefix="docarchive-") as spill:
        session = Session(tables.snapshot(layout), spill_to=spill)
        try:
            yield session
        finally:
            session.close()


def bring(layout: Layout, session: Session) -> int:
    """Bring the index to what *session* sees; to be called under the lock. It stays where it is further already."""
    present = usable(layout, session)
    if present is None:
        return _make(layout, session)
    generation.remove_others(layout, present.folder)
    last = last_row(session)
    if last is None or last[0] < present.position.run_seq:
        return 0
    known = _known_standings(present, session)
    if last[0] == present.position.run_seq == (known.run_seq if known else None):
        return 0
    since = min(present.position.run_seq, known.run_seq if known else present.position.run_seq)
    try:
        return _bring_on(session, present, touched(session, since), last, known)
    except IndexUnusable as error:
        logger.warning("the text index %s; it is made again", error)
        return _make(layout, session)


def _known_standings(present: Generation, session: Session) -> Reached | None:
    """Return how far the standings have come; None where they are to be made anew."""
    found = standings.reached(present.folder)
    last = last_row(session)
    if found is None or last is None or found.run_seq > last[0]:
        return None
    return found if digest_of_row(session, found.run_seq) == found.digest else None


def usable(layout: Layout, session: Session) -> Generation | None:
    """Return the index if it may be brought on, else None: there is none, or one to be made again, which is told."""
    try:
        found = generation.opened(layout, session.snapshot.names)
        if found is not None and was_rebuilt(session, found.position.run_seq):
            raise IndexUnusable("was made before the tables were made again")
        if found is not None and not _is_of(found.position, session):
            raise IndexUnusable("was made of other tables")
    except IndexUnusable as error:
        logger.warning("the text index %s; it is made again", error)
        return None
    return found


def _is_of(position: Position, session: Session) -> bool:
    last = last_row(session)
    if last is not None and position.run_seq > last[0]:
        return True  # what it knows was published after the session was opened
    return digest_of_row(session, position.run_seq) == position.digest


def _make(layout: Layout, session: Session) -> int:
    """Write all documents into a new folder, then use that."""
    last = last_row(session)
    if last is None:
        return 0
    folder = generation.new_folder(layout)
    count = 0
    try:
        with guarded(folder):
            tantivy.Index(fields.schema(), path=str(folder))
        differences = Differences(session, None, None)
        writer = _Writer(folder, LARGE_BUFFER)
        for each in differences.changed():
            writer.add(fields.document_of(each.row, each.place))
            count += 1
            if count % COMMITTED_AT_ONCE == 0:
                writer.commit()
        writer.finish(Position(*last, documents=count))
        standings.make(folder, differences.standings(), Reached(*last))
        differences.close()
    except IndexUnusable as error:
        generation.remove_others(layout, None)
        raise MachineTrouble(
            f"the text index could not be made ({error}); make room for it, then run: docarchive rebuild text"
        ) from error
    generation.use(layout, folder, session.snapshot.names)
    generation.remove_others(layout, folder)
    return count


def _bring_on(
    session: Session,
    present: Generation,
    further: Touched,
    last: tuple[int, str],
    known: Reached | None,
) -> int:
    """Write what differs of the documents of *further* and the new position, in one commit; then how they stand now."""
    differences = Differences(session, present, further)
    count = _write_texts(present, differences, last) if present.position.run_seq < last[0] else 0
    if known is not None:
        standings.bring_on(present.folder, differences.standings(), differences.gone(), Reached(*last))
    else:
        everything = Differences(session, None, None)
        standings.make(present.folder, everything.standings(), Reached(*last))
        everything.close()
    differences.close()
    return count


def _write_texts(present: Generation, differences: Differences, last: tuple[int, str]) -> int:
    many = differences.looked_at >= MANY_DOCUMENTS
    writer = _Writer(present.folder, LARGE_BUFFER if many else SMALL_BUFFER)
    written: set[str] = set()
    for each in differences.changed():
        writer.delete(each.key)
        writer.add(fields.document_of(each.row, each.place))
        written.add(each.key)
    outdated = differences.outdated
    for key in outdated - written:
        writer.delete(key)
    documents = present.position.documents - len(outdated) + len(written)
    writer.finish(Position(*last, documents=documents))
    return len(written)


class _Writer:
    """Writes into the index in one folder. Every method raises IndexUnusable where the library does not go on."""

    def __init__(self, folder: Path, buffer_bytes: int) -> None:
        self._folder = folder
        with guarded(folder):
            self._writer = tantivy.Index.open(str(folder)).writer(heap_size=buffer_bytes, num_threads=1)

    def add(self, document: tantivy.Document) -> None:
        with guarded(self._folder):
            self._writer.add_document(document)

    def delete(self, key: str) -> None:
        with guarded(self._folder):
            self._writer.delete_documents_by_term("key", key)

    def commit(self) -> None:
        """Make what was written lasting, without a position: nobody uses it yet."""
        with guarded(self._folder):
            self._writer.commit()

    def finish(self, position: Position) -> None:
        """Make all visible, and wait until segments that belong together are one."""
        with guarded(self._folder):
            self._writer.delete_documents_by_term(fields.MARK, "position")
            self._writer.add_document(fields.mark_of(asdict(position)))
            durable.point("index-commit")
            self._writer.commit()
            durable.point("index-merge")
            self._writer.wait_merging_threads()
