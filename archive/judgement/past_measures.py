"""The measures of a site's last published runs, kept in a state file: what later runs are judged by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from archive.judgement.measures import Measures

RUNS_KEPT = 40
"""Runs of each site that are remembered: of a daily crawl, more than a month."""

OPTION = "measures"
"""Key of a run's options, in state and ledger, that holds its measures by site."""

JUDGEMENT = "judgement"
"""Key of a held run's options, in state and ledger: what was odd about it, a list of findings with samples."""

OF_A_FIELD = ("known/lost/", "known/changed/", "new/lacking/", "new/unreadable/")
"""Measures that are about one field each: a field that a site gave up is missing on known documents and on new ones."""

TABLE = """
CREATE TABLE IF NOT EXISTS past_measures(
  site TEXT NOT NULL, run_no INTEGER NOT NULL, measures TEXT NOT NULL, PRIMARY KEY(site, run_no)) WITHOUT ROWID
"""


def learn(db: sqlite3.Connection, run_no: int, options: Mapping[str, Any]) -> None:
    """Remember the measures of a published run; one that a limit cut short tells nothing of what whole runs are like.

    What was odd about a run that a person accepted is what the site is like from then on: of that, the runs before it
    tell nothing any more. Call inside a transaction. A run accepted late takes its place by its number.
    """
    if options.get("partial"):
        return
    if odd := _about(finding["measure"] for finding in options.get(JUDGEMENT, ())):
        _forget(db, run_no, odd)
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


def _about(measures: Iterable[str]) -> set[str]:
    """Return *measures*, and those that tell the same of the same field."""
    odd = set(measures)
    for measure in [*odd]:
        if beginning := next((one for one in OF_A_FIELD if measure.startswith(one)), None):
            odd.update(one + measure.removeprefix(beginning) for one in OF_A_FIELD)
    return odd


def _forget(db: sqlite3.Connection, run_no: int, odd: set[str]) -> None:
    for site, earlier, text in db.execute(
        "SELECT site, run_no, measures FROM past_measures WHERE run_no < ?", (run_no,)
    ).fetchall():
        numbers = orjson.loads(text)
        left = {kind: {name: n for name, n in named.items() if name not in odd} for kind, named in numbers.items()}
        db.execute(
            "UPDATE past_measures SET measures = ? WHERE site = ? AND run_no = ?", (orjson.dumps(left), site, earlier)
        )
