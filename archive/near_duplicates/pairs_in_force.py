"""The pairs of words that texts of an archive are compared under: those that everybody has, and what was learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archive.near_duplicates.pairs import LEARNED, Pair, PairTable, seed_pairs
from archive.snapshot.duckdb_session import Session, arrow

LEARNED_SQL = "SELECT original, replacement, evidence FROM word_pairs ORDER BY run_seq, original, replacement"


def pairs_in_force(session: Session) -> PairTable:
    """Return the pairs under which the archive that *session* sees is to be compared."""
    return with_learned(arrow(session.connection, LEARNED_SQL).to_pylist())


def with_learned(rows: Iterable[Mapping[str, Any]]) -> PairTable:
    """Return the seed pairs and those in *rows* (`LEARNED_SQL`)."""
    learned = (Pair(row["original"], row["replacement"], (LEARNED,), row["evidence"] or "") for row in rows)
    return PairTable((*seed_pairs().pairs, *learned))
