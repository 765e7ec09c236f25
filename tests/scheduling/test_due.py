"""`due` and `crawl --due`: what is due is crawled, each site for itself, and nothing else."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator

import pytest

from archive.layout import Layout
from archive.text_index.generation import opened
from simulator import RunningSite, running
from tests.scheduling.conftest import Place, ended

DOCUMENTS = 12


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSite]:
    with running(documents=DOCUMENTS, lost_documents=False) as site:
        yield site


def profile_of(site: RunningSite, more: str = 'schedule = "daily"') -> str:
    return f'start_urls = ["{site.start_urls[0]}"]\n{more}\n'


def due_words(*sites: RunningSite) -> list[str]:
    hosts = [word for site in sites for word in ("--allow-host", site.host)]
    return ["crawl", "--due", "--json", "--delay", "0", *hosts]


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_a_day_of_a_schedule(place: Place, site: RunningSite) -> None:
    """Never crawled: due. Crawled: not due. A day later: due again, and a paused site never."""
    place.profile("one", profile_of(site))
    place.profile("two", profile_of(site, 'schedule = "0 3 * * *"\ntimezone = "Asia/Shanghai"'))
    place.profile("by-hand", profile_of(site, ""))
    listed = place.run("due")
    assert [(row["site"], row["why"], row["last_published"]) for row in listed.rows()] == [
        ("one", "never crawled", None),
        ("two", "never crawled", None),
    ]
    paused = place.run("sites", "pause", "two", "--reason", "asked for quiet", "--until", "2126-01-01")
    assert paused.code == 0
    assert [row["site"] for row in place.run("due").rows()] == ["one"]
    crawled = place.run(*due_words(site), clock="2026-03-01T03:00:00Z")
    assert crawled.code == 0, crawled.err
    (row,) = crawled.rows()
    assert (row["site"], row["event"], row["new"], row["resumed"]) == ("one", "published", DOCUMENTS, False)
    index = opened(Layout(place.archive), {})
    assert index is not None
    assert index.position.documents == DOCUMENTS
    assert place.run("due", clock="2026-03-01T12:00:00Z").rows() == []
    (late,) = place.run("due", clock="2026-03-02T04:00:00Z").rows()
    assert late["due_since"].startswith("2026-03-02T03:00")
    assert late["last_published"].startswith("2026-03-01T03:00")
    everything = place.run("due", "--all", clock="2026-03-01T12:00:00Z").rows()
    assert [(row["site"], row["why"]) for row in everything] == [
        ("two", "paused: asked for quiet"),
        ("one", "schedule"),
    ]
    nothing = place.run(*due_words(site), clock="2026-03-01T12:00:00Z")
    assert (nothing.code, nothing.out) == (0, "")
    assert "docarchive due --all" in nothing.err


def test_a_site_that_is_down_harms_no_other_and_is_tried_again_later(place: Place, site: RunningSite) -> None:
    host = closed_port()
    place.profile("down", f'start_urls = ["http://{host}/"]\nschedule = "weekly"\n')
    place.profile("nowhere", 'hosts = ["docs.example"]\nschedule = "weekly"\n')
    place.profile("well", profile_of(site))
    crawled = place.run(*due_words(site), "--allow-host", host, clock="2026-03-01T03:00:00Z")
    assert crawled.code == 2, crawled.err
    codes = {row["site"]: row["exit_code"] for row in crawled.rows()}
    assert codes == {"down": 4, "nowhere": 2, "well": 0}
    assert "nowhere has no start_urls" in crawled.err
    soon = {row["site"]: row for row in place.run("due", clock="2026-03-01T03:30:00Z").rows()}
    assert soon["down"]["why"] == "again: the last run ended with exit code 4"
    assert "well" not in soon


def test_where_one_site_takes_long_the_others_are_done_long_before(place: Place, site: RunningSite) -> None:
    with running(documents=DOCUMENTS, latency_seconds=0.4, lost_documents=False) as slow:
        place.profile("slow", profile_of(slow))
        place.profile("quick", profile_of(site))
        process = place.begin(*due_words(site, slow))
        assert process.stdout is not None
        first = process.stdout.readline()
        assert '"quick"' in first
        rest = ended(process)
    assert rest.code == 0
    assert [row["site"] for row in rest.rows()] == ["slow"]


def test_a_second_one_leaves_at_once(place: Place) -> None:
    with running(documents=4, latency_seconds=20) as slow:
        place.profile("slow", profile_of(slow))
        first = place.begin(*due_words(slow))
        deadline = time.monotonic() + 60
        while not (place.archive / "state" / "slow.attempts.json").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert place.run("crawl", "slow", "--allow-host", slow.host).code == 3
        (row,) = place.run("due", "--all").rows()
        assert row["why"].startswith("a run is under way (process ")
        place.profile("new", profile_of(slow))
        other = place.run(*due_words(slow))
        assert other.code == 3
        assert f"process {first.pid}" in other.err
        first.send_signal(signal.SIGTERM)
        assert ended(first).code == 130


@pytest.mark.parametrize(
    "number",
    [pytest.param(signal.SIGTERM, id="SIGTERM"), pytest.param(signal.SIGKILL, id="SIGKILL", marks=pytest.mark.long)],
)
def test_stopped_in_the_middle_it_goes_on_later(place: Place, number: signal.Signals) -> None:
    """Stopped, each run says so (130); killed, the workers end too. Nothing is lost, nothing doubled."""
    with running(documents=30, latency_seconds=0.1, lost_documents=False) as slow:
        for name in ("one", "two"):
            place.profile(name, profile_of(slow))
        process = place.begin(*due_words(slow), clock="2026-03-01T03:00:00Z")
        deadline = time.monotonic() + 30
        while len(slow.requests()) < 12 and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(number)
        done = ended(process)
        if number is signal.SIGTERM:
            assert done.code == 130, done.err
            assert {row["site"]: row["exit_code"] for row in done.rows()} == {"one": 130, "two": 130}
        while place.run("crawl", "one", "--allow-host", slow.host, "--max-requests", "1").code == 3:
            time.sleep(0.2)  # the orphaned worker is about to end
        again = place.run(*due_words(slow), clock="2026-03-01T04:00:00Z")
        assert again.code == 0, again.err
        rows = place.run("query", "SELECT site, count(*) AS n, count(DISTINCT doc_id) AS d FROM documents GROUP BY 1")
        assert {(row["site"], row["n"], row["d"]) for row in rows.rows()} == {("one", 30, 30), ("two", 30, 30)}
        assert place.run("verify").code == 0


def test_a_site_that_kills_its_worker_is_left_alone_with_it(place: Place, site: RunningSite) -> None:
    """The disks of one site fail in a way nobody foresaw: its worker dies each time, the others' runs are whole."""
    for name in ("bad", "one", "two"):
        place.profile(name, profile_of(site))
    words = due_words(site)
    with (place.folder / "docarchive.toml").open("a") as file:
        file.write("notify = \"sh -c 'echo $DOCARCHIVE_EVENT $DOCARCHIVE_SITE >> called.txt'\"\n")
    killing = (
        "import os, signal\n"
        "from crawler.session import Session\n"
        "started = Session.start_run\n"
        "def start(self, *a, **k):\n"
        "    if self.site == 'bad': os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    started(self, *a, **k)\n"
        "Session.start_run = start\n"
    )
    (place.folder / "sitecustomize.py").write_text(killing, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(place.folder), prepend=":")
        done = place.run(*words)
    codes = {row["site"]: row["exit_code"] for row in done.rows()}
    assert codes == {"bad": 5, "one": 0, "two": 0}, done.err
    assert done.code == 5
    assert "signal 11" in done.err
    assert "logs/due.log" in done.err
    status = {row["site"]: row["state"] for row in place.run("status", "--json").rows()}
    assert status == {"bad": "failed", "one": "well", "two": "well"}
    assert (place.folder / "called.txt").read_text().split() == ["failed", "bad"]
    assert len(list((place.archive / "reports").glob("*.html"))) == 2


def test_options_that_only_one_site_can_have_are_refused(place: Place) -> None:
    assert place.run("crawl", "--due", "--full").code == 2
    assert place.run("crawl", "--due", "somewhere").code == 2
    assert place.run("crawl").code == 2


def test_it_never_makes_an_archive(place: Place) -> None:
    done = place.run("crawl", "--due", "--archive", "elsewhere")
    assert done.code == 2
    assert not (place.folder / "elsewhere").exists()
