"""Engines that many sites share: each module adds what its pages do not say in words the general reader knows.

A platform is chosen by the shape of the page, or named in a site's profile (`platform`), never by host.
"""

from __future__ import annotations

from types import ModuleType

from crawler.platforms import page_script

PLATFORMS: dict[str, ModuleType] = {"page_script": page_script}
"""Name -> module with `fits(text)`, whether the page is made by the engine, and `next_page(text, url)`."""


def platform_of(text: str, name: str | None = None) -> ModuleType | None:
    """Return the platform that the page *text* is made by, None where it is none of ours; *name* settles it."""
    if name in PLATFORMS:
        return PLATFORMS[name]
    return next((platform for platform in PLATFORMS.values() if platform.fits(text)), None)
