"""What runs ended like is told many at a time, and of each however the telling itself ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.layout import Layout, create
from archive.site_state.staging import Run
from crawler.scheduling.untold import SECONDS, TOGETHER, Untold, left_untold
from crawler.telling.last_end import note_end
from crawler.telling.run_end import RunEnd
from simulator import running
from tests.scheduling.conftest import Place

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
RUN = Run(
    run_id="20260301T030000Z-abc123",
    run_no=3,
    status="fetched",
    started_at="2026-03-01T03:00:00Z",
    finished_at=None,
    reader="general/1",
    options={"partial": True, "measures": {"a": {"long": ["story"]}}},
    counts={"documents": 3},
    reason=None,
)


def end(site: str = "one", run: Run | None = RUN) -> RunEnd:
    return RunEnd(site=site, run=run, event="published", exit_code=0, reason=None, at=NOW, failures=(("u", "why"),))


def test_they_wait_for_each_other_but_not_for_long() -> None:
    untold = Untold()
    assert not untold
    assert not untold.is_time(0.0, more_to_come=False)
    untold.add({"site": "one"}, 100.0)
    assert not untold.is_time(100.0 + SECONDS - 1, more_to_come=True)
    assert untold.is_time(100.0 + SECONDS, more_to_come=True)
    assert untold.is_time(100.0, more_to_come=False)
    for number in range(TOGETHER - 1):
        untold.add({"site": str(number)}, 100.0)
    assert untold.is_time(100.0, more_to_come=True)
    assert len(untold.take()) == TOGETHER
    assert not untold


def test_where_the_telling_died_each_is_told_by_itself_once() -> None:
    untold = Untold()
    untold.died(({"site": "one"}, {"site": "two"}))
    first = untold.take()
    assert first == ({"site": "one"},)
    untold.died(first)
    assert untold.rest() == [{"site": "two"}]
    untold.died(({"site": "three"},), was_stopped=True)
    assert untold.rest() == [{"site": "two"}, {"site": "three"}]


@pytest.mark.parametrize("run", [RUN, None])
def test_an_end_goes_through_a_pipe(run: Run | None) -> None:
    """All of it but the options that may be long and no report shows."""
    row = json.loads(json.dumps(end(run=run).row()))
    again = RunEnd.of_row(row)
    assert again.ended() == end(run=run).ended()
    assert again.failures == (("u", "why"),)
    if run is not None:
        assert again.run is not None
        assert again.run.counts == {"documents": 3}
        assert again.run.options == {"partial": True}


def test_what_a_killed_command_did_not_tell_is_left_untold(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    create(layout.root)
    note_end(layout, "one", end().ended())
    note_end(layout, "two", end("two", None).ended())
    (found,) = left_untold(layout, ["one", "two", "three"])
    assert (found.site, found.run, found.event) == ("one", None, "published")
    (layout.root / "reports").mkdir(exist_ok=True)
    (layout.root / "reports" / f"{RUN.run_id}.json").write_text("{}")
    assert left_untold(layout, ["one", "two", "three"]) == []


def test_a_telling_that_dies_keeps_no_other_from_being_told(place: Place) -> None:
    """Three runs are told together, one of them kills its teller: the others have reports, and all are published."""
    with running(documents=4, lost_documents=False) as site:
        for name in ("bad", "one", "two"):
            place.profile(name, f'start_urls = ["{site.start_urls[0]}"]\nschedule = "daily"\n')
        killing = (
            "import os, signal, sys\n"
            "from crawler.telling import after_run\n"
            "tell_of = after_run._tell_of\n"
            "def tell(layout, ledger, ends, *rest):\n"
            "    if any(end.site == 'bad' for end in ends): os.kill(os.getpid(), signal.SIGKILL)\n"
            "    tell_of(layout, ledger, ends, *rest)\n"
            "after_run._tell_of = tell\n"
        )
        (place.folder / "sitecustomize.py").write_text(killing, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(place.folder), prepend=":")
            done = place.run("crawl", "--due", "--json", "--delay", "0", "--allow-host", site.host)
        assert done.code == 0, done.err
        assert {row["site"]: row["event"] for row in done.rows()} == dict.fromkeys(("bad", "one", "two"), "published")
        told = {json.loads(path.read_text())["site"] for path in (place.archive / "reports").glob("*.json")}
        assert told == {"one", "two"}
        # The next one finds out and tells, without the fault.
        place.profile("three", f'start_urls = ["{site.start_urls[0]}"]\nschedule = "daily"\n')
        assert place.run("crawl", "--due", "--delay", "0", "--allow-host", site.host).code == 0
        told = {json.loads(path.read_text())["site"] for path in (place.archive / "reports").glob("*.json")}
        assert told == {"bad", "one", "two", "three"}
