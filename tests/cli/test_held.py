"""A run that is held back, from the command line, over a network."""

from __future__ import annotations

from simulator import running
from tests.cli.conftest import Run


def test_a_run_is_held_shown_and_dropped(run: Run, start: Run) -> None:
    with running(documents=30, lost_documents=False) as site:
        words = ("crawl", "huiwen", "--start", site.start_urls[0], "--allow-host", site.host, "--delay", "0", "--json")
        assert start(*words).code == 0
        before = run("records", "--limit", "0").rows()
        site.happen(action="fault", name="empty_tag")
        held = start(*words)
    (outcome,) = held.rows()
    assert (held.code, outcome["event"]) == (1, "held")
    assert run("records", "--limit", "0").rows() == before
    shown = run("runs", "show", outcome["run_id"])
    assert shown.code == 0
    assert "held for         known documents that lost their tags" in shown.out
    assert shown.out.count("before: ") >= 3
    assert "measures" not in shown.out
    assert "look at it with" in held.err and "look at it with" not in shown.out
    assert f"docarchive runs accept {outcome['run_id']}" in shown.out
    assert run("runs", "reject", outcome["run_id"], "--reason", "template changed").code == 0
    assert run("records", "--limit", "0").rows() == before
