"""How much of each listing the archive has: what the site says there is, what is listed, captured, missing and why.

"Complete" is said of a listing only where the arithmetic holds: it was walked to its end, every document that it names
is captured, and their number is the total that the site states. A total that is wrong, a listing that stops at a page
cap, and documents on two pages each make a difference, which is told. Entries that repeat others count only where they
stand in the same place on every page: a listing that is shuffled between two requests repeats some, leaves out others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from archive.clock import instant_text
from archive.site_state.staging import Run
from archive.site_state.state import State
from crawler.fetching.frontier import Frontier
from crawler.listings.memory import ListingMemory
from crawler.listings.walk_memory import Purpose, Walk, WalkOutcome

OPTION = "coverage"
"""Key of a run's options, in state and ledger: a list of rows, one a listing."""

MOST_LISTINGS = 200
"""Listings of one run that are told of, those that lack something first: a tree of categories may have thousands."""

SAMPLES = 3
"""URLs that are named of what is missing, for each reason."""

CAPS = frozenset((10, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 250, 300, 400, 500, 1000))
"""Numbers of pages at which sites like to cut their listings."""


_CAME = "SELECT 1 FROM visits v WHERE v.url_id = l.url_id AND v.found IN ('new', 'changed', 'same')"
"""Whether a visit of a run that is not published yet brought the document."""


_CAME_ELSEWHERE = (
    "SELECT 1 FROM redirects r LEFT JOIN watched o ON o.url_id = r.target WHERE r.url_id = l.url_id AND "
    "(o.last_at IS NOT NULL OR EXISTS(SELECT 1 FROM visits v WHERE v.run_no = ?1 AND v.url_id = r.target "
    "AND v.found IN ('new', 'changed', 'same'))) "
    "AND NOT EXISTS(SELECT 1 FROM redirects t WHERE t.target = r.target AND t.url_id <> r.url_id "
    "AND EXISTS(SELECT 1 FROM listed o WHERE o.url_id = t.url_id)) "  # a hop on the way is no link of another document
    "AND NOT EXISTS(SELECT 1 FROM listed s WHERE s.listing = l.listing AND s.url_id = r.target)"
)
"""Whether the archive has the document that a link leads to: one of this link alone, no page for all that is gone."""


class Standing(StrEnum):
    """What may be said of a listing."""

    COMPLETE = "complete"
    """Walked to its end, all captured, and as many as the site says."""
    UNPROVEN = "unproven"
    """Walked to its end and all captured, but no total says that this is all, or it says otherwise."""
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Documents that a listing names and the archive lacks, for one reason."""

    reason: str
    """How the last visit ended (`withdrawal.Absence`), `held` with a run, or `waiting` to be asked for."""
    documents: int
    samples: list[str]
    """URLs of some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One listing as a run found it."""

    listing: str
    """URL of its first page."""
    advertised_total: int | None
    """Documents that the site says there are, by the last page that says so."""
    entries: int | None
    """Entries of all pages, repeated ones counted again, where this run read them all."""
    seen: int
    """Documents that it names."""
    captured: int
    """Those of them that the archive has, this run included."""
    unlisted: int
    """Documents that the archive has and the listing does not name any more."""
    missing: int
    """Documents that it names and the archive lacks."""
    why: list[Missing]
    walk: str
    """How this run's walk ended (`WalkOutcome`)."""
    whole_at: str | None
    """When the listing was seen to its end last."""
    standing: Standing
    reason: str
    """Why no more may be said, or what the arithmetic rests on."""


