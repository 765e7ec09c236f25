"""Documents with their copies, and siblings from one template: a folder of JSON lines, or made here.

`docs.jsonl` has `id`, `site`, `title`, `text`; `truth.jsonl` has `id`, `base` (the same for copies of one work), `cls`
(`orig`, or what was done to the copy) and `family`.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SYLLABLES = "工作单位管理部门年度计划服务群众发展经济基本建设安全生产教育培训技术项目质量检查会议制度责任目标措施"
WORDS = (("计划", "方案"), ("服务", "效劳"), ("发展", "开展"), ("基本", "根本"), ("安全", "平安"), ("管理", "治理"))
UNKNOWN_WORDS = (("质量", "品质"), ("措施", "举措"), ("目标", "指标"))
"""Not in the table that is compared under: more pairs exist than are known."""


@dataclass(frozen=True)
class Made:
    """A document of the benchmark."""

    number: int
    site: str
    title: str
    text: str
    base: str
    kind: str
    family: str


def read(folder: Path) -> list[Made]:
    """Return the documents of a folder."""
    truth = {row["id"]: row for row in _rows(folder / "truth.jsonl")}
    return [
        Made(
            row["id"],
            row["site"],
            row["title"],
            row["text"],
            str(truth[row["id"]]["base"]),
            truth[row["id"]]["cls"],
            truth[row["id"]]["family"],
        )
        for row in _rows(folder / "docs.jsonl")
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def make(documents: int, seed: int) -> list[Made]:
    """Return about *documents* documents: seven of each work, two thirds of the works in families of one template."""
    r = random.Random(seed)
    made: list[tuple[str, str, str, str, str]] = []
    work = 0
    while len(made) < documents:
        family = ("prose", "form", "report")[work % 3]
        for title, text in _family(family, r):
            work += 1
            made.append((title, text, f"w{work}", "orig", family))
            made += [
                (title, change(text, r), f"w{work}", name, family)
                for name, change in r.sample(sorted(CHANGES.items()), 6)
            ]
    r.shuffle(made)
    return [Made(number, f"s{r.randrange(12)}", *row) for number, row in enumerate(made)]


def _sentence(r: random.Random) -> str:
    words = "".join(
        r.choice((r.choice(WORDS)[0], r.choice(SYLLABLES), r.choice(SYLLABLES), chr(r.randrange(0x4E00, 0x7000))))
        for _ in range(r.randint(6, 18))
    )
    return words + "。"


def _figures(r: random.Random) -> str:
    return f"完成{r.randint(2, 99)}项,投入{r.randint(100, 99999)}元,比上年增长{r.uniform(3, 99):.2f}%。"


def _prose(r: random.Random, length: int) -> list[str]:
    return [_sentence(r) if r.random() < 0.75 else _figures(r) for _ in range(length)]


def _family(kind: str, r: random.Random) -> list[tuple[str, str]]:
    if kind == "prose":
        return [(_sentence(r)[:16], "".join(_prose(r, r.randint(40, 300))))]
    body = [_sentence(r) for _ in range(r.randint(20, 160))]
    found = []
    for number in range(3):
        if kind == "form":
            text = [
                f"定于{r.randint(2008, 2019)}年{r.randint(1, 12)}月开会,费用{r.randint(200, 9000)}元。",
                *body,
                _figures(r),
            ]
        else:
            kept = [line if r.random() < 0.7 else _sentence(r) for line in body]
            text = [
                f"{2008 + number}年,",
                *(line + (_figures(r) if at % 4 == 0 else "") for at, line in enumerate(kept)),
            ]
        found.append((f"{kind}{body[0][:10]}{number}", "".join(text)))
    return found


def _mangled(text: str, r: random.Random) -> str:
    for original, replacement in (*WORDS, *UNKNOWN_WORDS):
        text = text.replace(original, replacement)
    return text.replace("10", "2023")


def _moved(text: str, r: random.Random) -> str:
    sentences = text.split("。")
    for _ in range(len(sentences) // 10):
        one, other = r.randrange(len(sentences)), r.randrange(len(sentences))
        sentences[one], sentences[other] = sentences[other], sentences[one]
    return "。".join(sentences)


CHANGES: Mapping[str, Callable[[str, random.Random], str]] = {
    "exact": lambda text, r: text,
    "cut500": lambda text, r: text[:500],
    "cut1500": lambda text, r: text[:1500],
    "middle": lambda text, r: text[len(text) // 4 : len(text) // 4 + 1500],
    "mangled": _mangled,
    "mangled cut": lambda text, r: _mangled(text, r)[:1500],
    "moved": _moved,
    "spaced": lambda text, r: "\n".join(text[at : at + 40] for at in range(0, len(text), 40)),
    "boilerplate": lambda text, r: "某某文库免费下载 " + text + " 声明:本文由用户上传,版权归作者所有。",
}


@dataclass(frozen=True)
class Score:
    """How well clusters fit the truth, each between 0 and 1."""

    pair_f1: float
    b_cubed: float
    worst_kind: tuple[float, str]
    """F1 of the kind of copy that fares worst."""
    siblings: float
    """Precision of the worst family of templates."""


def score(made: Sequence[Made], cluster_of: Mapping[int, str]) -> Score:
    """Hold clusters against the truth."""
    members: dict[str, list[Made]] = defaultdict(list)
    for each in made:
        members[cluster_of[each.number]].append(each)
    sizes = Counter(each.base for each in made)
    original = {each.base: cluster_of[each.number] for each in made if each.kind == "orig"}
    right = sum(n * (n - 1) for group in members.values() for n in Counter(m.base for m in group).values())
    found = sum(len(group) * (len(group) - 1) for group in members.values())
    wanted = sum(n * (n - 1) for n in sizes.values())
    precision = recall = 0.0
    kinds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    families: dict[str, list[float]] = defaultdict(list)
    for each in made:
        group = members[cluster_of[each.number]]
        same = sum(other.base == each.base for other in group)
        precision += same / len(group)
        recall += same / sizes[each.base]
        alone = (same - 1) / (len(group) - 1) if len(group) > 1 else 1.0
        families[each.family].append(alone)
        if each.kind != "orig":
            kinds[each.kind].append((alone, float(cluster_of[each.number] == original[each.base])))
    of_kind = [(_f1(_mean([p for p, _ in rows]), _mean([q for _, q in rows])), kind) for kind, rows in kinds.items()]
    return Score(
        _f1(right / found if found else 1.0, right / wanted),
        _f1(precision / len(made), recall / len(made)),
        min(of_kind),
        min(_mean(rows) for rows in families.values()),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _f1(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
