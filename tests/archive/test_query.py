"""One SELECT of the user's own: what it may do, and that it may do nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.archive import Archive
from archive.errors import ArchiveError, UsageError
from archive.layout import create
from tests.archive.conftest import WrittenArchive, hour, record


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> WrittenArchive:
    """An archive that nothing here changes."""
    written = WrittenArchive(create(tmp_path_factory.mktemp("filled") / "data"))
    written.run("r1", record("1", "甲", pages=3, tags=("子",)), record("2", "乙", pages=30), at=hour(1))
    return written


@pytest.fixture(scope="module")
def opened(filled: WrittenArchive) -> Iterator[Archive]:
    with filled.open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("sql", "params", "expected"),
    [
        pytest.param("SELECT title FROM documents ORDER BY ALL", None, [{"title": "乙"}, {"title": "甲"}], id="select"),
        pytest.param("FROM documents SELECT count(*) AS n;", None, [{"n": 2}], id="from first, closing semicolon"),
        pytest.param("VALUES (1)", None, [{"col0": 1}], id="values"),
        pytest.param("WITH d AS (FROM documents) SELECT max(pages) AS p FROM d", None, [{"p": 30}], id="with"),
        pytest.param("(SELECT 1 AS x)", None, [{"x": 1}], id="parentheses"),
        pytest.param("-- a remark\nSELECT 1 AS x /* end */", None, [{"x": 1}], id="comments"),
        pytest.param("SELECT doc_id FROM documents WHERE pages > $n::INT", {"n": "5"}, [{"doc_id": "2"}], id="by name"),
        pytest.param("SELECT doc_id FROM documents WHERE doc_id = ?", ["1"], [{"doc_id": "1"}], id="in order"),
        pytest.param("SELECT ';DROP' AS x", None, [{"x": ";DROP"}], id="semicolon in text"),
        pytest.param("SELECT \"at\" IS NULL AS x FROM runs", None, [{"x": False}], id="at is quoted"),
        pytest.param("SELECT * FROM range(2)", None, [{"range": 0}, {"range": 1}], id="range"),
        pytest.param(
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT max(n) AS m FROM t",
            None, [{"m": 3}], id="recursive",
        ),
        pytest.param("SELECT other_labels FROM documents LIMIT 1", None, [{"other_labels": {}}], id="a map is a dict"),
    ],
)  # fmt: skip
def test_what_reads_is_answered(opened: Archive, sql: str, params: object, expected: object) -> None:
    assert opened.query(sql, params).to_list() == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sql", ["DESCRIBE documents", "SUMMARIZE documents", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE FROM runs", "SHOW TABLES"]
)
def test_statements_about_statements(opened: Archive, sql: str) -> None:
    assert len(opened.query(sql)) > 0


def escape_attempts(archive: WrittenArchive, secret: Path) -> list[str]:
    """What a hostile query may try; SECRET and the archive's own files are there to be read."""
    own = next(archive.layout.table("versions").glob("*.parquet"))
    out = archive.layout.root / "out"
    return [
        f"COPY documents TO '{out}'",
        f"COPY (SELECT 1) TO '{own}'",
        f"EXPLAIN ANALYZE COPY documents TO '{out}'",
        f"EXPLAIN ANALYZE COPY documents TO '{own}'",
        f"EXPLAIN (ANALYZE) COPY documents TO '{own}'",
        f"/* x */ EXPLAIN /* y */ ANALYZE COPY documents TO '{own}'",
        f"EXPLAIN EXPLAIN ANALYZE COPY documents TO '{own}'",
        f"EXPORT DATABASE '{out}'",
        f"IMPORT DATABASE '{out}'",
        f"ATTACH '{out}'",
        f"ATTACH '{out}' AS x (READ_ONLY)",
        "ATTACH ':memory:' AS x",
        "DETACH memory",
        "INSTALL httpfs",
        "FORCE INSTALL httpfs FROM community",
        "LOAD httpfs",
        f"LOAD '{out}.duckdb_extension'",
        "CREATE TABLE x AS SELECT 1",
        "CREATE TEMP TABLE x(i INT)",
        "CREATE OR REPLACE VIEW documents AS SELECT 1",
        "CREATE MACRO f() AS 1",
        "CREATE SECRET s (TYPE s3)",
        "CREATE SEQUENCE s",
        "CREATE SCHEMA s",
        "CREATE TYPE t AS ENUM ('a')",
        "DROP VIEW documents",
        "ALTER VIEW documents RENAME TO d",
        "INSERT INTO raw_runs VALUES (1)",
        "WITH x AS (INSERT INTO raw_runs VALUES (1) RETURNING 1) SELECT 1",
        "WITH x AS (DELETE FROM raw_runs RETURNING 1) SELECT * FROM x",
        "UPDATE raw_runs SET event = 'published'",
        "DELETE FROM raw_runs",
        "TRUNCATE raw_runs",
        "MERGE INTO raw_runs USING raw_runs r ON true WHEN MATCHED THEN DELETE",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET VARIABLE x = 1",
        "RESET lock_configuration",
        "SET schema = 'main'",
        "USE memory",
        "PRAGMA enable_external_access = true",
        "PRAGMA version",
        "PRAGMA enable_profiling",
        "CALL pragma_version()",
        "CALL enable_logging()",
        "BEGIN",
        "COMMIT",
        "CHECKPOINT",
        "VACUUM",
        "ANALYZE",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "DEALLOCATE p",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP VIEW documents",
        "",
        ";",
        "-- nothing",
        f"FROM '{secret}'",
        f"SELECT * FROM \"{secret}\"",
        f"FROM read_text('{secret}')",
        f"FROM READ_TEXT('{secret}')",
        f"FROM \"read_text\"('{secret}')",
        f"FROM system.main.read_text('{secret}')",
        f"SELECT (SELECT content FROM read_text('{secret}'))",
        f"SELECT * FROM documents WHERE title IN (SELECT content FROM read_text('{secret}'))",
        f"WITH x AS (FROM read_csv('{secret}')) FROM x",
        f"FROM read_blob('{secret}')",
        f"FROM read_csv('{secret}')",
        f"FROM read_json('{secret}')",
        f"FROM sniff_csv('{secret}')",
        f"FROM read_parquet('{own.parent}/*.parquet')",
        f"FROM read_parquet('{own}')",
        f"FROM parquet_metadata('{own}')",
        f"FROM parquet_kv_metadata('{secret}')",
        "FROM glob('/etc/*')",
        f"FROM glob('{own}')",
        "FROM read_text('/proc/self/environ')",
        "FROM read_text('/dev/stdin')",
        "FROM 'https://example.com/x.parquet'",
        "FROM 's3://bucket/x.parquet'",
        "FROM read_csv('http://127.0.0.1:1/x')",
        "SELECT getenv('HOME')",
        "FROM query('SELECT 1')",
        f"FROM query('FROM read_text(''{secret}'')')",
        "FROM query_table('documents')",
        f"FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{secret}'')'))",
        "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
        f"FROM enable_logging(storage := 'file', storage_path := '{out}')",
        f"FROM enable_profiling(save_location := '{out}')",
        "FROM checkpoint()",
        "SELECT write_log('x')",
        "FROM duckdb_secrets()",
        "FROM sqlite_scan('x', 'y')",
        "FROM postgres_query('x', 'y')",
        "FROM arrow_scan(1, 2, 3)",
        "FROM pandas_scan(1)",
        "FROM secret_frame",
        "FROM sys",
        "SELECT pg_sleep(1000000)",
        "SELECT list_transform([1], x -> pg_sleep(1000000))",
        "PIVOT documents ON site USING count(*)",
        "SELEC 1",
        "SELECT nothing FROM documents",
        "SELECT * FROM nowhere",
        "SELECT 1 +",
        "SELECT $missing",
    ]  # fmt: skip


