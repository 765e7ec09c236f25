"""Brings the index of near-duplicates, and the works, to where the tables are.

One process does it at a time, whoever comes first; nobody waits for another. Each step is one commit: killed at any
moment, the next goes on behind the last one. The steps are the same for a few documents and for a whole archive:

1. Documents that the index does not know, or knows otherwise, get their canonical text's keys into the postings.
2. Texts that wait are compared with all that have enough keys in common with them.
3. The clusters that they touch are found anew.
4. Documents whose clusters changed are looked at for words that a site put for others (`mangled`).
5. They get the ids of their works (the table `works`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from archive import durable, exclusion
from archive.clock import Clock
from archive.errors import MachineTrouble
from archive.layout import Layout
from archive.near_duplicates import generation, mangled, works
from archive.near_duplicates.canonical import Canonical, Canonicalizer
from archive.near_duplicates.comparing import StoredTexts, compare_waiting
from archive.near_duplicates.newest_texts import Found, NewestTexts, every_newest, texts_in_file
from archive.near_duplicates.pairs import PairTable
from archive.near_duplicates.pairs_in_force import pairs_in_force
from archive.near_duplicates.regrouping import regroup_loose
from archive.near_duplicates.segments import StoreUnusable
from archive.near_duplicates.sketch import Hashes, sketch
from archive.near_duplicates.store import Store
from archive.near_duplicates.weight import MIN_SPAN
from archive.published import tables
from archive.publishing.waiting_texts import files_of_runs, note_known
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.touched import Touched, touched

STEP = 2_000
"""Documents sketched in one step."""

logger = logging.getLogger(__name__)


def catch_up(layout: Layout, clock: Clock) -> int:
    """Bring index and works to where the tables are; return how many documents were looked at.

    Raises SiteBusy while another process does it, MachineTrouble, DamagedFile.
    """
    with exclusion.clustering(layout):
        return _bring(layout, clock, anew=False)


def rebuild(layout: Layout, clock: Clock) -> int:
    """Make the index anew, then bring the works to what it says; return how many documents were looked at.

    Ids of works stay as far as their documents stay together. Raises as `catch_up`.
    """
    with exclusion.clustering(layout):
        return _bring(layout, clock, anew=True)


def _bring(layout: Layout, clock: Clock, *, anew: bool) -> int:
    before = files_of_runs(layout)
    with _session(layout) as session:
        pairs = pairs_in_force(session)
        last = _last_row(session)
        if last is None:
            return 0
        store = None if anew else _usable(layout, session, pairs)
        is_new = store is None
        store = store or generation.new(layout)
        try:
            count = _CatchUp(layout, session, store, pairs).run(last)
            mangled.assess(session, store, pairs)
            if is_new:
                generation.use(layout, store, pairs, session.snapshot.names)
                generation.remove_others(layout, store.folder)
            _settle(layout, store, clock, pairs, session)
            note_known(layout, before, session.snapshot.files["versions"])
        except StoreUnusable as error:
            if is_new:
                raise MachineTrouble(
                    f"the index of copies could not be made ({error}); run: docarchive rebuild duplicates"
                ) from error
            logger.warning("the index of copies: %s; it is made again", error)
            return _bring(layout, clock, anew=True)
        finally:
            store.close()
    return count


def _settle(layout: Layout, store: Store, clock: Clock, pairs: PairTable, session: Session) -> None:
    """Give the documents whose works are to be found anew the ids of their works."""
    works.settle_loose(layout, store, clock, pairs.version, session)
    while store.has_loose_documents:
        with _session(layout) as newer:
            works.settle_loose(layout, store, clock, pairs.version, newer)


@contextmanager
def _session(layout: Layout) -> Iterator[Session]:
    with TemporaryDirectory(prefix="docarchive-") as spill:
        session = Session(tables.snapshot(layout), spill_to=spill)
        try:
            yield session
        finally:
            session.close()


def _usable(layout: Layout, session: Session, pairs: PairTable) -> Store | None:
    """Return the index if it may be gone on with; else None, which is told unless there is none."""
    store = None
    try:
        store = generation.current(layout, pairs, session.snapshot.names)
        if store is not None and not _is_of(store, session):
            raise StoreUnusable("was made of other tables")
    except StoreUnusable as error:
        if store is not None:
            store.close()
        logger.warning("the index of copies %s; it is made again", error)
        return None
    return store


def _last_row(session: Session) -> tuple[int, str] | None:
    found = arrow(session.connection, "SELECT run_seq, digest FROM raw_runs ORDER BY run_seq DESC LIMIT 1")
    return (found["run_seq"][0].as_py(), found["digest"][0].as_py()) if found.num_rows else None


def _is_of(store: Store, session: Session) -> bool:
    """Whether the row of the ledger up to which the index knows all is there, the tables not made again since."""
    run_seq = int(store.fact("run_seq") or 0)
    found = arrow(session.connection, f"SELECT digest FROM raw_runs WHERE run_seq = {run_seq:d}")
    rebuilt = f"SELECT 1 FROM ledger_rows WHERE event = 'rebuilt' AND run_seq > {run_seq:d} LIMIT 1"
    return (
        found.num_rows == 1
        and found["digest"][0].as_py() == store.fact("digest")
        and not arrow(session.connection, rebuilt).num_rows
    )


class _CatchUp:
    def __init__(self, layout: Layout, session: Session, store: Store, pairs: PairTable) -> None:
        self._layout = layout
        self._session = session
        self._store = store
        self._canonicalizer = Canonicalizer(pairs)

    def run(self, last: tuple[int, str]) -> int:
        """Take all steps but those in the tables; return how many documents were looked at."""
        store = self._store
        position = store.fact("run_seq")
        further = None if position is None else touched(self._session, int(position))
        with StoredTexts(self._session, store, self._canonicalizer) as texts:
            count = self._sketch(further, texts) if further is None or further.documents else 0
            with store.transaction():
                store.note("run_seq", str(last[0]))
                store.note("digest", last[1])
            store.let_rare_tell()
            while compare_waiting(store, texts):
                durable.point("duplicates-compared")
        while regroup_loose(store):
            durable.point("duplicates-regrouped")
        return count

    def _sketch(self, further: Touched | None, stored: StoredTexts) -> int:
        newest: NewestTexts | None = None
        if further is None:
            files = every_newest(self._session.snapshot, self._store.folder)
        else:
            known = [each for each in further.documents if self._store.document(*each) is not None]
            newest = NewestTexts(self._session, known, further.beside(known))
            files = newest.by_file()
        gone = set(further.documents if further is not None else ())
        count = 0
        try:
            for name, rows in files:
                gone.difference_update((row.site, row.doc_id) for row in rows)
                count += len(rows)
                changed = [row for row in rows if not self._is_known(row)]
                for first in range(0, len(changed), STEP):
                    self._sketch_step(name, changed[first : first + STEP], stored)
        finally:
            if newest is not None:
                newest.close()
        pa.default_memory_pool().release_unused()  # what texts were read into is not needed while they are compared
        self._remove(sorted(gone))
        return count + len(gone)

    def _is_known(self, row: Found) -> bool:
        known = self._store.document(row.site, row.doc_id)
        return known is not None and (known.content, known.published, known.seen) == (
            row.content,
            row.published,
            row.seen,
        )

    def _sketch_step(self, name: str, rows: Sequence[Found], stored: StoredTexts) -> None:
        store = self._store
        next_text = store.next_text()
        new: dict[bytes, tuple[int, Hashes]] = {}
        of_row: list[int | None] = []
        for _, read in texts_in_file(name, [row.file_row for row in rows]):
            text = self._canonicalizer.canonical(read)
            if len(text) < MIN_SPAN:
                of_row.append(None)
                continue
            digest = digest_of(text)
            known = new[digest][0] if digest in new else store.text_with(digest)
            if known is None:
                known = next_text
                new[digest] = known, sketch(text.codes)
                stored.put(known, text, new[digest][1])
                next_text += 1
            of_row.append(known)
        path = store.postings.write(
            np.concatenate([np.zeros(0, np.uint64), *(keys for _, keys in new.values())]),
            np.repeat(
                np.array([number for number, _ in new.values()], np.uint32), [len(keys) for _, keys in new.values()]
            ),
        )
        with store.transaction():
            if path is not None:
                store.postings.put_on_list(path)
            store.note("next_text", str(next_text))
            for digest, (number, keys) in new.items():
                store.add_text(number, digest, keys)
            file = store.file_number(name.rsplit("/", 1)[-1])
            for row, now in zip(rows, of_row, strict=True):
                before = store.document(row.site, row.doc_id)
                store.put_document(row, now, file)
                if before is not None and before.text != now:
                    store.loosen_cluster_of(before.text)
                    store.drop_text_without_documents(before.text)
            if new:
                store.stop_frequent(np.concatenate([keys for _, keys in new.values()]))
        store.postings.merge(store.transaction)
        store.postings.release()

    def _remove(self, documents: Sequence[tuple[str, str]]) -> None:
        """Forget documents that no reader sees any more."""
        store = self._store
        with store.transaction():
            for site, doc_id in documents:
                document = store.document(site, doc_id)
                if document is not None:
                    store.remove_document(document)
                    store.drop_text_without_documents(document.text)


def digest_of(text: Canonical) -> bytes:
    """Return what texts with the same codes and the same numbers have in common."""
    digest = blake2b(text.codes.tobytes(), digest_size=16)
    digest.update(b"\0" + "\n".join(text.numbers).encode())
    return digest.digest()
