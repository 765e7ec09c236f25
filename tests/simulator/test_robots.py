from __future__ import annotations

from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser

import pytest

from simulator import FAMILIES, SimulatorOptions
from simulator.answer import Request
from simulator.site import Site


@pytest.mark.parametrize("family", [*FAMILIES, "all"])
def test_robots_close_no_listing_and_no_document(family: str) -> None:
    site = Site(SimulatorOptions(documents=10, family=family), lambda: datetime(2026, 3, 1, tzinfo=UTC))
    rules = RobotFileParser()
    rules.parse(site.answer(Request("GET", "/robots.txt", {})).body.decode().splitlines())
    open_paths = [*site.start_paths(), *(record["url"] for record in site.truth(""))]
    assert all(rules.can_fetch("archive", path) for path in open_paths)
    root = next(iter(site.catalogues.values())).family.root
    assert not rules.can_fetch("archive", f"{root}/search?q=x")
    assert not rules.can_fetch("archive", f"{root}/download/1")
