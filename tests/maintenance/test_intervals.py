"""Sightings folded into intervals: nothing is lost, whatever is published or taken down afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.clock import ManualClock
from archive.layout import create
from archive.maintenance import maintain
from archive.published.intervals import folded, unfolded
from archive.published.tables import SCHEMAS
from tests.archive.conftest import WrittenArchive, hour, record

START = datetime(2026, 1, 25, tzinfo=UTC)

SIGHTINGS = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.sampled_from("12"), st.sampled_from("xy"), st.integers(0, 400), st.integers(0, 9)
    ),
    max_size=40,
)


def table(rows: list[tuple[str, str, str, int, int]]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "site": site,
                "doc_id": doc_id,
                "content_digest": digest,
                "seen_from": START + timedelta(hours=at),
                "seen_until": START + timedelta(hours=at + lasts),
                "capture": f"c{number}" if number % 3 else None,
                "reader": "general/1",
                "run_id": f"r{number}",
                "counters": [("views", number)] * (number % 2),
            }
            for number, (site, doc_id, digest, at, lasts) in enumerate(rows)
        ],
        schema=SCHEMAS["sightings"],
    )


def rows_of(sightings: pa.Table) -> list[str]:
    return sorted(map(str, sightings.to_pylist()))


@given(SIGHTINGS, SIGHTINGS)
@example([("a", "1", "x", 0, 0)] * 7, [*[("a", "1", "x", 0, 0)] * 3, ("a", "1", "y", 0, 0)])
@settings(max_examples=60, deadline=None)
def test_what_is_folded_comes_apart_again(first: list[Any], later: list[Any]) -> None:
    once = folded(table(first))
    once.validate(full=True)
    assert rows_of(unfolded(once)) == rows_of(table(first))
    twice = folded(pa.concat_tables([once, table(later)]))
    assert rows_of(unfolded(twice)) == rows_of(pa.concat_tables([table(first), table(later)]))
    assert rows_of(folded(twice)) == rows_of(twice)
    for row in once.to_pylist():
        assert row["seen_from"] == min([row["seen_from"], *(row["members"] or {"seen_from": []})["seen_from"]])
        assert row["seen_until"] == max([row["seen_until"], *(row["members"] or {"seen_until": []})["seen_until"]])


def test_a_late_run_and_a_takedown_part_an_interval(tmp_path: Path) -> None:
    """The same archive, once maintained in between and once not, answers the same afterwards."""
    answers = []
    for maintained in (False, True):
        written = WrittenArchive(create(tmp_path / str(maintained)))
        for number in range(6):
            known = ("1",) if number else ()
            written.run(f"r{number}", record("1", "甲", at=hour(number)), at=hour(number), without_versions=known)
        if maintained:
            done = maintain.maintain(written.layout, ManualClock(hour(7)))
            assert done.compacted["sightings"] == 6
            written.run_seq += 1
            last = [row for row in written.open().runs().to_list() if row["event"] == "compacted"]
            written.last_digest = last[0]["digest"]
        written.run("late", record("1", "乙", at=hour(2.5)), at=hour(8))
        written.event("r5", "takedown", hour(9))
        with written.open() as opened:
            history = [
                {name: row[name] for name in ("version", "title", "first_seen", "last_seen")}
                for row in opened.history("huiwen", "1")
            ]
            moments = [opened.records(as_of=hour(at), fields="title,last_seen").to_list() for at in (1.5, 2.7, 3, 5)]
            answers.append((history, moments, opened.query("FROM sightings ORDER BY ALL").to_list()))
        if maintained:
            maintain.maintain(written.layout, ManualClock(hour(12)))
    assert answers[0] == answers[1]
    assert [row["title"] for row in answers[0][0]] == ["甲", "乙", "甲"]
    assert answers[0][0][-1]["last_seen"] == hour(4)
