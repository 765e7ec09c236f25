"""Small families of texts, with what sites do to copies of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archive.clock import SystemClock
from archive.layout import create
from archive.near_duplicates import catching_up
from archive.published import ledger, tables
from archive.published.tables import OpenTables
from archive.record import DocumentRecord
from tests.archive.conftest import START, WrittenArchive, record

CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想"
    "已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
    "几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权"
    "收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集"
    "温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支"
    "般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属"
    "圆包火住调满县局照参红细引听该铁价严"
)


@dataclass(frozen=True)
class Copy:
    """A text, and which work it is a copy of."""

    work: int
    text: str


def original(random_: random.Random, length: int = 700) -> str:
    words = []
    while sum(map(len, words)) < length:
        words.append("".join(random_.choices(CHARACTERS, k=random_.randint(5, 20))) + "，计划服务。")
        if random_.random() < 0.3:
            words.append(f"共{random_.randint(3, 9999)}项。")
    return "".join(words)


def copies(seed: int, works: int = 6) -> list[Copy]:
    """Return copies of some works: whole, cut, with other words and other punctuation."""
    random_ = random.Random(seed)
    found = []
    for work in range(works):
        text = original(random_)
        mangled = text.replace("计划", "方案").replace("服务", "效劳").replace("10", "2023")
        middle = text[150:600]
        found += [
            Copy(work, each) for each in (text, text, mangled, text[:400], middle, "某某文库 免费下载 " + mangled)
        ]
    # Letters of one form: the same words, other figures.
    form = original(random_)
    for letter in range(3):
        figures = "".join(f"第{number}次 {random_.randint(100, 99999)}元 " for number in "一二三四五六七八")
        found += [Copy(works + letter, figures + form), Copy(works + letter, figures + form)]
    return found


def clusters_of(folder: Path) -> set[frozenset[str]]:
    """Return the documents of each work, as readers see them."""
    from archive.archive import Archive

    groups: dict[str, set[str]] = {}
    with Archive.open(folder) as archive:
        for row in archive.query("SELECT doc_id, work_id FROM documents"):
            groups.setdefault(row["work_id"], set()).add(row["doc_id"])
    return {frozenset(group) for group in groups.values()}


class Copied:
    """An archive into which copies come in runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = WrittenArchive(create(folder))
        self.runs = 0

    def publish(self, copies: dict[str, str]) -> None:
        """Publish doc_id -> text as one run."""
        self.runs += 1
        at = START + timedelta(hours=self.runs)
        self._follow_ledger()
        records: list[DocumentRecord] = [record(name, at=at, preview_text=text) for name, text in copies.items()]
        self.written.run(f"20260301T{self.runs:06d}Z-aaaaaa", *records, at=at)

    def event(self, run: int, event: str) -> None:
        """Say something of a run in the ledger."""
        self._follow_ledger()
        self.written.event(f"20260301T{run:06d}Z-aaaaaa", event, START + timedelta(hours=self.runs, minutes=1))

    def _follow_ledger(self) -> None:
        """Rows of clustering may have been written meanwhile."""
        last = ledger._last_row(self.written.layout, OpenTables(self.written.layout).newest("runs"))
        if last is not None:
            self.written.run_seq, self.written.last_digest = last["run_seq"], last["digest"]

    def catch_up(self) -> int:
        return catching_up.catch_up(self.written.layout, SystemClock())

    def rebuild(self) -> int:
        return catching_up.rebuild(self.written.layout, SystemClock())

    @property
    def clusters(self) -> set[frozenset[str]]:
        return clusters_of(self.folder)

    def work_ids(self) -> dict[str, str]:
        with self.written.open() as archive:
            return {row["doc_id"]: row["work_id"] for row in archive.query("SELECT doc_id, work_id FROM documents")}

    def assignments(self) -> int:
        """How many rows the table `works` has."""
        files = tables.snapshot(self.written.layout).files["works"]
        import pyarrow.parquet as pq

        return sum(pq.read_metadata(path).num_rows for path in files)
