"""What was added, changed, withdrawn and returned, in the order in which readers of the archive could see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa

from archive.asking.selected import SelectedDocuments
from archive.errors import UsageError
from archive.over_time.cursor import Cursor, cursor_at, cursor_of
from archive.over_time.history import SHOWN_FIELDS, changes_between
from archive.published.tables import SCHEMAS
from archive.published.views import raw_table
from archive.snapshot.change_index import insert, make_told
from archive.snapshot.duckdb_session import Session, arrow, execute, one
from archive.snapshot.replay import ADDED, CHANGED, RETURNED, WITHDRAWN
from archive.snapshot.rows import Rows, dicts
from archive.snapshot.scope import Moment, ledger_until, listed
from archive.snapshot.selection import Selection

EVENTS = (ADDED, CHANGED, WITHDRAWN, RETURNED)
CAUSES = ("site", "reader", "import")

CHANGE_FIELDS = (
    *("event", "site", "doc_id", "version", "at", "published_at", "run_id", "cause", "title", "url", "changes"),
    *("reason", "is_newest"),
)
"""What a change says, in this order; any field of the record can be asked for beside them (`fields`)."""

PAGE_ROWS = 1000
"""Changes whose records are in memory at a time: two texts each."""

_INSTANT = pa.timestamp("us", "UTC")

_TYPES: dict[str, pa.DataType] = {
    **{name: pa.string() for name in CHANGE_FIELDS},
    "version": pa.int64(),
    "at": _INSTANT,
    "published_at": _INSTANT,
    "is_newest": pa.bool_(),
}

_OF_THE_STEP = frozenset(CHANGE_FIELDS) - {"title", "url", "changes"}
_RECORD_FIELDS = tuple(n for n in SCHEMAS["versions"].names if n not in ("content_digest", "previous_reread_digest"))
_COMPARED = tuple(dict.fromkeys((*SHOWN_FIELDS, "text_digest")))


class Changes(Rows):
    """The changes behind a cursor, in the order of the ledger; `cursor` is the place behind the last one.

    Iterated, each is a dict whose `changes` is a list of {"field", "from", "to"}; in Arrow that is JSON text.
    """

    def __init__(self, answer: ChangesAnswer) -> None:
        super().__init__(answer)
        self._changes = answer

    @property
    def cursor(self) -> Cursor:
        """Where the next question goes on."""
        return self._changes.cursor

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._changes.rows()


class ChangesAnswer:
    """The answer to `Archive.changes`: what is told is found out once, the records are read page by page."""

    def __init__(
        self,
        session: Session,
        selection: Selection,
        since: Cursor,
        *,
        causes: Sequence[str] | None,
        columns: Sequence[str],
        last_seq: int | None,
    ) -> None:
        self._session = session
        self._selection = selection
        self._since = since
        self._causes = causes
        self.columns = tuple(columns)
        self._last_seq = last_seq

    @property
    def total(self) -> int:
        """How many changes there are."""
        return int(one(self._connection, "SELECT count(*) FROM hits"))

    @property
    def length(self) -> int:
        """How many of them it gives."""
        limit = self._selection.limit
        return min(self.total, limit) if limit else self.total

    @cached_property
    def cursor(self) -> Cursor:
        """The place behind the last change that is given; behind all of the ledger where all are."""
        if self.length < self.total:
            return self._inside()
        end = self._last_seq
        if end is None:
            end = int(one(self._connection, "SELECT coalesce(max(run_seq), 0) FROM ledger_rows"))
        return cursor_at(self._session, end) if end > self._since.run_seq else self._since

    def _inside(self) -> Cursor:
        connection = self._connection
        (last,) = dicts(arrow(connection, f"SELECT run_seq, position FROM hits WHERE place = {self.length}"))
        seq, position = last["run_seq"], last["position"]
        before, whole = (
            int(one(connection, f"SELECT count(*) FROM told WHERE run_seq {compared} {seq}"))
            for compared in ("<", "<=")
        )
        if position == whole:
            return cursor_at(self._session, seq)
        if seq - 1 <= self._since.run_seq:
            return Cursor(self._since.run_seq, self._since.digest, position)
        return cursor_at(self._session, seq - 1, position - before)

    def batches(self) -> Iterator[pa.Table]:
        """Yield the changes; an empty table first where there are none."""
        schema = pa.schema([(name, self._type(name)) for name in self.columns])
        waiting = self.rows()
        page = list(islice(waiting, PAGE_ROWS))
        while True:
            yield pa.Table.from_pylist([_as_arrow(row) for row in page], schema=schema)
            page = list(islice(waiting, PAGE_ROWS))
            if not page:
                return

    @staticmethod
    def _type(name: str) -> pa.DataType:
        return _TYPES[name] if name in _TYPES else SCHEMAS["versions"].field(name).type

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the changes as dicts."""
        for start in range(0, self.length, PAGE_ROWS):
            yield from self._page(start, min(start + PAGE_ROWS, self.length))

    def _page(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        """Yield the changes at the places *start* to *end*, both counted from 0, the second left out."""
        connection = self._connection
        execute(
            connection,
            f"CREATE OR REPLACE TEMP TABLE page AS SELECT * FROM hits WHERE place > {start} AND place <= {end}",
        )
        fields = [name for name in self.columns if name not in _OF_THE_STEP and name != "changes"]
        compares = "changes" in self.columns
        needed = [name for name in dict.fromkeys((*fields, *(_COMPARED if compares else ()))) if name in _RECORD_FIELDS]
        after = self._records("row", needed)
        before = self._records("before", [n for n in needed if n in _COMPARED]) if compares else {}
        for row in dicts(arrow(connection, "FROM page ORDER BY place")):
            record = after.get(row["place"], {})
            was = before.get(row["place"])
            changes = changes_between(was, record) if was and record else []
            shown = {name: row[name] for name in _OF_THE_STEP} | {"changes": changes}
            yield {name: shown[name] if name in shown else record.get(name) for name in self.columns}

    def _records(self, which: str, fields: Sequence[str]) -> dict[int, dict[str, Any]]:
        """Return place -> the record of the page's changes, as it is (`row`) or was (`before`)."""
        connection = self._connection
        files = arrow(connection, f"SELECT DISTINCT {which}_file AS file FROM page WHERE {which}_file IS NOT NULL")
        if not files.num_rows or not fields:
            return {}
        scan = raw_table("versions", sorted(files.column(0).to_pylist()), self._session.snapshot.names)
        columns = ", ".join(f"r.{name}" for name in fields)
        found = arrow(
            connection,
            f"SELECT p.place AS _place, {columns} FROM page p JOIN ({scan}) r "
            f"ON r.row_file = p.{which}_file AND r.file_row_number = p.{which}_number",
        )
        return {row.pop("_place"): row for row in dicts(found)}

    @cached_property
    def _connection(self) -> Any:
        """A connection whose table `hits` names the changes that are given, `told` all behind the cursor."""
        connection = self._session.cursor()
        execute(connection, "\n".join(ledger_until(Moment(last_seq=self._last_seq))))
        make_told(connection, self._since.run_seq)
        execute(
            connection,
            "CREATE TEMP TABLE hits AS SELECT *, row_number() OVER (ORDER BY position) AS place FROM told "
            f"WHERE position > {self._since.told} AND {self._chosen(connection)}",
        )
        return connection

    def _chosen(self, connection: Any) -> str:
        """Return the condition that the changes asked for fulfil."""
        conditions = ["(event <> 'changed' OR cause <> 'reader')"]
        if self._causes is not None:
            conditions = [f"cause IN ({listed(self._causes)})"]
        selection = self._selection
        searched = selection.where is not None or selection.search is not None
        if searched or any(name != "sites" for name in selection.conditions()[1]):
            execute(connection, "CREATE TEMP TABLE matching(site VARCHAR, doc_id VARCHAR)")
            insert(connection, "matching", [SelectedDocuments(self._session, selection).keys()])
            conditions.append("(site, doc_id) IN (SELECT (site, doc_id) FROM matching)")
        elif selection.sites:
            conditions.append(f"site IN ({listed(selection.sites)})")
        return " AND ".join(conditions)


def check_fields(fields: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns that are asked for. Raises UsageError for one that no change has."""
    asked = [part.strip() for part in fields.split(",")] if isinstance(fields, str) else list(fields or ())
    asked = [name for name in asked if name]
    for name in asked:
        if name not in CHANGE_FIELDS and name not in _RECORD_FIELDS:
            every = dict.fromkeys((*CHANGE_FIELDS, *_RECORD_FIELDS))
            raise UsageError(f"a change has no field {name!r}; choose among {', '.join(every)}")
    return tuple(dict.fromkeys(asked)) or CHANGE_FIELDS


def check_causes(causes: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the causes that are asked for. Raises UsageError for an unknown one."""
    if causes is None:
        return None
    named = (causes,) if isinstance(causes, str) else tuple(causes)
    for cause in named:
        if cause not in CAUSES:
            raise UsageError(f"no change has the cause {cause!r}; choose among {', '.join(CAUSES)}")
    return named or None


def changes(
    session: Session,
    selection: Selection,
    since: Any,
    *,
    causes: Sequence[str] | None,
    columns: Sequence[str],
    last_seq: int | None,
) -> Changes:
    """Return the changes behind *since* (see `cursor_of`) of the documents that *selection* finds now."""
    place = cursor_of(session, since)
    return Changes(ChangesAnswer(session, selection, place, causes=causes, columns=columns, last_seq=last_seq))


def _as_arrow(row: dict[str, Any]) -> dict[str, Any]:
    """Return a change as Arrow takes it: maps as pairs, what changed as JSON."""
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if name == "changes":
        return orjson.dumps(value, default=date.isoformat).decode()
    return list(value.items()) if isinstance(value, dict) else value
