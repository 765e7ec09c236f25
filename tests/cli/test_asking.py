"""Questions to an archive: what stands on standard output, what on standard error, and the exit code."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Run


def test_records_are_json_lines_in_a_pipe_and_say_how_many_there_are(run: Run, archive: str) -> None:
    result = run("records", "--archive", archive, "--limit", "2")
    assert result.code == 0
    assert len(result.rows()) == 2
    assert result.err.strip() == "2 of 3"


def test_the_archive_may_stand_before_the_verb(run: Run, archive: str) -> None:
    assert run("--archive", archive, "records").rows() == run("records", "--archive", archive).rows()
    assert run("--archive", archive, "runs", "list").rows() == run("runs", "--archive", archive).rows()
    assert run("runs", "--archive", archive, "list").code == 0
    assert run("--archive", "absent", "records", "--archive", archive).code == 0
    assert run("records").code == 2, "one command's --archive does not last into the next"


def test_documents_is_another_name_for_records(run: Run, archive: str) -> None:
    assert run("documents", "--archive", archive).rows() == run("records", "--archive", archive).rows()


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--site", "docs"), {"953365", "2"}),
        (("--site", "docs", "--site", "other"), {"953365", "2", "a/b c"}),
        (("--min-pages", "6"), {"953365"}),
        (("--doc-format", "PDF"), {"a/b c"}),
        (("--published-from", "2019-06", "--published-to", "2022"), {"2"}),
        (("--where", "len(title) < 6"), {"a/b c"}),
        (("--search", "计生 -草案"), {"2"}),
    ],
)
def test_selections(run: Run, archive: str, words: tuple[str, ...], ids: set[str]) -> None:
    result = run("records", "--archive", archive, *words)
    assert {row["doc_id"] for row in result.rows()} == ids


def test_csv_holds_every_value_as_it_is(run: Run, archive: str) -> None:
    result = run("records", "--archive", archive, "--format", "csv", "--fields", "doc_id,title,pages,tags")
    rows = list(csv.reader(io.StringIO(result.out)))
    assert rows[0] == ["doc_id", "title", "pages", "tags"]
    assert ["2", "Plain, simple", "", "[]"] in rows
    assert ["953365", "计划生育长效机制\x1b[2J", "22", '["计生","长效"]'] in rows


def test_parquet_goes_into_a_file_or_a_pipe(run: Run, archive: str, tmp_path: Path) -> None:
    assert run("records", "--archive", archive, "--output", "out.parquet").code == 0
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.num_rows == 3
    assert table.schema.field("fetched_at").type.tz in ("UTC", "Etc/UTC")
    piped = subprocess.run(
        [sys.executable, "-m", "docarchive.cli", "records", "--archive", archive, "--format", "parquet"],
        capture_output=True,
        check=True,
    )
    assert pq.read_table(io.BytesIO(piped.stdout)).equals(table)


def test_an_output_is_of_a_known_form_and_replaces_nothing_unasked(run: Run, archive: str, tmp_path: Path) -> None:
    sql = ("query", "SELECT 1 AS a", "--archive", archive)
    assert run(*sql, "--output", "q.csv").code == 0
    again = run(*sql, "--output", "q.csv")
    assert (again.code, "--overwrite" in again.err) == (2, True)
    assert run(*sql, "--output", "q.csv", "--overwrite").code == 0
    assert (tmp_path / "q.csv").read_bytes() == b"a\r\n1\r\n"
    for name in ("q.xlsx", "q", "q.json.gz"):
        refused = run("records", "--archive", archive, "--output", name)
        assert (refused.code, "names no format" in refused.err) == (2, True)
        assert not (tmp_path / name).exists()
    assert run(*sql, "--output", "q.txt", "--format", "jsonl").code == 0
    both = run("search", "计生", "--json", "--format", "csv", "--archive", archive)
    assert (both.code, "leave one of them out" in both.err) == (2, True)


def test_what_a_form_cannot_hold_is_told_before_anything_is_written(run: Run, archive: str, tmp_path: Path) -> None:
    sql = ("query", "SELECT 1 AS fine, union_value(k := 1) AS odd, 'infinity'::date AS late", "--archive", archive)
    refused = run(*sql, "--output", "q.parquet")
    assert (refused.code, "Parquet has no type for column odd" in refused.err) == (2, True)
    assert not (tmp_path / "q.parquet").exists()
    refused = run(*sql, "--format", "csv")
    assert (refused.code, refused.out, "column late" in refused.err) == (2, "", True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("search", "计生", "--count", "--facets"), "--count and --facets print different things"),
        (("records", "--published-from", "2024", "--published-to", "2020"), "is above published_to=2020"),
        (("search", "计生", "--min-pages", "50", "--max-pages", "5"), "min_pages=50 is above max_pages=5"),
    ],
)
def test_what_contradicts_itself_is_refused(run: Run, archive: str, words: tuple[str, ...], told: str) -> None:
    result = run(*words, "--archive", archive)
    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert run("records", "--published-from", "2020-05", "--published-to", "2020", "--archive", archive).code == 0


def test_a_table_never_lets_a_title_steer_the_terminal(run: Run, archive: str) -> None:
    for words in (("records", "--format", "table"), ("show", "docs", "953365")):
        result = run(*words, "--archive", archive)
        assert "\x1b[2J" not in result.out
        assert "计划生育长效机制\ufffd[2J" in result.out


def test_a_table_on_a_narrow_terminal_keeps_what_is_short(
    run: Run, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run("records", "--format", "table", "--archive", archive)
    assert "953365" in result.out
    assert "2023-04-16" in result.out
    assert max(len(line) for line in result.out.splitlines()) <= 80


def test_show_prints_what_a_person_wants_to_know(run: Run, archive: str) -> None:
    shown = run("show", "docs", "953365", "--archive", archive)
    assert shown.code == 0
    for text in ("953365", "33,526 bytes (32.74KB)", "22 pages (22页)", "docx", "2023-04-16", "计生, 长效", "李明"):
        assert text in shown.out
    assert "第一段 计生\n第二段 草案\n" in shown.out


@pytest.mark.parametrize(
    "words",
    [("docs", "953365"), ("docs/953365",), ("https://www.docs.example/doc/953365.html",)],
    ids=["SITE DOC_ID", "SITE/DOC_ID", "URL"],
)
def test_a_document_has_three_names(run: Run, archive: str, words: tuple[str, ...]) -> None:
    (row,) = run("show", *words, "--archive", archive, "--json").rows()
    assert (row["site"], row["doc_id"], row["size_bytes"]) == ("docs", "953365", 33526)
    assert {"capture", "warc_file", "warc_offset"} <= set(row)
    assert run("history", *words, "--archive", archive, "--json").rows()[0]["version"] == 1


def test_an_id_may_hold_slashes_and_spaces(run: Run, archive: str) -> None:
    assert run("show", "other", "a/b c", "--archive", archive).code == 0
    assert run("show", "other/a/b c", "--archive", archive).code == 0


@pytest.mark.parametrize("verb", ["show", "history"])
def test_a_document_that_is_not_there(run: Run, archive: str, verb: str) -> None:
    result = run(verb, "docs", "404", "--archive", archive)
    assert (result.code, result.out) == (1, "")
    assert "docarchive search" in result.err
    assert run(verb, "docs", "--archive", archive).code == 2


def test_history_tells_changes_and_causes(run: Run, archive: str, tmp_path: Path) -> None:
    (tmp_path / "later.jsonl").write_text('{"site": "docs", "doc_id": "2", "title": "Simple"}', encoding="utf-8")
    assert "1 changed" in run("import", "later.jsonl", "--archive", archive).err
    first, second = run("history", "docs", "2", "--archive", archive).rows()
    assert (first["version"], second["version"], second["cause"]) == (1, 2, "import")
    assert {"field": "title", "from": "Plain, simple", "to": "Simple"} in second["changes"]
    assert (
        "title: Plain, simple -> Simple" in run("history", "docs", "2", "--archive", archive, "--format", "table").out
    )


def test_a_word_to_leave_out_is_no_option(run: Run, archive: str) -> None:
    """`-o` and `-h` mean something elsewhere; here they begin words."""
    for word in ("-草案", "-only", "-output", "-help"):
        result = run("search", "计生", word, "--archive", archive)
        assert result.code == 0
        assert result.out
    assert not Path("utput").exists()
    assert run("search", "计生", "--no-such", "--archive", archive).code == 2


def test_search_shows_where_the_words_stand(run: Run, archive: str) -> None:
    words = ("search", "计生", "--snippets", "--archive", archive)
    row = json.loads(run(*words, "--json", "--limit", "1", "--fields", "doc_id").out)
    assert set(row) == {"doc_id", "snippet"}
    shown = run(*words, "--format", "table")
    assert shown.out.splitlines()[0].split() == ["site", "doc_id", "title", "snippet"]
    assert shown.err == "2 of 2\n"


def test_search_counts_by_facet(run: Run, archive: str) -> None:
    done = run("search", "计生", "--facets", "--json", "--archive", archive)
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert {"facet": "site", "value": "docs", "documents": 2} in rows


def test_search_counts(run: Run, archive: str) -> None:
    assert run("search", "计生", "--count", "--archive", archive).out == "2\n"
    nothing = run("search", "没有这个", "--archive", archive)
    assert (nothing.code, nothing.out, nothing.err.strip()) == (0, "", "0 of 0")


def test_query_takes_values_apart_from_the_sql(run: Run, archive: str) -> None:
    sql = "SELECT doc_id FROM documents WHERE site = $site AND pages > $least"
    for words in (("-p", "site", "docs", "-p", "least", "3"), ("-p", "site=docs", "--param", "least=3")):
        assert run("query", sql, *words, "--archive", archive).rows() == [{"doc_id": "953365"}]


def test_query_answers_of_every_type_are_printed(run: Run, archive: str) -> None:
    sql = """SELECT sum(pages) AS total, 1.5::DECIMAL(4, 2) AS price, DATE '2023-04-16' AS day, 'x'::BLOB AS raw,
        INTERVAL 1 DAY AS span, [1, 2] AS list, {'a': NULL} AS struct, MAP {1: 'b'} AS map, 'nan'::DOUBLE AS nan,
        170141183460469231731687303715884105727::HUGEINT AS huge, uuid() IS NULL AS flag, TIME '01:02:03' AS time
        FROM documents"""
    (row,) = run("query", sql, "--archive", archive).rows()
    assert (row["total"], row["price"], row["day"], row["raw"], row["list"]) == (27, 1.5, "2023-04-16", "78", [1, 2])
    assert (row["struct"], row["map"], row["nan"], row["flag"]) == ({"a": None}, {"1": "b"}, None, False)
    for form in ("table", "csv"):
        assert "27" in run("query", sql, "--archive", archive, "--format", form).out


def test_query_from_a_file(run: Run, archive: str, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("SELECT count(*) AS n FROM documents", encoding="utf-8")
    assert run("query", "q.sql", "--archive", archive).rows() == [{"n": 3}]
    assert run("query", "absent.sql", "--archive", archive).code == 2


@pytest.mark.parametrize("sql", ["DROP VIEW documents", "SELECT 1; SELECT 2", "SELECT nothing", "", "COPY runs TO 'x'"])
def test_a_query_that_is_no_select_is_wrong_usage(run: Run, archive: str, sql: str) -> None:
    result = run("query", sql, "--archive", archive)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("docarchive: ")


def test_runs(run: Run, archive: str) -> None:
    rows = run("runs", "--archive", archive).rows()
    assert [row["event"] for row in rows] == ["import", "published"]
    shown = run("runs", "show", rows[0]["run_id"], "--archive", archive)
    assert "published" in shown.out
    assert run("runs", "show", rows[0]["run_id"], "--json", "--archive", archive).rows() == rows
    for verb in ("show", "log", "accept", "reject"):
        result = run("runs", verb, "no-such-run", "--archive", archive)
        assert result.code == 1
        assert "docarchive runs" in result.err
    assert run("runs", "log", "../../etc/passwd", "--archive", archive).code == 1


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:100], lambda whole: b"", lambda whole: whole[:-8] + bytes(8)],
    ids=["cut", "empty", "end"],
)
def test_a_damaged_table_is_told_apart_from_a_wrong_question(
    run: Run, archive: str, damage: Callable[[bytes], bytes]
) -> None:
    (file,) = Path(archive).glob("tables/versions/*.parquet")
    file.write_bytes(damage(file.read_bytes()))
    for words in (("records",), ("show", "docs", "2"), ("search", "计生"), ("query", "FROM documents")):
        result = run(*words, "--archive", archive)
        assert (result.code, result.out) == (1, "")
        assert "docarchive verify" in result.err
    assert run("verify", "--archive", archive).code == 1


def test_search_in_the_other_script_unless_it_is_exact(run: Run, archive: str) -> None:
    assert {row["doc_id"] for row in run("search", "計劃", "--json", "--archive", archive).rows()} == {"953365"}
    assert run("search", "計劃", "--exact", "--count", "--archive", archive).out == "0\n"
    assert run("search", "计划", "--exact", "--count", "--archive", archive).out == "1\n"
    assert run("records", "--exact", "--archive", archive).code == 2


def test_the_text_index_is_made_again(run: Run, archive: str) -> None:
    before = run("search", "计生", "--json", "--archive", archive).out
    done = run("rebuild", "text", "--archive", archive)
    assert (done.code, "3 documents" in done.err) == (0, True)
    assert run("search", "计生", "--json", "--archive", archive).out == before
