"""As-of answers are those of a replay of the runs; a thousand of them are asked by `python -m bench history`."""

from __future__ import annotations

import pytest

from archive.archive import Archive
from bench.as_of import Life, lived, wrong_answers, wrong_lists


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    return lived(tmp_path_factory.mktemp("life"), runs=34, documents=8, seed=9)


def test_everything_happened(life: Life) -> None:
    events = {event for _, _, event in life.replay.ledger}
    assert events == {"published", "import", "held", "accepted", "rejected", "reread", "takedown"}


def test_any_moment_is_answered_as_the_runs_replayed_answer_it(life: Life) -> None:
    with Archive.open(life.archive.layout.root) as archive:
        assert list(wrong_answers(archive, life, 30)) == []
        assert list(wrong_lists(archive, life, 2)) == []


def test_a_wrong_answer_would_be_found(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life.replay, "runs", {run: entries[1:] for run, entries in life.replay.runs.items()})
    with Archive.open(life.archive.layout.root) as archive:
        assert any(wrong_lists(archive, life, 3))
