"""What the words of a crawl command mean: which profile, which site, where it starts, whether it may."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from archive.errors import NotAnArchive, UsageError
from archive.layout import read_marker
from crawler.errors import Refused
from crawler.guard import AllowedHosts, check_url
from crawler.profile import SiteProfile, find_profiles, profile_by_name, profile_for_url
from crawler.walk import host_of

_CONTACT = re.compile(r"(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+|https?://[^\s<>()]+")


@dataclass(frozen=True, kw_only=True)
class Target:
    """One site to crawl."""

    site: str
    """The profile's name, or the host (with its port) where there is none."""
    profile: SiteProfile | None
    start_urls: tuple[str, ...]


def resolve(site_or_url: str, start: tuple[str, ...], sites: Path | None) -> Target:
    """Return what *site_or_url* names: a profile, a URL on one of a profile's hosts, or any other URL.

    *start* stands in for the start URLs: a mirror, or the simulated site. *sites* is the user's folder of profiles.
    Raises UsageError for an unknown name and for URLs that cannot be fetched.
    """
    profiles = find_profiles(sites)
    for url in start:
        _host(url)
    if "://" in site_or_url:
        host = _host(site_or_url)
        profile = profile_for_url(site_or_url, profiles)
        return Target(site=profile.name if profile else host, profile=profile, start_urls=start or (site_or_url,))
    profile = profile_by_name(site_or_url, profiles)
    if profile is None:
        raise UsageError(_unknown(site_or_url, list(profiles)))
    start_urls = start or profile.start_urls
    if not start_urls:
        raise UsageError(f"profile {profile.name} has no start_urls; add them to {profile.file} or give --start URL")
    return Target(site=profile.name, profile=profile, start_urls=start_urls)


def _host(url: str) -> str:
    try:
        host = host_of(url)
    except ValueError as error:
        raise UsageError(f"{url} is no URL that can be fetched ({error}); correct it") from error
    if not host or not url.lower().startswith(("http://", "https://")):
        raise UsageError(f"{url} is no URL of a web page; write it like https://docs.example/list/1.html")
    return host


def _unknown(name: str, known: list[str]) -> str:
    if "." in name or "/" in name:
        return f"no profile named {name!r}; for a site without one give the URL of a listing: https://{name}"
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"no profile named {name!r}; {hint}list them with: docarchive sites, or give the URL of a listing page"


def check_contact(contact: str | None) -> None:
    """Raise UsageError unless *contact* is absent or a mail address or URL that fits into a user agent."""
    if contact is not None and not (_CONTACT.fullmatch(contact) and contact.isascii()):
        raise UsageError(f"contact {contact!r} is neither a mail address nor a URL; write mailto:you@example.org")


def check_allowed(target: Target, archive: Path | None, contact: str | None, allow_hosts: tuple[str, ...]) -> None:
    """Raise UsageError or Refused where *target* may not be crawled into *archive* (None: into none).

    Private and loopback addresses need to be allowed by name, public hosts need a contact, and an archive of the
    demonstration takes no real documents.
    """
    check_contact(contact)
    allowed = AllowedHosts.parse(allow_hosts)
    for url in target.start_urls:
        check_url(url, allowed)
    public = [url for url in target.start_urls if _is_public(url)]
    if public and archive is not None and _is_demo(archive):
        raise UsageError(
            f"{archive} is a demo archive of simulated documents; name another one with --archive DIR for a real crawl"
        )
    if contact is None and (unreachable := [url for url in public if not _is_named(url, allowed)]):
        raise UsageError(
            f"crawling {host_of(unreachable[0])} needs a contact for its operators; set contact in docarchive.toml "
            "or give --contact mailto:you@example.org"
        )


def _is_public(url: str) -> bool:
    try:
        check_url(url, AllowedHosts())
    except Refused:
        return False
    return True


def _is_named(url: str, allowed: AllowedHosts) -> bool:
    """Whether a person named this host with --allow-host: it is theirs, they know whom to ask."""
    return allowed.allows_name(*check_url(url, allowed))


def _is_demo(archive: Path) -> bool:
    try:
        return bool(read_marker(archive).get("demo"))
    except NotAnArchive:
        return False
