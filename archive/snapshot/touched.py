"""Which documents the runs behind a row of the ledger say something of, told by the files of those runs alone.

What is derived from the tables is brought on by looking at these documents. An archive has a thousand times the rows
of a run, so that nothing here reads more than the run's own files, or what a compaction put in their place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from archive.published.ledger import MAKES_VISIBLE
from archive.published.table_files import REBUILT
from archive.published.views import raw_table, sightings_of
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.scope import Beside, listed

_SAY: Final = ("sightings", "versions", "decisions")
"""Tables whose rows say something of a document."""

_READ: Final = (*_SAY, "captures")
"""Also where its page lies."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Documents of further runs."""

    documents: Sequence[tuple[str, str]]
    """(site, doc_id), sorted."""
    files: Mapping[str, Sequence[str]]
    """Table -> the files in which all rows of those runs lie, and perhaps others."""

    def beside(self, known: Collection[tuple[str, str]]) -> Beside:
        """Return the documents that are not among *known*: nothing says anything of them but these files.

        *known*: whatever had a version that could be seen before those runs.
        """
        there = set(known)
        files = {name: self.files[name] for name in _SAY}
        return Beside([each for each in self.documents if each not in there], files)


def touched(session: Session, run_seq: int) -> Touched:
    """Return the documents of which runs behind ledger row *run_seq* say something.

    Those are runs that became visible, and runs that were taken down.
    """
    behind = arrow(
        session.connection,
        f"SELECT DISTINCT run_id FROM ledger_rows WHERE run_seq > {run_seq:d} "
        "AND event IN ('published', 'accepted', 'takedown')",
    )
    runs = behind["run_id"].to_pylist()
    if not runs:
        return Touched((), dict.fromkeys(_READ, ()))
    files = _files_of(session, runs)
    names = session.snapshot.names
    sightings = sightings_of(f"({raw_table('sightings', files['sightings'], names)})")
    of_runs = f"run_id IN ({listed(runs)})"
    found = arrow(
        session.connection,
        f"SELECT site, doc_id FROM ({sightings}) WHERE {of_runs} "
        f"UNION SELECT site, doc_id FROM ({raw_table('versions', files['versions'], names)}) WHERE {of_runs} "
        f"UNION SELECT site, doc_id FROM ({raw_table('decisions', files['decisions'], names)}) "
        f"WHERE {of_runs} AND doc_id IS NOT NULL ORDER BY ALL",
    )
    return Touched(list(zip(found["site"].to_pylist(), found["doc_id"].to_pylist(), strict=True)), files)


def _files_of(session: Session, runs: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return the files in which the rows of *runs* lie now; all of a table where the ledger does not tell."""
    of_table = session.snapshot.files
    told = arrow(
        session.connection,
        f"""SELECT run_id, table_files FROM ledger_rows
        WHERE run_id IN ({listed(runs)}) AND event IN ({listed(MAKES_VISIBLE)})
        AND run_seq > (SELECT coalesce(max(run_seq), 0) FROM ledger_rows WHERE event = '{REBUILT}')""",
    )
    named = [file for files in told["table_files"].to_pylist() for file in files or ()]
    paths = {_relative(path): path for name in _READ for path in of_table[name]}
    files = session.table_files.holding((each for each in named if _table_of(each) in _READ), paths)
    # A run that readers see has files, if only of its captures: where none is named, the ledger does not tell.
    tells = {run_id for run_id, named_here in zip(*told.to_pydict().values(), strict=True) if named_here}
    if not tells.issuperset(runs) or not files <= paths.keys():
        return {name: of_table[name] for name in _READ}
    return {name: [paths[file] for file in sorted(files) if _table_of(file) == name] for name in _READ}


def _relative(path: str) -> str:
    """Return *path* as the ledger names it: `tables/TABLE/FILE`."""
    return "/".join(path.rsplit("/", 3)[1:])


def _table_of(relative: str) -> str:
    return relative.split("/")[1]
