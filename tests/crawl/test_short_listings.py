"""The last page of a listing may list a single document: it is a listing still, and the document is not lost."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime

import pytest

from crawler.reading import read_page
from simulator import FAMILIES, running

FETCHED_AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("documents", [21, 22, 41])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_page_of_a_listing_is_one(family: str, documents: int) -> None:
    listed: list[str] = []
    with running(documents=documents, family=family, plain_bodies=True) as site:
        url: str | None = site.start_urls[0]
        while url is not None:
            with urllib.request.urlopen(url) as response:
                content_type = response.headers["Content-Type"]
                page = read_page(response.read(), url=url, fetched_at=FETCHED_AT, content_type=content_type)
            assert (page.page_type, page.record) == ("listing", None)
            listed += page.document_urls
            url = page.next_page
    assert len(listed) == len(set(listed)) == documents
