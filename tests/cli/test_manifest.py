"""Lists of saved pages: each line is taken, or named with what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

HTML = "<html><head><title>汇报</title></head><body><h1>水库安全检查情况汇报</h1><p>页数：12页</p></body></html>"
GOOD: dict[str, Any] = {"file": "a.html", "url": "https://docs.example/doc/1.html"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.html").write_text(HTML, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "changed",
    [
        {"file": 5},
        {"file": ""},
        {"file": "a\0.html"},
        {"url": None},
        {"url": ["https://docs.example/"]},
        {"http_status": "200"},
        {"http_status": 10**20},
        {"http_status": True},
        {"content_type": 5},
        {"fetched_at": 5},
        {"fetched_at": "2024-01-01"},
        {"fetched_at": "0001-01-01T00:00:00+23:00"},
    ],
    ids=repr,
)
def test_a_line_that_cannot_be_is_named(run: Run, folder: Path, changed: dict[str, Any]) -> None:
    lines = [json.dumps(GOOD), json.dumps(GOOD | changed)]
    (folder / "pages.jsonl").write_text("\n".join(lines))
    done = run("read", "--manifest", "pages.jsonl")
    assert (done.code, len(done.rows())) == (2, 1)
    assert "pages.jsonl line 2" in done.err


def test_a_byte_order_mark_is_no_part_of_a_list(run: Run, folder: Path) -> None:
    (folder / "pages.jsonl").write_text(json.dumps(GOOD | {"http_status": None}) + "\r\n\r\n", encoding="utf-8-sig")
    (row,) = run("read", "--manifest", "pages.jsonl").rows()
    assert row["file"] == "a.html"


@pytest.mark.parametrize(("fetched_at", "day"), [("2026-09-14T07:31:00+08:00", "13"), ("2026-09-13T23:31:00Z", "12")])
def test_yesterday_is_that_of_the_zone_in_which_the_page_was_fetched(
    run: Run, folder: Path, fetched_at: str, day: str
) -> None:
    (folder / "a.html").write_text(HTML.replace("页数：12页", "页数：12页</p><p>上传时间：昨天"), encoding="utf-8")
    (folder / "pages.jsonl").write_text(json.dumps(GOOD | {"fetched_at": fetched_at}))
    (row,) = run("read", "--manifest", "pages.jsonl").rows()
    assert (row["published_on"], row["fetched_at"]) == (f"2026-09-{day}", "2026-09-13T23:31:00.000Z")
