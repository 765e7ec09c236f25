"""What we know of a site: its profile, read from TOML, checked and frozen."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import orjson

from crawler.attachments.offered import Attachments
from crawler.errors import ProfileError
from crawler.fetching.url_pattern import check_pattern
from crawler.listings.paging import PAGE, Paging, holds_page
from crawler.listings.walk import MAX_DEPTH, host_of
from crawler.reading.feeds import ITEM_MEMBER
from crawler.reading.page import ReaderHints
from crawler.schedule import Schedule, parse_duration, parse_schedule, parse_zone

PACKAGED = Path(__file__).parent / "sites"
"""Profiles that come with the program; a user's profile of the same name goes before them."""

PLATFORMS = Path(__file__).parent / "platforms"

LABELLED_FIELDS = (
    "doc_id",
    "title",
    "size_bytes",
    "pages",
    "format",
    "published_on",
    "tags",
    "issuer",
    "document_number",
)
"""Record fields whose label a profile may name."""

MAX_PROFILE_BYTES = 256 * 1024
MAX_DELAY_SECONDS = 3_600
"""Longer waits are no crawl any more; a schedule is."""
MAX_JITTER = timedelta(days=1)
"""A start put off for longer than this is another schedule."""
MAX_REVISIT_BUDGET = 86_400
"""One request a second, all day."""
MAX_CONCURRENCY = 16
"""More connections than this to one site is an attack, whatever its owner says."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_COOKIE_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")  # RFC 6265, section 4.1.1
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "host",
        "if-modified-since",
        "if-none-match",
        "keep-alive",
        "proxy-authorization",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that the crawl sets itself: another value would break the exchange or what is stored of it."""


@dataclass(frozen=True, kw_only=True)
class SiteProfile:
    """What one site does differently from the general case. Every field but the name may be left out."""

    name: str
    """The file's name without `.toml`; `site` of every record."""
    start_urls: tuple[str, ...] = ()
    """Where a crawl begins: listing pages, or single documents."""
    hosts: tuple[str, ...] = ()
    """Hosts whose pages belong to the site, in lower case, with the port where it is not the scheme's own."""
    former_hosts: tuple[str, ...] = ()
    """Hosts the site had before it moved: URLs on them still mean this site."""
    former_names: tuple[str, ...] = ()
    """Names this profile had before: they still mean this site on the command line."""
    listing: Paging | None = None
    """How the listing is asked for where no link leads to its next page; its first page is a start URL."""
    platform: str | None = None
    """Engine the site runs on (a module of `crawler.platforms`); None: by page shape."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels this site words differently, by record field: {"pages": "总页数"}."""
    document_url: str | None = None
    """Regular expression that the path (with query) of every document URL matches; group `id`, if there, is the ID."""
    listing_url: str | None = None
    """Regular expression that the path (with query) of every listing URL matches."""
    item_url: str | None = None
    """URL of a document of which a listing in JSON gives but members: "https://docs.example/doc?id={docId}"."""
    attachments: Attachments = Attachments.NONE
    """Which of the files that a document's page offers are fetched: only what is public and free to fetch."""
    follow_related: bool = False
    """Whether the related documents of a document page are fetched too."""
    follow_listings: bool = False
    """Whether listings that a listing leads to (categories) are walked too."""
    max_depth: int = MAX_DEPTH
    """Pages from a start URL that the crawl goes at most."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Request headers to send beside our own."""
    cookies: Mapping[str, str] = field(default_factory=dict)
    """Cookies to send with every request."""
    proxy: str | None = None
    """Proxy for every request, such as "http://proxy.example:3128"; the environment's is never used."""
    tls_strict: bool = True
    """Whether the site's certificate must be valid; False is written into the WARC files."""
    delay_seconds: float | None = None
    """Seconds between requests. None: the larger of 1 s and 5 times the response time."""
    concurrency: int | None = None
    """Requests in flight at once. None: one."""
    encoding: str | None = None
    """Encoding of pages that say none, as Python names it."""
    day_first: bool | None = None
    """Whether 03/04/2020 is 3 April; None: by the page's language."""
    revisit_budget: int | None = None
    """Requests a day for known pages. None: one for 25 documents, and 150. 0: known documents are left alone."""
    schedule: str | None = None
    """When the site is to be crawled: a word, an interval or a cron expression. None: only when asked."""
    timezone: str | None = None
    """What the hours of a cron expression mean, as the IANA list names it. None: UTC."""
    jitter: str | None = None
    """Over how long the starts are spread. None: not at all."""
    file: Path | None = None
    """The file it was read from."""

    def all_hosts(self) -> frozenset[str]:
        """Return the hosts the site has or had."""
        return frozenset((*self.hosts, *self.former_hosts))

    def plan(self) -> Schedule | None:
        """Return when the site is to be crawled; None: only when asked."""
        if self.schedule is None:
            return None
        zone = parse_zone(self.timezone or "UTC")
        return parse_schedule(self.schedule, zone, parse_duration(self.jitter) if self.jitter else timedelta(0))

    def hints(self) -> ReaderHints:
        """Return the part of the profile that reading takes into account."""
        return ReaderHints(
            labels=self.labels,
            document_url=self.document_url,
            listing_url=self.listing_url,
            item_url=self.item_url,
            encoding=self.encoding,
            day_first=self.day_first,
            platform=self.platform,
        )


