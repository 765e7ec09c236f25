"""`read`: what saved pages say, without storing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from archive.clock import parse_instant
from archive.errors import UsageError
from docarchive.cli.context import clock
from docarchive.cli.output import json_line

MAX_PAGE_BYTES = 64 * 1024 * 1024


def add_to(app: typer.Typer) -> None:
    app.command("read")(read)


def read(
    pages: Annotated[list[str] | None, typer.Argument(metavar="FILE|URL|WARC...", help="Pages to read.")] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest",
            metavar="PAGES.jsonl",
            help='Lines of {"file", "url", "http_status", "content_type", "fetched_at"}.',
        ),
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="The URL that the files were fetched from.")] = None,
    content_type: Annotated[str | None, typer.Option(metavar="TYPE", help="Content-Type header of the files.")] = None,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Read with this profile's hints.")] = None,
    allow_host: Annotated[list[str] | None, typer.Option(metavar="HOST:PORT")] = None,
) -> None:
    """Read saved pages, a page on the web, or WARC files; print one JSON line a page.

    Example: docarchive read page.html --url https://docs.example/doc/1.html
    """
    if not pages and manifest is None:
        raise UsageError("name pages to read, or a list of them with --manifest PAGES.jsonl")
    if manifest is not None:
        for row in _manifest_rows(manifest):
            _print(row["file"], _read_row(row, manifest.parent))
    for name in pages or []:
        for label, result in _read_named(name, url, content_type, site, allow_host):
            _print(label, result)


def _print(label: str, row: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(json_line({"file": label, **row}))
    sys.stdout.buffer.flush()


def _manifest_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name a list of pages") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            row["file"], row["url"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise UsageError(f'{path} line {number}: write {{"file": ..., "url": ...}} ({error})') from error
        yield row


def _read_row(row: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    fetched_at = parse_instant(row["fetched_at"]) if row.get("fetched_at") else clock().now()
    body = _bytes_of(folder / row["file"])
    return _page(body, row["url"], fetched_at, row.get("content_type"), row.get("http_status") or 200, None)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_PAGE_BYTES)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name a saved page") from error


def _read_named(
    name: str, url: str | None, content_type: str | None, site: str | None, allow_host: list[str] | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    if name.startswith(("http://", "https://")):
        raise UsageError(f"to read a page on the web run: docarchive sites try {name}")
    path = Path(name)
    if path.name.endswith((".warc", ".warc.gz")):
        yield from _read_warc(path)
        return
    address = url or f"file://{path.absolute().as_posix()}"
    yield name, _page(_bytes_of(path), address, clock().now(), content_type, 200, site)


def _read_warc(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    from archive.warc_reading import read_records

    if not path.exists():
        raise UsageError(f"{path} is not there; name a WARC file")
    for record in read_records(path, ("response",)):
        if record.status is None:
            continue
        page = _page(record.body().body, record.url, record.fetched_at, record.content_type, record.status, None)
        yield f"{path}#{record.offset}", page


def _page(
    body: bytes, url: str, fetched_at: Any, content_type: str | None, http_status: int, site: str | None
) -> dict[str, Any]:
    """Return what one page says, as the JSON row that `read` prints."""
    from archive.record import to_json
    from crawler.profile import find_profiles
    from crawler.reading import read_page

    profile = find_profiles(None).get(site) if site else None
    if site and profile is None:
        raise UsageError(f"no profile named {site!r}; list them with: docarchive sites")
    page = read_page(
        body,
        url=url,
        fetched_at=fetched_at,
        content_type=content_type,
        http_status=http_status,
        site=site,
        hints=profile.hints() if profile else None,
    )
    row: dict[str, Any] = {"page_type": str(page.page_type), "reason": page.reason}
    if page.record is not None:
        row |= to_json(page.record)
    row["url"] = url
    row["document_urls"] = list(page.document_urls)
    row["next_page"] = page.next_page
    row["encoding"] = page.encoding
    row["flags"] = list(dict.fromkeys((*row.get("flags", ()), *page.flags)))
    return row
