"""What readers see, held against a plain Python model of the rules."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.layout import create
from archive.published import delta_log, ledger, tables
from archive.record import content_digest, to_json
from archive.site_state.parts import table_row
from tests.archive.conftest import WrittenArchive, hour, record, sighting


def titles(archive: WrittenArchive, doc_id: str = "1") -> list[tuple[str, str]]:
    with archive.open() as opened:
        return [(row["title"], row["cause"]) for row in opened.history("huiwen", doc_id)]


def test_a_content_that_comes_back_is_a_third_version(written: WrittenArchive) -> None:
    for number, title in enumerate(("甲", "乙", "甲")):
        written.run(f"r{number}", record("1", title, at=hour(number)), at=hour(number))
    assert titles(written) == [("甲", "site"), ("乙", "site"), ("甲", "site")]
    with written.open() as opened:
        newest = opened.get("huiwen", "1")
    assert newest is not None
    assert newest["version"] == 3
    assert newest["fetched_at"] == hour(2)
    assert newest["first_seen"] == hour(0)
    assert newest["last_seen"] == hour(2)


def test_a_run_accepted_late_replaces_nothing_newer(written: WrittenArchive) -> None:
    written.run("r1", record("1", "甲", at=hour(1)), at=hour(1))
    held = record("1", "乱", at=hour(2))
    written.event("r2", "held", hour(2))
    written.run("r3", record("1", "乙", at=hour(3)), at=hour(3))
    assert titles(written) == [("甲", "site"), ("乙", "site")]
    written.run("r2", held, at=hour(4), events=("accepted",))
    assert [title for title, _ in titles(written)] == ["甲", "乱", "乙"]
    with written.open() as opened:
        newest = opened.get("huiwen", "1")
        assert newest is not None
        assert (newest["title"], newest["version"], newest["last_seen"]) == ("乙", 3, hour(3))
        then = opened.get("huiwen", "1", as_published="r3")
        assert then is not None
        assert then["version"] == 2


def test_what_is_not_published_is_not_seen(written: WrittenArchive) -> None:
    written.run("r1", record("1", "甲", at=hour(1)), at=hour(1))
    written.run("r2", record("2", "乙", at=hour(2)), at=hour(2), events=("held",))
    written.run("r3", record("3", "丙", at=hour(3)), at=hour(3), events=("published", "takedown"))
    written.run("r4", record("4", "丁", at=hour(4)), at=hour(4), events=())
    with written.open() as opened:
        assert [row["doc_id"] for row in opened.records()] == ["1"]
        assert len(opened.captures()) == 1
        assert opened.query("SELECT count(*) AS n FROM sightings").to_list() == [{"n": 1}]
        assert opened.query("SELECT count(*) AS n FROM raw_sightings").to_list() == [{"n": 4}]


def test_a_better_reader_replaces_its_own_reading_of_that_instant(written: WrittenArchive) -> None:
    first, second = hour(1), hour(2)
    written.run("r1", record("1", "甲VIP", at=first), at=first)
    written.run("r2", record("1", "甲VIP", at=second), at=second, without_versions=("1",))
    better = [record("1", "甲", at=at, reader="general/2") for at in (first, second)]
    written.run("r3", *better, at=hour(3), events=("reread", "published"))
    assert titles(written) == [("甲", "site")]
    with written.open() as opened:
        assert [row["title"] for row in opened.history("huiwen", "1", as_published="r2")] == ["甲VIP"]


def test_a_change_made_by_the_reader_is_told_apart(written: WrittenArchive) -> None:
    written.run("r1", record("1", "甲VIP", at=hour(1)), at=hour(1))
    better = record("1", "甲", at=hour(2), reader="general/2")
    written.run("r2", better, at=hour(2), previous={"1": content_digest(better)})
    changed = record("1", "乙", at=hour(3), reader="general/3")
    written.run("r3", changed, at=hour(3), previous={"1": content_digest(better)})
    written.run("r4", record("1", "丙", at=hour(4), reader="import/1"), at=hour(4), events=("import", "published"))
    assert titles(written) == [("甲VIP", "site"), ("甲", "reader"), ("乙", "site"), ("丙", "import")]


def test_withdrawn_and_returned(written: WrittenArchive) -> None:
    def decide(run_id: str, doc_id: str, kind: str, at: float) -> None:
        row = {
            "site": "huiwen",
            "doc_id": doc_id,
            "kind": kind,
            "value": "",
            "reason": "410",
            "at": hour(at),
            "evidence": None,
        }
        row["at"] = to_json(record("x", at=hour(at)))["fetched_at"]
        written.rows(run_id, "decisions", [row])

    written.run("r1", record("1", at=hour(1)), record("2", at=hour(1)), record("3", at=hour(1)), at=hour(1))
    for number, (doc_id, kind, at) in enumerate(
        [("1", "withdrawn", 2), ("1", "withdrawn", 3), ("2", "withdrawn", 2), ("2", "returned", 3)]
    ):
        decide(f"d{number}", doc_id, kind, at)
        written.event(f"d{number}", "published", hour(at))
    decide("hidden", "3", "withdrawn", 2)
    with written.open() as opened:
        found = {row["doc_id"]: row["withdrawn_at"] for row in opened.records(fields="doc_id,withdrawn_at")}
        assert found == {"1": hour(2), "2": None, "3": None}
        then = {row["doc_id"]: row["withdrawn_at"] for row in opened.records(as_of=hour(2.5))}
        assert then == {"1": hour(2), "2": hour(2), "3": None}
        assert [r["doc_id"] for r in opened.records(where="withdrawn_at IS NOT NULL")] == ["1"]


def test_exact_copies_point_to_the_document_seen_first(written: WrittenArchive) -> None:
    text = {"preview_text": "同一 篇 文章"}
    written.run("r1", record("9", at=hour(1), **text), record("5", at=hour(1), preview_text="别的"), at=hour(1))
    written.run("r2", record("1", at=hour(2), site="wenku", **text), record("6", at=hour(2)), at=hour(2))
    expected = {"9": None, "5": None, "1": "huiwen/9", "6": None}
    with written.open() as opened:
        assert {row["doc_id"]: row["exact_copy_of"] for row in opened.records()} == expected
        assert {row["doc_id"]: row["exact_copy_of"] for row in opened.query("FROM documents")} == expected
        assert [row["exact_copy_of"] for row in opened.records(site="wenku")] == ["huiwen/9"]
        alone = opened.get("wenku", "1")
        assert alone is not None
        assert alone["exact_copy_of"] == "huiwen/9"
        assert [row["doc_id"] for row in opened.records(site="wenku", where="exact_copy_of = 'huiwen/9'")] == ["1"]


@pytest.mark.parametrize("table", ["documents", "versions", "sightings", "captures", "runs", "decisions"])
def test_an_empty_archive_has_every_view(written: WrittenArchive, table: str) -> None:
    with written.open() as opened:
        assert opened.query(f"FROM {table}").to_list() == []


# The model

HOURS = 6
runs_drawn = st.lists(
    st.fixed_dictionaries(
        {
            "visible": st.sampled_from([True, True, True, False]),
            "import": st.sampled_from([False, False, False, True]),
            "sightings": st.lists(
                st.tuples(
                    st.sampled_from(["1", "2"]),
                    st.sampled_from("甲乙丙"),
                    st.integers(0, HOURS),
                    st.sampled_from([0, 0, 0, 1, 2]),
                ),
                max_size=4,
                unique_by=lambda s: (s[0], s[2]),
            ),
            "redundant": st.booleans(),
            "by_reader": st.booleans(),
        }
    ),
    min_size=1,
    max_size=5,
)


def write_drawn(archive: WrittenArchive, drawn: list[dict[str, Any]]) -> None:
    versions, sightings, events = [], [], []
    known: set[tuple[str, str]] = set()
    for number, run in enumerate(drawn):
        run_id = f"r{number}"
        for doc_id, title, at, length in run["sightings"]:
            seen = record(doc_id, title, at=hour(at))
            digest = content_digest(seen)
            sightings.append(table_row(sighting(seen, hour(at + length)), run_id))
            if not run["visible"] or run["redundant"] or (doc_id, title) not in known:
                previous = digest if run["by_reader"] else None
                row = {**to_json(seen), "content_digest": digest, "previous_reread_digest": previous}
                versions.append(table_row(row, run_id))
                if run["visible"]:
                    known.add((doc_id, title))
        names = (["import"] if run["import"] else []) + (["published"] if run["visible"] else ["held"])
        for name in names:
            seq = len(events) + 1
            row = {
                "run_id": run_id, "run_seq": seq, "site": "huiwen", "event": name, "at": hour(number),
                "reader": "general/1", "started_at": hour(0), "finished_at": hour(0), "parts": 1, "counts": {},
                "files": {}, "options": "{}", "reason": None, "previous_digest": None,
            }  # fmt: skip
            events.append(row | {"digest": ledger.row_digest(row)})
    for name, rows in (("versions", versions), ("sightings", sightings), ("runs", events)):
        if rows:
            path = archive.layout.table(name) / f"all-00001-{name}.parquet"
            table = tables.OpenTables(archive.layout).newest(name)
            tables.write_parquet(path, name, rows)
            assert delta_log.commit(table, path, tables.SCHEMAS[name], len(rows), {})


def expected_history(
    drawn: list[dict[str, Any]], *, until: int | None = None, runs: int | None = None
) -> dict[str, list[tuple[str, Any, Any]]]:
    """What the rules say: doc_id -> (title, first seen, last seen) by version, in the model's own words."""
    readings: dict[str, dict[int, tuple[int, str, str]]] = defaultdict(dict)
    for number, run in enumerate(drawn[:runs]):
        if not run["visible"]:
            continue
        for doc_id, title, at, length in run["sightings"]:
            for instant in {at, at + length}:
                if until is not None and instant > until:
                    continue
                new = (number, content_digest(record(doc_id, title)), title)
                if instant not in readings[doc_id] or new > readings[doc_id][instant]:
                    readings[doc_id][instant] = new
    history: dict[str, list[tuple[str, Any, Any]]] = {}
    for doc_id, by_instant in readings.items():
        versions: list[tuple[str, Any, Any]] = []
        for instant, (_, _, title) in sorted(by_instant.items()):
            if versions and versions[-1][0] == title:
                versions[-1] = (title, versions[-1][1], hour(instant))
            else:
                versions.append((title, hour(instant), hour(instant)))
        history[doc_id] = versions
    return {doc_id: versions for doc_id, versions in history.items() if versions}


