"""Saved pages read as a person read them: tests/pages/SITE/CASE/{page.html,meta.json,expected.json}."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.reading import Page
from tests.workshop import PAGES, answers, read_case, save

CASES = sorted(path.parent for path in PAGES.glob("*/*/page.html"))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_page_reads_as_expected(folder: Path) -> None:
    """Every field that the expected file names is exactly so, or one of `any_of`; the others may be anything.

    What is known to be read wrongly stands under `gaps`, with what is right: the score counts it, this test does not.
    """
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert "reviewed" not in expected, "look at the page, correct expected.json, then take out its `reviewed`"
    page = read_case(folder)
    found = answers(page)
    gaps = expected.pop("gaps", {})
    assert not any(name in expected and name != "page_type" for name in gaps)
    for name, values in expected.pop("any_of", {}).items():
        assert found[name] in values, name
    assert {name: found.get(name) for name in expected} == expected
    check_record(page)


def check_record(page: Page) -> None:
    """There is a record exactly where the page is a document's, and each of its values says where it was read."""
    assert (page.record is not None) == (page.page_type == "document")
    assert page.reason
    record = page.record
    if record is None:
        return
    for name in ("title", "doc_id", "size_bytes", "pages", "format", "published_on", "tags", "preview_text"):
        assert not getattr(record, name) or record.provenance.get(name), name


def test_every_site_has_pages_that_are_no_documents_too() -> None:
    sites = {folder.parent.name for folder in CASES}
    assert {"huiwen", "sharing_zh", "register_zh", "repository_en", "government_en", "sharing_en"} <= sites
    kinds = [json.loads((folder / "expected.json").read_text(encoding="utf-8"))["page_type"] for folder in CASES]
    assert min(kinds.count(kind) for kind in ("document", "listing", "other")) >= 4


def test_a_new_case_fails_until_a_person_has_reviewed_it(tmp_path: Path) -> None:
    source = CASES[0]
    meta = json.loads((source / "meta.json").read_text(encoding="utf-8"))
    save((source / "page.html").read_bytes(), tmp_path / "site" / "case", meta)
    with pytest.raises(AssertionError, match="reviewed"):
        test_page_reads_as_expected(tmp_path / "site" / "case")
