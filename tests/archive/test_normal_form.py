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


@given(st.text("汉字，é\u0301\u0316\u0338 ", min_size=2049, max_size=2100))
def test_a_long_text_with_few_marks_is_nfkc(text: str) -> None:
    short = text.replace("\u0301\u0301", "\u0301").replace("\u0316\u0316", "\u0316")
    if "\u034f" not in nfkc(short):
        assert nfkc(short) == unicodedata.normalize("NFKC", short)
