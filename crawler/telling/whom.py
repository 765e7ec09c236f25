"""Who is told of a run's end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Whom:
    """What docarchive.toml says of it."""

    notify: str | None = None
    """Command that is called when a person is needed; None: nobody is called."""
    sites: Path | None = None
    """The user's folder of profiles: by their schedules it is judged which site is late."""
