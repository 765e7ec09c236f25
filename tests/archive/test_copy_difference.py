"""How two copies differ, each difference with its kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.words.copy_difference import EDITED, FORM, LONGEST, RENUMBERED, REPLACED, SAME, copy_difference

PAIRS = [("服务", "效劳"), ("计划", "方案"), ("基本", "根本"), ("则", "那么")]
texts = st.text(
    st.sampled_from("服务计划方案效劳基本根则那么甲乙12 30\n，。ＡaＢ２０㎏e\u0301\ue000\U000f0000"), max_size=30
)


def kinds(old: str, new: str) -> list[tuple[str, str, str]]:
    return [(piece.kind, piece.old, piece.new) for piece in copy_difference(old, new, PAIRS) if piece.kind != SAME]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("基本服务", "根本效劳", [(REPLACED, "基本", "根本"), (REPLACED, "服务", "效劳")], id="words"),
        pytest.param("原则上", "原那么上", [(REPLACED, "则", "那么")], id="inside a word, longer"),
        pytest.param("共100项", "共20230项", [(RENUMBERED, "100", "20230")], id="a number"),
        pytest.param("共100项", "共１００项", [(FORM, "100", "１００")], id="a number, only wider"),
        pytest.param("共100项", "共101项", [(EDITED, "100", "101")], id="another number"),
        pytest.param("甲,乙", "甲， 乙", [(FORM, ",", "， ")], id="punctuation and space"),
        pytest.param("發展", "发展", [(FORM, "發", "发")], id="script"),
        pytest.param("工作办法", "工作方式", [(EDITED, "办法", "方式")], id="an edit"),
        pytest.param("服务甲方", "效劳乙方", [(REPLACED, "服务", "效劳"), (EDITED, "甲", "乙")], id="both, touching"),
        pytest.param("", "新", [(EDITED, "", "新")], id="nothing before"),
    ],
)
def test_kinds_of_differences(old: str, new: str, expected: list[tuple[str, str, str]]) -> None:
    assert kinds(old, new) == expected


@given(texts, texts)
def test_nothing_of_either_text_is_lost(old: str, new: str) -> None:
    pieces = copy_difference(old, new, PAIRS)
    assert "".join(piece.old for piece in pieces) == old
    assert "".join(piece.new for piece in pieces) == new
    assert all((piece.kind == SAME) == (piece.old == piece.new) for piece in pieces)


@pytest.mark.parametrize("unit", ["甲", "1", "服务", " ", "e\u0301", "a\n"])
def test_long_texts_take_bounded_time(unit: str) -> None:
    pieces = copy_difference(unit * 500_000, unit * 400_000 + "乙", PAIRS)
    assert sum(len(piece.old) for piece in pieces) == LONGEST
