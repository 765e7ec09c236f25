"""The views over a part of the archive: some documents, or the archive as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import pyarrow as pa

from archive.clock import instant_text
from archive.errors import UsageError
from archive.published.views import raw_table, sightings_of, sql_text, temporary_views, temporary_visible_runs
from archive.snapshot.change_index import insert
from archive.snapshot.duckdb_session import Session, arrow, close, execute

FEW_DOCUMENTS = 200
"""So many documents' rows are named one by one; more stand in a table."""

_BY_DOCUMENT = ("versions", "sightings", "decisions", "works")
"""Works are cut to *documents* alone: what looks at documents beside them does not ask for works."""

_NARROW_VIEWS = ("withdrawals", "original_texts", "works", "located_versions")
_ALL_VIEWS = (*_NARROW_VIEWS, "runs", "captures", "sightings", "decisions", "versions", "documents")


@dataclass(frozen=True, slots=True)
class Moment:
    """The time a question is asked for; nothing given is now."""

    as_of: datetime | None = None
    """What the sites said by then, as read today."""
    last_seq: int | None = None
    """Only what the ledger had made visible by this row."""


NOW = Moment()


@dataclass(frozen=True, slots=True)
class Beside:
    """Documents of which nothing is said but in some of the files: to look for them in all takes long."""

    documents: Sequence[tuple[str, str]]
    files: Mapping[str, Sequence[str]]
    """Table -> files: of `sightings`, `versions`, `decisions`."""


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
        found: bool = False,
        beside: Beside | None = None,
    ) -> None:
        """*all_views*: also those that a condition of the user's may name; else what the pages of an answer need.

        *found*: which versions are wanted is known, and where they lie: only what is said beside them is needed.

        *beside*: further documents than *documents* (which are then given), looked for in a few files.
        """
        self.session = session
        self.moment = moment
        self.whole = sites is None and documents is None
        self.connection = session.cursor()
        wanted = list(documents) if documents is not None else None
        if wanted is not None and len(wanted) > FEW_DOCUMENTS:
            self._name("wanted_documents", wanted)
        self.has_standing = session.has_standing and moment == NOW
        """Whether `memory.main.standing_versions` has the versions of the scope, among others."""
        if self.has_standing and found:
            execute(self.connection, _standing_views(_kept(sites, wanted)))
            return
        if self.has_standing:
            self._take_standing(sites, wanted, all_views=all_views)
            return
        further = self._further(beside) if beside is not None and beside.documents else {}
        execute(self.connection, "\n".join([*ledger_until(moment), *_documents(sites, wanted, moment, further)]))
        execute(self.connection, temporary_views(("history_index", "version_index")))
        execute(self.connection, "CREATE TEMP TABLE index_rows AS SELECT * FROM version_index")
        execute(self.connection, "CREATE OR REPLACE TEMP VIEW version_index AS SELECT * FROM index_rows")
        execute(self.connection, temporary_views(_ALL_VIEWS if all_views else _NARROW_VIEWS))

    def _take_standing(
        self, sites: Sequence[str] | None, documents: Sequence[tuple[str, str]] | None, *, all_views: bool
    ) -> None:
        """Make the views over what is computed already; of few documents their rows are named one by one."""
        kept = _kept(sites, documents)
        statements = [] if not all_views else [*ledger_until(NOW), *_documents(sites, documents, NOW)]
        if documents is not None and len(documents) <= FEW_DOCUMENTS:
            rows = arrow(
                self.connection,
                "SELECT row_file, list(file_row_number) AS numbers FROM memory.main.standing_versions "
                f"{kept} GROUP BY row_file ORDER BY row_file",
            )
            if rows.num_rows:
                scans = named_rows(rows, self.session.snapshot.names)
                statements.append(f"CREATE OR REPLACE TEMP VIEW raw_versions AS {scans};")
        statements.append(_standing_views(kept))
        execute(self.connection, "\n".join(statements))
        views = _ALL_VIEWS if all_views else ("located_versions",)
        execute(self.connection, temporary_views([name for name in views if name != "withdrawals"]))

    def _name(self, table: str, documents: Sequence[tuple[str, str]]) -> None:
        """Make a table of documents: as constants, each row would be compared with them all."""
        execute(self.connection, f"CREATE TEMP TABLE {table}(site VARCHAR, doc_id VARCHAR)")
        sites, ids = zip(*documents, strict=True)
        named = pa.table([pa.array(sites, pa.string()), pa.array(ids, pa.string())], names=["site", "doc_id"])
        insert(self.connection, table, [named])

    def _further(self, beside: Beside) -> dict[str, str]:
        """Return, of each table that says something of a document, a SELECT of what it says of those of *beside*."""
        self._name("documents_beside", beside.documents)
        rows = {name: raw_table(name, files, self.session.snapshot.names) for name, files in beside.files.items()}
        rows["sightings"] = sightings_of(f"({rows['sightings']})")
        return {
            name: f"SELECT * FROM ({one}) SEMI JOIN documents_beside USING (site, doc_id)" for name, one in rows.items()
        }

    def close(self) -> None:
        """Let go of the temporary tables."""
        close(self.connection)


