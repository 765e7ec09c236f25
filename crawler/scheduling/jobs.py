"""What `crawl --due` and its workers say to each other: jobs, and what became of them, each as one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

ALIVE = b'{"alive": true}\n'
"""What a worker says every few seconds."""


def line(message: Job | Told) -> bytes:
    """Return *message* as it goes through a pipe."""
    return (json.dumps(asdict(message), ensure_ascii=False) + "\n").encode()


class Do(StrEnum):
    """What a worker can be asked to do for a site."""

    FETCH = "fetch"
    PREPARE = "prepare"
    """Mend what a killed run left, make the state file again: what may take long, and needs pyarrow."""
    PUBLISH = "publish"
    TELL = "tell"
    """Write the reports of runs that have ended and tell a person: many at a time, whatever their sites."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be done for one site, or for no single one: telling."""

    site: str
    do: Do
    archive: str
    profile: str
    """The profile's file."""
    begun_before: str | None = None
    """When the last run began that the one who gave the job knows of: if there is a newer one, nothing is fetched."""
    allow_hosts: tuple[str, ...] = ()
    contact: str | None = None
    delay_seconds: float | None = None
    concurrency: int | None = None
    proxy: str | None = None
    notify: str | None = None
    """Command that is called when a person is needed."""
    sites: str | None = None
    """The user's folder of profiles."""
    ends: tuple[Mapping[str, Any], ...] = ()
    """What to tell of: rows of `crawler.telling.run_end.RunEnd`."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a worker says of a job."""

    site: str
    did: str
    """"fetched" (to be published), "prepared", "ended" or "told"."""
    exit_code: int = 0
    reason: str | None = None
    resumed: bool = False
    """Whether what was fetched had been begun by an earlier command."""
    outcome: Mapping[str, Any] | None = None
    """How the run ended; None where none was begun."""
    end: Mapping[str, Any] | None = None
    """The same as a row of `RunEnd`, where it is to be told of."""
