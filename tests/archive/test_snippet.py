"""Where the words of a search stand in texts as they are written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.words.folding import fold
from archive.words.snippet import _Folded, marked, snippet
from archive.words.text_query import parse_text_query
from tests.naughty_strings import NAUGHTY

TEXTS = st.text(max_size=40) | st.text(
    alphabet="甲乙aAＡé\u0301\u0316각ᄀ\u1161\u11a8ｶﾞカ\u3099…㎏ﬁßΐ\u0345𠀀 \n。", max_size=30
)


def hits(text: str, query: str) -> list[str]:
    return [piece.text for piece in marked(text, parse_text_query(query)) if piece.hit]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        pytest.param("全市计生长效机制", "计生 长效", ["计生长效"], id="neighbours are one"),
        pytest.param("ＰＤＦ文档与pdf", "PDF", ["ＰＤＦ", "pdf"], id="width and case"),
        pytest.param("重㎏重", "kg", ["㎏"], id="one character that is two"),
        pytest.param("重㎏重", "g", ["㎏"], id="half of a character is all of it"),
        pytest.param("caf\u0065\u0301s", "café", ["cafe\u0301"], id="a letter and its mark"),
        pytest.param("ｶﾞス", "ガス", ["ｶﾞス"], id="half-width kana"),
        pytest.param("Straße…STRASSE", "strasse", ["Straße", "STRASSE"], id="more letters than written"),
        pytest.param("甲…乙…丙", "丙", ["丙"], id="behind what became longer"),
        pytest.param("계획 각서", "각서", ["각서"], id="Korean"),
        pytest.param("草案在此", "在此 -草案", ["在此"], id="what is not wanted is not marked"),
        pytest.param("abab", "aba bab", ["abab"], id="overlapping"),
    ],
)
def test_hits(text: str, query: str, found: list[str]) -> None:
    assert hits(text, query) == found


@settings(max_examples=60)
@given(TEXTS)
def test_folding_by_clusters_is_folding(text: str) -> None:
    assert _Folded(text).text == fold(text)


@settings(max_examples=60)
@given(TEXTS, st.data())
def test_pieces_are_the_text_and_hits_hold_the_word(text: str, data: st.DataObject) -> None:
    folded = fold(text).replace("\n", " ")
    start = data.draw(st.integers(0, len(folded)))
    word = folded[start : start + data.draw(st.integers(1, 5))].replace('"', "").replace("＂", "").strip()
    if not word or fold(word).strip() != word:
        return
    query = parse_text_query(f'"{word}"')
    pieces = marked(text, query)
    assert "".join(piece.text for piece in pieces) == text
    if word in fold(text):
        assert any(piece.hit for piece in pieces)
    assert all(word in fold(piece.text) for piece in pieces if piece.hit)
    shown = snippet(text, query, 12)
    assert shown.text in text
    assert len(shown.text) <= 12


def test_a_snippet_shows_most_of_the_words_there_are() -> None:
    text = "计生。" + "一" * 300 + "前一句。此处计生与长效同在，" + "二" * 300
    shown = snippet(text, parse_text_query("计生 长效"), 40)
    assert shown.text.startswith("此处计生与长效同在")
    assert [piece.text for piece in shown.pieces if piece.hit] == ["计生", "长效"]
    assert shown.cut_before
    assert shown.cut_after


def test_without_a_hit_the_beginning_is_shown() -> None:
    shown = snippet("\n\n 开头。" + "一" * 300, parse_text_query("标题词"), 20)
    assert shown.text.startswith("开头。")
    assert not shown.cut_before
    assert snippet("", None).pieces == ()


def test_naughty_strings_come_back_as_written() -> None:
    for text in NAUGHTY:
        assert "".join(piece.text for piece in marked(text, parse_text_query("a"))) == text


@pytest.mark.parametrize(
    ("text", "query"),
    [
        pytest.param("a" * 300_000, "a aa aaa", id="hits everywhere"),
        pytest.param("a" + "\u0301\u0316" * 200_000, "á", id="marks out of order"),
        pytest.param("…" * 200_000, ".", id="every character becomes three"),
        pytest.param("각" * 100_000, "각", id="Korean"),
        pytest.param("\ufdfa" * 100_000, "الله", id="one character becomes eighteen"),
        pytest.param("計\n" * 200_000, "計", id="lines"),
    ],
)
def test_a_hostile_text_takes_time_as_it_is_long(text: str, query: str) -> None:
    """Ten times the text takes ten times the time, not a hundred."""

    def seconds(part: str) -> float:
        begun = time.process_time()
        marked(part, parse_text_query(query))
        return time.process_time() - begun

    short = min(seconds(text[: len(text) // 10]) for _ in range(2))
    assert seconds(text) < 40 * max(short, 0.01)
