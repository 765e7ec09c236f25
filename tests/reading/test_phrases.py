"""Phrases: the signs are of each match, so that the look for them loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.reading import extent, preview, tags, unlabelled, values, vocabulary
from crawler.reading.phrases import Phrases

ALL = {
    f"{module.__name__}.{name}": phrases
    for module in (extent, preview, tags, unlabelled, values, vocabulary)
    for name, phrases in vars(module).items()
    if isinstance(phrases, Phrases)
}
LETTERS = st.characters(exclude_characters="İıſ\u212a", exclude_categories=["Cs"])
"""Without the four that expressions take for i, s and k, and `lower` does not."""


@pytest.mark.parametrize("texts", [40, pytest.param(400, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ALL)
def test_what_an_expression_matches_has_a_sign(name: str, texts: int) -> None:
    phrases = ALL[name]

    # The longest expressions take some 0.1 s to make a text for, and more on a busy machine.
    @settings(max_examples=texts, suppress_health_check=[HealthCheck.too_slow])
    @given(st.from_regex(phrases.pattern, fullmatch=True, alphabet=LETTERS))
    def has_a_sign(text: str) -> None:
        assert phrases.search(text) is not None

    has_a_sign()


def test_a_sign_alone_is_no_match() -> None:
    assert vocabulary.GONE.search("这是删除线的用法") is None
    assert vocabulary.GONE.search("该文档已被删除") is not None
