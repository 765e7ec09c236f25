"""Formulas in text are made harmless, and can be had back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.export import guarded, unguarded
from tests.naughty_strings import NAUGHTY

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@given(st.one_of(st.text(), st.text(alphabet="'=+-@\t\r\n＝a")))
def test_any_text_comes_back(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    assert not cell.startswith(DANGEROUS)


@pytest.mark.parametrize("text", ["'", "''", "'=1", "=cmd|' /C calc'!A0", "\t=1", "＝1", ""])
def test_texts_that_begin_oddly(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_naughty_strings_come_back() -> None:
    assert [unguarded(guarded(text)) for text in NAUGHTY] == list(NAUGHTY)
