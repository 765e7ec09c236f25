"""Restores documents of an archive: from clean copies of their works, and from what its clean texts say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import UsageError
from archive.near_duplicates import mangled_learning
from archive.near_duplicates.lexicon import Hits, Integers
from archive.near_duplicates.mangled import AT_ONCE, CHARACTERS, MANGLED, named_tables
from archive.near_duplicates.manglement import Manglement
from archive.near_duplicates.newest_texts import FEW_DOCUMENTS, NewestTexts, texts_in_file
from archive.near_duplicates.pairs_in_force import LEARNED_SQL, with_learned
from archive.near_duplicates.restoration import LEVELS, LISTED, Restorer, Told, told, untold
from archive.near_duplicates.word_counts import Beside, Floats, WordCounts
from archive.snapshot import mangled_rows
from archive.snapshot.duckdb_session import arrow

if TYPE_CHECKING:
    from archive.archive import Archive

CLEAN = 0.3
"""Score below which a document tells how people write who change nothing."""

READ = 8_000
"""Clean documents whose words are counted: two seconds."""

MAX_COPIES = 3
"""Clean copies that a text is held beside: what is cut off in one may stand in another."""

SAID = ("site", "doc_id", "mangled_by", "mangled_score", "restored_text", "spans")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A document to be restored."""

    row: Mapping[str, Any]
    score: float
    table: str | None
    told: Told


def restored(archive: Archive, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return for each of *rows* (of `records`) what its text likely was: `SAID`.

    `spans`: what something may have been done to, `archive.near_duplicates.restoration.Span` as a dict, places counted
    in characters of the stored text. `restored_text` is None where there is no text.
    Raises UsageError where the archive's copies were never looked for.
    """
    folder = mangled_rows.folder_in_use(archive.layout)
    known = (
        None
        if folder is None
        else mangled_learning.read(folder / "learned.npz", with_learned(archive.query(LEARNED_SQL)))
    )
    if known is None:
        raise UsageError("this archive's copies were not looked for yet; run: docarchive duplicates")
    archive.session.make_mangled()
    judge = known[0]
    lexicon = judge.lexicon
    asked = [_asked(archive, judge, row) for row in rows]
    wanted = untold(lexicon, [each.told for each in asked if each.score >= LISTED])
    restorer = Restorer(judge, _counted(archive, judge, wanted))
    return [_said(each, restorer) for each in asked]


def _said(asked: _Asked, restorer: Restorer) -> dict[str, Any]:
    made = restorer.restored(asked.told, asked.score)
    text = made.text if asked.row["preview_text"] is not None else None
    named = (asked.row["site"], asked.row["doc_id"], asked.table, asked.score)
    return dict(zip(SAID, (*named, text, [asdict(span) for span in made.spans]), strict=True))


def _asked(archive: Archive, judge: Manglement, row: Mapping[str, Any]) -> _Asked:
    text = row["preview_text"] or ""
    table, score = row["mangled_by"], row["mangled_score"]
    if score is None:  # of another time than now, or published since
        hits = judge.lexicon.find([text[:CHARACTERS]], mangled_learning.KEPT_LEVELS)
        judged = judge.judged(hits, judge.counts.likely(hits), 1)
        named = int(named_tables(judge.lexicon, judged)[0])
        table, score = None if named < 0 else judge.lexicon.tables[named], float(judged.scores[0])
    found = archive.query(
        "SELECT preview_text FROM documents WHERE work_id = $work AND (site <> $site OR doc_id <> $doc_id) "
        "AND mangled_score < least($least, $score) AND NOT is_garbage "
        f"ORDER BY length(preview_text) DESC, site, doc_id LIMIT {MAX_COPIES}",
        {
            "work": row["work_id"],
            "site": row["site"],
            "doc_id": row["doc_id"],
            "least": MANGLED,
            # Of a text whose words are its own, a copy tells of its numbers all the same.
            "score": score if score >= MANGLED else CLEAN,
        },
    )
    return _Asked(row, score, table, told(judge.lexicon, text, [each["preview_text"] or "" for each in found]))


def _counted(archive: Archive, judge: Manglement, wanted: Hits) -> WordCounts:
    """Return what stands beside which word in the archive's clean texts: as far as *wanted* has the same beside it."""
    lexicon = judge.lexicon
    keys = {level: np.unique(wanted.keys[level]) for level in LEVELS}
    beside: dict[int, Beside] = {
        level: Beside(keys[level], np.zeros((len(keys[level]), lexicon.members.shape[1]))) for level in LEVELS
    }
    if len(wanted):
        for texts, weights in _clean_texts(archive):
            hits = lexicon.find(texts, LEVELS)
            places = lexicon.place_of[hits.words]
            for level in LEVELS:
                _add(beside[level], hits.keys[level], places, weights[hits.texts])
    return WordCounts(lexicon, judge.counts.in_all, beside)


def _add(beside: Beside, keys: np.ndarray[Any, Any], places: Integers, weights: Floats) -> None:
    at = np.searchsorted(beside.keys, keys)
    at[at == len(beside.keys)] = 0
    same = beside.keys[at] == keys
    np.add.at(beside.counts, (at[same], places[same]), weights[same])


_CLEAN = f"""
WITH clean AS (
  SELECT m.site, m.doc_id, coalesce(k.work_id, m.site || '/' || m.doc_id) AS work_id
  FROM mangled m LEFT JOIN works k ON k.site = m.site AND k.doc_id = m.doc_id
  WHERE m.mangled_score < {CLEAN} AND NOT m.is_garbage)
SELECT site, doc_id, 1 / count(*) OVER (PARTITION BY work_id) AS weight
FROM clean ORDER BY hash(work_id), site, doc_id LIMIT {READ}
"""
"""A work counts once, however many copies it has."""


def _clean_texts(archive: Archive) -> Iterator[tuple[list[str], Floats]]:
    found = arrow(archive.session.cursor(), _CLEAN)
    names = list(zip(found["site"].to_pylist(), found["doc_id"].to_pylist(), strict=True))
    weights = dict(zip(names, found["weight"].to_pylist(), strict=True))
    newest = NewestTexts(archive.session, names if len(names) <= FEW_DOCUMENTS else None)
    texts: list[str] = []
    counted_as: list[float] = []
    characters = 0
    try:
        for path, rows in newest.places(names).items():
            named = dict(rows)
            for row, text in texts_in_file(path, [row for row, _ in rows]):
                texts.append(text[:CHARACTERS])
                counted_as.append(weights[named[row]])
                characters += len(texts[-1])
                if characters >= AT_ONCE:
                    yield texts, np.array(counted_as)
                    texts, counted_as, characters = [], [], 0
    finally:
        newest.close()
    if texts:
        yield texts, np.array(counted_as)
