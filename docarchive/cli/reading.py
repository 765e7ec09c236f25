"""`read`: what saved pages say, without storing."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import orjson
import typer

from archive.asking.plain import json_line
from archive.clock import parse_instant
from archive.errors import SiteUnavailable, UsageError
from docarchive.cli.context import ArchiveOption, clock, configuration

if TYPE_CHECKING:
    from archive.warc.reading import StoredRecord
    from crawler.profile import SiteProfile
    from crawler.reading.page import Page
    from docarchive.configuration import Configuration
    from docarchive.explained_page import Saved

MAX_PAGE_BYTES = 64 * 1024 * 1024
MOST_EXPLAINED = 100
"""Pages that are explained on one page to look at."""


def add_to(app: typer.Typer) -> None:
    app.command("read")(read)


def read(
    pages: Annotated[list[str] | None, typer.Argument(metavar="FILE|URL|WARC|WACZ...", help="Pages to read.")] = None,
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
    allow_host: Annotated[list[str] | None, typer.Option(metavar="HOST:PORT", help="As of crawl, for a URL.")] = None,
    contact: Annotated[str | None, typer.Option(metavar="MAIL_OR_URL", help="As of crawl, for a URL.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say where each value was read, how sure it is, and what competed.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="OUT.html", help="With --explain: write it as a page to look at as well."),
    ] = None,
    archive: ArchiveOption = None,
    json: Annotated[bool, typer.Option("--json", hidden=True, help="The output is JSON lines anyway.")] = False,
) -> None:
    """Read saved pages, a page on the web, or WARC and WACZ files; print one JSON line a page.

    Example: docarchive read page.html --url https://docs.example/doc/1.html

    Example: docarchive read page.html --explain --html explained.html
    """
    from archive.warc.wacz import is_captures

    if not pages and manifest is None:
        raise UsageError("name pages to read, or a list of them with --manifest PAGES.jsonl")
    settings = configuration(archive)
    reader = _Reader(settings.sites, site, explain=explain or html is not None, keep=html is not None)
    if manifest is not None:
        for listed in _manifest_rows(manifest):
            _print(listed.file, _read_listed(reader, listed, manifest.parent))
    for name in pages or []:
        if "://" in name:
            results = _read_web(reader, name, settings, contact, tuple(allow_host or ()))
        elif is_captures(Path(name)):
            results = _read_captures(reader, Path(name))
        else:
            results = _read_file(reader, Path(name), url, content_type)
        for label, result in results:
            _print(label, result)
    if html is not None:
        _write_page(html, reader)


def _write_page(path: Path, reader: _Reader) -> None:
    from docarchive.explained_page import explained_page

    try:
        path.write_text(explained_page(reader.kept), encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); name another file") from error
    if reader.left_out:
        pages = len(reader.kept) + reader.left_out
        typer.echo(f"docarchive: {path} shows the first {len(reader.kept)} pages of {pages:,}", err=True)
    typer.echo(f"docarchive: open {path} in a browser", err=True)


def _print(label: str, row: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(json_line({"file": label, **row}))
    sys.stdout.buffer.flush()


class _Listed(NamedTuple):
    """One line of a manifest."""

    file: str
    url: str
    http_status: int
    content_type: str | None
    fetched_at: datetime | None


def _manifest_rows(path: Path) -> Iterator[_Listed]:
    try:
        lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).splitlines()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name a list of pages") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _listed(orjson.loads(line))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise UsageError(f'{path} line {number}: write {{"file": ..., "url": ...}} ({error})') from error


def _listed(row: dict[str, Any]) -> _Listed:
    """Return a line's members; raises KeyError, TypeError, ValueError or OverflowError for what none can be."""
    for name in ("file", "url", "content_type", "fetched_at"):
        value = row[name] if name in ("file", "url") else row.get(name)
        if not isinstance(value, str | None) or (name in ("file", "url") and (not value or "\0" in value)):
            raise ValueError(f"{name} cannot be {value!r}")
    status = row.get("http_status")
    if status and (type(status) is not int or not 100 <= status <= 999):
        raise ValueError(f"http_status cannot be {status!r}; write a number such as 200")
    fetched_at = None
    if row.get("fetched_at"):
        parse_instant(row["fetched_at"])  # refuses what names no zone
        fetched_at = datetime.fromisoformat(row["fetched_at"])  # in whose zone a page says "yesterday"
    return _Listed(row["file"], row["url"], status or 200, row.get("content_type"), fetched_at)


def _read_listed(reader: _Reader, listed: _Listed, folder: Path) -> dict[str, Any]:
    body = _bytes_of(folder / listed.file)
    fetched_at = listed.fetched_at or clock().now()
    return reader.read(body, listed.url, fetched_at, listed.content_type, listed.http_status)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_PAGE_BYTES)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name a saved page") from error


