"""Documents that come later: whose texts are read again for them, and who is judged again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archive.clock import ManualClock
from archive.maintenance import maintain
from archive.near_duplicates import known_texts, mangled
from archive.near_duplicates.known_texts import KnownTexts
from tests.archive.conftest import START
from tests.near_duplicates.making import Copied, copies

RUNS = 8
"""Enough files of one table for maintenance to make them one."""


@pytest.fixture
def grown(tmp_path: Path) -> Copied:
    """One copy of a work a run."""
    made = Copied(tmp_path / "data")
    texts = [each.text for each in copies(3) if each.work == 0][:4]
    for number in range(RUNS):
        made.publish({f"copy{number}": texts[number % 4] + "。" * number, f"other{number}": copies(9 + number)[0].text})
    made.catch_up()
    return made


def test_texts_are_read_from_where_they_were_seen_and_found_again_where_files_became_one(
    grown: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_anew: list[int] = []
    find = KnownTexts._found_anew

    def noted(known: KnownTexts, documents: list[known_texts.Document]) -> known_texts.Lying:
        found_anew.append(len(documents))
        return find(known, documents)

    monkeypatch.setattr(KnownTexts, "_found_anew", noted)
    later = [each.text for each in copies(3) if each.work == 0]
    grown.publish({"later": later[4]})
    grown.catch_up()
    assert not found_anew
    done = maintain.maintain(grown.written.layout, ManualClock(START + timedelta(days=90)))
    assert done.compacted["versions"]
    grown._follow_ledger()
    grown.publish({"last": later[5]})
    grown.catch_up()
    assert found_anew
    found_anew.clear()
    grown.publish({"after": later[5] + "后"})
    grown.catch_up()
    assert not found_anew  # where they lie now was noted
    (work,) = [group for group in grown.clusters if "last" in group]
    assert work == {"later", "last", "after", *(f"copy{number}" for number in range(RUNS))}
    before = grown.clusters
    grown.rebuild()
    assert grown.clusters == before


def test_a_copy_is_judged_again_when_its_work_has_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []

    def noted(*arguments: object) -> int:
        judged.append(mangled_assess(*arguments))  # type: ignore[arg-type]
        return judged[-1]

    mangled_assess = mangled.assess
    monkeypatch.setattr(mangled, "assess", noted)
    monkeypatch.setattr(mangled, "GROWN", 1_000)
    made = Copied(tmp_path / "data")
    text = copies(3)[0].text
    for number in range(5):
        made.publish({f"copy{number}": text + "。" * number})
        made.catch_up()
    # Alone; both of two; the third; all but the third, which was one of three; the fifth.
    assert judged == [1, 2, 1, 3, 1]
    made.publish({"copy0": copies(4)[3].text})
    made.catch_up()
    assert judged[-1] == 1  # another text; the work that it left has nearly as many copies as before
