"""Whether a crawl may begin: addresses, the contact for a site's operators, archives of demonstrations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from archive.errors import NotAnArchive, UsageError
from archive.layout import read_marker
from crawler.errors import Refused
from crawler.fetching.guard import AllowedHosts, check_url
from crawler.listings.walk import host_of

_CONTACT = re.compile(r"(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+|https?://[^\s<>()]+")


def check_contact(contact: str | None) -> None:
    """Raise UsageError unless *contact* is absent or a mail address or URL that fits into a user agent."""
    if contact is not None and not (_CONTACT.fullmatch(contact) and contact.isascii()):
        raise UsageError(f"contact {contact!r} is neither a mail address nor a URL; write mailto:you@example.org")


def check_allowed(
    start_urls: Sequence[str], archive: Path | None, contact: str | None, allow_hosts: Sequence[str]
) -> None:
    """Raise UsageError or Refused where a crawl may not begin at *start_urls*, or not into *archive* (None: into none).

    Private and loopback addresses need to be allowed by name, public hosts need a contact, and an archive of the
    demonstration takes no real documents.
    """
    check_contact(contact)
    allowed = AllowedHosts.parse(allow_hosts)
    for url in start_urls:
        check_url(url, allowed)
    public = [url for url in start_urls if _is_public(url)]
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
