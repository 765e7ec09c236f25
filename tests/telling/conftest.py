"""A site whose runs are published one after another by a manual clock, as far as the ledger and the state can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.published import ledger
from archive.published.run_history import RunHistory
from archive.published.tables import OpenTables
from archive.publishing.publish import Publisher
from archive.site_state.staging import FETCHED, Run, Staging
from archive.site_state.state import State
from crawler.profile import SiteProfile
from crawler.telling.overview import Overview, SiteStatus, overview

START = datetime(2026, 3, 1, 3, tzinfo=UTC)


@dataclass
class Watched:
    """An archive with runs."""

    layout: Layout
    clock: ManualClock
    _number: int = 0

    def run(
        self,
        site: str = "huiwen",
        *,
        event: str = "published",
        new: int = 0,
        counts: Mapping[str, int] | None = None,
        options: Mapping[str, Any] | None = None,
        reason: str = "pages was read on 2% of the documents",
        after: timedelta = timedelta(days=1),
    ) -> Run:
        """End a run as *event*, *after* the one before; a person's word can be had on one that is held."""
        self.clock.advance(after.total_seconds())
        self._number += 1
        state = State(self.layout, site, self.clock)
        try:
            state.acquire()
            staging = Staging(state)
            run_id = f"{self.clock.now():%Y%m%dT%H%M%SZ}-{self._number:06x}"
            measured = {"documents": new + 100, "new": new, "same": 100, "requests": 130, "filled/pages": new + 90}
            with state.transaction():
                staging.start_run(run_id, started_at=self.clock.now(), reader="general/1", options=options or {})
                staging.save_counts(run_id, {**measured, **(counts or {})})
                staging.set_status(run_id, FETCHED, finished_at=self.clock.now())
            run = staging.run(run_id)
            publisher = Publisher(self.layout, state, staging, self.clock)
            if event == "published":
                publisher.publish(run_id)
            elif event == "held":
                publisher.hold(run_id, reason)
            else:
                publisher.close_without_publishing(run_id, event, reason)
        finally:
            state.close()
        return run

    def many(self, *new: int, site: str = "huiwen", after: timedelta = timedelta(days=1)) -> list[str]:
        """Publish a run for each number of new documents, all in one commit, and return their ids."""
        events = []
        for number in new:
            self.clock.advance(after.total_seconds())
            self._number += 1
            events.append(
                ledger.Event(
                    run_id=f"{self.clock.now():%Y%m%dT%H%M%SZ}-{self._number:06x}",
                    site=site,
                    event="published",
                    reader="general/1",
                    started_at=self.clock.now(),
                    finished_at=self.clock.now(),
                    counts={"documents": number + 100, "new": number, "requests": 130, "filled/pages": number + 90},
                )
            )
        ledger.append(OpenTables(self.layout), events, self.clock, keep=lambda rows: None)
        return [event.run_id for event in events]

    def seen(self, profiles: Mapping[str, SiteProfile] | None = None) -> Overview:
        """Return how the archive is now."""
        with RunHistory(self.layout) as ledger:
            return overview(self.layout, ledger, profiles or {}, self.clock)

    def status(self, site: str = "huiwen", profiles: Mapping[str, SiteProfile] | None = None) -> SiteStatus:
        """Return how one site is now."""
        return next(each for each in self.seen(profiles).sites if each.site == site)

    def conditions(self, site: str = "huiwen") -> list[str]:
        """Return what is the matter with a site now."""
        return [trouble.condition.value for trouble in self.status(site).troubles]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(create(tmp_path / "data"), ManualClock(START))
