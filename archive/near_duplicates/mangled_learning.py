"""Learns from a sample of an archive what clean texts look like, and what its sites replace."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from archive import durable
from archive.near_duplicates.canonical import Canonicalizer, traditional_share
from archive.near_duplicates.learning import Copy, Learner
from archive.near_duplicates.lexicon import BESIDE, LEFT, RIGHT, Hits, Integers, Lexicon
from archive.near_duplicates.manglement import FORMAT, Manglement, first_in_force, pruned
from archive.near_duplicates.pairs import LEARNED, Pair, PairTable
from archive.near_duplicates.verification import Prepared
from archive.near_duplicates.word_counts import Beside, WordCounts

KEPT_LEVELS = (LEFT, RIGHT, BESIDE)
"""What of the sample is kept: longer keys make the scores hardly better and the index much larger."""

MOST_KEYS = 12_000
"""Keys kept, some 14 bytes each."""

ROUNDS = 3

COMPARED = 4
"""Copies of a work in which pairs of words are looked for, `LOOKED_AT` characters of each."""

LOOKED_AT = 6_000

MAX_TRADITIONAL = 0.02
"""Share of traditional characters from which on a text is not learned from."""


def learned(lexicon: Lexicon, hits: Hits, groups: Integers, texts: int) -> Manglement:
    """Return what a sample of *texts* texts shows; *groups*: which are copies of one work.

    In rounds: what is known of Chinese tells the clean texts from the others, those tell what stands beside which word,
    and that tells them apart better.
    """
    # Of words that only this archive knows of nothing is known yet: all texts count, and their pairs do not.
    some = np.full(len(hits), 0.2)
    in_force = np.where(lexicon.is_learned, 0.0, first_in_force(lexicon))
    judge = Manglement(lexicon, WordCounts.of(lexicon, hits, some, ()), in_force)
    judged = judge.judged(hits, judge.counts.likely(hits), texts)
    for number in range(ROUNDS):
        weights = (1 - judged.scores)[hits.texts]
        counts = WordCounts.of(lexicon, hits, weights, KEPT_LEVELS)
        judge = Manglement(lexicon, counts, first_in_force(lexicon) if number == 0 else judge.in_force)
        _, judged = judge.likely_words(hits, groups, texts, counted_as=weights)
        judge = Manglement(lexicon, counts, judge.with_rows_of(judged))
    return Manglement(lexicon, pruned(judge.counts, MOST_KEYS), judge.in_force)


def suspected(pairs: PairTable, works: Iterable[Sequence[tuple[str, str]]]) -> list[Pair]:
    """Return pairs of words that copies show and *pairs* lacks; *works*: of each its copies' sites and texts.

    They serve to judge and restore texts alone: `rebuild duplicates --learn` changes what texts are compared under.
    """
    learner = Learner(pairs)
    canonicalizer = Canonicalizer(PairTable(()))
    for work in works:
        copies = [(site, text) for site, text in work if traditional_share(text) <= MAX_TRADITIONAL][:COMPARED]
        if len(copies) > 1:
            learner.add_work([Copy(site, Prepared(canonicalizer.canonical(text[:LOOKED_AT]))) for site, text in copies])
    return learner.learned()


def write(path: Path, judge: Manglement, pairs: PairTable, suspects: Sequence[Pair], documents: int) -> None:
    """Keep what was learned, whole or not at all.

    *pairs*: those in force, beside which *suspects* are known; *documents*: how many the archive had.
    """
    arrays = {
        "made_of": np.array([str(FORMAT), pairs.version, str(documents)]),
        "suspects": np.array([[pair.original, pair.replacement] for pair in suspects], np.str_).reshape(-1, 2),
        "in_all": judge.counts.in_all.astype(np.float32),
        "in_force": judge.in_force.astype(np.float32),
    }
    for level, beside in judge.counts.beside.items():
        arrays[f"keys_{level}"] = beside.keys
        arrays[f"counts_{level}"] = beside.counts.astype(np.float16)
    data = io.BytesIO()
    np.savez_compressed(data, **arrays)  # type: ignore[arg-type]
    durable.write_file(path, data.getvalue())


def read(path: Path, pairs: PairTable) -> tuple[Manglement, int] | None:
    """Return what was kept and of how many documents it was learned; None where there is none, or of another making.

    *pairs*: those in force.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            form, version, documents = kept["made_of"].tolist()
            if form != str(FORMAT) or version != pairs.version:
                return None
            suspects = [
                Pair(original, replacement, (LEARNED,), "") for original, replacement in kept["suspects"].tolist()
            ]
            lexicon = Lexicon(PairTable((*pairs.pairs, *suspects)))
            beside = {
                level: Beside(kept[f"keys_{level}"], kept[f"counts_{level}"].astype(np.float64))
                for level in KEPT_LEVELS
            }
            counts = WordCounts(lexicon, kept["in_all"].astype(np.float64), beside)
            return Manglement(lexicon, counts, kept["in_force"].astype(np.float64)), int(documents)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