def ledger_until(moment: Moment) -> Iterable[str]:
    """Yield the statements that make one connection see the runs that were visible at *moment*."""
    source = "memory.main.ledger_rows"
    if moment.last_seq is not None:
        known = f"run_seq <= {moment.last_seq} OR event = 'takedown'"
        source = f"(FROM {source} WHERE {known})"
        yield f"CREATE OR REPLACE TEMP VIEW raw_runs AS FROM memory.main.raw_runs WHERE {known};"
    yield temporary_visible_runs(source)


def _standing_views(kept: str) -> str:
    """Return the statements that take what is computed already."""
    return (
        f"CREATE OR REPLACE TEMP VIEW version_index AS SELECT {', '.join(_INDEX_COLUMNS)} "
        f"FROM memory.main.standing_versions {kept};"
        f"CREATE OR REPLACE TEMP VIEW withdrawals AS FROM memory.main.standing_withdrawals {kept};"
    )


_INDEX_COLUMNS = (
    *("site", "doc_id", "version", "cause", "first_seen", "last_seen", "document_first_seen", "is_newest"),
    *("row_file", "file_row_number"),
)
"""Of the view `version_index`."""


def _kept(sites: Sequence[str] | None, documents: Sequence[tuple[str, str]] | None) -> str:
    """Return the clause that keeps some sites or documents; "" keeps all."""
    conditions = []
    if documents is not None and len(documents) > FEW_DOCUMENTS:
        return "SEMI JOIN wanted_documents USING (site, doc_id)"
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
    return f"WHERE {' OR '.join(conditions)}" if conditions else ""


def _documents(
    sites: Sequence[str] | None,
    documents: Sequence[tuple[str, str]] | None,
    moment: Moment,
    further: Mapping[str, str] = MappingProxyType({}),
) -> Iterable[str]:
    """Yield the statements that cut the raw tables; *further*: of some tables, rows of further documents."""
    kept = _kept(sites, documents)
    for name in _BY_DOCUMENT:
        source = f"SELECT * FROM memory.main.raw_{name} {kept}"
        if name in further:
            # Even a scan that keeps nothing opens files: without other documents there is none.
            source = f"{source} UNION ALL {further[name]}" if documents else further[name]
        source = f"({source})"
        if moment.as_of is not None:
            source = f"({_until(name, source, moment.as_of)})"
        if kept or moment.as_of is not None:
            yield f"CREATE OR REPLACE TEMP VIEW raw_{name} AS FROM {source};"


def named_rows(rows: pa.Table, names: Mapping[str, str]) -> str:
    """Return a SELECT of those rows of `versions` that *rows* names (file, list of its row numbers), at least one.

    *names*: former name -> present name of sites. Each file is scanned by itself, with constants: a scan of several
    at once reads all row groups of each, and this one none that holds no row that is wanted.
    """
    named = zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True)
    return " UNION ALL ".join(
        f"{raw_table('versions', [file], names)} WHERE file_row_number IN ({', '.join(map(str, numbers))})"
        for file, numbers in named
    )


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
        close(connection)
    seq = found.column("seq")[0].as_py()
    if seq is None:
        raise UsageError(f"no run {as_published!r} was published; list runs with: docarchive runs")
    return int(seq)
