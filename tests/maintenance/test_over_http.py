"""A real crawl of the simulated site, maintained, its state lost and made again: the next run fetches no body."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from simulator import RunningSite, running
from tests import copies
from tests.cli.conftest import Run, run, start

__all__ = ["run", "start"]

DOCUMENTS = 40

_MAINTAINED_SOON = "from archive.maintenance import maintain; maintain.DUE_FILES = 12"
"""Fewer files are many."""


def _crawl(site: RunningSite, day: str, monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int]]:
    """Crawl on a day and return how often the site gave each kind of page with each status."""
    before = len(site.requests())
    monkeypatch.setenv("DOCARCHIVE_CLOCK", f"{day}T03:00:00Z")
    host = site.url.removeprefix("http://")
    words = ("crawl", "huiwen", "--start", site.start_urls[0], "--allow-host", host, "--delay", "0")
    process = copies.begin(words, first=_MAINTAINED_SOON, joined=True)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    return Counter((request["kind"], request["status"]) for request in site.requests()[before:])


def test_a_state_made_again_fetches_no_unchanged_body(start: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(documents=DOCUMENTS, lost_documents=False) as site:
        for day in ("2027-03-01", "2027-03-02"):
            _crawl(site, day, monkeypatch)
        unchanged = _crawl(site, "2027-04-01", monkeypatch)
        assert unchanged["document", 304] == DOCUMENTS, "what follows would show nothing"
        assert unchanged["document", 200] == 0
        assert not Path("data/warc/+maintenance").exists()
        _crawl(site, "2027-04-02", monkeypatch)  # now maintenance is due
        events = [row["event"] for row in start("runs", "list", "--json").rows()]
        assert events == ["published"] * 4 + ["compacted"]
        records = start("records", "--limit", "0").out
        for path in Path("data/state").glob("huiwen.sqlite*"):
            path.unlink()
        rebuilt = start("rebuild", "state", "huiwen")
        assert rebuilt.code == 0, rebuilt.err
        assert start("maintain").code == 0
        assert _crawl(site, "2027-04-03", monkeypatch) == unchanged
        assert len(start("records", "--limit", "0").rows()) == len(records.splitlines())
        assert start("verify").err.endswith("nothing is damaged\n")
