"""NFKC made quick is NFKC."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from archive.normal_form import nfkc

CHINESE = st.text("计划生育，：；！？（）％．／－～…\u3000\xa0 ①㎡ＰＤＦ２ﬁ가\u0338\u0301\u3099=<a", max_size=30)


@given(st.one_of(CHINESE, st.text()))
def test_it_is_nfkc(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


def test_marks_without_end_are_put_in_order_in_parts() -> None:
    """A run of 200,000 would take half a minute: each is moved past all that stand before it."""
    text = "a" + "\u0301\u0316" * 100_000
    found = nfkc(text)
    assert found.replace("\u034f", "").count("\u0316") == 100_000
    assert max(map(len, found.split("\u034f"))) <= 31


def test_a_long_text_is_nfkc() -> None:
    text = "汉字，e\u0301\u0316（ＰＤＦ）" * 500
    assert nfkc(text) == unicodedata.normalize("NFKC", text)
