"""The works of an archive are the same however its documents came, and whatever was killed on the way."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from archive import durable
from archive.near_duplicates import catching_up, comparing, regrouping, store, works
from archive.near_duplicates.catching_up import catch_up
from archive.near_duplicates.store import EDGE
from archive.verifying.verify import verify
from tests.near_duplicates.making import Copied, copies

COPIES = copies(seed=5)
TEXTS = {f"d{number}": copy.text for number, copy in enumerate(COPIES)}
TRUTH = {
    frozenset(f"d{number}" for number, copy in enumerate(COPIES) if copy.work == work)
    for work in {copy.work for copy in COPIES}
}


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few documents take many steps."""
    for module in (catching_up, comparing, regrouping, works):
        monkeypatch.setattr(module, "STEP", 7)


def damage_by_clustering(made: Copied) -> list[str]:
    """What is wrong with the files that clustering wrote; those of the runs were written without a ledger's digests."""
    found = verify(made.written.layout, quick=True)
    return [str(f) for f in found if f.severity == "damage" and ("works" in f.file or "+maintenance" in f.file)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Copied:
    made = Copied(tmp_path_factory.mktemp("whole") / "data")
    made.publish(TEXTS)
    made.catch_up()
    return made


def test_copies_are_found_and_letters_of_one_form_are_not(whole: Copied) -> None:
    assert whole.clusters == TRUTH
    assert damage_by_clustering(whole) == []
    before = whole.assignments()
    assert whole.catch_up() == 0
    whole.rebuild()
    assert whole.assignments() == before  # a rebuild that finds the same says nothing


ORDERS = pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.long) for n in range(2, 8))])


def in_some_order(seed: int) -> tuple[list[str], list[int]]:
    """Return the names of the texts in an order, and where its batches begin and end."""
    drawn = random.Random(seed)
    names = drawn.sample(list(TEXTS), len(TEXTS))
    return names, [0, *sorted(drawn.sample(range(1, len(names)), 2)), len(names)]


@ORDERS
def test_any_order_and_any_batches_give_the_same_works(seed: int) -> None:
    names, bounds = in_some_order(seed)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for module in (catching_up, comparing, regrouping, works):
            patch.setattr(module, "STEP", 9)
        made = Copied(Path(folder) / "data")
        for start, end in pairwise(bounds):
            made.publish({name: TEXTS[name] for name in names[start:end]})
            made.catch_up()
        assert made.clusters == TRUTH


def stored(made: Copied) -> tuple[set[int], dict[str, tuple[str, int, frozenset[tuple[str, int]]]]]:
    """What the index knows, without the numbers that depend on the order: stopped keys, and of each document its text's
    keys and edges."""
    (path,) = (made.folder / "index/duplicates").glob("*/index.sqlite")
    with closing(sqlite3.connect(path)) as db:
        stopped = {key for (key,) in db.execute("SELECT key FROM stopped")}
        digests = {number: digest.hex() for number, digest in db.execute("SELECT number, digest FROM texts")}
        found = {}
        for name, number, keys, edges in db.execute(
            "SELECT doc_id, t.number, keys, edges FROM documents d JOIN texts t ON t.number = d.text"
        ):
            ties = np.frombuffer(edges, EDGE)
            weights = zip(ties["text"].tolist(), ties["weight"].tolist(), strict=True)
            found[name] = digests[number], keys, frozenset((digests[text], weight) for text, weight in weights)
            assert len(found[name][2]) == len(ties)
    return stopped, found


@ORDERS
def test_stock_phrases_are_the_same_ones_in_any_order(seed: int) -> None:
    """Also when some of the texts that had them are gone: what is then said is what a rebuild says."""
    names, bounds = in_some_order(seed)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "MAX_TEXTS_A_KEY", 3)
        for module in (catching_up, comparing, regrouping, works):
            patch.setattr(module, "STEP", 9)
        made = Copied(Path(folder) / "data")
        for start, end in pairwise(bounds):
            made.publish({name: TEXTS[name] for name in names[start:end]})
            made.catch_up()
        streamed = stored(made), made.clusters
        assert streamed[0][0]
        made.rebuild()
        assert (stored(made), made.clusters) == streamed
        made.publish(dict.fromkeys(names[:12], ""))
        made.catch_up()
        after = stored(made), made.clusters
        assert after[0][0] != streamed[0][0]
        made.rebuild()
        assert (stored(made), made.clusters) == after


