"""A small archive with a history: two simulated sites, crawled in three months, changing meanwhile."""

from __future__ import annotations

from pathlib import Path

from archive.layout import create
from bench.direct import DirectSite

DOCUMENTS = 60
"""At each site, at first."""


def make_example(archive: Path) -> None:
    """Make the archive in the folder *archive*: documents are added, changed, withdrawn."""
    create(archive, demo=True)
    sites = [DirectSite(DOCUMENTS, family="huiwen"), DirectSite(DOCUMENTS, family="renrendoc", seed=8)]
    for site in sites:
        site.crawl(archive)
    for month in (1, 2):
        for site in sites:
            site.clock.advance(29 * 86400)
            site.happen("added", count=4)
            site.happen("changed", count=12)
            if site.family == "huiwen":
                site.happen("changed", document="953365", fields={"pages": 22 + 2 * month})
            site.happen("withdrawn", count=1)
            site.crawl(archive, full=True)