def _read_file(
    reader: _Reader, path: Path, url: str | None, content_type: str | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    address = url or path.absolute().as_uri()
    yield str(path), reader.read(_bytes_of(path), address, clock().now(), content_type, 200)


def _read_captures(reader: _Reader, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    from archive.warc.wacz import records_of, why_no_page

    if not path.is_file():
        raise UsageError(f"{path} is not there; name a WARC or WACZ file")
    for record in records_of(path):
        if record.status is None or why_no_page(record) is not None:
            continue
        yield f"{path}#{record.offset}", reader.read_record(record, record.status)


def _read_web(
    reader: _Reader, url: str, settings: Configuration, contact: str | None, allow_hosts: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Fetch one page as a crawl would, robots.txt obeyed, and keep nothing."""
    from crawler.permission import check_allowed
    from docarchive.targets import resolve

    target = resolve(url, (), settings.sites)
    contact = contact or settings.contact
    check_allowed(target.start_urls, None, contact, allow_hosts)

    from docarchive.trial import trial

    with trial(target, clock(), contact=contact, allow_hosts=allow_hosts, max_requests=1) as tried:
        captured = list(tried.captured())
        if not captured:
            raise SiteUnavailable(tried.outcome.reason or f"{url} did not answer; try again later")
        for one in captured:
            yield one.url, reader.read(one.body, one.url, one.fetched_at, one.content_type, one.status)


class _Reader:
    """Reads saved pages, with the hints of the profile that was named, or of the one whose host the page is from."""

    def __init__(self, sites: Path | None, site: str | None, *, explain: bool, keep: bool) -> None:
        from crawler.profile import find_profiles, profile_by_name

        self._explain = explain
        self._keep = keep
        self.kept: list[Saved] = []
        """The first pages that were read, to be explained."""
        self.left_out = 0
        self._profiles = find_profiles(sites)
        self._named = profile_by_name(site, self._profiles) if site else None
        if site and self._named is None:
            raise UsageError(f"no profile named {site!r}; list them with: docarchive sites")

    def read(
        self, body: bytes, url: str, fetched_at: datetime, content_type: str | None, http_status: int
    ) -> dict[str, Any]:
        """Return what one page says, as the JSON row that `read` prints."""
        from crawler.file_pages import read_any

        profile = self._profile(url)
        page = read_any(
            body,
            url=url,
            fetched_at=fetched_at,
            content_type=content_type,
            http_status=http_status,
            site=profile.name if profile else None,
            hints=profile.hints() if profile else None,
            explain=self._explain,
        )
        return self._kept(page, body, content_type)

    def read_record(self, record: StoredRecord, http_status: int) -> dict[str, Any]:
        """Return what the page in a WARC record says, as `read` does."""
        from crawler.stored_pages import read_stored

        profile = self._profile(record.url)
        page = read_stored(
            record,
            url=record.url,
            fetched_at=record.fetched_at,
            http_status=http_status,
            site=profile.name if profile else None,
            hints=profile.hints() if profile else None,
            explain=self._explain,
        )
        return self._kept(page, record.body().body if self._keep else b"", record.content_type)

    def _profile(self, url: str) -> SiteProfile | None:
        from crawler.profile import profile_for_url

        try:
            return self._named or profile_for_url(url, self._profiles)
        except ValueError as error:
            raise UsageError(f"{url!r} is no URL ({error}); correct it") from error

    def _kept(self, page: Page, body: bytes, content_type: str | None) -> dict[str, Any]:
        if self._keep:
            from docarchive.explained_page import Saved

            if len(self.kept) < MOST_EXPLAINED:
                self.kept.append(Saved(body, content_type, page))
            else:
                self.left_out += 1
        return _row(page)


def _row(page: Page) -> dict[str, Any]:
    from archive.record import to_json

    row: dict[str, Any] = {"page_type": str(page.page_type), "reason": page.reason}
    if page.record is not None:
        row |= to_json(page.record)
    row["url"] = page.url
    row["document_urls"] = list(page.document_urls)
    row["next_page"] = page.next_page
    row["file_urls"] = list(page.file_urls)
    if page.listed_files:
        row["listed_files"] = [{"url": url, **said._asdict()} for url, said in page.listed_files.items()]
    row["encoding"] = page.encoding
    row["flags"] = list(dict.fromkeys((*row.get("flags", ()), *page.flags)))
    if page.reasons:
        row["explained"] = {
            name: {
                "value": row[name],
                "read_at": reason.place,
                "confidence": reason.confidence,
                "others": [other._asdict() for other in reason.others],
            }
            for name, reason in page.reasons.items()
        }
    return row
