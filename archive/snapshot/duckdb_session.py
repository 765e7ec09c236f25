"""One DuckDB in memory over the files of a snapshot, closed to everything else."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import pyarrow as pa

from archive.errors import DamagedFile, MachineTrouble, UsageError
from archive.layout import Layout
from archive.published.table_files import TableFiles
from archive.published.tables import Snapshot
from archive.published.views import quick_views, raw_views, sql_text, views_over_histories, visible_runs_view
from archive.snapshot import mangled_rows

if TYPE_CHECKING:
    from archive.text_index import AskedTexts

MEMORY_LIMIT = "2GiB"
"""A question that needs more is refused, instead of driving the machine into swap."""

MAX_THREADS = 4
"""More make the scan of one archive no faster and starve whatever else runs."""

GRACE_SECONDS = 3.0
"""How long an interrupted call is waited for."""
AGAIN_SECONDS = 0.1

ASKING = "docarchive-asking"
"""The name of the threads in which DuckDB is asked."""

T = TypeVar("T")

Parameters = Mapping[str, Any] | Sequence[Any] | None

_CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": MEMORY_LIMIT,
    "temp_directory": "",
    "threads": min(MAX_THREADS, os.cpu_count() or 1),
    "allow_community_extensions": False,
}

_FRUGAL: dict[str, str | bool | int | float | list[str]] = {**_CONFIGURATION, "memory_limit": "160MiB", "threads": 1}
"""For work beside which much else is in memory; each thread has buffers of its own."""


class Session:
    """A DuckDB that reads the snapshot's Parquet files and nothing else, writes nothing, and cannot be told otherwise.

    It holds the raw tables and the views as `views.sql` makes them: those over the histories of all documents once
    `make_views` was called, for most questions make their own over a part (`archive.snapshot.scope`).
    """

    def __init__(self, snapshot: Snapshot, *, spill_to: str | None = None) -> None:
        """*spill_to*: a folder for what does not fit into little memory: work in the background takes its time."""
        self.snapshot = snapshot
        self.has_standing = False
        """Whether `archive.snapshot.standing` has made its tables."""
        self.texts: AskedTexts | None = None
        self.layout: Layout | None = None
        """Where derived rows lie, if they are wanted."""
        self._has_views = self._looked_for_mangled = False
        self.has_mangled = False
        """Whether `make_mangled` found any rows."""
        configuration = _CONFIGURATION if spill_to is None else {**_FRUGAL, "temp_directory": spill_to}
        self.connection = duckdb.connect(":memory:", config=configuration)
        paths = [path for name in sorted(snapshot.files) for path in snapshot.files[name]]
        with translated():
            self.connection.execute("SET GLOBAL TimeZone = 'UTC'")
            self.connection.execute("SET GLOBAL parquet_metadata_cache = true")
            self.connection.execute(f"SET allowed_paths = [{', '.join(map(sql_text, paths))}]")
            self.connection.execute("SET enable_external_access = false")
            self.connection.execute("SET lock_configuration = true")
            self.connection.execute(raw_views(snapshot))
            # Every view asks which runs are visible: the ledger's many small files are read once.
            self.connection.execute(
                'CREATE TABLE ledger_rows AS SELECT run_id, run_seq, event, "at", digest, '
                "list_filter(map_keys(files), lambda path: starts_with(path, 'tables/')) AS table_files, "
                "CASE WHEN event = 'compacted' THEN options END AS replaced FROM raw_runs"
            )
            rows, last_seq = self.connection.execute("SELECT count(*), max(run_seq) FROM ledger_rows").fetchall()[0]
            published = arrow(self.connection, _PUBLISHED_FILES).column(0).to_pylist()
            compacted = arrow(self.connection, _COMPACTIONS).to_pylist()
            self.connection.execute(quick_views())
            self.connection.execute(visible_runs_view("ledger_rows"))
        if rows != (last_seq or 0):
            raise DamagedFile(f"the ledger has {rows} rows of {last_seq}: its table lost some; run: docarchive verify")
        self.table_files = TableFiles.of(compacted)
        """Which file stands for which, since the tables were last made again."""
        self.table_files.published.update(published)
        _expect_files(snapshot, self.table_files)

    def make_views(self) -> None:
        """Make the views over all histories (`documents`, `versions`, ...), unless they are there."""
        if not self._has_views:
            self.make_mangled()
            execute(self.connection, views_over_histories())
            self._has_views = True

    def make_mangled(self) -> None:
        """Fill the view `mangled`, unless it is: from then on the index of copies may be deleted or made anew."""
        if self._looked_for_mangled or self.layout is None:
            return
        found = mangled_rows.rows(self.layout)
        if found is not None:
            self.connection.register("_mangled", found)
            columns = "site, doc_id, content, mangled_by, mangled_score::DOUBLE AS mangled_score, is_garbage"
            execute(self.connection, f"CREATE TABLE mangled_rows AS SELECT {columns} FROM _mangled")
            self.connection.unregister("_mangled")
            execute(self.connection, "CREATE OR REPLACE VIEW mangled AS FROM mangled_rows")
            self.has_mangled = True
        self._looked_for_mangled = True

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a further connection, with temporary tables of its own. Raises UsageError once it is closed."""
        with translated():
            return self.connection.cursor()

    def close(self) -> None:
        """Let go of memory and files."""
        close(self.connection)


_SINCE_REBUILT = "run_seq >= coalesce((SELECT max(run_seq) FROM ledger_rows WHERE event = 'rebuilt'), 0)"

