"""The workshop for golden pages: saves a page as a case, with what the reader says of it for a person to correct.

    python -m tests.workshop FILE SITE/CASE --url URL [--content-type TYPE] [--http-status N] [--fetched-at INSTANT]

writes tests/pages/SITE/CASE/{page.html,meta.json,expected.json}. The suite fails until `"reviewed": false` is taken out
of expected.json: somebody looked at the page in a browser and set right what the reader got wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.clock import parse_instant
from archive.record import to_json
from crawler.reading import Page, read_page

PAGES = Path(__file__).resolve().parent / "pages"
_CASE = re.compile(r"\w[\w.-]*/\w[\w.-]*")
FIELDS = ("doc_id", "title", "size_bytes", "pages", "format", "published_on", "tags", "issuer", "document_number",
          "preview_text", "related_urls")  # fmt: skip
"""Record fields that a new case states; a person may leave out what two readings are fair for."""


def answers(page: Page) -> dict[str, Any]:
    """Return all that reading says of *page*, as expected files name it."""
    row = to_json(page.record) if page.record is not None else {}
    return row | {
        "page_type": page.page_type.value,
        "reason": page.reason,
        "document_urls": list(page.document_urls),
        "next_page": page.next_page,
    }


def read_case(folder: Path) -> Page:
    """Return the page of the case in *folder* as it is read today."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    fetched_at = datetime.fromisoformat(meta.pop("fetched_at"))
    return read_page((folder / "page.html").read_bytes(), fetched_at=fetched_at, **meta)


def save(body: bytes, folder: Path, meta: dict[str, Any]) -> None:
    """Write a case, not reviewed yet; raises FileExistsError for one that is there. A failure leaves none behind."""
    folder.mkdir(parents=True)
    try:
        _write(body, folder, meta)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _write(body: bytes, folder: Path, meta: dict[str, Any]) -> None:
    (folder / "page.html").write_bytes(body)
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    found = answers(read_case(folder))
    stated = {"document": FIELDS, "listing": ("document_urls", "next_page")}.get(found["page_type"], ())
    expected = {"reviewed": False} | {name: found[name] for name in ("page_type", *stated)}
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(words: list[str]) -> int:
    """Save the page that *words* name."""
    parser = argparse.ArgumentParser(prog="python -m tests.workshop", description="Save a page as a golden case.")
    parser.add_argument("file", type=Path)
    parser.add_argument("case", help="SITE/CASE")
    parser.add_argument("--url", required=True)
    parser.add_argument("--content-type", default="text/html")
    parser.add_argument("--http-status", type=int, default=200)
    parser.add_argument("--fetched-at", default=None, help="an instant with its time zone; else the file's own time")
    options = parser.parse_args(words)
    folder = PAGES / options.case
    if not _CASE.fullmatch(options.case) or folder.exists():
        parser.error(f"{options.case} is there already, or not SITE/CASE; choose another name")
    try:
        body = options.file.read_bytes()
        changed = datetime.fromtimestamp(options.file.stat().st_mtime).astimezone()
        fetched_at = parse_instant(options.fetched_at) if options.fetched_at else changed
    except (OSError, ValueError, OverflowError) as error:
        parser.error(str(error))
    meta = {
        "url": options.url,
        "fetched_at": fetched_at.isoformat(),
        "content_type": options.content_type,
        "http_status": options.http_status,
    }
    save(body, folder, meta)
    print(f'{folder}: look at page.html in a browser, correct expected.json, take out its "reviewed"')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