def test_what_does_anything_else_is_refused(filled: WrittenArchive, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\nSECRET,2\n")
    secret_frame = [{"a": "SECRET"}]  # a variable that DuckDB would find by its name
    assert secret_frame
    before = {p: p.read_bytes() for p in filled.layout.root.rglob("*") if p.is_file()}
    with filled.open() as opened:
        for sql in escape_attempts(filled, secret):
            with pytest.raises(UsageError) as caught:
                opened.query(sql).to_list()
            assert "\n" not in str(caught.value), sql
            assert "SECRET" not in str(caught.value), sql
        assert opened.query("SELECT count(*) AS n FROM documents").to_list() == [{"n": 2}]
    assert before == {p: p.read_bytes() for p in filled.layout.root.rglob("*") if p.is_file()}


def test_the_engine_itself_is_closed(filled: WrittenArchive, tmp_path: Path) -> None:
    """Behind the checks of the statement stands the engine's own lock."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\nSECRET\n")
    from archive.snapshot.duckdb_session import arrow

    with filled.open() as opened:
        for sql in (
            f"FROM read_text('{secret}')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            f"ATTACH '{tmp_path / 'x.db'}'",
            "SET enable_external_access = true",
            "SET lock_configuration = false",
            "INSTALL httpfs",
        ):
            with pytest.raises(ArchiveError):
                arrow(opened._session.cursor(), sql)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["secret.csv"]


@pytest.mark.parametrize(
    "where",
    [
        "1 = 1) OR (1 = 1",
        "true) UNION SELECT * FROM documents WHERE (true",
        "true ORDER BY title",
        "true; DROP VIEW documents",
        "true) --",
        "pages >",
        "nothing = 1",
        "pg_sleep(100) IS NULL",
        "title IN (SELECT content FROM read_text('/etc/passwd'))",
        "EXISTS (FROM query('SELECT 1'))",
        "1, 2",
    ],
)
def test_a_condition_is_one_condition(opened: Archive, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened.records(where=where).to_list()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("pages > 20", ["2"]),
        ("documents.title = '甲'", ["1"]),
        ("list_contains(tags, '子') -- a remark", ["1"]),
        ("doc_id IN (SELECT doc_id FROM sightings)", ["1", "2"]),
        ("version = 1 AND cause = 'site' AND work_id = 'huiwen/2'", ["2"]),
        ("withdrawn_at IS NULL AND exact_copy_of IS NULL", ["1", "2"]),
        ("first_seen = last_seen", ["1", "2"]),
        ("'a;b' <> title", ["1", "2"]),
    ],
)
def test_conditions_on_every_column(opened: Archive, where: str, expected: list[str]) -> None:
    assert sorted(row["doc_id"] for row in opened.records(where=where, site="huiwen")) == expected


def test_an_interrupt_ends_a_query_without_end(filled: WrittenArchive) -> None:
    code = (
        "import sys; from archive.archive import Archive\n"
        "opened = Archive.open(sys.argv[1]); print('ready', flush=True)\n"
        "opened.query('SELECT count(*) FROM range(1000000000000) a').to_list()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(filled.layout.root)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(1)
            os.kill(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert "KeyboardInterrupt" in errors


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize("what", ["'y'", "doc_id"], ids=["while planning", "while running"])
def test_an_interrupt_inside_one_long_call_is_told_as_one(filled: WrittenArchive, what: str, times: int) -> None:
    """Nothing ends a call of a function before its own end: the command leaves it behind, whoever waits or insists."""
    longer = "'x'"
    for _ in range(5):
        longer = f"replace({longer}, 'x', 'xxxxxxxxxx')"
    sql = f"SELECT levenshtein({longer}, {longer} || {what}) + length(doc_id) FROM documents"
    command = [sys.executable, "-m", "docarchive", "query", sql, "--archive", str(filled.layout.root)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True
    ) as process:
        try:
            time.sleep(4)
            for _ in range(times):
                process.send_signal(signal.SIGINT)
                time.sleep(0.5)
            _, errors = process.communicate(timeout=12)
        finally:
            process.kill()
    assert (process.returncode, errors) == (130, "docarchive: interrupted; run the same command again\n")


def test_rows(opened: Archive) -> None:
    rows = opened.query("SELECT doc_id, pages FROM documents ORDER BY doc_id")
    assert rows.columns == ("doc_id", "pages")
    assert (len(rows), rows.total) == (2, 2)
    expected = [{"doc_id": "1", "pages": 3}, {"doc_id": "2", "pages": 30}]
    assert rows.to_list() == list(rows) == expected
    assert rows.arrow().to_pylist() == expected
    assert rows.pl().to_dicts() == expected
    pytest.importorskip("pandas")
    assert rows.df().to_dict("records") == expected
    empty = opened.query("SELECT doc_id FROM documents WHERE false")
    assert (empty.to_list(), len(empty), bool(empty)) == ([], 0, False)
    assert empty.arrow().column_names == ["doc_id"]


def test_a_column_named_as_a_word_of_the_engine_is_explained(opened: Archive) -> None:
    with pytest.raises(UsageError, match='write the column as "at", in double quotes'):
        opened.query("SELECT run_id, at FROM runs").to_list()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT length(repeat('x', 2000000000))",
        "SELECT REPEAT('x', 9)",
        "SELECT len(range(1000000000))",
        "SELECT unnest(generate_series(1, 9))",
        "SELECT list_transform([1], x -> len(range(1000000000)))",
        "SELECT list_reduce(['x', 'x'], lambda a, b: a || a)",
        "SELECT lpad('x', 2000000000, 'y')",
        "SELECT rpad(doc_id, pages, ' ') FROM documents",
        "SELECT format('{:>1900000000}', 'x')",
        "SELECT format('{:>{}}', 'x', 1900000000)",
        "SELECT printf('%1900000000d', 1)",
        "SELECT printf('%*d', 1900000000, 1)",
        "SELECT list_resize([1], 1000000000)",
        "SELECT bitstring('1', 1900000000)",
        "FROM range(len(range(1000000000)))",
        "FROM unnest(range(1000000000))",
        "FROM histogram_values(documents, pages, bin_count := 1000000)",
        "SELECT reservoir_quantile(pages, 0.5, 1000000000) FROM documents",
        "WITH x AS (SELECT repeat('x', 9)) FROM x",
    ],
)
def test_one_value_of_any_size_is_refused(opened: Archive, sql: str) -> None:
    """The engine's limit of memory does not bound what one call makes: a gigabyte would be there before any check."""
    with pytest.raises(UsageError, match=r"^\w+\(\) (may make one value of any size|takes its )"):
        opened.query(sql)
    with pytest.raises(UsageError, match=r"any size|in a query|cannot be read"):
        opened.records(where="EXISTS (" + sql + ")").to_list()


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT lpad('7', 3, '0')", "007"),
        ("SELECT format('{:05.1f} of {}', 2.5, 'x')", "002.5 of x"),
        ("SELECT printf('%03d', 7)", "007"),
        ("SELECT count(*) FROM repeat('x', 5)", 5),
        ("SELECT sum(b.range) FROM range(4) a, range(a.range) b", 4),
        ("SELECT count(*) FROM generate_series(DATE '2026-01-01', DATE '2026-01-31', INTERVAL 1 day)", 31),
        ("SELECT string_agg(range, ',') FROM range(3)", "0,1,2"),
    ],
)
def test_what_pads_and_counts_within_bounds_is_answered(opened: Archive, sql: str, value: object) -> None:
    assert opened.query(sql).arrow().column(0)[0].as_py() == value


