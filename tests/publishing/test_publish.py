"""A run becomes visible whole and once, wherever the process dies."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import durable, exclusion
from archive.clock import ManualClock
from archive.errors import DamagedFile, SiteBusy, UsageError
from archive.layout import create
from archive.published import ledger, tables
from archive.publishing.held import reject_run
from archive.site_state.staging import PUBLISHING, Change

from .conftest import Site


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


def _ledger(site: Site) -> list[dict[str, Any]]:
    return sorted(site.rows("runs"), key=lambda row: row["run_seq"])


def test_a_run_brings_its_rows_and_one_event(site: Site) -> None:
    assert site.stage("r1", ("1", "甲"), ("2", "乙")) == [Change.NEW, Change.NEW]
    site.publisher.publish("r1")
    assert {row["doc_id"] for row in site.rows("versions")} == {"1", "2"}
    assert len(site.rows("sightings")) == len(site.rows("captures")) == 2
    (event,) = site.rows("runs")
    assert (event["event"], event["run_seq"], event["parts"]) == ("published", 1, 1)
    assert event["digest"] == ledger.row_digest(event)


def test_unchanged_documents_are_seen_again_without_a_version(site: Site) -> None:
    site.stage("r1", ("1", "甲"), ("2", "乙"))
    site.publisher.publish("r1")
    assert site.stage("r2", ("1", "甲"), ("2", "丙"), ("3", "丁")) == [Change.SAME, Change.CHANGED, Change.NEW]
    site.publisher.publish("r2")
    assert [(row["run_id"], row["title"]) for row in site.rows("versions") if row["run_id"] == "r2"] == [
        ("r2", "丙"),
        ("r2", "丁"),
    ]
    assert len(site.rows("sightings")) == 5


def test_events_are_chained(site: Site) -> None:
    for run_id in ("r1", "r2", "r3"):
        site.stage(run_id, ("1", run_id))
        site.publisher.publish(run_id)
    rows = _ledger(site)
    assert [row["run_seq"] for row in rows] == [1, 2, 3]
    assert [row["previous_digest"] for row in rows] == [None, rows[0]["digest"], rows[1]["digest"]]


def test_the_ledgers_time_never_goes_backwards(site: Site) -> None:
    site.stage("r1", ("1", "甲"))
    site.publisher.publish("r1")
    site.clock._now = site.clock._now.replace(year=2020)
    site.stage("r2", ("1", "乙"))
    site.publisher.publish("r2")
    first, second = _ledger(site)
    assert first["at"] <= second["at"]


def test_a_held_run_shows_nothing_until_it_is_accepted(site: Site) -> None:
    site.stage("r1", ("1", "甲"))
    site.publisher.hold("r1", "title lost")
    assert site.rows("versions") == []
    site.stage("r2", ("1", "乙"))
    site.publisher.publish("r2")
    site.publisher.publish("r1", accepted=True)
    assert [row["event"] for row in _ledger(site)] == ["held", "published", "accepted"]
    assert len(site.rows("versions")) == 2
    # What was published first is newer: the next run compares with it.
    assert site.stage("r3", ("1", "乙")) == [Change.SAME]


def test_a_rejected_run_leaves_only_its_event(site: Site) -> None:
    site.stage("r1", ("1", "甲"))
    site.publisher.hold("r1", "title lost")
    site.publisher.close_without_publishing("r1", "rejected", "a bad run")
    assert site.rows("versions") == []
    assert [row["event"] for row in _ledger(site)] == ["held", "rejected"]
    assert site.stage("r2", ("1", "甲")) == [Change.NEW]


def test_a_frozen_part_holds_at_most_a_thousand_pages(site: Site) -> None:
    site.stage("r1", *((str(n), "甲") for n in range(2001)))
    site.publisher.publish("r1")
    assert site.rows("runs")[0]["parts"] == 3
    assert len(site.rows("versions")) == 2001


STRIDE = 9
"""In the short form every fourth operation is the last; `make bench` tries all."""


def _publish_killed_at(folder: Path, at: int) -> bool:
    """Publish a run that dies at an operation, then again; return whether it died at all."""
    site = Site(create(folder), ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))
    for run_id in ("r0", "r1"):
        site.stage(run_id, ("1", f"{run_id} 甲"), ("2", f"{run_id} 乙"))
        if run_id == "r0":
            site.publisher.publish(run_id)
    calls = itertools.count(1)

    def kill(operation: str, subject: object) -> None:
        if next(calls) == at:
            raise Killed(operation)

    durable.fault_hook = kill
    died = False
    try:
        site.publisher.publish("r1")
    except Killed:
        died = True
        visible = {row["run_id"] for row in site.rows("runs")}
        rows = site.rows("versions", "r1")
        assert len(rows) in (0, 2), "a part is there whole or not at all"
        assert "r1" not in visible or len(rows) == 2, "the event comes last"
    finally:
        durable.fault_hook = None
    site.reopen()
    for run in site.staging.runs():
        site.publisher.publish(run.run_id)
    for table, expected in (("versions", 2), ("sightings", 2), ("captures", 2), ("runs", 1)):
        for run_id in ("r0", "r1"):
            assert len(site.rows(table, run_id)) == expected, (at, table, run_id)
    first, second = _ledger(site)
    assert second["previous_digest"] == first["digest"]
    assert site.staging.known_document("huiwen", "1") is not None
    site.state.abandon()
    return died


def _killed_everywhere(folder: Path, first: int, stride: int) -> int:
    at = first
    while _publish_killed_at(folder / str(at), at):
        at += stride
    return at


def test_killed_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """At a write, fsync, rename or commit of a publish: die there, do it again, look."""
    assert _killed_everywhere(tmp_path, 1, STRIDE) > 40


@pytest.mark.long
@pytest.mark.parametrize("first", range(2, STRIDE + 1))
def test_killed_anywhere(tmp_path: Path, first: int) -> None:
    _killed_everywhere(tmp_path, first, STRIDE)


def test_another_part_under_the_same_number_is_damage(site: Site) -> None:
    site.stage("r1", ("1", "甲"))

    def kill(operation: str, subject: object) -> None:
        if operation == "delta-commit:versions:after":
            raise Killed

    durable.fault_hook = kill
    with pytest.raises(Killed):
        site.publisher.publish("r1")
    durable.fault_hook = None
    site.reopen()
    (path,) = tables.snapshot(site.layout).files["versions"]
    tables.write_parquet(Path(path), "versions", [], part_digest="sha256:other")
    with pytest.raises(DamagedFile, match="is not part 1 of run r1"):
        site.publisher.publish("r1")


def test_a_changed_staged_row_after_the_freeze_is_damage(site: Site) -> None:
    site.stage("r1", ("1", "甲"))
    with site.state.transaction(lasting=True) as db:
        site.staging.parts.freeze("r1")
        db.execute("UPDATE staged SET version = CAST(replace(version, '甲', '乙') AS BLOB)")
    with pytest.raises(DamagedFile, match="is not what was frozen"):
        site.publisher.publish("r1")


def test_pages_whose_warc_did_not_survive_go_back_to_the_queue(site: Site) -> None:
    site.stage("r1", ("1", "甲"), ("2", "乙"), ("3", "丙"))
    warc = site.layout.root / "warc/huiwen/r1-1-00000.warc.gz"
    warc.parent.mkdir(parents=True)
    warc.write_bytes(b"x" * 25)  # two whole records of ten bytes, half a third
    with site.state.transaction():
        assert site.staging.lost_pages(site.layout) == [2]
    assert site.staging.document_counts("r1")["documents"] == 2


def test_a_run_that_cannot_be_published_can_be_rejected(site: Site) -> None:
    site.stage("r1", ("1", "甲"))
    with site.state.transaction(lasting=True):
        site.staging.parts.freeze("r1")
        site.staging.set_status("r1", PUBLISHING)
    site.state.db.execute("UPDATE staged SET version = x'7b7d' WHERE version IS NOT NULL")
    with pytest.raises(DamagedFile, match="runs reject r1"):
        site.publisher.publish("r1")
    site.state.close()
    reject_run(site.layout, "r1", "damaged", site.clock)
    site.open()
    assert [row["event"] for row in _ledger(site)] == ["rejected"]
    assert site.staging.runs() == []


def test_a_run_that_readers_see_cannot_be_rejected(site: Site) -> None:
    """Killed after its ledger row, before its state was cleared: it is published, and stays so."""
    site.stage("r1", ("1", "甲"))

    def kill(operation: str, subject: object) -> None:
        if operation == "sqlite-commit:lasting:before" and site.rows("runs"):
            raise Killed

    durable.fault_hook = kill
    with pytest.raises(Killed):
        site.publisher.publish("r1")
    durable.fault_hook = None
    assert site.layout.views_sql.exists()
    site.state.close()
    with pytest.raises(UsageError, match="published already"):
        reject_run(site.layout, "r1", "no", site.clock)
    site.open()
    assert [row["event"] for row in _ledger(site)] == ["published"]
    assert site.staging.runs() == []


def test_nothing_is_published_while_tables_are_rebuilt(site: Site) -> None:
    site.stage("r1", ("1", "甲"))
    with exclusion.rebuilding(site.layout), pytest.raises(SiteBusy, match="being rebuilt"):
        site.publisher.publish("r1")
    with exclusion.publishing(site.layout), pytest.raises(SiteBusy), exclusion.rebuilding(site.layout):
        pytest.fail("a publish goes on")
    site.publisher.publish("r1")
    assert [row["event"] for row in _ledger(site)] == ["published"]
