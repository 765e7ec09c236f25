"""The measures of a site's last published runs, kept in a state file: what later runs are judged by."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from archive.measures import Measures

RUNS_KEPT = 40
"""Runs of each site that are remembered: of a daily crawl, more than a month."""

OPTION = "measures"
"""Key of a run's options, in state and ledger, that holds its measures by site."""

TABLE = """
CREATE TABLE IF NOT EXISTS past_measures(
  site TEXT NOT NULL, run_no INTEGER NOT NULL, measures TEXT NOT NULL, PRIMARY KEY(site, run_no)) WITHOUT ROWID
"""


def learn(db: sqlite3.Connection, run_no: int, options: Mapping[str, Any]) -> None:
    """Remember the measures of a published run; one that a limit cut short tells nothing of what whole runs are like.

    Call inside a transaction. A run accepted late takes its place among the others by its number.
    """
    if options.get("partial"):
        return
    for site, numbers in options.get(OPTION, {}).items():
        db.execute("INSERT OR REPLACE INTO past_measures VALUES (?, ?, ?)", (site, run_no, orjson.dumps(numbers)))
        db.execute(
            "DELETE FROM past_measures WHERE site = ? AND run_no NOT IN "
            "(SELECT run_no FROM past_measures WHERE site = ? ORDER BY run_no DESC LIMIT ?)",
            (site, site, RUNS_KEPT),
        )


def restore(db: sqlite3.Connection, published: Sequence[Mapping[str, Any]]) -> None:
    """Remember what the ledger rows of a site's published runs say, oldest first. Call inside a transaction."""
    for run_no, row in enumerate(published, 1):
        learn(db, run_no, orjson.loads(row["options"] or "{}"))


def recall(db: sqlite3.Connection, site: str) -> list[Measures]:
    """Return the remembered measures of a site's runs, oldest first; none where the file is older than they."""
    there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'past_measures'").fetchone()
    if not there:
        return []
    rows = db.execute("SELECT measures FROM past_measures WHERE site = ? ORDER BY run_no", (site,))
    return [Measures.from_json(orjson.loads(row[0])) for row in rows]
