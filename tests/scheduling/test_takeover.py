"""One run a site, proven with processes: started at once, stopped by SIGSTOP at any step and woken, dead, elsewhere."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simulator import RunningSite, running
from tests import copies
from tests.scheduling.conftest import Done, Place, ended

DOCUMENTS = 20
STARTED, LATER = "2026-03-01T03:00:00Z", "2026-03-01T03:10:00Z"
"""The second process begins ten minutes after the first by their clocks: a lease lasts two without a heartbeat."""

LONG = pytest.mark.long
"""Each case takes several processes one after the other: two of each kind are enough for every day."""

STOPPING = """
import os, signal
from archive import durable
name, count = {point!r}.rsplit("#", 1)
seen = 0
def hook(operation, subject):
    global seen
    at = operation + " " + str(subject if isinstance(subject, tuple) else (subject,))
    if name in at:
        seen += 1
        if seen == int(count):
            os.kill(os.getpid(), signal.SIGSTOP)
durable.fault_hook = hook
"""
"""Stops the process at the Nth operation on the disk, or step of a database, whose description holds the name."""


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSite]:
    with running(documents=DOCUMENTS, lost_documents=False) as site:
        yield site


@pytest.fixture
def crawl(place: Place, site: RunningSite) -> list[str]:
    place.profile("docs", f'start_urls = ["{site.start_urls[0]}"]\n')
    return ["crawl", "docs", "--allow-host", site.host, "--delay", "0"]


def stopped_at(place: Place, point: str, words: list[str]) -> copies.Copy:
    """Start a crawl that is stopped at *point*, and wait until it is."""
    process = place.begin_copy(*words, clock=STARTED, first=STOPPING.format(point=point))
    deadline = time.monotonic() + 90
    while state_of(process.pid) != "T":
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it was not stopped"
        time.sleep(0.05)
    return process


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


def check(place: Place, documents: int = DOCUMENTS) -> None:
    """Every document once, in one published run, every file sound."""
    sql = (
        "SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(DISTINCT doc_id) FROM documents) AS ids, "
        "(SELECT count(*) FROM versions) AS versions, (SELECT count(*) FROM sightings) AS sightings, "
        "(SELECT count(*) FROM runs WHERE event = 'published') AS runs, "
        "(SELECT count(*) FROM (SELECT url FROM captures WHERE page_type = 'document' GROUP BY url "
        "HAVING count(*) > 1)) AS doubled"
    )
    (row,) = place.run("query", sql).rows()
    assert row == dict.fromkeys(("documents", "ids", "versions", "sightings"), documents) | {"runs": 1, "doubled": 0}
    verified = place.run("verify")
    assert verified.code == 0, verified.out


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("sqlite-commit:group:before#3", id="inside a transaction"),
        pytest.param("sqlite-commit:lasting:before#1", id="inside the last transaction of fetching", marks=LONG),
    ],
)
def test_a_holder_stopped_inside_a_transaction_holds_on(place: Place, crawl: list[str], point: str) -> None:
    """SQLite's lock is its own: nobody takes over, who tries is told the process, and once woken it ends its run."""
    holder = stopped_at(place, point, crawl)
    refused = place.run(*crawl, clock=LATER)
    assert refused.code == 3, refused.err
    assert f"process {holder.pid}" in refused.err
    holder.send_signal(signal.SIGCONT)
    assert ended(holder).code == 0
    check(place)


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("sqlite-commit:group:after#3", id="between transactions"),
        pytest.param("sqlite-commit:lasting:after#1", id="fetched", marks=LONG),
        pytest.param("rename#3", id="closing its WARC file", marks=LONG),
        pytest.param("00001.warc.gz.open#1", id="opening the WARC file of what is published", marks=LONG),
        pytest.param("-versions.parquet#1", id="writing a part", marks=LONG),
        pytest.param("delta-commit:versions:before#1", id="committing a part", marks=LONG),
        pytest.param("delta-commit:captures:unsynced#1", id="after a part was committed", marks=LONG),
        pytest.param("delta-commit:runs:before#1", id="committing the ledger's row"),
        pytest.param("delta-commit:runs:after#1", id="published, not yet forgotten", marks=LONG),
        pytest.param("views.sql#1", id="writing the views", marks=LONG),
    ],
)
def test_nothing_of_a_holder_that_was_taken_over_becomes_visible(place: Place, crawl: list[str], point: str) -> None:
    holder = stopped_at(place, point, crawl)
    early = place.run(*crawl, clock=STARTED)
    assert early.code == 3, early.err
    assert f"process {holder.pid}" in early.err
    taken = place.run(*crawl, clock=LATER)
    assert taken.code == 0, taken.err
    holder.send_signal(signal.SIGCONT)
    done = ended(holder)
    assert done.code == 3, done.err
    assert "taken over" in done.err
    check_published_once(place)


