"""The documents that a selection finds, in order, a page at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa

from archive.asking.best_copy import WORTH_SQL
from archive.asking.mangled_columns import mangled_join, with_mangled
from archive.asking.original_texts import pairs
from archive.asking.page_rows import WORKS_OF_PAGE, PageRows
from archive.asking.text_scan import decide
from archive.errors import UsageError
from archive.published.views import raw_table
from archive.snapshot.change_index import insert
from archive.snapshot.duckdb_session import Session, arrow, close, execute, one
from archive.snapshot.scope import NOW, Moment, Scope, ledger_row, listed
from archive.snapshot.selection import MANGLED_FIELDS, Selection
from archive.text_index.asking import TextAnswer
from archive.text_index.generation import IndexUnusable

PAGE_ROWS = 1000
"""Rows fetched at a time: with their texts some 10 MB."""

_COMPARES_DOCUMENTS = re.compile(r"(?i)\b(select|from|exact_copy_of)\b")
"""A condition that may look at other documents than the one it is about."""

_JOINED = re.compile(r"(?i)withdrawn_at|work_id|mangled_|is_garbage")
"""Columns that what is kept in memory lacks, or has as of another moment."""

_ORDERS = {
    "fetched": "fetched_at DESC, site, doc_id",
    "published": "published_from DESC NULLS LAST, published_until DESC, fetched_at DESC, site, doc_id",
    "relevance": "score DESC, fetched_at DESC, site, doc_id",
}


class SelectedDocuments:
    """The answer to `Archive.records`: which documents is found out once, their rows are read page by page."""

    def __init__(self, session: Session, selection: Selection, document: tuple[str, str] | None = None) -> None:
        self._session = session
        self._document = document
        self._selection = selection
        self.columns = selection.fields

    @cached_property
    def total(self) -> int:
        """How many documents the selection finds."""
        if self._rows_of_index is not None:
            return self._rows_of_index[1]
        answer = self._by_index
        if answer is not None and self._selection.where is None and not self._selection.unique:
            try:
                return answer.total
            except IndexUnusable as error:
                self._do_without_index(error)
        return self._hits[1]

    @property
    def length(self) -> int:
        """How many of them it gives."""
        limit = self._selection.limit
        return min(self.total, limit) if limit else self.total

    def keys(self) -> pa.Table:
        """Return `site` and `doc_id` of every document found, whatever the limit."""
        if self._selection.limit:
            return SelectedDocuments(self._session, replace(self._selection, limit=0), self._document).keys()
        return arrow(self._hits[0].connection, "SELECT site, doc_id FROM hits")

    def found_rows(self) -> tuple[duckdb.DuckDBPyConnection, str, Mapping[str, Any] | None]:
        """Return a SELECT over the rows of `versions` of all documents found, where it is asked, and its parameters.

        These are None where the rows are read from files, else they are kept in memory. Of a selection without a limit,
        which may leave out what is not wanted.
        """
        standing = self._standing
        if standing is not None:
            return standing
        scope = self._hits[0]
        connection = scope.connection
        if scope.has_standing:
            return connection, f"FROM memory.main.standing_versions {_AMONG_HITS}", {}
        files = arrow(connection, "SELECT DISTINCT row_file FROM hits ORDER BY ALL").column(0).to_pylist()
        rows = raw_table("versions", files, self._session.snapshot.names)
        return connection, f"FROM ({rows}) {_AMONG_HITS}", None

    def counts(self, name: str) -> Counter[str] | None:
        """Return how many of the documents have which value of *name* (`archive.text_index.fields.COUNTED`).

        None where the index cannot tell. The limit does not count.
        """
        answer = self._answer_of_index
        if answer is None or self._selection.where is not None or self._document is not None or self._selection.unique:
            return None
        try:
            return answer.counts(name)
        except IndexUnusable as error:
            self._do_without_index(error)
            return None

    def batches(self) -> Iterator[pa.Table]:
        """Yield the documents' rows in order; an empty table first where there are none."""
        if self._rows_of_index is not None:
            yield self._rows_of_index[0]
            return
        if not self.length:
            yield self._page(0, 0)
        for start in range(0, self.length, PAGE_ROWS):
            yield self._page(start, min(start + PAGE_ROWS, self.length))

    @cached_property
    def _moment(self) -> Moment:
        published = self._selection.as_published
        last_seq = ledger_row(self._session, published) if published is not None else None
        return Moment(self._selection.as_of, last_seq)

    @cached_property
    def _hits(self) -> tuple[Scope, int]:
        """The scope whose temporary table `hits` names the documents found, in order, and how many there are."""
        wanted = 1 if self._document is not None else self._selection.limit
        if self._standing is not None and 0 < wanted <= PAGE_ROWS:
            return self._first_standing(*self._standing, wanted)
        if self._asks_for_the_last_fetched():
            return self._last_fetched()
        if self._by_index is not None:
            try:
                return self._hits_of_index(self._by_index)
            except IndexUnusable as error:
                self._do_without_index(error)
        selection = self._selection
        alone = self._is_alone
        scope = Scope(
            self._session,
            sites=selection.sites if alone else None,
            documents=[self._document] if self._document else None,
            moment=self._moment,
            all_views=not alone,
        )
        self._find(scope)
        return scope, int(one(scope.connection, "SELECT count(*) FROM hits"))

    @property
    def _is_alone(self) -> bool:
        """Whether nothing but the document itself decides whether it is selected."""
        return self._selection.where is None or not _COMPARES_DOCUMENTS.search(self._selection.where)

    @cached_property
    def _rows_of_index(self) -> tuple[pa.Table, int] | None:
        """The whole answer from the index, and how many documents there are; None where the tables must be asked."""
        selection = self._selection
        some = self._document is not None or 0 < selection.limit <= PAGE_ROWS
        if not some or selection.unique or selection.where is not None or (answer := self._answer_of_index) is None:
            return None
        try:
            if not answer.is_whole:
                return None
            if self._document is not None:
                found = answer.of_key(*self._document)
                total = len(found)
            else:
                found, total = answer.first(selection.limit), answer.total
        except IndexUnusable as error:
            self._do_without_index(error)
            return None
        rows = answer.rows(found, self.columns)
        if rows is None:
            return None
        rows = self._with_works(rows, [(each.site, each.doc_id) for each in found])
        return with_mangled(self._session, rows, found), total

    def _with_works(self, rows: pa.Table, documents: Sequence[tuple[str, str]]) -> pa.Table:
        """Put the works of *documents* into *rows*: the index knows nothing of other documents."""
        if "work_id" not in self.columns or not self._session.snapshot.files["works"]:
            return rows
        connection = self._session.cursor()
        execute(connection, "CREATE TEMP TABLE page(site VARCHAR, doc_id VARCHAR)")
        if documents:
            insert(connection, "page", [pa.table(list(zip(*documents, strict=True)), names=["site", "doc_id"])])
        found = arrow(connection, WORKS_OF_PAGE)
        columns = [found.column(name).to_pylist() for name in ("site", "doc_id", "work_id")]
        works = {(site, doc_id): work_id for site, doc_id, work_id in zip(*columns, strict=True)}
        close(connection)
        values = pa.array([works.get(each, "/".join(each)) for each in documents], pa.string())
        return rows.set_column(self.columns.index("work_id"), "work_id", values)

    @property
    def _by_index(self) -> TextAnswer | None:
        """What the index finds of texts; None where it is not asked for any, or cannot be."""
        return self._answer_of_index if self._selection.search is not None and self._document is None else None

    @cached_property
    def _answer_of_index(self) -> TextAnswer | None:
        texts = self._session.texts
        if texts is None or self._moment != NOW:
            return None
        return texts.answer(self._session, self._selection)

    def _do_without_index(self, error: IndexUnusable) -> None:
        assert self._session.texts is not None
        self._session.texts.give_up(error)
        self._answer_of_index = None

    def _hits_of_index(self, answer: TextAnswer) -> tuple[Scope, int]:
        """`_hits` of the documents that the index finds: of the first wanted alone, where it can order them."""
        selection = self._selection
        some = 0 < selection.limit <= PAGE_ROWS
        if some and selection.where is None and not selection.unique:
            found = [(each.site, each.doc_id) for each in answer.first(selection.limit)]
            scope = Scope(self._session, documents=found, all_views=False)
            _make_matching(scope, [(*each, float(-i)) for i, each in enumerate(found)])
            execute(scope.connection, _HITS_IN_ORDER)
            return scope, answer.total
        matching = answer.all()
        few = len(matching) <= PAGE_ROWS and self._is_alone
        scope = Scope(
            self._session,
            sites=selection.sites if self._is_alone else None,
            documents=[(site, doc_id) for site, doc_id, _ in matching] if few else None,
            all_views=not self._is_alone,
        )
        _make_matching(scope, matching)
        self._find(scope, by_index=True)
        return scope, int(one(scope.connection, "SELECT count(*) FROM hits"))

    def _find(self, scope: Scope, *, by_index: bool = False) -> None:
        """Make the table `hits` of the documents of *scope* that the selection finds.

        *by_index*: the table `matching` names those whose texts answer.
        """
        selection = self._selection
        conditions, values = selection.conditions()
        doubtful, score, matching = "false", "0::DOUBLE", ""
        if selection.where is not None:
            conditions.append(f"(\n{selection.where}\n)")
        extra = f", work_id, {WORTH_SQL} AS worth" if selection.unique else ""
        if by_index:
            score, matching = "matched_score", f"JOIN ({_MATCHING}) USING (site, doc_id)"
        elif selection.search is not None:
            doubtful = f"({selection.search.doubtful_sql()})"
            conditions.append(f"({doubtful} OR ({selection.search.condition_sql()}))")
        execute(
            scope.connection,
            f"CREATE TEMP TABLE found AS SELECT site, doc_id, version, cause, first_seen, last_seen, row_file, "
            f"file_row_number, fetched_at, published_from, published_until, {score} AS score, {doubtful} AS doubtful"
            f"{extra} "
            f"FROM (SELECT * FROM ({self._source()}) {matching}) AS documents "
            f"WHERE {' AND '.join(conditions) or 'true'}",
            values,
        )
        if selection.search is not None and not by_index:
            decide(scope, selection.search, weigh=selection.sort == "relevance")
        execute(
            scope.connection,
            f"CREATE TEMP TABLE hits AS SELECT *, row_number() OVER (ORDER BY {_ORDERS[selection.sort]}) AS position "
            f"FROM {_BEST_FOUND if selection.unique else 'found'}; DROP TABLE found",
        )

    def _asks_for_the_last_fetched(self) -> bool:
        """Whether nothing but the site is asked for, and only some documents are wanted."""
        selection = self._selection
        if self._session.has_standing:
            return False
        plain = selection.where is None and selection.search is None and self._document is None
        narrowed = any(name != "sites" for name in selection.conditions()[1])
        some = selection.sort == "fetched" and 0 < selection.limit <= PAGE_ROWS
        return plain and some and not self._selection.unique and not narrowed and self._moment == NOW

    def _last_fetched(self) -> tuple[Scope, int]:
        """`_hits` without the history of every document: only of those that may be among the last fetched.

        A document's newest version was not fetched later than the latest of its versions that readers may see. So the
        documents whose latest is latest are looked at first, and it is enough when the last one wanted was fetched
        later than any of the others can have been.
        """
        connection = self._session.cursor()
        sites = self._selection.sites
        execute(
            connection,
            "CREATE TEMP TABLE latest AS SELECT site, doc_id, max(fetched_at) AS latest_at "
            "FROM raw_versions JOIN visible_runs USING (run_id) "
            f"{f'WHERE site IN ({listed(sites)})' if sites else ''} GROUP BY site, doc_id",
        )
        total = int(one(connection, "SELECT count(*) FROM latest"))
        wanted = min(self._selection.limit, total)
        looked_at = 2 * wanted
        while True:
            best = f"SELECT site, doc_id, latest_at FROM latest ORDER BY latest_at DESC, site, doc_id LIMIT {looked_at}"
            documents = arrow(connection, best)
            scope = Scope(self._session, documents=pairs(documents), all_views=False)
            self._find(scope)
            if looked_at >= total:
                break
            others = documents["latest_at"][-1].as_py()
            found = arrow(scope.connection, f"SELECT fetched_at FROM hits WHERE position = {wanted}")
            if found.num_rows and found["fetched_at"][0].as_py() > others:
                break
            scope.close()
            looked_at *= 4
        close(connection)
        return scope, total

    def _source(self) -> str:
        """The documents with all columns a condition may name; what is costly and not named is left out."""
        where = (self._selection.where or "").lower()  # as SQL reads names of columns
        columns = "l.* REPLACE (l.document_first_seen AS first_seen)"
        joins = ""
        if "withdrawn_at" in where:
            columns += ", w.withdrawn_at"
            joins += " LEFT JOIN withdrawals w ON w.site = l.site AND w.doc_id = l.doc_id"
        if "work_id" in where or self._selection.unique:
            columns += ", coalesce(k.work_id, l.site || '/' || l.doc_id) AS work_id"
            joins += " LEFT JOIN works k ON k.site = l.site AND k.doc_id = l.doc_id"
        if any(name in where for name in MANGLED_FIELDS):
            self._session.make_mangled()
            columns += ", m.mangled_by, m.mangled_score, m.is_garbage"
            joins += f" LEFT JOIN {mangled_join('l.site', 'l.doc_id', 'l.content_digest')}"
        if "exact_copy_of" in where:
            columns += ", nullif(o.original, l.site || '/' || l.doc_id) AS exact_copy_of"
            joins += " LEFT JOIN original_texts o ON o.text_digest = l.text_digest"
        return f"SELECT {columns} FROM located_versions l{joins} WHERE l.is_newest"

    @cached_property
    def _standing(self) -> tuple[duckdb.DuckDBPyConnection, str, Mapping[str, Any]] | None:
        """`found_rows` of what is kept in memory, where that is enough: no text, and no column beside those kept."""
        selection = self._selection
        if not self._session.has_standing or self._moment != NOW or selection.search is not None or selection.unique:
            return None
        where = selection.where or "true"
        if _COMPARES_DOCUMENTS.search(where) or _JOINED.search(where):
            return None
        conditions, values = selection.conditions()
        if self._document is not None:
            conditions += ["site = $site", "doc_id = $doc_id"]
            values |= dict(zip(("site", "doc_id"), self._document, strict=True))
        rows = (
            "SELECT * FROM (SELECT * REPLACE (document_first_seen AS first_seen) "
            "FROM memory.main.standing_versions WHERE is_newest) AS documents "
            f"WHERE {' AND '.join([*conditions, f'({chr(10)}{where}{chr(10)})'])}"
        )
        connection = self._session.cursor()
        try:
            arrow(connection, f"{rows} LIMIT 0", values)
        except UsageError:  # another column, or a mistake, of which the whole source tells
            close(connection)
            return None
        return connection, rows, values

    def _first_standing(
        self, connection: duckdb.DuckDBPyConnection, rows: str, values: Mapping[str, Any], wanted: int
    ) -> tuple[Scope, int]:
        """`_hits` of the first that are wanted alone."""
        order = _ORDERS[self._selection.sort]
        total = int(one(connection, f"SELECT count(*) FROM ({rows})", values))
        first = arrow(
            connection,
            f"SELECT {_HIT_COLUMNS} FROM ({rows}) ORDER BY {order} LIMIT {wanted}",
            values,
        )
        scope = Scope(self._session, documents=pairs(first), all_views=False, found=True)
        execute(
            scope.connection,
            f"CREATE TEMP TABLE hits AS SELECT {_HIT_COLUMNS}, 0 AS position FROM ({rows}) LIMIT 0",
            values,
        )
        insert(
            scope.connection,
            "hits",
            [first.append_column("position", pa.array(range(1, first.num_rows + 1), pa.int64()))],
        )
        return scope, total

    def _page(self, start: int, end: int) -> pa.Table:
        """Return the rows at positions *start* to *end*, both counted from 0, the second left out."""
        return self._pages.rows(start, end)

    @cached_property
    def _pages(self) -> PageRows:
        return PageRows(self._hits[0], self.columns, self._moment, in_one_page=self.length <= PAGE_ROWS)


