"""Saved pages read as a person read them: tests/pages/SITE/CASE/{page.html,meta.json,expected.json}."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archive.record import to_json
from crawler.reading import Page, read_page

PAGES = Path(__file__).resolve().parents[1] / "pages"
CASES = sorted(path.parent for path in PAGES.glob("*/*/page.html"))


def read_case(folder: Path) -> Page:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    fetched_at = datetime.fromisoformat(meta.pop("fetched_at"))
    return read_page((folder / "page.html").read_bytes(), fetched_at=fetched_at, **meta)


def answers(page: Page) -> dict[str, Any]:
    row = to_json(page.record) if page.record is not None else {}
    return row | {
        "page_type": page.page_type.value,
        "reason": page.reason,
        "document_urls": list(page.document_urls),
        "next_page": page.next_page,
    }


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_page_reads_as_expected(folder: Path) -> None:
    """Every field that the expected file names is exactly so; what it leaves out may be anything."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = answers(read_case(folder))
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_record_exactly_on_document_pages(folder: Path) -> None:
    page = read_case(folder)
    assert (page.record is not None) == (page.page_type == "document")
    assert page.reason


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_value_says_where_it_was_read(folder: Path) -> None:
    record = read_case(folder).record
    if record is None:
        return
    for name in ("title", "doc_id", "size_bytes", "pages", "format", "published_on", "tags", "preview_text"):
        assert not getattr(record, name) or record.provenance.get(name), name


def test_every_site_has_pages_that_are_no_documents_too() -> None:
    sites = {folder.parent.name for folder in CASES}
    assert {"huiwen", "sharing_zh", "register_zh", "repository_en", "government_en", "sharing_en"} <= sites
    kinds = [json.loads((folder / "expected.json").read_text(encoding="utf-8"))["page_type"] for folder in CASES]
    assert min(kinds.count(kind) for kind in ("document", "listing", "other")) >= 4
