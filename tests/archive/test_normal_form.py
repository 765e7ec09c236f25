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
