"""The tables made again from WARC know what a reread published."""

from __future__ import annotations

import shutil
from typing import Any

from archive.rebuilding.rebuild import rebuild_tables

from .conftest import BETTER, ReadSite, better_reader, document, first_reader


def test_a_reread_comes_back(site: ReadSite) -> None:
    site.crawl({"/doc/1.html": document("1"), "/doc/2.html": document("2", more="第一版不认")}, read=first_reader)
    site.reread(better_reader, apply=True)
    before, events = site.sizes(), site.events()
    shutil.rmtree(site.layout.root / "tables")

    def read(body: bytes, *, metadata: str | None, **page: Any) -> Any:
        assert metadata is None
        return better_reader(body, hints=None, **page)

    done = rebuild_tables(site.layout, site.clock, read, BETTER)
    assert (done.unreadable, done.missing_parts) == (0, [])
    assert site.sizes() == before
    assert site.events()[:-1] == events
    assert site.damage() == []
