"""The evidence of a pair of texts depends on the two alone."""

from __future__ import annotations

from itertools import permutations

from archive.near_duplicates.canonical import Canonicalizer
from archive.near_duplicates.pairs import seed_pairs
from archive.near_duplicates.verification import Evidence, Prepared, compare
from archive.near_duplicates.weight import weight
from tests.near_duplicates.making import copies


def test_it_does_not_matter_which_text_comes_first() -> None:
    canonicalizer = Canonicalizer(seed_pairs())
    made = copies(seed=5, works=2)
    texts = [Prepared(canonicalizer.canonical(copy.text)) for copy in made]
    for one, other in permutations(range(len(texts)), 2):
        assert compare(texts[one], texts[other]) == compare(texts[other], texts[one])
        same_work = made[one].work == made[other].work
        pull = weight(compare(texts[one], texts[other]))
        assert pull > 0 if same_work else pull <= 0, (one, other)


def pull_of(one: str, other: str) -> int:
    canonicalizer = Canonicalizer(seed_pairs())
    return weight(compare(*(Prepared(canonicalizer.canonical(text)) for text in (one, other))))


WORDS = [copies(seed=11 + n)[0].text.replace("共", "") for n in range(2)]
STOCK = WORDS[0].split("。")


def with_figures(start: int, lines: list[str] = STOCK, text: str = "共{}项") -> str:
    """*lines* with a figure in each, which no other *start* has."""
    return "。".join(line + text.format(start + 37 * n) for n, line in enumerate(lines))


def test_figures_that_stand_nowhere_else_tell_a_sibling_from_a_copy() -> None:
    assert pull_of(with_figures(1000), with_figures(1000)[:-200]) > 0
    assert pull_of(with_figures(1000), with_figures(5001)) < 0


def test_a_cut_through_a_number_is_no_conflict() -> None:
    text = "。".join(STOCK[:8]) + "共4567项" + "。".join(STOCK[8:])
    cut = text[: text.index("4567") + 2]
    assert compare_of(text, cut).number_conflicts == 0
    assert pull_of(text, cut) > 0


def compare_of(one: str, other: str) -> Evidence:
    canonicalizer = Canonicalizer(seed_pairs())
    evidence = compare(*(Prepared(canonicalizer.canonical(text)) for text in (one, other)))
    assert evidence is not None
    return evidence


def test_another_year_in_the_head_weighs_nothing_beside_figures_that_agree() -> None:
    body = with_figures(1000)
    assert pull_of("2011年的总结。" + body, "2014年的总结。" + body) > 0
    bare = "。".join(STOCK[:6])
    assert pull_of("2011年的总结。" + bare, "2014年的总结。" + bare) < 0


def test_a_beginning_that_was_moved_is_no_other_beginning() -> None:
    """Two texts of one template begin otherwise as well, but with what the other has nowhere."""
    other = WORDS[1].split("。")[:8]
    moved = compare_of("。".join([*STOCK[:7], *STOCK[7:]]), "。".join([*STOCK[7:], *STOCK[:7]]))
    assert (moved.left, moved.right) == (0, 0)
    assert compare_of("。".join([*other[:4], *STOCK]), "。".join([*other[4:], *STOCK])).left > 30
