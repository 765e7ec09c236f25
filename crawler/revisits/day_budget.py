"""What a day's requests for known pages go to: documents that there is reason to look at, and stretches of listings.

The budget fills up within a day and never holds more than a day's; a part of it is kept for what the sweeps of the same
run give reason to look at. What a visit is worth: `revisit.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from archive.clock import Clock
from crawler.fetching.frontier import Frontier, LinkKind
from crawler.listings.memory import Place
from crawler.revisits.revisit import DAY_SECONDS, RESERVED_SHARE, Beliefs, Revisits, Sweepable, floors_of, refilled

SWEEP_DAYS = 9
"""Days within which a sweep sees a whole listing, where nothing else asks for more: what it shows no more is confirmed
gone within a fortnight."""


class DayBudget:
    """The budget of one run. Every call is made inside the state's open transaction."""

    def __init__(
        self,
        revisits: Revisits,
        frontier: Frontier,
        clock: Clock,
        counts: Counter[str],
        budget_of: Callable[[int], int],
    ) -> None:
        """*budget_of*: requests a day, of a site with so many documents."""
        self._revisits = revisits
        self._frontier = frontier
        self._clock = clock
        self._counts = counts
        self._budget_of = budget_of

    @property
    def is_planned(self) -> bool:
        """Whether the run has planned what it spends; a run that goes on after a crash keeps its plan."""
        return self._counts["budget/planned"] > 0

    def plan(self, places: Mapping[int, Sequence[Place]]) -> Mapping[int, int]:
        """Queue the documents that are worth a visit; return how many pages of which listing are to be swept.

        *places*: listing -> the pages that its sweep would read, in order.
        """
        self._counts["budget/planned"] = 1
        beliefs, now = self._revisits.beliefs(), self._clock.now().timestamp()
        beliefs.level = refilled(beliefs.level, beliefs.level_at, now, self._budget_of(self._revisits.count()))
        beliefs.level_at = now
        self._revisits.save(beliefs)
        requests = int(beliefs.level * (1 - RESERVED_SHARE))
        sweeps = {listing: self._sweepable(listing, pages, beliefs, now) for listing, pages in places.items() if pages}
        plan = self._revisits.plan(now, requests, sweeps, floors_of(sweeps, SWEEP_DAYS, requests // 2))
        self.take(sum(self._frontier.add_known(url_id, LinkKind.DOCUMENT) for url_id in plan.documents))
        return plan.pages

    def take(self, requests: int) -> None:
        """Note that so many requests of the budget are spent."""
        beliefs = self._revisits.beliefs()
        beliefs.level = max(0.0, (beliefs.level or 0.0) - requests)
        self._revisits.save(beliefs)
        self._counts["budget/spent"] += requests

    def suspect(self, url_ids: Iterable[int]) -> None:
        """Look at documents that a listing gives reason to look at: now if the budget allows, else in the next run."""
        suspects = [*url_ids]
        if not suspects:
            return
        self._revisits.suspect(suspects)
        beliefs = self._revisits.beliefs()
        if not self.is_planned or beliefs.level is None or not beliefs.heeds_signals:
            return
        spent = 0
        for url_id in suspects:
            if beliefs.level < spent + 1:
                break
            spent += self._frontier.add_known(url_id, LinkKind.DOCUMENT)
        self.take(spent)

    def _sweepable(self, listing: int, places: Sequence[Place], beliefs: Beliefs, now: float) -> list[Sweepable]:
        pages = [
            Sweepable(
                listing,
                max(0.0, now - place.seen_at) / DAY_SECONDS,
                place.items,
                self._revisits.finds_a_day(beliefs, place.url_id),
            )
            for place in places
        ]
        if len(pages) > 1:  # the first only joins the stretch to the one before
            pages[0] = pages[0]._replace(days=pages[1].days)
        return pages