def check_published_once(place: Place) -> None:
    """As `check`; the second process may have begun a run of its own after the first one's had become visible."""
    (row,) = place.run("query", "SELECT count(*) AS n FROM runs WHERE event = 'published'").rows()
    sql = (
        "SELECT run_id, count(*) AS n, count(DISTINCT doc_id) AS d FROM sightings GROUP BY run_id "
        "UNION ALL SELECT 'versions', count(*), count(DISTINCT doc_id) FROM versions"
    )
    counted = place.run("query", sql).rows()
    assert len(counted) == row["n"] + 1
    assert {(one["n"], one["d"]) for one in counted} == {(DOCUMENTS, DOCUMENTS)}
    verified = place.run("verify")
    assert verified.code == 0, verified.out


def test_of_eight_started_at_once_one_wins(place: Place) -> None:
    """The others leave with 3, within a second of asking for the lease; nothing is lost, nothing doubled."""
    with running(documents=DOCUMENTS, latency_seconds=0.2, lost_documents=False) as slow:
        place.profile("docs", f'start_urls = ["{slow.start_urls[0]}"]\n')
        words = ["crawl", "docs", "--allow-host", slow.host, "--delay", "0"]
        processes = [place.begin_copy(*words) for _ in range(8)]
        with ThreadPoolExecutor(8) as threads:
            done: list[Done] = list(threads.map(ended, processes))
        assert sorted(one.code for one in done) == [0] + [3] * 7, [one.err for one in done]
        pages = [row["path"] for row in slow.requests() if row["path"].startswith("/doc/")]
        assert len(pages) == len(set(pages)) == DOCUMENTS
    check(place)


def test_a_lease_of_a_dead_process_is_taken_at_once(place: Place, crawl: list[str]) -> None:
    holder = stopped_at(place, "sqlite-commit:group:after#3", crawl)
    holder.kill()
    holder.communicate()
    done = place.run(*crawl, clock=STARTED)
    assert done.code == 0, done.err
    assert "(resumed)" in done.err
    check(place)


@pytest.mark.parametrize(
    ("column", "value", "early"),
    [
        pytest.param("boot", "another-boot", 3, id="another boot"),
        pytest.param("host", "another-host", 3, id="another host", marks=LONG),
        pytest.param("process_start", "1", 0, id="the number belongs to another process now", marks=LONG),
    ],
)
def test_a_lease_left_elsewhere_expires(place: Place, crawl: list[str], column: str, value: str, early: int) -> None:
    """Of another machine, or another start of this one, only the heartbeat tells; process ids mean nothing there."""
    holder = stopped_at(place, "sqlite-commit:group:after#3", crawl)
    holder.kill()
    holder.communicate()
    with sqlite3.connect(place.archive / "state" / "docs.sqlite") as db:
        db.execute(f"UPDATE lease SET {column} = ?, pid = ?", (value, os.getpid()))
    db.close()
    assert place.run(*crawl, clock=STARTED).code == early
    assert place.run(*crawl, clock=LATER).code == 0
    if early:
        check(place)
