"""Ids of works stay with their documents, and no two works have the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.near_duplicates.work_ids import ASSIGNED, MERGED, SPLIT, Change, Member, changes


def member(number: int, work_id: str | None = None) -> Member:
    own = f"s/{number}"
    return Member("s", str(number), (number, 0, "s", str(number)), work_id or own)


def nobody(work_id: str) -> bool:
    return False


def told(found: list[Change]) -> dict[str, tuple[str, str]]:
    return {change.doc_id: (change.work_id, change.kind) for change in found}


def test_the_earliest_gives_its_id() -> None:
    assert told(changes([[member(3), member(1), member(2)]], nobody)) == {
        "2": ("s/1", ASSIGNED),
        "3": ("s/1", ASSIGNED),
    }


def test_one_that_comes_later_joins_under_the_id_that_is_there() -> None:
    assert told(changes([[member(1, "s/2"), member(2), member(3)]], nobody)) == {"3": ("s/2", ASSIGNED)}


def test_of_two_works_that_become_one_the_older_gives_its_id() -> None:
    found = changes([[member(1), member(4, "s/1"), member(2), member(3, "s/2")]], nobody)
    assert told(found) == {"2": ("s/1", MERGED), "3": ("s/1", MERGED)}


def test_the_larger_part_of_a_work_keeps_the_id() -> None:
    parts = [[member(1)], [member(2, "s/1"), member(3, "s/1")]]
    assert told(changes(parts, nobody)) == {"1": ("s/1~2", SPLIT)}
    parts = [[member(1), member(3, "s/1")], [member(2, "s/1"), member(4, "s/1")]]
    assert told(changes(parts, nobody)) == {"2": ("s/2", SPLIT), "4": ("s/2", SPLIT)}


def test_an_id_that_others_have_is_not_given_again() -> None:
    assert told(changes([[member(1), member(2)]], {"s/1", "s/2"}.__contains__)) == {
        "1": ("s/1~2", ASSIGNED),
        "2": ("s/1~2", ASSIGNED),
    }


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=10))
def test_each_work_has_one_id_of_its_own(placed: list[tuple[int, int]]) -> None:
    groups: dict[int, list[Member]] = {}
    for number, (cluster, before) in enumerate(placed):
        groups.setdefault(cluster, []).append(member(number, f"s/{before}"))
    work_of = {m.doc_id: m.work_id for group in groups.values() for m in group}
    found = changes(groups.values(), nobody)
    work_of.update({change.doc_id: change.work_id for change in found})
    ids = [{work_of[m.doc_id] for m in group} for group in groups.values()]
    assert all(len(of_group) == 1 for of_group in ids)
    assert len(set.union(*ids)) == len(groups)
    again = [[Member(m.site, m.doc_id, m.age, work_of[m.doc_id]) for m in group] for group in groups.values()]
    assert changes(again, nobody) == []