def check_model(drawn: list[dict[str, Any]], until: int, last_run: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = WrittenArchive(create(Path(folder) / "data"))
        write_drawn(archive, drawn)
        with archive.open() as opened:
            expected = expected_history(drawn)
            found = defaultdict(list)
            for row in opened.query("FROM versions ORDER BY doc_id, version"):
                found[row["doc_id"]].append((row["title"], row["first_seen"], row["last_seen"]))
                assert row["version"] == len(found[row["doc_id"]])
            assert found == expected
            for row in opened.records():
                versions = expected[row["doc_id"]]
                assert (row["title"], row["last_seen"]) == (versions[-1][0], versions[-1][2])
                assert (row["version"], row["first_seen"]) == (len(versions), versions[0][1])
            assert opened.records().total == opened.records(limit=1).total == len(expected)
            assert opened.records(limit=1).to_list() == opened.records().to_list()[:1]
            for doc_id in ("1", "2"):
                then = opened.get("huiwen", doc_id, as_of=hour(until))
                past = expected_history(drawn, until=until).get(doc_id)
                assert (then and (then["title"], then["version"])) == (past and (past[-1][0], len(past)))
            if last_run < len(drawn) and drawn[last_run]["visible"]:
                before = expected_history(drawn, runs=last_run + 1)
                seen = {r["doc_id"]: (r["title"], r["version"]) for r in opened.records(as_published=f"r{last_run}")}
                assert seen == {d: (versions[-1][0], len(versions)) for d, versions in before.items()}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs_drawn, st.integers(0, HOURS), st.integers(0, 4))
def test_views_agree_with_the_model(drawn: list[dict[str, Any]], until: int, last_run: int) -> None:
    check_model(drawn, until, last_run)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs_drawn, st.integers(0, HOURS), st.integers(0, 4))
def test_views_agree_with_the_model_again_and_again(drawn: list[dict[str, Any]], until: int, last_run: int) -> None:
    check_model(drawn, until, last_run)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs_drawn)
def test_redundant_rows_change_no_answer(drawn: list[dict[str, Any]]) -> None:
    answers = []
    for redundant in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            archive = WrittenArchive(create(Path(folder) / "data"))
            write_drawn(archive, [run | {"redundant": redundant, "by_reader": False} for run in drawn])
            with archive.open() as opened:
                columns = "site, doc_id, version, title, first_seen, last_seen"
                answers.append(opened.query(f"SELECT {columns} FROM versions ORDER BY ALL").to_list())
    assert answers[0] == answers[1]
