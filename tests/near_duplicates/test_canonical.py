"""What two copies of a text have in common is the same array of codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.near_duplicates.canonical import HASH, Canonicalizer
from archive.near_duplicates.pairs import Pair, PairTable, seed_pairs

CANONICALIZER = Canonicalizer(seed_pairs())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("优质服务,安全第一。", "优质效劳，平安 第一", id="words that stand for each other"),
        pytest.param("坚持原则", "坚持原那么", id="a word of one character inside another"),
        pytest.param("全年100项（其中5项）", "全年２０２３０项〔其中 7项〕", id="digits, widths, brackets"),
        pytest.param("發展規劃", "发展规划", id="traditional script"),
        pytest.param("發(fā)展規(guī)劃", "发展规划", id="readings in brackets"),
        pytest.param("第一段\n- 3 -\n第二段 第 2 页 共 9 页", "第一段第二段", id="page numbers"),
        pytest.param("1 0 0 元", "100元", id="digits with space between"),
        pytest.param("ＰＤＦ文件", "pdf文件", id="width and case"),
    ],
)
def test_copies_are_the_same(one: str, other: str) -> None:
    assert CANONICALIZER.canonical(one).codes.tolist() == CANONICALIZER.canonical(other).codes.tolist()


def test_numbers_keep_their_digits() -> None:
    text = CANONICALIZER.canonical("共104.86万元，第3名")
    assert text.numbers == ("104", "86", "3")
    assert [text.codes[at] for at in text.number_positions] == [HASH] * 3


def test_words_that_overlap_are_read_from_the_left() -> None:
    table = Canonicalizer(PairTable((Pair("甲乙", "一二", (), ""), Pair("乙丙", "三四", (), ""))))
    assert table.canonical("甲乙丙").codes.tolist() == table.canonical("一二丙").codes.tolist()
    assert table.canonical("甲乙丙").codes.tolist() != table.canonical("甲三四").codes.tolist()


@given(st.text())
def test_any_text_has_a_canonical_form_without_what_is_dropped(text: str) -> None:
    found = CANONICALIZER.canonical(text)
    assert len(found.numbers) == len(found.number_positions)
    assert (found.codes > 1).all()
    assert CANONICALIZER.canonical(f" \u3000{text}\n").codes.tolist() == found.codes.tolist()


def test_pairs_name_their_table_and_evidence() -> None:
    pairs = seed_pairs().pairs
    assert len(pairs) == 35
    assert all(pair.tables and pair.evidence and pair.original != pair.replacement for pair in pairs)
    assert PairTable(pairs[::-1]).version == seed_pairs().version != PairTable(pairs[1:]).version