class CoverageLedger:
    """Reads what the walks of a run showed. It writes nothing."""

    def __init__(self, state: State, frontier: Frontier, memory: ListingMemory) -> None:
        self.db = state.db
        self._frontier = frontier
        self._memory = memory

    def rows(self, run: Run) -> list[dict[str, Any]]:
        """Return a row for each listing that the run walked, as JSON types; those that lack something first."""
        walks = [walk for walk in self._memory.walks.of_run(run.run_no) if walk.purpose is Purpose.HEAD]
        rows = [self._of(run, walk) for walk in walks]
        worst = [Standing.INCOMPLETE, Standing.UNPROVEN, Standing.COMPLETE]
        rows.sort(key=lambda row: (worst.index(row.standing), row.listing))
        return [asdict(row) for row in rows[:MOST_LISTINGS]]

    def _of(self, run: Run, walk: Walk) -> Coverage:
        listing = walk.listing
        known = self._memory.listing(listing)
        listed, unlisted = self.db.execute(
            "SELECT COALESCE(SUM(vanished_at IS NULL), 0), COALESCE(SUM(vanished_at IS NOT NULL AND w.misses = 0 "
            "AND w.last_at IS NOT NULL), 0) FROM listed LEFT JOIN watched w USING(url_id) WHERE listing = ?",
            (listing,),
        ).fetchone()
        missing = self._missing(run.run_no, listing)
        lacking = sum(one.documents for one in missing)
        total = self._total(run.run_no, listing)
        entries = self._entries(run.run_no, listing) if walk.outcome is WalkOutcome.ENDED else None
        standing, reason = Standing.INCOMPLETE, walk.reason or "the walk broke off"
        if walk.outcome not in (WalkOutcome.BROKEN, WalkOutcome.OPEN):
            standing, reason = self._judged(listing, known.whole_at, listed, missing, total, entries)
        return Coverage(
            listing=self._frontier.url_of(listing),
            advertised_total=total,
            entries=entries,
            seen=listed,
            captured=listed - lacking,
            unlisted=unlisted,
            missing=lacking,
            why=missing,
            walk=walk.outcome,
            whole_at=instant_text(datetime.fromtimestamp(known.whole_at, UTC)) if known.whole_at else None,
            standing=standing,
            reason=reason,
        )

    def _judged(
        self,
        listing: int,
        whole_at: float | None,
        listed: int,
        missing: Iterable[Missing],
        total: int | None,
        entries: int | None,
    ) -> tuple[Standing, str]:
        """Do the arithmetic."""
        if cut := self._memory.cut_pages(listing):
            pages = "one of its pages is" if cut == 1 else f"{cut:,} of its pages are"
            return Standing.INCOMPLETE, f"{pages} too long to be read whole: what stands at the end is not known"
        if whole_at is None:
            return Standing.INCOMPLETE, "it was never walked to its end"
        if told := ", ".join(f"{one.documents:,} {one.reason}" for one in missing):
            return Standing.INCOMPLETE, f"documents that are listed and not captured: {told}"
        if total is None:
            return Standing.UNPROVEN, f"walked to its end, but the site states no total{self._cap(listing)}"
        if listed == total:
            return Standing.COMPLETE, "all that the site says there are"
        repeated = total - listed
        if repeated > 0 and repeated == self._on_every_page(listing):
            return Standing.COMPLETE, f"all that the site says there are: {repeated:,} of its entries repeat another"
        if repeated > 0 and entries == total:
            return Standing.UNPROVEN, f"{repeated:,} of {total:,} entries repeat another: others may be left out"
        if listed < total:
            return Standing.INCOMPLETE, f"the listing ends after {listed:,} of {total:,} that the site says there are"
        return Standing.UNPROVEN, f"{listed:,} are listed, but the site says there are {total:,}"

    def _missing(self, run_no: int, listing: int) -> list[Missing]:
        rows = self.db.execute(
            f"SELECT l.url_id, COALESCE(f.kind, CASE WHEN EXISTS({_CAME}) THEN 'held' END, a.kind, 'waiting') "
            "FROM listed l LEFT JOIN watched w USING(url_id) LEFT JOIN absences a USING(url_id) "
            "LEFT JOIN found_absent f ON f.url_id = l.url_id AND f.run_no = ?1 "
            "WHERE l.listing = ?2 AND l.vanished_at IS NULL AND w.last_at IS NULL "
            f"AND NOT EXISTS({_CAME} AND v.run_no = ?1) AND NOT EXISTS({_CAME_ELSEWHERE}) "
            "ORDER BY l.position, l.url_id",
            (run_no, listing),
        )
        by_reason: dict[str, list[int]] = {}
        for url_id, why in rows:
            by_reason.setdefault(why, []).append(url_id)
        return [
            Missing(reason=why, documents=len(ids), samples=[self._frontier.url_of(one) for one in ids[:SAMPLES]])
            for why, ids in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
        ]

    def _total(self, run_no: int, listing: int) -> int | None:
        row = self.db.execute(
            "SELECT advertised_total FROM walked_pages WHERE listing = ? AND run_no = ? "
            "AND advertised_total IS NOT NULL ORDER BY seen_at DESC LIMIT 1",
            (listing, run_no),
        ).fetchone()
        return row[0] if row else None

    def _entries(self, run_no: int, listing: int) -> int:
        return sum(len(page.items) for page in self._memory.pages(listing, run_no, Purpose.HEAD))

    def _on_every_page(self, listing: int) -> int:
        """Return how many entries repeated what stood in the same place on every page, in the last walk to the end."""
        run_no = self._memory.walks.last_ended(listing)
        if run_no is None:
            return 0
        pages = [{*enumerate(page.items)} for page in self._memory.pages(listing, run_no, Purpose.HEAD)]
        return len(set.intersection(*pages)) * (len(pages) - 1) if pages else 0

    def _cap(self, listing: int) -> str:
        """Say so where the listing ends as those do that are cut: on a full page, after a round number of pages."""
        places = self._memory.places(listing)
        if len(places) not in CAPS or places[-1].items < max(place.items for place in places):
            return ""
        return f"; it ends on a full page after {len(places)} pages, as listings do that are cut"
