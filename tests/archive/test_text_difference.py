"""What changed in a text: the segments make either text, and read as words."""

from __future__ import annotations

import random
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archive.words.text_difference as text_difference_module
from archive.words.text_difference import PARAGRAPHS, WORDS, TextDifference, text_difference


def marked(old: str, new: str) -> str:
    """Return the difference as wdiff writes it."""
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(marks[s.op].format(s.text) for s in text_difference(old, new).segments)


def check(old: str, new: str) -> TextDifference:
    found = text_difference(old, new)
    assert "".join(s.text for s in found.segments if s.op != "insert") == old
    assert "".join(s.text for s in found.segments if s.op != "delete") == new
    assert all(s.text for s in found.segments)
    for before, after in zip(found.segments, found.segments[1:], strict=False):
        assert (before.op, after.op) not in {(op, op) for op in ("equal", "delete", "insert")} | {("insert", "delete")}
    return found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("", "", "", id="nothing"),
        pytest.param("甲", "", "[-甲-]", id="gone"),
        pytest.param("", "甲", "{+甲+}", id="new"),
        pytest.param("全年共3次", "全年共13次", "全年共[-3-]{+13+}次", id="digits are one"),
        pytest.param("the red house", "the read house", "the [-red-]{+read+} house", id="a word is one"),
        pytest.param("计划生育的工作", "乡村振兴的工作", "[-计划生育-]{+乡村振兴+}的工作", id="phrase"),
        pytest.param("我县人口增加较快", "我市人数减少较快", "我[-县人口增加-]{+市人数减少+}较快", id="islands join"),
        pytest.param("一、甲。\n二、乙。\n", "一、甲。\n新。\n二、乙。\n", "一、甲。\n{+新。\n+}二、乙。\n", id="line"),
        pytest.param("张三，李四，王五", "张三，赵六，李四，王五", "张三，{+赵六，+}李四，王五", id="slides"),
        pytest.param("她来了。他走了。", "她来了。她来了。他走了。", "{+她来了。+}她来了。他走了。", id="doubled"),
        pytest.param("size 10 KB", "size 12 KB", "size [-10-]{+12+} KB", id="spaces stay"),
    ],
)
def test_a_change_reads_as_words_and_phrases(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected
    assert check(old, new).level == WORDS


texts = st.text(alphabet="甲乙丙，。 \nab1", max_size=60)


@settings(max_examples=300, deadline=None)
@given(texts, texts)
def test_segments_make_either_text(old: str, new: str) -> None:
    assert check(old, new).level == WORDS
    assert [s.op for s in check(old, old).segments] in ([], ["equal"])


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.lists(st.tuples(st.integers(0, 400), st.text(max_size=5))))
def test_any_characters_and_many_small_edits(old: str, other: str, edits: list[tuple[int, str]]) -> None:
    check(old, other)
    new = old
    for place, text in edits:
        new = new[:place] + text + new[place + len(text) // 2 :]
    check(old, new)


def test_a_small_change_of_a_long_text_is_a_small_change() -> None:
    """Also where it is one paragraph: each edit stays what it is."""
    signs = "".join(chr(0x4E00 + number) for number in range(3000))
    rng = random.Random(1)
    old = "".join(rng.choice(signs) for _ in range(100_000))
    new = old[:1000] + "新的一句话" + old[1000:50_000] + old[50_010:90_000] + "尾" + old[90_001:]
    found = check(old, new)
    assert found.level == WORDS
    assert sum(len(s.text) for s in found.segments if s.op != "equal") <= 20


LONG = 1_000_000


def hostile(name: str, length: int) -> tuple[str, str]:
    rng = random.Random(3)
    if name == "periodic":
        return "ab，" * (length // 3), "b，a" * (length // 3)
    if name == "lines":
        return "\n" * length, "甲\n" * (length // 2)
    if name == "two signs":
        return tuple("".join(rng.choices("甲乙", k=length)) for _ in range(2))  # type: ignore[return-value]
    return "甲乙。" * (length // 3), "丙丁，" * (length // 3)


@pytest.mark.parametrize(
    ("length", "most_seconds"), [(LONG // 5, 6), pytest.param(LONG, 30, marks=pytest.mark.long)], ids=str
)
@pytest.mark.parametrize("name", ["periodic", "lines", "two signs", "nothing in common"])
def test_a_hostile_text_costs_no_more_than_its_length(name: str, length: int, most_seconds: int) -> None:
    old, new = hostile(name, length)
    began = time.process_time()
    found = check(old, new)
    assert time.process_time() - began < most_seconds, "a million characters take one to three seconds"
    assert found.level in (WORDS, PARAGRAPHS)


def test_where_it_gives_up_it_says_so() -> None:
    rng = random.Random(2)
    old, new = ("".join(rng.choices("甲乙丙丁", k=40_000)) for _ in range(2))
    same = "这一段没有变。\n"
    found = check(same + old + "\n" + same, same + new + "\n" + same)
    assert found.level == PARAGRAPHS
    assert [s.op for s in found.segments if len(s.text) > 8000] == ["delete", "insert"]
    assert found.segments[0].text.startswith(same)


def test_memory_grows_with_the_length_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_difference_module, "MAX_STEPS", 10_000)  # measured, each takes long
    old, new = hostile("two signs", 50_000)
    tracemalloc.start()
    text_difference(old, new)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