def load_profile(path: Path) -> SiteProfile:
    """Return the profile in the file *path*.

    Raises ProfileError, naming the file, the key and what to write, for anything unknown or out of range.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ProfileError(f"{path} cannot be read ({error.strerror}); name a readable profile") from error
    if len(raw) > MAX_PROFILE_BYTES:
        raise ProfileError(f"{path} has {len(raw):,} bytes; a profile has at most {MAX_PROFILE_BYTES:,}")
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(f"{path} is not valid TOML: {error}; correct it") from error
    return _Reader(path, table).profile()


def find_profiles(folder: Path | None = None) -> dict[str, SiteProfile]:
    """Return every profile by name: the packaged ones, and before them those in *folder*, the user's sites folder.

    Raises ProfileError for the first one that is not sound, and when *folder* is named but not there.
    """
    return {name: load_profile(path) for name, path in profile_files(folder).items()}


def profile_files(folder: Path | None = None) -> dict[str, Path]:
    """Return the file of every profile by name, sorted, without reading any."""
    if folder is not None and not folder.is_dir():
        raise ProfileError(f"the sites folder {folder} is not there; make it, or correct `sites` in docarchive.toml")
    paths = list(PACKAGED.glob("*.toml")) + (list(folder.glob("*.toml")) if folder is not None else [])
    return dict(sorted({path.stem: path for path in paths}.items()))


def profile_by_name(name: str, profiles: Mapping[str, SiteProfile]) -> SiteProfile | None:
    """Return the profile called *name*, now or formerly, or None."""
    if name in profiles:
        return profiles[name]
    return next((profile for profile in profiles.values() if name in profile.former_names), None)


def profile_for_url(url: str, profiles: Mapping[str, SiteProfile]) -> SiteProfile | None:
    """Return the profile on one of whose hosts, present or former, *url* lies, or None.

    Raises ValueError for a URL with an impossible port.
    """
    host = host_of(url)
    return next((profile for profile in profiles.values() if host in profile.all_hosts()), None)


class _Reader:
    """Turns one TOML table into a profile, key by key."""

    def __init__(self, path: Path, table: Mapping[str, Any]) -> None:
        self.path = path
        self.table = table

    def profile(self) -> SiteProfile:
        values = {key: self._value(key) for key in self.table}
        name = values.setdefault("name", self.path.stem)
        if name != self.path.stem or not _NAME.fullmatch(name):
            raise self.wrong(
                "name", "write the file's own name without .toml, in small letters, digits, - and _, or leave it out"
            )
        paging: Paging | None = values.get("listing")
        if paging is not None:
            values["start_urls"] = (*values.get("start_urls", ()), paging.first())
        urls: tuple[str, ...] = values.get("start_urls", ())
        if "hosts" not in values:
            values["hosts"] = tuple(dict.fromkeys(host_of(url) for url in urls))
        for url in urls:
            if host_of(url) not in values["hosts"]:
                raise self.wrong("hosts", f'add "{host_of(url)}", where {url} lies')
        for key in ("timezone", "jitter"):
            if key in values and "schedule" not in values:
                raise self.wrong(key, "write the schedule that it belongs to as well, or leave it out")
        profile = SiteProfile(**values, file=self.path)
        plan = profile.plan()
        if plan is not None and plan.every is not None and plan.jitter > plan.every:
            raise self.wrong("jitter", "write one that is not longer than the schedule's interval")
        return profile

    def _value(self, key: str) -> Any:
        check = _CHECKS.get(key)
        if check is None:
            raise ProfileError(f"{self.path}: unknown key {key!r}; write one of {', '.join(sorted(_CHECKS))}")
        try:
            return check(self.table[key])
        except ValueError as error:
            raise self.wrong(key, str(error)) from error

    def wrong(self, key: str, what_to_write: str) -> ProfileError:
        return ProfileError(f"{self.path}: {key} = {_shown(self.table.get(key))} will not do; {what_to_write}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


# Each check takes what TOML gave and returns the field's value, or raises ValueError saying what to write.


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("write one line of text in quotes")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError('write a list of texts, such as ["a", "b"]')
    return tuple(dict.fromkeys(_text(one) for one in value))


def _names(value: Any) -> tuple[str, ...]:
    names = _texts(value)
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("write names in small letters, digits, - and _")
    return names


def _hosts(value: Any) -> tuple[str, ...]:
    hosts = _texts(value)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ValueError('write hosts in small letters without scheme or path, such as "www.docs.example"')
    return hosts


def _urls(value: Any) -> tuple[str, ...]:
    urls = _texts(value)
    for url in urls:
        _check_url(url, ("http", "https"), 'write whole URLs, such as "https://www.docs.example/list/1.html"')
    return urls


def _check_url(url: str, schemes: tuple[str, ...], advice: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in schemes and _HOST.fullmatch(host_of(url)) is not None
    except ValueError as error:
        raise ValueError(advice) from error
    if not sound or "@" in parts.netloc or re.search(r"[\s\\]", url):
        raise ValueError(advice)


def _proxy(value: Any) -> str:
    advice = 'write "http://HOST:PORT", without user name'
    url = _text(value)
    _check_url(url, ("http", "https"), advice)
    return url


def _pattern(value: Any) -> str:
    pattern = _text(value)
    check_pattern(pattern)
    return pattern


def _listing(value: Any) -> Paging:
    keys = ("url", "method", "form", "json", "page_parameter", "first_page", "page_step")
    if not isinstance(value, dict) or not set(value) <= set(keys) or "url" not in value:
        raise ValueError(f"write a table with url, and where it needs them {', '.join(keys[1:])}")
    url, form, body = _text(value["url"]), dict(_table(value.get("form", {}))), value.get("json", {})
    _check_url(
        url.replace(PAGE, "1"), ("http", "https"), 'write a whole URL as url, such as "https://docs.example/list"'
    )
    if not isinstance(body, dict) or (form and body):
        raise ValueError("write either form or json, a table")
    parameter = value.get("page_parameter")
    if parameter is not None:
        if body:
            body = {**body, _text(parameter): PAGE}
        elif form:
            form[_text(parameter)] = PAGE
        else:
            url += f"{'&' if '?' in url else '?'}{_text(parameter)}={PAGE}"
    if not (holds_page(url) or holds_page(form) or holds_page(body)):
        raise ValueError(f"name page_parameter, or write {PAGE} where the page's number stands")
    try:
        json_text = orjson.dumps(body)
    except TypeError as error:
        raise ValueError("write texts, numbers, true, false, lists and tables in json") from error
    if "#" in url or len(json_text) > MAX_PROFILE_BYTES:
        raise ValueError("write a URL without #")
    method = value.get("method", "POST" if form or body else "GET")
    if method not in ("GET", "POST") or (method == "GET" and (form or body)):
        raise ValueError('write "GET" or "POST" as method; a form or json goes with POST')
    number = _number(0, MAX_DEPTH, whole=True)
    return Paging(
        url=url,
        method=method,
        form=MappingProxyType(form),
        json=MappingProxyType(body),
        first_page=number(value.get("first_page", 1)),
        page_step=_number(1, MAX_DEPTH, whole=True)(value.get("page_step", 1)),
    )


def _attachments(value: Any) -> Attachments:
    if value not in tuple(Attachments):
        raise ValueError(f"write one of {', '.join(Attachments)}")
    return Attachments(value)


def _item_url(value: Any) -> str:
    url = _text(value)
    advice = 'write a whole URL with members of the answer in braces, such as "https://docs.example/doc?id={docId}"'
    _check_url(ITEM_MEMBER.sub("x", url), ("http", "https"), advice)
    if not ITEM_MEMBER.search(url):
        raise ValueError(advice)
    return url


def _labels(value: Any) -> Mapping[str, str]:
    labels = _table(value)
    for name in labels:
        if name not in LABELLED_FIELDS:
            raise ValueError(f"write record fields on the left: {', '.join(LABELLED_FIELDS)}")
    return MappingProxyType({name: _text(label) for name, label in labels.items()})


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise ValueError('write a table of texts, such as {name = "text"}')
    return value


def _headers(value: Any) -> Mapping[str, str]:
    headers = _table(value)
    for name, text in headers.items():
        if not _TOKEN.fullmatch(name) or not _HEADER_VALUE.fullmatch(text):
            raise ValueError("write header names as HTTP has them and values of one line in ASCII")
        if name.lower() in _OURS:
            raise ValueError(f"leave out {name}, which the crawl sets itself")
    return MappingProxyType(dict(headers))


def _cookies(value: Any) -> Mapping[str, str]:
    cookies = _table(value)
    for name, text in cookies.items():
        if not _TOKEN.fullmatch(name) or not _COOKIE_VALUE.fullmatch(text):
            raise ValueError("write cookies as name = value, without spaces, commas, semicolons and quotes")
    return MappingProxyType(dict(cookies))


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("write true or false")
    return value


def _number(lowest: float, highest: float, *, whole: bool = False) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not number or not lowest <= value <= highest:
            raise ValueError(f"write a {'whole ' if whole else ''}number from {lowest:g} to {highest:g}")
        return value if whole else float(value)

    return check


def _encoding(value: Any) -> str:
    try:
        info = codecs.lookup(_text(value))
    except (LookupError, ValueError) as error:
        raise ValueError('write an encoding that Python knows, such as "gb18030"') from error
    if not getattr(info, "_is_text_encoding", True):
        raise ValueError('write a text encoding, such as "gb18030"')
    return info.name


def _platform(value: Any) -> str:
    known = sorted(path.stem for path in PLATFORMS.glob("*.py") if path.stem != "__init__")
    if value not in known:
        raise ValueError(f"write one of {', '.join(known)}" if known else "leave it out")
    return str(value)


def _schedule(value: Any) -> str:
    text = _text(value)
    parse_schedule(text)
    return text


def _timezone(value: Any) -> str:
    return parse_zone(_text(value)).key


def _jitter(value: Any) -> str:
    text = _text(value)
    if parse_duration(text) > MAX_JITTER:
        raise ValueError('write a duration of at most "1d"')
    return text


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "name": _text,
    "start_urls": _urls,
    "hosts": _hosts,
    "former_hosts": _hosts,
    "former_names": _names,
    "platform": _platform,
    "labels": _labels,
    "document_url": _pattern,
    "listing_url": _pattern,
    "listing": _listing,
    "item_url": _item_url,
    "attachments": _attachments,
    "follow_related": _boolean,
    "follow_listings": _boolean,
    "max_depth": _number(1, MAX_DEPTH, whole=True),
    "headers": _headers,
    "cookies": _cookies,
    "proxy": _proxy,
    "tls_strict": _boolean,
    "delay_seconds": _number(0, MAX_DELAY_SECONDS),
    "concurrency": _number(1, MAX_CONCURRENCY, whole=True),
    "encoding": _encoding,
    "day_first": _boolean,
    "revisit_budget": _number(0, MAX_REVISIT_BUDGET, whole=True),
    "schedule": _schedule,
    "timezone": _timezone,
    "jitter": _jitter,
}
"""Every key of a profile, and what its value must be."""

PROFILE_KEYS = tuple(one.name for one in fields(SiteProfile) if one.name != "file")
"""Keys in the order in which a profile is shown."""
