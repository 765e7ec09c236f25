"""Learns pairs of words from the copies of a whole archive; what is then compared is compared under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from tempfile import TemporaryDirectory

from archive import exclusion
from archive.clock import Clock
from archive.layout import Layout
from archive.near_duplicates import catching_up, works
from archive.near_duplicates.canonical import Canonicalizer, traditional_share
from archive.near_duplicates.learning import Copy, Learner
from archive.near_duplicates.newest_texts import NewestTexts, texts_in_file
from archive.near_duplicates.pairs import Pair, PairTable
from archive.near_duplicates.pairs_in_force import pairs_in_force
from archive.near_duplicates.verification import Prepared
from archive.published import tables
from archive.snapshot.duckdb_session import Session, arrow

STEP = 2_000
"""Documents whose texts are in memory at a time."""

MAX_TRADITIONAL = 0.02
"""Share of traditional characters from which on a text is not learned from."""

Name = tuple[str, str]


def learn_and_adopt(layout: Layout, clock: Clock) -> list[Pair]:
    """Return the pairs that are new, noted in the table `works`; the next who brings the index on makes it anew.

    Raises SiteBusy while another process clusters, MachineTrouble, DamagedFile.
    """
    catching_up.catch_up(layout, clock)
    with exclusion.clustering(layout), TemporaryDirectory(prefix="docarchive-") as spill:
        session = Session(tables.snapshot(layout), spill_to=spill)
        try:
            known = pairs_in_force(session)
            learned = _learn(session, known)
        finally:
            session.close()
        if learned:
            works.publish_pairs(layout, clock, learned, PairTable((*known.pairs, *learned)).version)
    return learned


def _learn(session: Session, known: PairTable) -> list[Pair]:
    learner = Learner(known)
    canonicalizer = Canonicalizer(PairTable(()))  # what is known already tells which copy has the originals
    newest = NewestTexts(session, None)
    try:
        for groups in _steps(session):
            texts: dict[Name, Prepared] = {}
            names = [name for group in groups for name in group]
            for path, rows in newest.places(names).items():
                named = dict(rows)
                for row, text in texts_in_file(path, [row for row, _ in rows]):
                    if traditional_share(text) > MAX_TRADITIONAL:
                        continue  # where scripts differ characters are variants of each other, not words
                    texts[named[row]] = Prepared(canonicalizer.canonical(text))
            for group in groups:
                learner.add_work([Copy(name[0], texts[name]) for name in group if name in texts])
    finally:
        newest.close()
    return learner.learned()


def _steps(session: Session) -> Iterator[list[list[Name]]]:
    """Yield the works of several documents, as many at a time as `STEP` documents make up."""
    found = arrow(session.connection, "SELECT work_id, site, doc_id FROM works ORDER BY work_id, site, doc_id")
    step: list[list[Name]] = []
    documents = 0
    for group in _groups(list(zip(*(found.column(number).to_pylist() for number in range(3)), strict=True))):
        if documents + len(group) > STEP and step:
            yield step
            step, documents = [], 0
        step.append(group)
        documents += len(group)
    if step:
        yield step


def _groups(rows: Sequence[tuple[str, str, str]]) -> Iterator[list[Name]]:
    """Yield the documents of each work. The one whose id a work has stands in no row of its own."""
    group: list[Name] = []
    for number, (work_id, site, doc_id) in enumerate(rows):
        if not group:
            namesake_site, _, namesake_id = work_id.partition("/")
            group = [(namesake_site, namesake_id)]
        group.append((site, doc_id))
        if number + 1 == len(rows) or rows[number + 1][0] != work_id:
            yield list(dict.fromkeys(group))
            group = []
