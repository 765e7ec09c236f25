"""What the words of a search ask for, held against the same expression in plain Python."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from archive.words.text_query import DEEPEST, parse_text_query

LETTERS = "abcd"

Written = tuple[str, str]
"""An expression as it is searched for, and as Python decides it over the set `has`."""


def _several(parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    """Return expressions of several: OR binds closer than AND, so each side of an OR is a word or in parentheses."""
    grouped = parts.map(lambda p: (f"({p[0]})" if " " in p[0] else p[0], f"({p[1]})"))
    negated = grouped.map(lambda p: (f"-{p[0]}", f"(not {p[1]})") if not p[0].startswith("-") else p)
    sides = st.lists(negated, min_size=2, max_size=3)
    return st.one_of(
        *(
            sides.map(lambda found, way=way, word=word: (way.join(p[0] for p in found), word.join(p[1] for p in found)))  # type: ignore[misc]
            for way, word in ((" ", " and "), (" AND ", " and "), (" OR ", " or "))
        )
    )


EXPRESSIONS = st.recursive(st.sampled_from([(c, f"({c!r} in has)") for c in LETTERS]), _several, max_leaves=8)


@given(EXPRESSIONS)
def test_every_combination_is_answered_as_python_answers_it(written: Written) -> None:
    query = parse_text_query(written[0])
    for number in range(2 ** len(LETTERS)):
        has = {letter for bit, letter in enumerate(LETTERS) if number >> bit & 1}
        assert query.matches(["".join(has)]) == eval(written[1], {"has": has}), written


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("甲 AND 乙", [["甲"], ["乙"]]),
        ("甲 AND", [["甲"]]),
        ('甲 "AND"', [["甲"], ["AND"]]),
        ("甲 -AND", [["甲"], ["AND"]]),
        ("(2023)15号", [["(2023)15号"]]),
        ("(试行)", [["(试行)"]]),
        ("甲) 乙", [["甲)"], ["乙"]]),
        ("（甲 乙）", [["（甲"], ["乙）"]]),
        ('("甲 乙" OR 丙) 丁', [["甲 乙", "丙"], ["丁"]]),
    ],
)
def test_what_is_an_operator_and_what_a_word(text: str, groups: list[list[str]]) -> None:
    assert [[term.written for term in group] for group in parse_text_query(text).groups] == groups


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"长效 管理', "quotation mark is not closed"),
        ("(甲 OR 乙", "parenthesis is not closed"),
        ("AND", "no word to search for"),
        ("OR AND", "no word to search for"),
        ("(" * (DEEPEST + 1) + "a b" + ")" * (DEEPEST + 1), "deep in each other"),
        ("(" * 100_000, "deep in each other"),
        (" OR ".join(f"(a{n} b{n})" for n in range(40)), "too much"),
    ],
)
def test_what_cannot_be_meant_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse_text_query(text)


def test_many_alternatives_are_no_more_than_they_are() -> None:
    assert len(parse_text_query(" OR ".join(f"a{n}" for n in range(20_000))).groups[0]) == 20_000
