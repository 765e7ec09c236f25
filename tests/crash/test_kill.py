"""A crawl killed at every kind of step, gone on with by the same command: nothing lost or doubled, all readable."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import RunningSite, SimulatorOptions, running

from .harness import CONCURRENCY, GROUP, Crawl

DOCUMENTS = 40
SHORT_FORM_FAULTS = (2, 31, 75, 95, 140)
"""Fault points of a crawl of 40 documents that the short form dies at: set-up, fetching, freezing, publishing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    with running(SimulatorOptions(documents=DOCUMENTS, log=tmp_path / "requests.jsonl")) as served:
        yield served


def crawl_of(site: RunningSite, archive: Path) -> Crawl:
    return Crawl(archive, site.start_urls[0], site.host)


def documents_of(site: RunningSite) -> list[str]:
    return [str(row["doc_id"]) for row in site.truth()]


def test_killed_once_at_chosen_steps(site: RunningSite, tmp_path: Path) -> None:
    """Die at a step, go on with the same command: what the archive holds is what the site has."""
    documents = documents_of(site)
    for number in SHORT_FORM_FAULTS:
        crawl = crawl_of(site, tmp_path / f"archive-{number}")
        before = len(site.requests())
        crawl.run(fault=str(number))
        assert crawl.run() == 0
        crawl.check_first_run(documents)
        served = [row["path"] for row in site.requests()[before:] if row["path"] != "/robots.txt"]
        if len(crawl.published_runs()) == 1:
            assert crawl.fetched_twice(served) <= crawl.kills * (CONCURRENCY + GROUP), number
    crawl.verify()


def test_killed_again_and_again(site: RunningSite, tmp_path: Path) -> None:
    """Every start of the command dies after some more steps, until one gets to the end.

    Each gets as far as to commit a group of pages: one that is under way at three deaths is given up.
    """
    crawl = crawl_of(site, tmp_path / "archive")
    for number in range(30, 400, 30):
        if crawl.run(fault=str(number)) == 0:
            break
    assert crawl.kills > 2
    crawl.check_first_run(documents_of(site))
    crawl.verify()


def test_an_incremental_run_killed_at_chosen_steps(site: RunningSite, tmp_path: Path) -> None:
    """The walk that looks for what is new dies and goes on: it stops only where everything above is known."""
    crawl = crawl_of(site, tmp_path / "archive")
    assert crawl.run() == 0
    for number in (12, 30):
        site.happen(action="added", count=25)
        crawl.run(fault=str(number))
        assert crawl.run() == 0
    published = {str(row[0]) for row in crawl.rows("versions", "SELECT doc_id FROM rows")}
    assert published == {*documents_of(site)}
    crawl.verify()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda n: n.name)
def test_stopped_by_a_signal(site: RunningSite, tmp_path: Path, number: signal.Signals) -> None:
    crawl = crawl_of(site, tmp_path / "archive")
    process = crawl.start()
    deadline = time.monotonic() + 60
    while len(site.requests()) < DOCUMENTS // 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert crawl.end(process, number) == (-number if number == signal.SIGKILL else 130)
    assert crawl.run() == 0
    crawl.check_first_run(documents_of(site))
    crawl.verify()


def test_a_full_disk_loses_nothing(site: RunningSite, tmp_path: Path) -> None:
    """The disk is full from some step on: exit 5, one sentence; with room again the same command goes on."""
    for number in (10, 110):
        crawl = crawl_of(site, tmp_path / f"archive-{number}")
        code = crawl.run(fault=f"{number}:ENOSPC")
        assert code in (0, 5)
        assert crawl.run() == 0
        crawl.check_first_run(documents_of(site))
        crawl.verify()


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("count", "stride"), [(DOCUMENTS, 1), (600, 23)])
def test_killed_at_every_step(tmp_path: Path, count: int, stride: int) -> None:
    """At every step of a small crawl; at every 23rd of one of 600 documents, which takes as long."""
    with running(SimulatorOptions(documents=count, log=tmp_path / "requests.jsonl")) as site:
        documents = documents_of(site)
        number = 1
        while True:
            crawl = crawl_of(site, tmp_path / f"archive-{number}")
            if crawl.run(fault=str(number)) == 0:
                break
            assert crawl.run() == 0
            crawl.check_first_run(documents)
            crawl.verify()
            number += stride
    assert number > 100


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_600_documents_killed_at_random_instants(tmp_path: Path) -> None:
    chance = random.Random(1)
    with running(SimulatorOptions(documents=600, log=tmp_path / "requests.jsonl", latency_seconds=0.005)) as site:
        documents = documents_of(site)
        for attempt in range(20):
            crawl = crawl_of(site, tmp_path / f"archive-{attempt}")
            while crawl.run_and_kill(chance.uniform(0.1, 2.2)) != 0:
                if (crawl.archive / "archive.json").exists():  # a kill may come before there is an archive
                    crawl.verify()
            crawl.check_first_run(documents)
