"""Documents as a folder that `datasets` loads, each text once."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from archive import durable
from archive.archive import Archive
from archive.errors import MachineTrouble, UsageError
from archive.export import FORMATS, as_datasets
from archive.export.output_folder import OutputFolder, new_folder
from archive.layout import create
from archive.snapshot.selection import ANSWER_FIELDS
from docarchive.cli.exporting import export
from tests.archive.conftest import WrittenArchive, hour, record
from tests.cli.conftest import Run
from tests.export.conftest import CLOCK
from tests.naughty_strings import NAUGHTY

STORABLE = [text.encode("utf-8", "replace").decode() for text in NAUGHTY]

LOAD = """
import json, sys
from datasets import load_dataset
told = []
for folder in sys.argv[2:]:
    loaded = load_dataset(folder, cache_dir=sys.argv[1])
    (name, rows), = loaded.items()
    told.append({"split": name, "features": rows.features._to_yaml_list(), "rows": rows.to_list()})
print(json.dumps(told, default=str))
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an archive with two texts that several documents have, and every naughty string."""
    folder = tmp_path_factory.mktemp("datasets") / "a: [b] | `c`"
    written = WrittenArchive(create(folder))
    first = record("first", preview_text="同一 文本，在此")
    third = record("third", at=hour(3), preview_text="同一文本,\n在此", tags=("a", "b"), other_labels={"k": ("v", "w")})
    copies = [record("second", site="other", at=hour(2), preview_text="同一文本,在此"), third]
    english = [record(f"e{number}", at=hour(4), preview_text="the same") for number in range(2)]
    blank = [record(f"b{number}", at=hour(4)) for number in range(2)]
    written.run("r1", first, at=hour(1))
    written.run("r2", *copies, *english, *blank, at=hour(5))
    naughty = [
        record(f"n{number:04d}", text or "empty", at=hour(6), preview_text=f"{number}{text}", issuer=text, tags=(text,))
        for number, text in enumerate(STORABLE)
    ]
    written.run("r3", *naughty, at=hour(7))
    return folder


def exported(root: Path, target: Path, **keywords: Any) -> tuple[int, list[str]]:
    told: list[str] = []
    with Archive.open(root) as archive:
        return archive.export(target, "datasets", clock=CLOCK, tell=told.append, **keywords), told


def front(folder: Path) -> dict[str, Any]:
    return yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])


def rows(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted((folder / "data").iterdir()) for row in pq.read_table(path).to_pylist()]


def test_datasets_loads_what_the_archive_holds(corpus: Path, tmp_path: Path) -> None:
    """With the library itself, in a process of its own: offline, all columns and a few."""
    whole, few = tmp_path / "whole", tmp_path / "few"
    exported(corpus, whole, shard_bytes=100_000)
    exported(corpus, few, fields="doc_id,tags", site="other")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home"), "HF_DATASETS_OFFLINE": "1"}
    words = [sys.executable, "-c", LOAD, str(tmp_path / "cache"), *map(str, (whole, few))]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    of_whole, of_few = json.loads(done.stdout)
    for loaded, folder in ((of_whole, whole), (of_few, few)):
        assert loaded["split"] == "train"
        assert loaded["features"] == front(folder)["dataset_info"]["features"]
    assert [column["name"] for column in of_whole["features"]] == [*ANSWER_FIELDS, "copies"]
    assert {"name": "fetched_at", "dtype": "timestamp[us, tz=UTC]"} in of_whole["features"]
    assert len(list((whole / "data").iterdir())) > 2
    by_id = {row["doc_id"]: row for row in of_whole["rows"]}
    for number, text in enumerate(STORABLE):
        row = by_id[f"n{number:04d}"]
        assert (row["issuer"], row["tags"], row["preview_text"]) == (text, [text], f"{number}{text}")
    assert of_few["rows"] == [{"doc_id": "second", "tags": [], "copies": []}]


def test_a_text_stands_there_once_and_says_where_else_it_is(corpus: Path, tmp_path: Path) -> None:
    written, told = exported(corpus, tmp_path / "out", where="doc_id NOT LIKE 'n%'")
    assert (written, told) == (4, ["3 exact copies are left out: the column `copies` says where the same text stands"])
    found = {row["doc_id"]: row for row in rows(tmp_path / "out")}
    assert set(found) == {"first", "e0", "b0", "b1"}, "documents without a text are nobody's copies"
    assert [(copy["site"], copy["doc_id"], copy["url"]) for copy in found["first"]["copies"]] == [
        ("other", "second", "https://docs.example/second"),
        ("huiwen", "third", "https://docs.example/third"),
    ]
    assert found["first"]["copies"][0]["capture"] == "<urn:uuid:other-second-01020000>"
    assert found["first"]["copies"][0]["first_seen"] == hour(2)
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "4 documents, 2 of them without a text, in 1 Parquet file." in card
    assert "Exact copies are removed: 3 copies are left out, of 2 texts" in card


def test_what_is_no_copy_in_the_selection_stays(corpus: Path, tmp_path: Path) -> None:
    assert exported(corpus, tmp_path / "out", site="other") == (1, [])
    (row,) = rows(tmp_path / "out")
    assert (row["doc_id"], row["exact_copy_of"], row["copies"]) == ("second", "huiwen/first", [])
    assert exported(corpus, tmp_path / "limited", sort="fetched", limit=3)[0] == 3


def test_an_empty_selection_is_a_folder_of_no_rows_and_said(corpus: Path, tmp_path: Path) -> None:
    """`datasets` itself refuses a split without rows."""
    told = ["the folder holds no document: load_dataset refuses an empty one"]
    assert exported(corpus, tmp_path / "out", search="没有这个") == (0, told)
    (path,) = (tmp_path / "out" / "data").iterdir()
    table = pq.read_table(path)
    assert (table.num_rows, table.column_names) == (0, [*ANSWER_FIELDS, "copies"])
    assert front(tmp_path / "out")["dataset_info"]["splits"][0]["num_examples"] == 0


def test_the_card_says_what_is_in_it(corpus: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    exported(corpus, target, where="doc_id NOT LIKE 'n%'", search=None)
    head = front(target)
    assert head["pretty_name"] == "Documents of a: [b] | `c`"
    assert (head["language"], head["license"], head["size_categories"]) == (["zh"], "unknown", ["n<1K"])
    assert head["configs"] == [
        {"config_name": "default", "data_files": [{"split": "train", "path": "data/train-*.parquet"}]}
    ]
    info = head["dataset_info"]
    assert info["download_size"] == sum(path.stat().st_size for path in (target / "data").iterdir())
    assert info["splits"] == [{"name": "train", "num_bytes": info["dataset_size"], "num_examples": 4}]
    body = (target / "README.md").read_text("utf-8")
    assert '"where": "doc_id NOT LIKE \'n%\'"' in body
    assert "Fetched from 2026-03-01T00:00:00.000Z to 2026-03-01T04:00:00.000Z." in body
    assert "| `huiwen` | 4 |" in body


def test_maps_are_lists_and_lists_keep_their_order(corpus: Path, tmp_path: Path) -> None:
    exported(corpus, tmp_path / "out", where="doc_id = 'third'")
    (row,) = rows(tmp_path / "out")
    assert (row["other_labels"], row["tags"]) == ([{"key": "k", "value": ["v", "w"]}], ["a", "b"])


def test_the_same_documents_at_the_same_time_make_the_same_folder(corpus: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        exported(corpus, tmp_path / name, shard_bytes=50_000)
    files = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    assert len(files) > 5
    assert files == {path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*") if path.is_file()}
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_shards_are_about_as_large_as_asked_for(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_datasets, "ROW_GROUP_BYTES", 20_000)
    assert exported(many, tmp_path / "out", shard_bytes=100_000)[0] == 2100
    tables = [pq.read_table(path) for path in sorted((tmp_path / "out" / "data").iterdir())]
    assert pa.concat_tables(tables)["doc_id"].to_pylist() == [f"{number:05d}" for number in range(2100)]
    assert len(tables) > 3
    assert all(80_000 < table.nbytes < 130_000 for table in tables[:-1])


@pytest.mark.parametrize("existing", [False, True])
def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path, existing: bool) -> None:
    def write(folder: OutputFolder) -> None:
        for name in ("data/1", "data/2", "README.md"):
            with folder.new_file(name) as file:
                file.write(b"new")

    calls: Counter[str] = Counter()
    durable.fault_hook = lambda name, subject: calls.update([name])
    with new_folder(tmp_path / "counted") as folder:
        write(folder)
    durable.fault_hook = None
    for operation in ("create", "write:half", "fsync", "fsync-folder", "rename"):
        for number in range(calls[operation]):
            beside = tmp_path / f"{operation}-{number}"
            target = beside / "out"
            beside.mkdir()
            if existing:
                target.mkdir()
                (target / "README.md").write_text("old")
            durable.fault_hook = full_at(operation, number)
            with pytest.raises(MachineTrouble, match="make room"), new_folder(target) as folder:
                write(folder)
            durable.fault_hook = None
            last = (operation, number) == ("fsync-folder", calls["fsync-folder"] - 1)
            if last:  # it has its name, which may not last; what it replaced is not deleted yet
                assert (target / "README.md").read_text() == "new"
                assert len(list(beside.iterdir())) == 1 + existing
            elif existing:
                assert [path.name for path in beside.rglob("*")] == ["out", "README.md"], (operation, number)
                assert (target / "README.md").read_text() == "old"
            else:
                assert list(beside.iterdir()) == [], (operation, number)


def test_an_interrupted_export_leaves_nothing(corpus: Path, tmp_path: Path) -> None:
    def interrupt(name: str, subject: object) -> None:
        if name == "write:half":
            raise KeyboardInterrupt

    durable.fault_hook = interrupt
    with pytest.raises(KeyboardInterrupt):
        exported(corpus, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def full_at(operation: str, number: int) -> durable.Hook:
    """Return a hook at which the disk is full, at the call of that number, counted from 0."""
    left = [number]

    def full(name: str, subject: object) -> None:
        if name == operation:
            if left[0] == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left[0] -= 1

    return full


def test_a_kill_leaves_no_folder_of_that_name_or_the_one_before(corpus: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    words = [sys.executable, "-m", "docarchive.cli", "export", str(target), "--format", "datasets", "--overwrite"]
    words += ["--archive", str(corpus)]
    for call in ("5", "9"):
        done = subprocess.run(words, env={**os.environ, durable.FAULT_VARIABLE: call}, capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert all(path.name.startswith(".") for path in tmp_path.iterdir())
    exported(corpus, target)
    before = (target / "README.md").read_bytes()
    done = subprocess.run(words, env={**os.environ, durable.FAULT_VARIABLE: "9"}, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    assert (target / "README.md").read_bytes() == before


def test_wrong_usage_is_said_before_anything_is_written(corpus: Path, run: Run) -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    Path("file").write_text("before")
    for words, sentence in (
        (("mine", "--format", "datasets"), "--overwrite"),
        (("mine", "--format", "datasets", "--overwrite"), "thesis.txt"),
        (("file", "--format", "datasets", "--overwrite"), "is a file"),
        (("absent/out", "--format", "datasets"), "no folder"),
        (("out.datasets",), "add --format"),
        (("out.csv", "--shard-size", "1MB"), "one file"),
        (("out", "--format", "datasets", "--shard-size", "huge"), "no size"),
        (("out", "--format", "datasets", "--shard-size", "0"), "no size"),
    ):
        result = run("export", *words, "--archive", str(corpus))
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), result.err
        assert sentence in result.err
    assert sorted(path.name for path in Path().iterdir()) == ["file", "mine"]
    assert Path("mine/thesis.txt").read_text() == "years of work"


def test_the_command_tells_of_copies(corpus: Path, run: Run) -> None:
    Path("out").mkdir()
    words = ("export", "out", "--format", "datasets", "--shard-size", "1GB", "--archive", str(corpus))
    result = run(*words, "--where", "doc_id LIKE 'e%'")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "1 exact copy is left out: the column `copies` says where the same text stands\n1 document written to out\n"
    )
    assert run(*words).code == 2
    assert run(*words, "--overwrite").code == 0
    assert [path.name for path in Path().iterdir()] == ["out"]


def test_an_archive_s_own_folder_is_not_replaced(corpus: Path) -> None:
    with Archive.open(corpus) as archive, pytest.raises(UsageError):
        archive.export(corpus, "datasets", overwrite=True)


def test_the_help_names_every_form() -> None:
    option = export.__annotations__["format"]
    assert all(form in option for form in FORMATS)
