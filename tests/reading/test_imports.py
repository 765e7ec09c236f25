"""Saved pages must be readable where nothing is crawled."""

from __future__ import annotations

import subprocess
import sys


def test_reading_does_not_import_scrapy() -> None:
    code = "import sys, crawler.reading; print(sorted({'scrapy', 'twisted', 'aiohttp', 'parsel'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
