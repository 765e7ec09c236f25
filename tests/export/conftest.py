"""Archives to hand documents on from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from archive import durable
from archive.archive import Archive
from archive.clock import ManualClock
from archive.layout import create
from tests.archive.conftest import WrittenArchive, hour, record
from tests.cli.conftest import run as run

CLOCK = ManualClock(hour(100))

FORMATS = ("docx", "csv", "xlsx", "parquet", "jsonl")

TEXT = "第一段 计生\n\n第二段 & <b>草案</b>"


def write_three(root: Path) -> None:
    """Write an archive of three documents: one as usual, one that changed, one withdrawn."""
    written = WrittenArchive(create(root))
    usual = record(
        "953365",
        "计划生育长效机制",
        size_bytes=33526,
        size_text="32.74KB",
        pages=22,
        pages_text="22页",
        format="docx",
        published_on="2023-04-16",
        published_text="2023年4月16日",
        published_from=date(2023, 4, 16),
        published_until=date(2023, 4, 16),
        tags=("计生", "长效"),
        issuer="平川县人民政府",
        document_number="普府〔2026〕54号",
        other_labels={"作者": ("李明", "王芳")},
        preview_text=TEXT,
        preview_pages=2,
    )
    changing = record("0002", "=1+1", pages=4, published_on="2019", preview_text="旧文")
    gone = dataclasses.replace(record("3", "已经撤回"), url="javascript:alert(1)")
    written.run("r1", usual, changing, gone, at=hour(1))
    changed = record("0002", "=1+1", at=hour(24), pages=5, published_on="2019", preview_text="新文")
    written.run("r2", changed, at=hour(25))
    row = {"site": "huiwen", "doc_id": "3", "kind": "withdrawn", "at": hour(30).isoformat(), "reason": "gone"}
    written.rows("r3", "decisions", [row])
    written.run("r3", at=hour(31))


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the archive of three documents."""
    folder = tmp_path_factory.mktemp("export") / "papers"
    write_three(folder)
    return folder


@pytest.fixture(scope="session")
def archive(root: Path) -> Iterator[Archive]:
    with Archive.open(root) as opened:
        yield opened


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an archive of 2,100 documents: three pages of an answer."""
    folder = tmp_path_factory.mktemp("export") / "many"
    written = WrittenArchive(create(folder))
    written.run("r1", *(record(f"{n:05d}", preview_text=f"第{n}号") for n in range(2100)), at=hour(1))
    return folder


@pytest.fixture(autouse=True)
def _no_fault() -> Iterator[None]:
    yield
    durable.fault_hook = None
