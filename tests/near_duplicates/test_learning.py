"""Words that recur as the only difference between copies are pairs; what does not recur is not."""

from __future__ import annotations

import random

from archive.near_duplicates.canonical import Canonicalizer
from archive.near_duplicates.learning import Copy, Learner
from archive.near_duplicates.pairs import LEARNED, PairTable, seed_pairs
from archive.near_duplicates.verification import Prepared
from tests.near_duplicates.making import original

CANONICALIZER = Canonicalizer(PairTable(()))
HIDDEN = (("质量", "品质"), ("特点", "特色"), ("须要", "需要"))


def learner(works: int) -> Learner:
    random_ = random.Random(3)
    made = Learner(seed_pairs())
    for work in range(works):
        text = original(random_).replace("计划服务", "计划好服务")
        text = (
            text.replace("的", "的质量").replace("是", "是特点").replace("要", "须要") + f"张{chr(0x5000 + work)}同志长"
        )
        mangled = text.replace("计划", "方案").replace("服务", "效劳")
        for one, other in HIDDEN:
            mangled = mangled.replace(one, other)
        other_name = mangled.replace("同志", "先生") if work == 0 else mangled
        copies = [("s1", text), (f"s{work % 4 + 2}", mangled), (f"s{work % 3 + 6}", other_name)]
        made.add_work([Copy(site, Prepared(CANONICALIZER.canonical(each))) for site, each in copies])
    return made


def test_hidden_pairs_are_learned_in_their_direction() -> None:
    learned = learner(works=8).learned()
    assert {(pair.original, pair.replacement) for pair in learned} == set(HIDDEN)
    assert all(pair.tables == (LEARNED,) and " works on " in pair.evidence for pair in learned)


def test_what_a_few_works_show_is_not_learned() -> None:
    assert learner(works=3).learned() == []
