"""What the words of a crawl command mean: which profile, which site, where it starts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from archive.errors import UsageError
from crawler.listings.walk import host_of
from crawler.profile import SiteProfile, find_profiles, profile_by_name, profile_for_url


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