_PUBLISHED_FILES = f"""
SELECT unnest(table_files) FROM ledger_rows
WHERE event IN ('published', 'accepted', 'clustered', 'rebuilt') AND {_SINCE_REBUILT}
"""
"""What the ledger says is in the tables: what a rebuild wrote, and what was published since."""

_COMPACTIONS = f"""
SELECT event, "at", replaced AS options, NULL AS files FROM ledger_rows
WHERE event = 'compacted' AND {_SINCE_REBUILT} ORDER BY run_seq
"""


def _expect_files(snapshot: Snapshot, told: TableFiles) -> None:
    """Raise DamagedFile where a table's log does not name what the ledger says: an answer would lack rows."""
    listed = {"/".join(path.rsplit("/", 3)[1:]) for files in snapshot.files.values() for path in files}
    lost = told.lost(listed)
    if lost:
        raise DamagedFile(f"{min(lost)} was published, but its table's log does not name it; run: docarchive verify")


def execute(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None) -> None:
    """Run statements that return nothing of interest."""
    with translated():
        _interruptibly(
            connection, lambda: connection.execute(sql, parameters) if parameters else connection.execute(sql)
        )


def arrow(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None) -> pa.Table:
    """Return the answer to *sql* as an Arrow table."""
    with translated():
        return _interruptibly(connection, lambda: _relation(connection, sql, parameters).to_arrow_table())


def arrow_batches(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters, rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield the answer to *sql* in batches of about *rows*; *connection* is taken until the last one.

    The first batch comes even of an empty answer: it carries the columns.
    """
    with translated():
        reader = _interruptibly(connection, lambda: _relation(connection, sql, parameters).to_arrow_reader(rows))
    # `from_pylist` makes no empty unions.
    yield pa.RecordBatch.from_arrays([pa.nulls(0, f.type) for f in reader.schema], schema=reader.schema)
    while True:
        with translated():
            batch = _interruptibly(connection, lambda: next(reader, None))
        if batch is None:
            return
        yield batch


def _interruptibly(connection: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Do *work* in a thread of its own, so that Control-C reaches us here, and end it by an interrupt when it does."""
    future: Future[T] = Future()

    def answer() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
            future.set_exception(error)

    threading.Thread(target=answer, name=ASKING, daemon=True).start()
    try:
        return future.result()
    except (KeyboardInterrupt, SystemExit):  # Control-C, or a signal handler's way out
        if not future.done():
            _end(connection, future)
        raise


def _end(connection: duckdb.DuckDBPyConnection, future: Future[Any]) -> None:
    """Interrupt until the call has ended, for what is just about to begin has nothing to be interrupted yet.

    Inside one call of a function nothing is: such a call is left behind. A second Control-C does not wait for it.
    """
    for _ in range(int(GRACE_SECONDS / AGAIN_SECONDS)):
        connection.interrupt()
        if wait([future], timeout=AGAIN_SECONDS).done:
            return


def close(connection: duckdb.DuckDBPyConnection) -> None:
    """Close a connection, or let go of it where a call that nothing could end is still using it."""
    with suppress(duckdb.ResourceInUseException):
        connection.close()


def still_asking() -> bool:
    """Whether this process has calls that nothing could end: it cannot wait for them at its end."""
    return any(thread.name == ASKING for thread in threading.enumerate())


def one(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None) -> Any:
    """Return the single value that *sql* answers with."""
    return arrow(connection, sql, parameters).column(0)[0].as_py()


def _relation(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters) -> Any:
    if parameters:
        return connection.sql(sql, params=parameters)
    return connection.sql(sql)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what DuckDB raises into our errors: one sentence, with what to do."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise MachineTrouble(
            f"the question needs more than {MEMORY_LIMIT} of memory; ask for fewer columns or rows"
        ) from error
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.IOException as error:
        raise DamagedFile(f"a table file cannot be read ({_sentence(error)}); run: docarchive verify") from error
    except duckdb.ConnectionException as error:
        raise UsageError("the archive is closed; open it again, and read answers before it is closed") from error
    except duckdb.PermissionException as error:
        raise UsageError(
            f"a query reads the archive's own views alone ({_sentence(error)}); ask documents, versions, sightings, "
            "runs, captures or coverage"
        ) from error
    except duckdb.InvalidInputException as error:
        if ".parquet'" in str(error):  # a query cannot name files: this one is ours, and damaged
            raise DamagedFile(f"a table file cannot be read ({_sentence(error)}); run: docarchive verify") from error
        raise UsageError(f"{_sentence(error)}; correct the SQL") from error
    except duckdb.Error as error:
        raise UsageError(f"{_sentence(error)}; {_correction(error)}") from error
    except RuntimeError as error:
        # An interrupted query (Control-C) comes as a bare RuntimeError.
        if "interrupted" not in str(error).lower():
            raise
        raise KeyboardInterrupt from error


_BARE_AT = re.compile(r"""(?<!["'\w])at(?!["'\w])""", re.IGNORECASE)
"""The column without its quotes, in the line of SQL that DuckDB shows."""


def _correction(error: Exception) -> str:
    """Return what to do about SQL that DuckDB does not take."""
    if isinstance(error, duckdb.ParserException) and _BARE_AT.search(str(error).partition("LINE ")[2]):
        return 'at is a word of DuckDB\'s own: write the column as "at", in double quotes'
    return "correct the SQL"


def _sentence(error: Exception) -> str:
    """Return what DuckDB says as one line without its closing stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and set(line.strip()) != {"^"}]
    kept = [line for line in lines if not line.startswith("LINE ")]
    return " ".join(kept)[:500].rstrip(".!") or type(error).__name__