class Killed(BaseException):
    pass


@pytest.fixture
def kills() -> Iterator[dict[str, int]]:
    """`at`: the call of `durable` at which the process is to end; `calls`: how many there were."""
    told = {"at": 0, "calls": 0}

    def hook(operation: str, subject: Any) -> None:
        told["calls"] += 1
        if told["calls"] == told["at"]:
            raise Killed(operation)

    durable.fault_hook = hook
    yield told
    durable.fault_hook = None


def test_killed_at_any_moment_it_goes_on(tmp_path: Path, small_steps: None, kills: dict[str, int]) -> None:
    made = Copied(tmp_path / "data")
    made.publish({name: TEXTS[name] for name in list(TEXTS)[:20]})
    made.catch_up()
    made.publish(TEXTS)
    killed = 0
    step = 1
    while True:
        kills["calls"], kills["at"] = 0, step
        try:
            made.catch_up()
        except Killed:
            killed += 1
            step = 2 * step + 1
            continue
        break
    kills["at"] = 0
    assert killed > 4
    assert made.clusters == TRUTH
    assert damage_by_clustering(made) == []


def test_ids_survive_when_the_archive_grows_tenfold(tmp_path: Path) -> None:
    made = Copied(tmp_path / "data")
    few = {name: text for number, (name, text) in enumerate(TEXTS.items()) if number % 3 == 0}
    made.publish(few)
    made.catch_up()
    before = made.work_ids()
    others = {f"o{number}": copy.text for number, copy in enumerate(copies(seed=6, works=20))}
    made.publish({name: text for name, text in TEXTS.items() if name not in few} | others)
    made.catch_up()
    after = made.work_ids()
    assert {name: after[name] for name in few} == before
    assert len({after[name] for name in TEXTS}) == len(TRUTH)


def test_a_document_that_changes_leaves_its_work(tmp_path: Path) -> None:
    made = Copied(tmp_path / "data")
    made.publish(TEXTS)
    made.catch_up()
    other = copies(seed=9)[0].text
    made.publish({"d0": other, "d6": ""})
    made.catch_up()
    assert made.clusters == {group - {"d0", "d6"} for group in TRUTH} | {frozenset({"d0"}), frozenset({"d6"})}
    ids = made.work_ids()
    assert len({*ids.values()}) == len(made.clusters)
    streamed = made.clusters
    made.rebuild()
    assert made.clusters == streamed


def test_what_a_takedown_hides_ties_nothing_together(tmp_path: Path) -> None:
    made = Copied(tmp_path / "data")
    made.publish({"d0": TEXTS["d0"], "d3": TEXTS["d3"]})
    made.publish({"d1": TEXTS["d1"]})
    made.catch_up()
    assert made.clusters == {frozenset({"d0", "d1", "d3"})}
    made.event(2, "takedown")
    made.catch_up()
    assert made.clusters == {frozenset({"d0", "d3"})}


@pytest.mark.parametrize("damage", ["segment", "database", "pointer", "gone"])
def test_a_damaged_index_is_made_again(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    made = Copied(tmp_path / "data")
    made.publish({"d0": TEXTS["d0"], "d3": TEXTS["d3"]})
    made.catch_up()
    folder = next(path for path in (made.folder / "index/duplicates").iterdir() if path.is_dir())
    if damage == "segment":
        next(folder.glob("*.postings")).write_bytes(b"torn")
    elif damage == "database":
        (folder / "index.sqlite").write_bytes(b"no database at all" * 300)
    elif damage == "pointer":
        (made.folder / "index/duplicates/current.json").write_bytes(b"{")
    else:
        (folder / "index.sqlite").unlink()
    made.publish({"d1": TEXTS["d1"]})
    catch_up(made.written.layout, catching_up_clock())
    assert made.clusters == {frozenset({"d0", "d1", "d3"})}
    assert "made again" in caplog.text


def catching_up_clock() -> Any:
    from archive.clock import SystemClock

    return SystemClock()