_MATCHING = "SELECT site, doc_id, score AS matched_score FROM matching"

_HITS_IN_ORDER = """
CREATE TEMP TABLE hits AS
SELECT site, doc_id, version, cause, document_first_seen AS first_seen, last_seen, row_file, file_row_number,
  row_number() OVER (ORDER BY matching.score DESC) AS position
FROM version_index JOIN matching USING (site, doc_id) WHERE is_newest
"""


def _make_matching(scope: Scope, found: Sequence[tuple[str, str, float]]) -> None:
    """Make the table `matching`: site, ID and score of documents whose texts answer."""
    execute(scope.connection, "CREATE TEMP TABLE matching(site VARCHAR, doc_id VARCHAR, score DOUBLE)")
    sites, ids, scores = zip(*found, strict=True) if found else ((), (), ())
    columns = {"site": pa.array(sites, pa.string()), "doc_id": pa.array(ids, pa.string())}
    insert(scope.connection, "matching", [pa.table({**columns, "score": pa.array(scores, pa.float64())})])


_AMONG_HITS = "SEMI JOIN hits USING (row_file, file_row_number)"

_HIT_COLUMNS = "site, doc_id, version, cause, first_seen, last_seen, row_file, file_row_number"

_BEST_FOUND = """(
SELECT * EXCLUDE (work_id, worth) FROM found
QUALIFY row_number() OVER (PARTITION BY work_id ORDER BY worth DESC, first_seen, site, doc_id) = 1)"""
"""Of the copies of each work that were found the best one."""
