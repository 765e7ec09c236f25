"""Records made elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.errors import UsageError
from archive.publishing.importing import READER, read_import
from archive.record import DocumentRecord, text_digest

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LEAST = {"site": "s", "doc_id": "1", "title": "题"}


def imported(path: Path, *lines: Any) -> list[DocumentRecord]:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return list(read_import(path, fetched_at=NOW))


def test_the_least_a_record_needs(tmp_path: Path) -> None:
    (record,) = imported(tmp_path / "x.jsonl", LEAST)
    assert (record.url, record.canonical_url) == ("import:s/1", "import:s/1")
    assert (record.reader, record.fetched_at) == (READER, NOW)


def test_all_fields(tmp_path: Path) -> None:
    given = LEAST | {
        "url": "https://x.example/1", "size_bytes": 3, "tags": ["甲"], "other_labels": {"上传": ["乙"]},
        "published_on": "2020-02", "preview_text": "文", "counters": {"views": 3}, "reader": "theirs/3",
        "fetched_at": "2020-03-01T08:00:00+08:00", "pages": None,
    }  # fmt: skip
    (record,) = imported(tmp_path / "x.jsonl", given)
    assert (record.tags, record.other_labels, record.counters) == (("甲",), {"上传": ("乙",)}, {"views": 3})
    assert (record.published_from, record.published_until) == (date(2020, 2, 1), date(2020, 2, 29))
    assert (record.fetched_at, record.reader) == (datetime(2020, 3, 1, tzinfo=UTC), "theirs/3")
    assert (record.text_digest, record.pages) == (text_digest("文"), None)


def test_what_an_archive_computes_is_not_taken_over(tmp_path: Path) -> None:
    (record,) = imported(tmp_path / "x.jsonl", LEAST | {"version": 7, "run_id": "r", "text_digest": "sha256:0"})
    assert (record.run_id, record.text_digest) == (None, None)


@pytest.mark.parametrize(
    "site", ["huiwen", "docs.example", "docs.example:8080", "gov-uk_2", "[::1]:80", "127.0.0.1:80"]
)
def test_a_site_is_a_profile_or_a_host(tmp_path: Path, site: str) -> None:
    (record,) = imported(tmp_path / "x.jsonl", LEAST | {"site": site})
    assert record.site == site


def test_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    assert len(imported(tmp_path / "x.jsonl", "\ufeff" + json.dumps(LEAST), "", LEAST | {"doc_id": "2"}, " ")) == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[1]", "not an object"),
        ({"site": "s", "doc_id": "1"}, "title is missing"),
        (LEAST | {"title": " "}, "title is missing"),
        (LEAST | {"colour": "red"}, "unknown field 'colour'"),
        (LEAST | {"doc_id": 1}, "doc_id must be text"),
        (LEAST | {"pages": "3"}, "pages must be a whole number"),
        (LEAST | {"pages": True}, "pages must be a whole number"),
        (LEAST | {"pages": -1}, "pages must be a whole number"),
        (LEAST | {"size_bytes": 2**63}, "size_bytes must be a whole number"),
        (LEAST | {"tags": "甲"}, "tags must be a list"),
        (LEAST | {"tags": [1]}, "tags must be a list"),
        (LEAST | {"other_labels": {"a": "b"}}, "other_labels.a must be a list"),
        (LEAST | {"provenance": []}, "provenance must be an object"),
        (LEAST | {"published_on": "2020-13"}, "published_on is '2020-13'"),
        (LEAST | {"published_from": "soon"}, "published_from must be a date"),
        (LEAST | {"fetched_at": "2020-01-01T00:00:00"}, "fetched_at must be an instant"),
        (LEAST | {"fetched_at": "9999-01-01T00:00:00Z"}, "fetched_at 9999-01-01T00:00:00.000Z lies in the future"),
        *(
            (LEAST | {"site": site}, "site is ")
            for site in ("../x", "a/b", "a b", ".", "a\nb", "x\n", "..", "+import", "A")
        ),
        (LEAST, "stands in line 1 already"),
    ],
)
def test_a_bad_line_is_told_by_its_number(tmp_path: Path, line: Any, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        imported(tmp_path / "x.jsonl", LEAST, "", line)
    assert f"line 3: {told}" in str(caught.value).replace("document s/1 ", "").replace("this is ", "")


def test_one_document_at_two_instants_is_a_history(tmp_path: Path) -> None:
    later = LEAST | {"title": "新题", "fetched_at": "2026-02-01T00:00:00Z"}
    assert len(imported(tmp_path / "x.jsonl", LEAST, later)) == 2


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        list(read_import(tmp_path / "x", fetched_at=NOW))
    with pytest.raises(UsageError, match="folder"):
        list(read_import(tmp_path, fetched_at=NOW))
