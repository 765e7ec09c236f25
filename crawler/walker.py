"""What a run does with its listings: which page comes next, which documents are fetched, when it is enough.

The run of a site that is known is incremental. It looks for what is new where the listing puts it (`proven_stop.py`,
`listing_order.py`), walks listings whole whose order is not known, and when that is done spends the day's budget on a
further stretch of the rest and on the known documents where a visit is worth most (`revisit.py`).

Everything is decided from the state file, inside the transaction that stages the page: a run that is killed goes on as
if nothing had happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from archive.clock import Clock, parse_instant
from archive.site_state.staging import Change, Run, Staging
from archive.site_state.state import State
from archive.site_state.withdrawn import Expected
from crawler.fetching.frontier import Frontier, Leads, Link, LinkKind, Status
from crawler.fetching.outcome import Outcome
from crawler.listings import coverage
from crawler.listings.coverage import CoverageLedger
from crawler.listings.memory import (
    Listing,
    ListingMemory,
    ListingPage,
    Noted,
    Place,
    Shown,
)
from crawler.listings.order import Evidence, Order, order_of
from crawler.listings.proven_stop import (
    MARGIN_ITEMS,
    ProvenStop,
    anchors_after,
    anchors_between,
    joins,
)
from crawler.listings.repeats import Repeats
from crawler.listings.walk import after_documents
from crawler.listings.walk_memory import Purpose, Step, WalkOutcome
from crawler.revisits.day_budget import DayBudget
from crawler.revisits.revisit import Found, Kind, Revisits
from crawler.revisits.withdrawal import Withdrawals

BARREN_LISTINGS = 100
"""Listing pages in a row, of any listing, without a new document, after which no more are followed: a calendar may
branch."""

WHOLE_SHARE = 0.9
"""Share of the documents seen before that a walk must have seen for the listing's end to be believed: half a listing,
or one whose link to the next page is gone, looks like a short one."""

SEAMS_READ_AGAIN = 20
"""Pages of one walk that are read again because the listing shifted; totals that are noise must not double it."""

STEPS_BACK = 5
"""Pages that a walk from the remembered end goes back to find known ground."""

REDRAWN_SHARE = 0.5
FEWEST_REDRAWN = 2
"""When more than this share of a listing page's entries changed, and more than so many, its design did."""

SWEEP_TRIES = 3
"""Runs in which a page stops a sweep before the sweep goes on behind it."""

_FOUND = {Change.NEW: Found.NEW, Change.CHANGED: Found.CHANGED, Change.SAME: Found.SAME}


