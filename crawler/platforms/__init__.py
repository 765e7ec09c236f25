"""Engines that many sites share: each module adds what their pages do not say in words the general reader knows.

A platform is chosen by the shape of the page, or named in a site's profile (`platform`), never by host.
"""

from __future__ import annotations

from typing import Protocol

from crawler.platforms import discuz, jpage, page_script


class Platform(Protocol):
    """What a module of an engine has."""

    def fits(self, text: str) -> bool:
        """Whether the page *text* is made by the engine."""

    def next_page(self, text: str, url: str) -> str | None:
        """Return the URL of the listing's next page where no link leads to it, else None."""


# Discuz is not among them: the pages of its listings are links.
PLATFORMS: dict[str, Platform] = {"page_script": page_script, "jpage": jpage}


def platform_of(text: str, name: str | None = None) -> Platform | None:
    """Return the platform that the page *text* is made by, None where it is none of ours; *name* settles it."""
    if name in PLATFORMS:
        return PLATFORMS[name]
    return next((platform for platform in PLATFORMS.values() if platform.fits(text)), None)


def unpacked(text: str) -> str:
    """Return the page *text* as its document stands in it.

    With what its engine keeps in scripts where a browser would show it; without what others answered to a document.
    """
    if discuz.fits(text):
        return discuz.unpacked(text)
    return jpage.unpacked(text) if jpage.fits(text) else text
