"""Which texts a site put words of its own into, and what they said before."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import durable
from archive.near_duplicates.garbage import is_garbage
from archive.near_duplicates.lexicon import BESIDE_2, Lexicon
from archive.near_duplicates.mangled import named_tables
from archive.near_duplicates.mangled_learning import KEPT_LEVELS, learned
from archive.near_duplicates.manglement import Judged, Manglement
from archive.near_duplicates.pairs import LEARNED, Pair, PairTable, seed_pairs
from archive.near_duplicates.restoration import LEVELS, Restored, Restorer, told
from archive.near_duplicates.word_counts import WordCounts
from archive.snapshot import mangled_rows
from docarchive import cli
from tests.naughty_strings import NAUGHTY
from tests.near_duplicates.making import Copied, original

SAMPLE = json.loads((Path(__file__).parents[1] / "pages/huiwen/sample/expected.json").read_text("utf-8"))
LEXICON = Lexicon(seed_pairs())
JUDGE = Manglement(LEXICON, WordCounts.none(LEXICON))
RESTORER = Restorer(JUDGE, JUDGE.counts)
CLEAN = "按照工作计划，全面提高服务水平，落实安全管理规定，提供基本公共服务，人员情况按时反馈。" * 3
TABLES = {
    table: {pair.original: pair.replacement for pair in seed_pairs().pairs if table in pair.tables}
    for table in ("A", "B", "C", "D")
}


def mangled(text: str, words: dict[str, str]) -> str:
    for word, replacement in words.items():
        text = text.replace(word, f"\0{replacement}\0")  # no word is made of two that were put in
    return text.replace("\0", "")


def judged(*texts: str, judge: Manglement = JUDGE) -> Judged:
    hits = judge.lexicon.find(texts, (*KEPT_LEVELS, BESIDE_2))
    return judge.likely_words(hits, np.arange(len(texts)), len(texts))[1]


def named(*texts: str) -> list[str | None]:
    return [None if at < 0 else LEXICON.tables[at] for at in named_tables(LEXICON, judged(*texts)).tolist()]


def restored(text: str, *copies: str, score: float = 1.0) -> Restored:
    return RESTORER.restored(told(LEXICON, text, copies), score)


def test_the_sample_is_of_table_a_and_says_again_what_it_said() -> None:
    text = SAMPLE["preview_text"]
    assert named(text, CLEAN) == ["A", None]
    scores = judged(text, CLEAN).scores
    assert scores[0] > 0.999
    assert scores[1] < 0.05
    made = restored(text)
    for wrong, right in (
        ("人口和方案生育工作", "人口和计划生育工作"),
        ("优质效劳、政策推动", "优质服务、政策推动"),
        ("科学开展观", "科学发展观"),
        ("率达20230%", "率达100%"),
        ("为20230:20234.86", "为100:104.86"),
        ("国优〞", "国优”"),
        ("仅202223年", "仅2010年"),
    ):
        assert wrong in text
        assert right in made.text
    assert "前2023位" in made.text
    assert all(span.restored is None and "10" in span.alternatives for span in made.spans if span.text == "2023")
    assert judged(made.text).scores[0] < 0.5


@pytest.mark.parametrize("table", sorted(TABLES))
def test_each_table_is_told_from_the_others(table: str) -> None:
    assert named(mangled(CLEAN, TABLES[table])) == [table]


def test_a_text_that_kept_many_originals_is_not_mangled() -> None:
    words = mangled(CLEAN, TABLES["A"])
    score, whole = judged(CLEAN * 8 + "他们开展活动，为人民效劳，标准已定。", words).scores
    assert score < 0.2
    assert whole > 0.99


def test_a_copy_with_the_originals_is_evidence() -> None:
    """In the text alone 运用 and 状况 say little; that a copy has 使用 and 情况 at the same places says much."""
    one = "本办法运用范围如下，报告现在的状况，然后再作说明，参与的人都要知道。"
    other = "本办法使用范围如下，报告现在的情况，然后再作说明，参加的人都要知道。"
    hits = LEXICON.find([one, other], (*KEPT_LEVELS, BESIDE_2))
    alone = JUDGE.likely_words(hits, np.array([0, 1]), 2)[1].scores
    together = JUDGE.likely_words(hits, np.array([0, 0]), 2)[1].scores
    assert together[0] > alone[0] + 0.2
    assert together[0] > 0.9
    assert together[1] <= alone[1] < 0.2


def test_what_stands_beside_words_is_learned_and_rows_that_no_site_uses_are_unlearned() -> None:
    r = random.Random(3)
    pairs = PairTable((*seed_pairs().pairs, Pair("质量", "品质", (LEARNED,), "")))
    lexicon = Lexicon(pairs)
    texts, groups = [], []
    words = ("提高质量，", "服务质量好，", "年度计划，", "基本情况，", "品质上乘，")
    for work in range(40):
        text = "".join(r.choice(words) for _ in range(30))
        text += original(r, 200)
        texts += [text, mangled(text, {"质量": "品质", "计划": "方案", "服务": "效劳"}), text]
        groups += [work] * 3
    hits = lexicon.find(texts, (*KEPT_LEVELS, BESIDE_2))
    judge = learned(lexicon, hits, np.array(groups), len(texts))
    scores = judge.likely_words(hits, np.array(groups), len(texts))[1].scores
    assert min(scores[1::3]) > 0.9 > 0.1 > max(scores[0::3])
    row = next(
        at
        for at, original_ in enumerate(lexicon.originals.tolist())
        if lexicon.words[original_] == "基本" and lexicon.in_table[0, at]
    )
    assert judge.in_force[0, row] < 0.2  # 基本 stayed wherever 计划 became 方案
    clean = lexicon.find(texts[0::3], LEVELS)
    counts = WordCounts.of(lexicon, clean, np.ones(len(clean)), LEVELS)
    restorer = Restorer(judge, counts)
    words = restorer.restored(told(lexicon, texts[1], []), 1.0).text
    assert words == texts[0]  # 品质上乘 stayed: only beside other words 品质 had been 质量


@pytest.mark.parametrize(
    ("text", "expected", "doubtful"),
    [
        pytest.param("到位率20230%，2023年", "到位率100%，2023年", ["2023"], id="a year may have been any, or 10"),
        pytest.param("共20234.86万元", "共104.86万元", [], id="in a longer number"),
        pytest.param("2023月5日，共20235元", "10月5日，共105元", [], id="no year has a month behind it"),
        pytest.param("仅202223年，率20230%", "仅2010年，率100%", [], id="2010, replaced twice"),
        pytest.param("20230%，其中10%", "20230%，其中10%", [], id="a 10 that stayed: no filter was here"),
        pytest.param("2023年，共20人", "2023年，共20人", [], id="nothing but a year"),
        pytest.param("20230415发文，20231022收文", "20230415发文，20231022收文", [], id="days"),
    ],
)
def test_numbers_by_rule(text: str, expected: str, doubtful: list[str]) -> None:
    made = restored(text, score=0.0)
    assert made.text == expected
    assert [span.text for span in made.spans if span.restored is None] == doubtful


def test_document_numbers_keep_their_brackets() -> None:
    assert restored("“通知〞〔试行〕见国办〔2019〕3号").text == "“通知”（试行）见国办〔2019〕3号"
    assert restored("国办〔2019〕3号〔试行〕").spans == ()


def test_a_clean_copy_tells_words_of_no_table_numbers_and_where_nothing_was_done() -> None:
    r = random.Random(8)
    clean = original(r, 900) + "质量第一，共10人到会，方案另发，增长100.5%。" + original(r, 300)
    text = clean.replace("质量", "品质").replace("计划", "方案").replace("10", "2023")
    made = restored("某某文库 " + text[:1100], clean)
    assert made.text == "某某文库 " + clean[: len(made.text) - 5]
    assert {span.source for span in made.spans} == {"copy"}
    other = clean.replace("100.5", "77.5")  # a real edit stays
    assert "77.5" in restored(other.replace("计划", "方案"), clean).text
    assert restored(clean, mangled(clean, TABLES["A"])).text == clean  # one that is mangled itself takes nothing away


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["效劳", "那么", "开展", "2023", "0", "月", "〞", "〔", "计划", "，", "a", "\U00020000"]))
)
def test_what_is_restored_lies_in_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    made = restored(text, "计划" + text.replace("效劳", "服务"))
    at, pieces = 0, []
    for span in made.spans:
        assert at <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        assert 0 <= span.confidence <= 1
        pieces += [text[at : span.start], span.text if span.restored is None else span.restored]
        at = span.end
    assert "".join([*pieces, text[at:]]) == made.text


def test_no_text_is_too_odd() -> None:
    judged(*NAUGHTY)
    for text in (*NAUGHTY, "则" * 20_000, "2023" * 5_000, "效劳" * 5_000, "\ud800效劳"):
        restored(text, text[::-1])
        is_garbage(text)


RANDOM = random.Random(11)
WORKS = [original(RANDOM, 500) + CLEAN for _ in range(6)]
TEXTS = {f"clean{n}": text for n, text in enumerate(WORKS)} | {
    "copy": mangled(WORKS[0], TABLES["A"]),
    "alone": mangled(original(RANDOM, 500) + CLEAN, TABLES["B"]),
    "short": "优质效劳",
    "garbage": "鍙戝睍瑙勫垝鎴戜滑" * 20,
}


NAMED = {"copy": "A", "alone": "B", "short": "A"}


def columns(made: Copied) -> dict[str, tuple[Any, ...]]:
    with made.written.open() as archive:
        rows = archive.query("SELECT doc_id, mangled_by, mangled_score, is_garbage FROM documents").to_list()
    return {row["doc_id"]: tuple(row.values())[1:] for row in rows}


def test_columns_are_there_once_copies_were_looked_for_and_only_of_what_was_looked_at(tmp_path: Path) -> None:
    made = Copied(tmp_path / "data")
    made.publish(TEXTS)
    assert set(columns(made).values()) == {(None, None, None)}
    made.catch_up()
    found = columns(made)
    assert {name: row[0] for name, row in found.items() if row[0]} == NAMED
    assert [name for name, row in found.items() if row[2]] == ["garbage"]
    assert found["copy"][1] > 0.99
    assert max(found[f"clean{n}"][1] for n in range(6)) < 0.1
    assert found["short"][1] < 0.98  # one word is no proof
    with made.written.open() as archive:
        rows = archive.records(where="mangled_score > 0.99 AND mangled_by = 'A'", fields="doc_id,mangled_by").to_list()
        assert [(row["doc_id"], row["mangled_by"]) for row in rows] == [("copy", "A")]
        (told_,) = archive.restored_rows([row for row in archive.records() if row["doc_id"] == "copy"])
        assert told_["restored_text"] == WORKS[0]
    # What changed since is not known to be mangled until it was looked at; the rest is not looked at again.
    made.publish({"clean1": mangled(WORKS[1], TABLES["A"]), "new": CLEAN * 2})
    after = columns(made)
    assert after.pop("clean1") == after.pop("new") == (None, None, None)
    assert after == {name: row for name, row in found.items() if name != "clean1"}
    made.catch_up()
    assert columns(made)["clean1"][0] == "A"
    assert columns(made)["new"][0] is None
    # Derived: deleted it is gone, and made again.
    before = columns(made)
    shutil.rmtree(made.folder / "index" / "duplicates")
    assert set(columns(made).values()) == {(None, None, None)}
    made.rebuild()
    assert {name: row[0] for name, row in columns(made).items()} == {name: row[0] for name, row in before.items()}


def test_killed_while_it_writes_nothing_is_half_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mangled_rows, "BUCKET", 4)
    made = Copied(tmp_path / "data")
    made.publish(TEXTS)

    class Killed(BaseException):
        pass

    left = [2]

    def hook(operation: str, _subject: object) -> None:
        if operation == "duplicates-mangled":
            left[0] -= 1
            if not left[0]:
                raise Killed

    monkeypatch.setattr(durable, "fault_hook", hook)
    with pytest.raises(Killed):
        made.catch_up()
    monkeypatch.setattr(durable, "fault_hook", None)
    made.catch_up()
    found = columns(made)
    assert all(row[1] is not None for row in found.values())
    assert {name: row[0] for name, row in found.items() if row[0]} == NAMED
    folder = mangled_rows.folder_in_use(made.written.layout)
    assert folder is not None
    assert len(list(folder.glob("*.parquet"))) == len(mangled_rows.bucket_files(folder)) == 3
    next(folder.glob("*.parquet")).write_bytes(b"PAR1")
    assert set(columns(made).values()) == {(None, None, None)}  # damaged: not known, and no question fails


def test_the_verbs_show_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"site": "s", "doc_id": name, "title": name, "preview_text": text}
        for name, text in {
            "clean": WORKS[0] + "增长100%。",
            "copy": mangled(WORKS[0], TABLES["A"]) + "增长20230%。",
        }.items()
    ]
    (tmp_path / "two.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    where = ("--archive", str(tmp_path / "data"))

    def out(*words: str) -> str:
        capsys.readouterr()
        assert cli.run([*words, *where]) == 0
        return capsys.readouterr().out

    out("import", str(tmp_path / "two.jsonl"))
    made = json.loads(out("show", "s", "copy", "--restored", "--json"))
    assert made["restored_text"] == rows[0]["preview_text"]
    assert (made["mangled_by"], made["spans"][0]["source"]) == ("A", "copy")
    assert "20230 -> 100  1 times, by copy" in out("show", "s", "copy", "--restored")
    assert "by table A" in out("show", "s", "copy")
    assert json.loads(out("show", "s", "copy", "--json"))["preview_text"] == rows[1]["preview_text"]
    assert "not known to be mangled" in out("show", "s/clean", "--restored")
    shown = json.loads(out("duplicates", "show", "s", "clean", "--json"))
    assert [member["mangled_by"] for member in shown["members"]] == [None, "A"]
    assert cli.run(["show", "s", "copy", "--restored", "--source", *where]) == 2
