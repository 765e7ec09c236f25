"""The states a site is in at a moment: failing, slow, behind a challenge, redesigned, damaged.

Unlike the catalogue they are no memory: each is read from the events that began it and have not ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from simulator.draw import Draw
from simulator.look import PLAIN, Look
from simulator.script import Event

STATES = {"redesigned", "failing", "slow", "captcha", "login", "fault", "robots"}
_LOOKS = {name for name in Look.__dataclass_fields__ if name != "design"}


@dataclass(slots=True)
class Conditions:
    """What holds for one request."""

    look: Look = PLAIN
    status: int | None = None
    retry_after: int | None = None
    delay_seconds: float = 0.0
    instead: str | None = None
    """captcha, login or soft404: what is sent with status 200 in place of the page."""
    wrong_charset: bool = False


def conditions(events: Sequence[Event], family: str, kind: str, path: str, now: datetime, seed: int) -> Conditions:
    """Return what holds at *now* for the page of that *kind* (document, listing, ...) at *path*.

    A share is drawn from the path, so that a page damaged today is damaged tomorrow too.
    """
    found = Conditions()
    for number, event in enumerate(events):
        if not event.concerns(family) or not event.lasts(now) or not _meant(event, number, kind, path, seed):
            continue
        _apply(found, event)
    return found


def _meant(event: Event, number: int, kind: str, path: str, seed: int) -> bool:
    takes = event.takes
    if event.action == "robots":
        return False
    on = takes.get("on", "all")
    if on != "all" and on != f"{kind}s":
        return False
    share = takes.get("share", 1)
    return share >= 1 or Draw(seed, "condition", number, path).chance(share)


def _apply(found: Conditions, event: Event) -> None:
    takes = event.takes
    match event.action:
        case "redesigned":
            found.look = replace(found.look, design=takes.get("design", 2))
        case "failing":
            found.status = takes.get("status", 503)
            found.retry_after = takes.get("retry_after")
        case "slow":
            found.delay_seconds += float(takes.get("seconds", 5))
        case "captcha" | "login":
            found.instead = event.action
        case "fault":
            _damage(found, takes["name"])
        case _:
            pass


def _damage(found: Conditions, name: str) -> None:
    instead = {"captcha": "captcha", "soft_404": "soft404", "login_wall": "login"}
    if name in _LOOKS:
        changed: dict[str, Any] = {name: True}
        found.look = replace(found.look, **changed)
    elif name in instead:
        found.instead = instead[name]
    elif name == "wrong_charset":
        found.wrong_charset = True


@dataclass(frozen=True, slots=True)
class Robots:
    """What robots.txt says, or the status it fails with."""

    disallow: tuple[str, ...] = ("/search", "/download")
    crawl_delay: float | None = None
    status: int | None = None

    def text(self, root: str) -> str:
        """Return the file."""
        lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in self.disallow)]
        if self.crawl_delay is not None:
            lines.append(f"Crawl-delay: {self.crawl_delay:g}")
        return "\n".join(lines) + "\n"


def robots(events: Sequence[Event], now: datetime, crawl_delay: float | None) -> Robots:
    """Return what robots.txt says at *now*."""
    said = Robots(crawl_delay=crawl_delay)
    for event in events:
        if event.action == "robots" and event.lasts(now):
            takes = event.takes
            said = Robots(
                disallow=tuple(takes.get("disallow", said.disallow)),
                crawl_delay=takes.get("crawl_delay", said.crawl_delay),
                status=takes.get("status"),
            )
    return said