class Walker:
    """The walks of one run. Every call is made inside the state's open transaction."""

    def __init__(
        self,
        state: State,
        staging: Staging,
        frontier: Frontier,
        clock: Clock,
        counts: Counter[str],
        budget_of: Callable[[int], int],
    ) -> None:
        """*budget_of*: requests a day for sweeps and revisits together, of a site with so many documents."""
        self.memory = ListingMemory(state)
        self.revisits = Revisits(state)
        self.withdrawals = Withdrawals(state, staging, frontier, self.memory)
        self.budget = DayBudget(self.revisits, frontier, clock, counts, budget_of)
        self.full = False
        """Whether every document is asked for, known or not, and no walk stops before the end."""
        self.spends_budget = True
        """Whether known pages are asked for again; not in a run that is limited to a few."""
        self._state = state
        self._staging = staging
        self._frontier = frontier
        self._clock = clock
        self._counts = counts
        self._run: Run
        self._run_no = 0
        self._began_at = 0.0
        self._barren_listings = 0
        """Listing pages in a row, of any listing, without a document new to the run."""
        self._proofs: dict[int, ProvenStop] = {}
        self._repeats = Repeats()

    # A run begins

    def begin(self, run: Run, starts: Iterable[Link]) -> None:
        """Queue the start pages and the documents that earlier runs owe."""
        self._use(run)
        self._learn()
        self.memory.set_back(self._now())
        self.withdrawals.set_back(self._now())
        self._watch_what_was_published()
        self.memory.forget_old_runs(run.run_no)
        self._start(starts)
        for url_id in self.revisits.owed():
            self._frontier.add_known(url_id, LinkKind.DOCUMENT)

    def resume(self, run: Run, starts: Iterable[Link]) -> None:
        """Go on; start pages that the run has not seen join it, and those that did not come are tried once more."""
        self._use(run)
        links = [*starts]
        for link in links:
            url_id = self._frontier.identify(link)
            if self._frontier.try_anew(url_id):
                self.memory.walks.reopen(run.run_no, url_id)
        self._start(links)

    def end(self) -> None:
        """Nothing is left to fetch: decide what is withdrawn, and write down how much of each listing is here."""
        self._counts["withdrawn"] = self.withdrawals.confirm(self._run)
        rows = CoverageLedger(self._state, self._frontier, self.memory).rows(self._run)
        self._staging.note_option(self._run.run_id, coverage.OPTION, rows)

    def _use(self, run: Run) -> None:
        self._run = run
        self._run_no = run.run_no
        self._began_at = parse_instant(run.started_at).timestamp()

    def _start(self, starts: Iterable[Link]) -> None:
        for link in starts:
            if self._frontier.add(link):
                self._begin_listing(self._frontier.identify(link))

    def _begin_listing(self, listing: int) -> None:
        """Begin the walks of a listing whose first page was queued."""
        self.memory.walks.take_step(self._run_no, listing, Step(listing, 1, Purpose.HEAD))
        self.memory.walks.begin(self._run_no, listing, Purpose.HEAD, 1)
        known = self._listing(listing)
        if known.order is not Order.OLDEST_FIRST:
            return
        places = self.memory.places(listing)
        start, items = len(places) - 1, 0
        while start > 1 and items < MARGIN_ITEMS:
            items += places[start].items
            start -= 1
        place = places[start]
        self.memory.walks.begin(self._run_no, listing, Purpose.TAIL, place.position)
        self._queue_place(place, Step(listing, place.position, Purpose.TAIL))

    def _listing(self, listing: int) -> Listing:
        """Return what is believed of a listing, as far as it can be walked by it."""
        known = self.memory.listing(listing)
        walked_whole = self.full or not known.anchors
        if known.order is Order.OLDEST_FIRST and len(self.memory.places(listing)) < 3:
            walked_whole = True
        if walked_whole:
            known.order = Order.UNKNOWN
        return known

    def _learn(self) -> None:
        """Take as evidence what runs found that were published since; forget that of runs which never were."""
        for run_no in self.revisits.waiting_runs():
            published = self._staging.was_published(run_no)
            if published:
                self.withdrawals.learn(run_no)
                self.revisits.learn(run_no, self._now())
            elif published is False:
                self.withdrawals.drop(run_no)
                self.revisits.drop(run_no)
        self.revisits.suspect(self.withdrawals.lately_unlisted(self._now()))

    def _watch_what_was_published(self) -> None:
        """Watch documents that came otherwise than by a walk: imported, or from a state that was made again."""
        if self._staging.document_page_count() <= self.revisits.count():
            return
        for canonical_url, url, fetched_at in self._staging.document_pages():
            url_id = self._frontier.identify(Link(url, canonical_url, LinkKind.DOCUMENT))
            self.revisits.watch(url_id, Kind.DOCUMENT, parse_instant(fetched_at).timestamp())

    # What a page brought

    def take(self, outcome: Outcome, change: Change | None) -> None:
        """Queue what a page leads to, and remember what it showed."""
        if outcome.moved_to is not None or outcome.status is Status.WAITING:
            return
        step = self.memory.walks.step(self._run_no, outcome.entry.id)
        if outcome.listing is not None:
            self._listing_page(outcome, step or self._unexpected(outcome))
        elif step is None or outcome.record is not None:
            if step is not None:
                self._end(step, WalkOutcome.LOOKED, "a document")
            self._document(outcome, change)
        elif outcome.listings:
            self._redirected(outcome.listings, step)
        else:
            self._no_listing(outcome, step)
        self._spend_budget_if_ready()

    def _unexpected(self, outcome: Outcome) -> Step:
        """A listing page that belongs to no walk begins one."""
        listing = outcome.entry.id
        self.memory.walks.begin(self._run_no, listing, Purpose.HEAD, 1)
        step = Step(listing, 1, Purpose.HEAD)
        self.memory.walks.take_step(self._run_no, listing, step)
        return step

    def _document(self, outcome: Outcome, change: Change | None) -> None:
        for link in outcome.documents:
            self._want(link)
        url_id, at = outcome.entry.id, self._instant(outcome)
        for link in outcome.listings:
            self._frontier.add(link)
            self.memory.note_redirect(url_id, self._frontier.identify(link))
        if change is not None:
            found = _FOUND[change]
            if found is Found.NEW and outcome.record is not None:
                self._repeats.note(outcome.record)
            if found is Found.CHANGED and outcome.page is not None and self.revisits.is_suspect(url_id):
                self._staging.withdrawn.expect(self._run.run_id, outcome.page.canonical_url, Expected.CHANGE)
            self.memory.note_redirect(url_id, None)
        else:
            found = Found.MISSING if outcome.status is Status.DONE else Found.FAILED
            self.revisits.suspect(self.withdrawals.note_absence(self._run, url_id, outcome, at))
        self.revisits.note(self._run_no, url_id, Kind.DOCUMENT, at, found)

    def _want(self, link: Link) -> int:
        """Queue a document unless it is known; return its number."""
        url_id = self._frontier.identify(link)
        if self.full or not self.revisits.is_known(url_id):
            self.revisits.watch(url_id, Kind.DOCUMENT)
            self._frontier.add(link)
        return url_id

    def _redirected(self, links: Sequence[Link], step: Step) -> None:
        for link in links:
            if self._frontier.add(link):
                self.memory.walks.take_step(self._run_no, self._frontier.identify(link), step)
                return
        self._end(step, WalkOutcome.LOOKED, "leads to a page that was read")

    def _no_listing(self, outcome: Outcome, step: Step) -> None:
        """A page of a walk failed, or is no listing any more: nothing may be claimed of what lies behind it."""
        is_gone = outcome.status is Status.DONE
        if step.purpose is Purpose.TAIL and is_gone and self._step_back(step.listing, step.position):
            return
        if step.purpose is Purpose.SWEEP:
            self._sweep_stopped(step, is_gone=is_gone)
        self._end(step, WalkOutcome.BROKEN, outcome.reason)

    # Listing pages

    def _listing_page(self, outcome: Outcome, step: Step) -> None:
        assert outcome.listing is not None
        is_reading_again = self._is_read(step)
        onwards = next((link for link in outcome.listings if link.leads is Leads.ONWARDS), None)
        shown = {self._want(link): outcome.listing.signals.get(link.canonical_url) for link in outcome.documents}
        missing = self.memory.missing_between(self._run_no, step, [*shown])
        noted = self.memory.note_page(
            self._run_no,
            step,
            outcome.entry.id,
            [Shown(url_id, signal) for url_id, signal in shown.items()],
            seen_at=self._instant(outcome),
            advertised_total=outcome.listing.advertised_total,
            is_last=onwards is None,
        )
        self.memory.note_cut(step.listing, outcome.entry.id, is_cut=outcome.listing.is_cut)
        self._count_listed(noted)
        changed = [one.item.url_id for one in noted if one.is_changed]
        most = max(FEWEST_REDRAWN, len(noted) * REDRAWN_SHARE)
        if len(missing) <= most:  # more is a listing that shows but a part
            self.memory.note_vanished(step.listing, missing, self._instant(outcome))
            self.budget.suspect(missing)
        if len(changed) <= most:
            self.budget.suspect(changed)
        fresh = sum(one.is_first_in_run for one in noted)
        if is_reading_again:
            return
        self._barren_listings = 0 if fresh else self._barren_listings + bool(outcome.listings)
        is_enough = self._barren_listings >= BARREN_LISTINGS or self._repeats.reason is not None
        followed = [] if is_enough else after_documents(outcome.listings, fresh)
        for link in followed:
            if link.leads is not Leads.ONWARDS and self._frontier.add(link):
                self._begin_listing(self._frontier.identify(link))
        trapped = onwards is not None and not any(link.leads is Leads.ONWARDS for link in followed)
        onwards = next((link for link in followed if link.leads is Leads.ONWARDS), None)
        match step.purpose:
            case Purpose.HEAD:
                self._head_page(step, noted, onwards, trapped=trapped)
            case Purpose.TAIL:
                self._tail_page(step, onwards)
            case Purpose.SWEEP:
                self._sweep_page(outcome, step, noted, onwards)

    def _is_read(self, step: Step) -> bool:
        """Whether the run has read that page before: it is read again because the listing shifted."""
        return any(page.position == step.position for page in self._pages(step))

    def _pages(self, step: Step) -> list[ListingPage]:
        return list(self.memory.pages(step.listing, self._run_no, step.purpose, step.position - 1, step.position))

    def _count_listed(self, noted: Sequence[Noted]) -> None:
        new = sum(one.item.is_first_seen for one in noted)
        self._counts["listed/first_seen"] += new
        self._counts["listed/known"] += len(noted) - new

    def _follow(self, link: Link, step: Step) -> bool:
        """Queue the page behind the one of *step*; False: this run has read it."""
        if not self._frontier.add(link):
            return False
        following = Step(step.listing, step.position + 1, step.purpose)
        self.memory.walks.take_step(self._run_no, self._frontier.identify(link), following)
        return True

    def _queue_place(self, place: Place, step: Step) -> bool:
        if not self._frontier.add_known(place.url_id, LinkKind.LISTING):
            return False
        self.memory.walks.take_step(self._run_no, place.url_id, step)
        return True

    # From the first page

    def _head_page(self, step: Step, noted: Sequence[Noted], onwards: Link | None, *, trapped: bool) -> None:
        known = self._listing(step.listing)
        proof = self._proof(known, step)
        proof.read(one.item for one in noted)
        self._mend_seam(known, step, [one.item.url_id for one in noted])
        is_at_end_elsewhere = known.order in (Order.OLDEST_FIRST, Order.UNORDERED)
        new_here = any(one.item.is_first_seen for one in noted)
        if is_at_end_elsewhere and step.position == 1 and not (new_here and known.order is Order.OLDEST_FIRST):
            self._end(step, WalkOutcome.LOOKED, "new documents stand elsewhere")
        elif known.order is Order.NEWEST_FIRST and proof.is_proven:
            self._close_head(step, WalkOutcome.PROVEN, proof)
        elif trapped:
            self._end(step, WalkOutcome.BROKEN, self._repeats.reason or "no new documents for long")
        elif onwards is None or not self._follow(onwards, step):
            self._listing_ended(step, proof)

    def _proof(self, known: Listing, step: Step) -> ProvenStop:
        """Return the overlap found so far; after a crash from the pages read before it."""
        proof = self._proofs.get(step.listing)
        if proof is None:
            proof = self._proofs[step.listing] = ProvenStop(known.anchors)
            for page in self.memory.pages(step.listing, self._run_no, Purpose.HEAD, 1, step.position - 1):
                proof.read(self.memory.items(step.listing, self._run_no, page.items))
        return proof

    def _listing_ended(self, step: Step, proof: ProvenStop) -> None:
        """The listing's end was reached; believe it unless it comes far sooner than it did."""
        known = self.memory.listing(step.listing)
        seen = len(proof.items)
        as_before = seen >= known.size * WHOLE_SHARE
        as_last_time = abs(seen - known.end_size) <= known.end_size * (1 - WHOLE_SHARE)
        if as_before or (known.end_size and as_last_time):
            self._close_head(step, WalkOutcome.ENDED, proof)
            return
        known.end_size = seen
        self.memory.save(known)
        self._end(step, WalkOutcome.BROKEN, f"ended after {seen:,} documents, before after {known.size:,}")

    def _close_head(self, step: Step, outcome: WalkOutcome, proof: ProvenStop) -> None:
        """A walk has reached covered ground or the end: what it saw is covered, and the next one is held against it."""
        known = self.memory.listing(step.listing)
        if known.size:
            self._learn_order(known, [(before, known.size - before) for before in proof.known_before])
        if outcome is WalkOutcome.ENDED:
            known.size, known.end_size = len(proof.items), 0
            self.memory.forget_places_after(step.listing, step.position)
            self._seen_whole(known, began_at=self._began_at)
        else:
            known.size += sum(item.is_first_seen for item in self.memory.items(step.listing, self._run_no, proof.items))
        if known.order is not Order.OLDEST_FIRST:
            known.anchors = anchors_after(proof.items, known.anchors)
        elif outcome is WalkOutcome.ENDED:
            known.anchors = anchors_after(proof.items[::-1], ())
        self.memory.cover(step.listing, self._run_no, proof.aside, proof.restored)
        self.memory.save(known)
        self._end(step, outcome, None)

    def _learn_order(self, known: Listing, places: Iterable[tuple[int, int]]) -> None:
        evidence = [Evidence(max(0, before), max(0, after)) for before, after in places]
        if not evidence:
            return
        self.memory.add_evidence(known.listing, self._run_no, evidence)
        order = order_of(self.memory.evidence(known.listing))
        if Order.OLDEST_FIRST in (order, known.order) and order is not known.order:
            known.anchors = ()  # they were counted from the other end
        known.order = order

    def _mend_seam(self, known: Listing, step: Step, items: Sequence[int]) -> None:
        """Read a page again where the listing shifted while it was walked.

        What is removed above lets documents slip up from a page not read yet to one that was; what is added above
        pushes them down, where they are met twice, and stands on the first page itself.
        """
        if step.position < 2:
            return
        pages = {page.position: page for page in self._pages(step)}
        before, here = pages.get(step.position - 1), pages.get(step.position)
        if before is None or here is None:
            return
        shrank = None not in (before.advertised_total, here.advertised_total) and (
            (here.advertised_total or 0) < (before.advertised_total or 0)
        )
        slipped = [one for one in anchors_between(known.anchors, before.items, items) if self._is_unseen(step, one)]
        if shrank or slipped:
            self._read_again(step, before.url_id, before.position)
        grew = (here.advertised_total or 0) > (before.advertised_total or 0) > 0
        if grew or {*before.items} & {*items}:
            first = next(iter(self.memory.pages(step.listing, self._run_no, Purpose.HEAD, 1, 1)), None)
            if first is not None:
                self._read_again(step, first.url_id, 1)

    def _is_unseen(self, step: Step, url_id: int) -> bool:
        return self.memory.last_run_of(step.listing, url_id) != self._run_no

    def _read_again(self, step: Step, url_id: int, position: int) -> None:
        readings = self.memory.readings(step.listing, self._run_no)
        again = sum(number - 1 for number in readings.values())
        if readings.get(position, 0) == 1 and again < SEAMS_READ_AGAIN:
            self._counts["walk/read_again"] += self._frontier.add_known(url_id, LinkKind.LISTING, again=True)

    # From the remembered end

    def _tail_page(self, step: Step, onwards: Link | None) -> None:
        if onwards is not None and self._follow(onwards, step):
            return
        walk = self.memory.walks.find(self._run_no, step.listing, Purpose.TAIL)
        assert walk is not None
        pages = list(self.memory.pages(step.listing, self._run_no, Purpose.TAIL))
        known = self.memory.listing(step.listing)
        items = [item for page in pages for item in self.memory.items(step.listing, self._run_no, page.items)]
        if not joins(known.anchors, items):
            if not self._step_back(step.listing, walk.first_position):
                self._lose_end(known, step)
            return
        seen = ProvenStop(known.anchors)
        seen.read(reversed(items))
        self._learn_order(known, [(known.size - after, after) for after in seen.known_before])
        known.size += sum(item.is_first_seen for item in items)
        if known.order is Order.OLDEST_FIRST:
            known.anchors = anchors_after(seen.items, known.anchors)
        self.memory.forget_places_after(step.listing, pages[-1].position)
        self.memory.cover(step.listing, self._run_no)
        self.memory.save(known)
        self._end(step, WalkOutcome.PROVEN, None)

    def _step_back(self, listing: int, position: int) -> bool:
        """Queue the page before *position*, the remembered end having been moved up by removals; False: no more."""
        places = {place.position: place for place in self.memory.places(listing)}
        back = places.get(position - 1)
        steps = len(list(self.memory.pages(listing, self._run_no, Purpose.TAIL)))
        if back is None or back.position < 2 or steps > STEPS_BACK:
            return False
        self.memory.walks.move(self._run_no, listing, Purpose.TAIL, back.position)
        return self._queue_place(back, Step(listing, back.position, Purpose.TAIL))

    def _lose_end(self, known: Listing, step: Step) -> None:
        """The remembered end is not there any more: the next run walks the listing whole."""
        known.anchors = ()
        self.memory.save(known)
        self._end(step, WalkOutcome.BROKEN, "the remembered end was not found")

    # The sweep

    def _sweep_page(self, outcome: Outcome, step: Step, noted: Sequence[Noted], onwards: Link | None) -> None:
        walk = self.memory.walks.find(self._run_no, step.listing, Purpose.SWEEP)
        assert walk is not None
        known = self.memory.listing(step.listing)
        new = [one.item for one in noted if one.item.is_first_seen]
        self._note_sweep(outcome, bool(new))
        if new:
            before = sum(place.items for place in self.memory.places(step.listing) if place.position < step.position)
            self._learn_order(known, [(before, known.size - before)])
            known.size += len(new)
        known.sweep_position, known.sweep_failures = step.position, 0
        read = step.position - walk.first_position + 1
        # Behind the last page remembered stand those that were pushed out since: they belong to this stretch.
        is_enough = read >= (walk.pages_wanted or 0) and self.memory.has_place_after(step.listing, step.position)
        if onwards is not None and not is_enough and self._follow(onwards, step):
            self.memory.save(known)
            return
        is_joined = onwards is not None and not is_enough and known.order is Order.OLDEST_FIRST
        if onwards is None or is_joined:  # joined: the rest was read for what is new
            self._sweep_done(known, None if is_joined else step.position)
        self.memory.cover(step.listing, self._run_no)
        self.memory.save(known)
        self._end(step, WalkOutcome.LOOKED if onwards is not None else WalkOutcome.ENDED, None)

    def _note_sweep(self, outcome: Outcome, found_new: bool) -> None:
        url_id, at = outcome.entry.id, self._instant(outcome)
        self.revisits.watch(url_id, Kind.LISTING)
        self.revisits.note(self._run_no, url_id, Kind.LISTING, at, Found.CHANGED if found_new else Found.SAME)

    def _sweep_done(self, known: Listing, last_position: int | None) -> None:
        """A sweep has come to the end of the listing: everything that it still lists has been seen."""
        if last_position is not None:
            self.memory.forget_places_after(known.listing, last_position)
        known.sweep_position = 0
        self._seen_whole(known, began_at=known.sweep_began_at or self._began_at)

    def _seen_whole(self, known: Listing, began_at: float) -> None:
        """Have those documents looked at that the listing does not show any more, and did the time before."""
        if self.memory.cut_pages(known.listing):
            return
        since = known.whole_at if known.whole_at is not None and known.whole_at < began_at else 0.0
        gone = self.memory.seen_last(known.listing, since, began_at)
        if len(gone) <= known.size * (1 - WHOLE_SHARE):  # more is a listing that was cut or made anew
            self.budget.suspect(gone)
            self.memory.note_vanished_before(known.listing, began_at, self._now())
        known.whole_at = began_at

    def _sweep_stopped(self, step: Step, *, is_gone: bool) -> None:
        """A page of the sweep did not come: try it again in the next run, a few times; then go on behind it."""
        known = self.memory.listing(step.listing)
        places = self.memory.places(step.listing)
        known.sweep_failures += 1
        if is_gone and places and step.position >= places[-1].position:
            self._sweep_done(known, step.position - 1)
        elif known.sweep_failures >= SWEEP_TRIES:
            known.sweep_position, known.sweep_failures = step.position + 1, 0
        self.memory.save(known)

    # The budget

    def _spend_budget_if_ready(self) -> None:
        """Once what is new has been looked for, queue the pages that the day's budget is for."""
        if self.full or not self.spends_budget or self.budget.is_planned or self.memory.walks.are_open(self._run_no):
            return
        pages_wanted = self.budget.plan({listing: self._places_to_sweep(listing) for listing in self._walked()})
        self.budget.take(sum(self._begin_sweep(listing, pages) for listing, pages in pages_wanted.items()))

    def _walked(self) -> list[int]:
        """Return the listings whose first page came and which were not seen whole in this run."""
        walks = [walk for walk in self.memory.walks.of_run(self._run_no) if walk.purpose is Purpose.HEAD]
        return [walk.listing for walk in walks if walk.outcome in (WalkOutcome.PROVEN, WalkOutcome.LOOKED)]

    def _places_to_sweep(self, listing: int) -> list[Place]:
        """Return the pages from where the sweep stands to the end, or to what this run has read from there on."""
        start = max(self.memory.listing(listing).sweep_position, self.memory.pages_read(listing, self._run_no) + 1)
        found: list[Place] = []
        for place in self.memory.places(listing):
            if place.position < start:
                continue
            if self._frontier.is_queued(place.url_id):
                break
            found.append(place)
        return found

    def _begin_sweep(self, listing: int, pages: int) -> int:
        places = self._places_to_sweep(listing)
        if not pages or not places:
            return 0
        known = self.memory.listing(listing)
        if known.sweep_position == 0 or known.sweep_began_at is None:
            known.sweep_began_at = self._began_at
            self.memory.save(known)
        step = Step(listing, places[0].position, Purpose.SWEEP)
        self.memory.walks.begin(self._run_no, listing, Purpose.SWEEP, step.position, pages)
        return pages if self._queue_place(places[0], step) else 0

    # Small things

    def _end(self, step: Step, outcome: WalkOutcome, reason: str | None) -> None:
        self.memory.walks.end(self._run_no, step.listing, step.purpose, outcome, reason)
        self._counts[f"walk/{outcome}"] += 1

    def _instant(self, outcome: Outcome) -> float:
        return outcome.page.fetched_at.timestamp() if outcome.page is not None else self._now()

    def _now(self) -> float:
        return self._clock.now().timestamp()
