"""The evidence of a pair of texts depends on the two alone."""

from __future__ import annotations

from itertools import permutations

from archive.near_duplicates.canonical import Canonicalizer
from archive.near_duplicates.pairs import seed_pairs
from archive.near_duplicates.verification import Prepared, compare
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
