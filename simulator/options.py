"""What a simulated site is asked to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.errors import BadOptions

FAMILIES = ("huiwen", "renrendoc", "docplayer", "govuk", "dspace")
"""The families, in the order in which `all` lists them."""
ORDERS = ("newest-first", "oldest-first", "unordered")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorOptions:
    """One simulated site; with equal options it is the same site on any machine."""

    documents: int = 200
    """Documents at the opening, in each family."""
    family: str = "huiwen"
    """One of `FAMILIES`, served at /; or "all": each below its own path (/huiwen/, /renrendoc/, ...)."""
    seed: int = 7
    """Another seed is another site."""
    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one."""
    categories: int = 1
    """Listings the documents are spread over."""
    order: str = "newest-first"
    """Order of the listings: one of `ORDERS`."""
    sticky: int = 0
    """How many of the oldest documents stand at the top of the first listing page as well."""
    page_cap: int | None = None
    """Last listing page that is served; None: all. The total the site states is not changed by it."""
    script: Path | None = None
    """Script of events (see simulator/script.py)."""
    events: tuple[Mapping[str, Any], ...] = ()
    """More events, each as a row of a script."""
    truth: Path | None = None
    """File for what a perfect archive would hold at the opening; about 0.1 ms a document to write."""
    log: Path | None = None
    """File that gets one JSON line a request."""
    latency_seconds: float = 0.0
    """Wait before each answer."""
    failure_rate: float = 0.0
    """Share of the answers that are 503, drawn anew each time."""
    crawl_delay: float | None = None
    """Crawl-delay of robots.txt, in seconds."""
    plain_bodies: bool = False
    """Every body with Content-Length, none compressed: for debugging with other tools."""
    lost_documents: bool = True
    """Whether one listed document in fifty cannot be read (see simulator/lost.py)."""
    traps: bool = False
    """Whether /trap/ is served (see simulator/traps.py) and the home page leads there."""
    clock_start: datetime | None = None
    """Start the site's clock at this instant (aware); None: the machine's time."""
    clock_speed: float = 1.0
    """Pace of a started clock; 0 stands still until moved."""

    def __post_init__(self) -> None:
        if self.documents < 1:
            raise BadOptions(f"a site of {self.documents} documents cannot be made; ask for 1 or more")
        if self.family != "all" and self.family not in FAMILIES:
            raise BadOptions(f"there is no family {self.family!r}; use one of {', '.join(FAMILIES)} or all")
        if self.order not in ORDERS:
            raise BadOptions(f"there is no order {self.order!r}; use one of {', '.join(ORDERS)}")
        if not 0 <= self.failure_rate <= 1:
            raise BadOptions(f"the failure rate {self.failure_rate:g} is no share; use a number from 0 to 1")
        if self.categories < 1 or self.categories > self.documents:
            raise BadOptions(
                f"{self.documents} documents cannot fill {self.categories} listings; ask for fewer listings"
            )
        if self.clock_start is not None and self.clock_start.tzinfo is None:
            raise BadOptions("the clock's start has no time zone; write it like 2026-03-01T03:00:00Z")

    def to_json(self) -> dict[str, Any]:
        """Return the options as JSON types."""
        fields = asdict(self)
        for name in ("script", "truth", "log"):
            fields[name] = None if fields[name] is None else str(Path(fields[name]).absolute())
        fields["clock_start"] = None if self.clock_start is None else self.clock_start.isoformat()
        fields["events"] = list(self.events)
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> SimulatorOptions:
        """Return the options that `to_json` wrote."""
        read = dict(fields)
        for name in ("script", "truth", "log"):
            read[name] = None if read[name] is None else Path(read[name])
        read["clock_start"] = None if read["clock_start"] is None else datetime.fromisoformat(read["clock_start"])
        read["events"] = tuple(read["events"])
        return cls(**read)