def test_what_no_list_of_functions_foresees_fails_alone(filled: WrittenArchive) -> None:
    """Each replacement makes a text ten times as long: the process must outlive it, and answer the next question."""
    code = """
import sys
from archive.archive import Archive
from archive.errors import MachineTrouble
from archive.asking.memory_bound import bound_memory

bound_memory(1 << 30)
with Archive.open(sys.argv[1]) as opened:
    longer = "'x'"
    for _ in range(9):
        longer = f"replace({longer}, 'x', 'xxxxxxxxxx')"
    try:
        print(opened.query(f"SELECT length({longer}) AS n").to_list())
    except MachineTrouble as error:
        print(error)
    print(opened.query("SELECT count(*) AS n FROM documents").to_list())
"""
    command = [sys.executable, "-c", code, str(filled.layout.root)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=120)
    assert done.returncode == 0, done.stderr
    told, counted = done.stdout.splitlines()
    assert "needs more" in told
    assert counted == "[{'n': 2}]"


@pytest.mark.parametrize(
    "value", ["'infinity'::date", "'290000-01-01'::timestamp", "'-5000-01-01'::date", "['infinity'::timestamp]"]
)
def test_a_value_that_python_cannot_hold_is_told_by_its_column(opened: Archive, value: str) -> None:
    with pytest.raises(UsageError, match=r"^column odd has a value .+ column::VARCHAR$"):
        opened.query(f"SELECT 1 AS fine, {value} AS odd").to_list()
    text = opened.query(f"SELECT ({value})::VARCHAR AS odd").to_list()[0]["odd"]
    assert isinstance(text, str)


@pytest.mark.parametrize("sql", ["SELECT 1 AS a, 2 AS a", "FROM documents d JOIN versions v ON d.doc_id = v.doc_id"])
def test_columns_of_one_name_are_refused(opened: Archive, sql: str) -> None:
    """A row is a dict: the second value would stand for both."""
    with pytest.raises(UsageError, match=r"several columns are called .+; name them apart"):
        opened.query(sql)
