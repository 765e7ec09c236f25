"""Golden pages in another garb: what is read of them may fall by two in a hundred, and nothing is made up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.reading import read_page
from crawler.reading.page import Page
from crawler.reading.tree import parsed
from tests.reading.mutations import ENCODINGS, MUTATIONS, Mutation, encoded
from tests.workshop import PAGES, answers

CASES = sorted(path.parent for path in PAGES.glob("*/*/page.html"))
MAY_FALL = 0.02
SHARES = 10
"""One page in so many is read in each garb, another one in the next; with the marker `long` every page in each."""
SCORED = ("page_type", "title", "doc_id", "size_bytes", "pages", "format", "published_on", "next_page", "document_urls")


def reread(folder: Path, change: Mutation, encoding: str = "utf-8") -> Page:
    """Return the golden page of *folder* as it is read after *change*, sent in *encoding*."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    body = (folder / "page.html").read_bytes()
    html = change(parsed(body, meta["content_type"]).text)
    data, content_type = encoded(html, encoding)
    return read_page(
        data,
        url=meta["url"],
        fetched_at=datetime.fromisoformat(meta["fetched_at"]),
        content_type=content_type,
        http_status=meta["http_status"],
    )


def right_and_all(folder: Path, page: Page) -> tuple[int, int]:
    """Return how many of the expected fields are as expected, and how many there are."""
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = answers(page)
    any_of = expected.pop("any_of", {})
    wanted = [name for name in SCORED if expected.get(name) or name in any_of]
    right = sum(
        found.get(name) in any_of[name] if name in any_of else found.get(name) == expected[name] for name in wanted
    )
    return right, len(wanted)


def score(cases: Sequence[Path], change: Mutation, encoding: str = "utf-8") -> tuple[float, list[str]]:
    """Return the share of fields read right over the golden pages *cases*, and the pages that became documents."""
    right = wanted = 0
    made_up: list[str] = []
    for folder in cases:
        page = reread(folder, change, encoding)
        one, of = right_and_all(folder, page)
        right, wanted = right + one, wanted + of
        kind = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["page_type"]
        if page.record is not None and kind != "document":
            made_up.append(f"{folder.parent.name}/{folder.name}")
    return right / wanted, made_up


GARBS: dict[str, tuple[Mutation, str]] = {
    **{change.__name__: (change, "utf-8") for change in MUTATIONS},
    **{encoding: (str, encoding) for encoding in ENCODINGS},
}


def check(cases: Sequence[Path], garb: str) -> None:
    share, made_up = score(cases, *GARBS[garb])
    assert made_up == []
    assert share >= 1 - MAY_FALL


@pytest.mark.parametrize("garb", GARBS)
def test_another_garb(garb: str) -> None:
    check(CASES[list(GARBS).index(garb) % SHARES :: SHARES], garb)


@pytest.mark.long
@pytest.mark.parametrize("garb", GARBS)
def test_every_page_in_another_garb(garb: str) -> None:
    check(CASES, garb)
