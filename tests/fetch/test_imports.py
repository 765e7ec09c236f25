"""The guard is asked by the command line before anything is fetched: it must not bring Scrapy with it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["crawler.errors", "crawler.fetching.guard", "crawler.fetching.politeness"])
def test_no_scrapy(module: str) -> None:
    code = f"import {module}, sys; sys.exit('scrapy' in sys.modules or 'aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
