"""The views over a part of the archive: some documents, or the archive as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.clock import instant_text
from archive.duckdb_session import Session, arrow, execute
from archive.errors import UsageError
from archive.views import sql_text, temporary_views, temporary_visible_runs

_BY_DOCUMENT = ("versions", "sightings", "decisions")

_NARROW_VIEWS = ("withdrawals", "original_texts", "located_versions")
_ALL_VIEWS = (*_NARROW_VIEWS, "runs", "captures", "sightings", "decisions", "versions", "documents")


@dataclass(frozen=True, slots=True)
class Moment:
    """The time a question is asked for; nothing given is now."""

    as_of: datetime | None = None
    """What the sites said by then, as read today."""
    last_seq: int | None = None
    """Only what the ledger had made visible by this row."""


NOW = Moment()


class Scope:
    """A connection in which `documents`, `versions`, ... mean a part of the archive.

    The views are cut at the raw tables, so that nothing is computed for documents nobody asked for. `exact_copy_of`,
    which compares documents with each other, is right only in a scope over all documents.
    """

    def __init__(
        self,
        session: Session,
        *,
        sites: Sequence[str] | None = None,
        documents: Iterable[tuple[str, str]] | None = None,
        moment: Moment = NOW,
        all_views: bool = True,
    ) -> None:
        """*all_views*: also those that a condition of the user's may name; else what the pages of an answer need."""
        self.session = session
        self.moment = moment
        self.whole = sites is None and documents is None
        self.connection = session.cursor()
        execute(self.connection, "\n".join([*ledger_until(moment), *_documents(sites, documents, moment)]))
        execute(self.connection, temporary_views(("history_index", "version_index")))
        execute(self.connection, "CREATE TEMP TABLE index_rows AS SELECT * FROM version_index")
        execute(self.connection, "CREATE OR REPLACE TEMP VIEW version_index AS SELECT * FROM index_rows")
        execute(self.connection, temporary_views(_ALL_VIEWS if all_views else _NARROW_VIEWS))

    def close(self) -> None:
        """Let go of the temporary tables."""
        self.connection.close()


def ledger_until(moment: Moment) -> Iterable[str]:
    """Yield the statements that make one connection see the runs that were visible at *moment*."""
    source = "memory.main.ledger_rows"
    if moment.last_seq is not None:
        known = f"run_seq <= {moment.last_seq} OR event = 'takedown'"
        source = f"(FROM {source} WHERE {known})"
        yield f"CREATE OR REPLACE TEMP VIEW raw_runs AS FROM memory.main.raw_runs WHERE {known};"
    yield temporary_visible_runs(source)


def _documents(
    sites: Sequence[str] | None, documents: Iterable[tuple[str, str]] | None, moment: Moment
) -> Iterable[str]:
    conditions = []
    if documents is not None:
        by_site: dict[str, list[str]] = {}
        for site, doc_id in documents:
            by_site.setdefault(site, []).append(doc_id)
        # Lists of constants are what a Parquet scan can skip files and row groups by.
        conditions += [f"(site = {sql_text(s)} AND doc_id IN ({listed(ids)}))" for s, ids in by_site.items()] or [
            "false"
        ]
    elif sites is not None:
        conditions.append(f"site IN ({listed(sites)})")
    kept = f"WHERE {' OR '.join(conditions)}" if conditions else ""
    for name in _BY_DOCUMENT:
        source = f"(SELECT * FROM memory.main.raw_{name} {kept})"
        if moment.as_of is not None:
            source = f"({_until(name, source, moment.as_of)})"
        if kept or moment.as_of is not None:
            yield f"CREATE OR REPLACE TEMP VIEW raw_{name} AS FROM {source};"


def listed(texts: Iterable[str]) -> str:
    """Return *texts* as SQL constants with commas between."""
    return ", ".join(map(sql_text, texts))


def _until(name: str, source: str, moment: datetime) -> str:
    """What was not yet seen or decided at *moment* is left out; of a sighting that had begun its beginning is known."""
    at = f"TIMESTAMPTZ '{instant_text(moment)[:-1]}+00'"
    if name == "sightings":
        columns = f"* REPLACE (CASE WHEN seen_until <= {at} THEN seen_until ELSE seen_from END AS seen_until)"
        return f"SELECT {columns} FROM {source} WHERE seen_from <= {at}"
    if name == "decisions":
        return f'SELECT * FROM {source} WHERE "at" <= {at}'
    return f"FROM {source}"


def ledger_row(session: Session, as_published: str | datetime) -> int:
    """Return the last ledger row that readers saw when run *as_published* was made visible, or at that instant.

    Raises UsageError for a run that never was visible.
    """
    connection = session.cursor()
    try:
        if isinstance(as_published, datetime):
            found = arrow(
                connection,
                'SELECT coalesce(max(run_seq), 0) AS seq FROM ledger_rows WHERE "at" <= $moment',
                {"moment": as_published},
            )
        else:
            found = arrow(
                connection,
                "SELECT min(run_seq) AS seq FROM ledger_rows "
                "WHERE run_id = $run AND event IN ('published', 'accepted')",
                {"run": as_published},
            )
    finally:
        connection.close()
    seq = found.column("seq")[0].as_py()
    if seq is None:
        raise UsageError(f"no run {as_published!r} was published; list runs with: docarchive runs")
    return int(seq)
