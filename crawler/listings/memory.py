"""What each listing of a site showed, run by run: the pages, the documents on them in order, the totals it stated.

One table an aspect, all in the site's state file, all by the number that the queue gave a URL (`urls.id`):

- `walked_pages`: every listing page as it was read: run, listing, position, total stated, documents in order;
- `listed`: each document of each listing: when first and last seen, where, behind which other document, what stood
  beside its link, and since when it is missing there;
- `listing_places`: the newest page known at each position;
- `listings`: what is believed of a listing: its order, its anchors, where the sweep stands;
- `cut_pages`: which pages of a listing could not be read to their end;
- `redirects`: which page a document's link leads to where it leads to another;
- `order_evidence`: where new documents stood.

A listing is known by the number of its first page. The walks through it: `walk_memory.py`. No decision is made here:
see `walker.py`.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archive.site_state.state import State
from crawler.listings.order import EVIDENCE_KEPT, Evidence, Order
from crawler.listings.proven_stop import Item
from crawler.listings.walk_memory import Purpose, Step, WalkMemory

LONGEST_GAP = 30
"""Documents missing one behind the other between two that the listing still shows; more are told by a whole walk."""

RUNS_KEPT = 60
"""Runs whose listing pages are kept: two months of daily runs, for whoever looks into what a listing showed when. The
newest page at each position is kept for ever."""

TABLES = """
CREATE TABLE IF NOT EXISTS walked_pages(
  listing INTEGER NOT NULL, run_no INTEGER NOT NULL, position INTEGER NOT NULL, reading INTEGER NOT NULL,
  purpose TEXT NOT NULL, url_id INTEGER NOT NULL, seen_at REAL NOT NULL, advertised_total INTEGER,
  is_last INTEGER NOT NULL, new_items INTEGER NOT NULL, items BLOB NOT NULL,
  PRIMARY KEY(listing, run_no, purpose, position, reading)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listed(
  listing INTEGER NOT NULL, url_id INTEGER NOT NULL, first_run_no INTEGER NOT NULL, last_run_no INTEGER NOT NULL,
  last_seen_at REAL NOT NULL, position INTEGER NOT NULL, signal BLOB, is_covered INTEGER NOT NULL DEFAULT 0,
  is_aside INTEGER NOT NULL DEFAULT 0, follows INTEGER, vanished_at REAL, PRIMARY KEY(listing, url_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listed_document ON listed(url_id);
CREATE INDEX IF NOT EXISTS listed_uncovered ON listed(listing, last_run_no) WHERE is_covered = 0;
CREATE TABLE IF NOT EXISTS listing_places(
  listing INTEGER NOT NULL, position INTEGER NOT NULL, url_id INTEGER NOT NULL, items INTEGER NOT NULL,
  seen_at REAL NOT NULL, PRIMARY KEY(listing, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listings(
  listing INTEGER PRIMARY KEY, head_order TEXT NOT NULL, anchors BLOB NOT NULL, size INTEGER NOT NULL DEFAULT 0,
  end_size INTEGER NOT NULL DEFAULT 0, sweep_position INTEGER NOT NULL DEFAULT 0, sweep_began_at REAL,
  sweep_failures INTEGER NOT NULL DEFAULT 0, whole_at REAL);
CREATE TABLE IF NOT EXISTS cut_pages(listing INTEGER NOT NULL, url_id INTEGER NOT NULL, PRIMARY KEY(listing, url_id));
CREATE TABLE IF NOT EXISTS redirects(url_id INTEGER PRIMARY KEY, target INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS redirects_target ON redirects(target);
CREATE TABLE IF NOT EXISTS order_evidence(
  id INTEGER PRIMARY KEY, listing INTEGER NOT NULL, run_no INTEGER NOT NULL, known_before INTEGER NOT NULL,
  known_after INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS order_evidence_listing ON order_evidence(listing, id)
"""


class Shown(NamedTuple):
    """A document link as a listing page shows it."""

    url_id: int
    signal: bytes | None
    """Digest of what stands beside the link: title, date, size; None where nothing was read."""


class Noted(NamedTuple):
    """A document link, held against what the listing showed before."""

    item: Item
    is_first_in_run: bool
    """No listing has shown it in this run."""
    is_changed: bool
    """What stands beside the link is not what stood there before, or it was missing in the listing."""


class _Listed(NamedTuple):
    """What is kept of a document of a listing."""

    first_run_no: int
    last_run_no: int
    signal: bytes | None
    is_covered: int
    is_aside: int
    follows: int | None
    vanished_at: float | None


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A listing page as it was read once."""

    position: int
    url_id: int
    advertised_total: int | None
    is_last: bool
    items: Sequence[int]


@dataclass(slots=True)
class Listing:
    """What is believed of one listing."""

    listing: int
    order: Order = Order.UNKNOWN
    anchors: Sequence[int] = ()
    """Documents at the end where new ones appear, counted from that end, as the last proven walk saw them."""
    size: int = 0
    """Documents that the last walk to the end saw; 0: there was none."""
    end_size: int = 0
    """Documents seen by the last walk whose end came too soon to be believed."""
    sweep_position: int = 0
    """Position of the last page swept; 0: the next sweep begins anew."""
    sweep_began_at: float | None = None
    sweep_failures: int = 0
    whole_at: float | None = None
    """When the whole listing had been seen last."""


@dataclass(frozen=True, slots=True)
class Place:
    """The newest page known at a position."""

    position: int
    url_id: int
    items: int
    seen_at: float


class ListingMemory:
    """The tables above. Every write happens inside the state's open transaction."""

    def __init__(self, state: State) -> None:
        self.db = state.db
        self.walks = WalkMemory(state)
        with state.transaction() as db:
            for statement in TABLES.split(";"):
                db.execute(statement)

    # Listings

    def listing(self, listing: int) -> Listing:
        """Return what is believed of a listing; of one never walked: nothing."""
        row = self.db.execute(
            "SELECT head_order, anchors, size, end_size, sweep_position, sweep_began_at, sweep_failures, whole_at "
            "FROM listings WHERE listing = ?",
            (listing,),
        ).fetchone()
        if row is None:
            return Listing(listing)
        return Listing(listing, Order(row[0]), unpacked(row[1]), *row[2:])

    def listings(self) -> list[int]:
        """Return the listings of which anything is believed."""
        return [row[0] for row in self.db.execute("SELECT listing FROM listings ORDER BY listing")]

    def save(self, one: Listing) -> None:
        """Keep what is believed of a listing."""
        self.db.execute(
            "INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                one.listing,
                one.order,
                packed(one.anchors),
                one.size,
                one.end_size,
                one.sweep_position,
                one.sweep_began_at,
                one.sweep_failures,
                one.whole_at,
            ),
        )

    # Pages

    def note_page(
        self,
        run_no: int,
        step: Step,
        url_id: int,
        shown: Sequence[Shown],
        *,
        seen_at: float,
        advertised_total: int | None,
        is_last: bool,
    ) -> list[Noted]:
        """Keep a listing page as it was read; return its documents, held against what was known before."""
        behind = self._follows(run_no, step, [one.url_id for one in shown])
        noted = [self._note_document(run_no, step, one, behind, seen_at) for one in shown]
        self.db.execute(
            "INSERT INTO walked_pages SELECT ?, ?, ?, COALESCE(MAX(reading), 0) + 1, ?, ?, ?, ?, ?, ?, ? "
            "FROM walked_pages WHERE listing = ? AND run_no = ? AND purpose = ? AND position = ?",
            (
                step.listing,
                run_no,
                step.position,
                step.purpose,
                url_id,
                seen_at,
                advertised_total,
                int(is_last),
                sum(one.item.is_first_seen for one in noted),
                packed(one.url_id for one in shown),
                step.listing,
                run_no,
                step.purpose,
                step.position,
            ),
        )
        self.db.execute(
            "INSERT OR REPLACE INTO listing_places VALUES (?, ?, ?, ?, ?)",
            (step.listing, step.position, url_id, len(shown), seen_at),
        )
        return noted

    def _listed(self, listing: int, url_id: int) -> _Listed | None:
        row = self.db.execute(
            "SELECT first_run_no, last_run_no, signal, is_covered, is_aside, follows, vanished_at FROM listed "
            "WHERE listing = ? AND url_id = ?",
            (listing, url_id),
        ).fetchone()
        return _Listed(*row) if row else None

    def _follows(self, run_no: int, step: Step, shown: Sequence[int]) -> dict[int, int | None]:
        """Return behind which other document each of a page stands; None for the first of a walk.

        What the page before showed as well was pushed here meanwhile, and is left out.
        """
        before = next(self.pages(step.listing, run_no, step.purpose, step.position - 1, step.position - 1), None)
        repeated = {*before.items} if before is not None else set()
        last = before.items[-1] if before is not None and before.items else None
        behind: dict[int, int | None] = {}
        for url_id in shown:
            if url_id not in repeated:
                behind[url_id], last = last, url_id
        return behind

    def missing_between(self, run_no: int, step: Step, shown: Sequence[int]) -> list[int]:
        """Return documents that stood between neighbours of a page and that the run has not seen. Ask before noting.

        Between two documents that the listing showed before, it showed others: what is not there any more is missing.
        What is new stands between them as well. Nothing is said of what stood beyond documents out of their old order.
        """
        missing: list[int] = []
        behind = self._follows(run_no, step, shown)
        anchor = next(iter(behind.values()), None)
        is_anchored = anchor is not None or step.position == 1
        for url_id in behind:
            known = self._listed(step.listing, url_id)
            if known is None:
                continue
            if is_anchored and known.follows != anchor:
                missing += self._chain(step.listing, known.follows, anchor, {*shown}, run_no)
            anchor, is_anchored = url_id, True
        return missing

    def _chain(
        self, listing: int, url_id: int | None, anchor: int | None, shown: Collection[int], run_no: int
    ) -> list[int]:
        """Return the unseen documents from *url_id* back to *anchor* (None: the beginning); [] if it is not reached."""
        chain: list[int] = []
        steps = 0
        while url_id is not None and url_id != anchor and steps <= LONGEST_GAP:
            known = self._listed(listing, url_id)
            if known is None:
                return []
            if known.last_run_no != run_no and url_id not in shown:
                chain.append(url_id)
            url_id, steps = known.follows, steps + 1
        return chain if url_id == anchor else []

    def note_vanished(self, listing: int, url_ids: Iterable[int], at: float) -> None:
        """Note that a listing does not show documents any more where it did."""
        self.db.executemany(
            "UPDATE listed SET vanished_at = COALESCE(vanished_at, ?) WHERE listing = ? AND url_id = ?",
            [(at, listing, url_id) for url_id in url_ids],
        )

    def note_vanished_before(self, listing: int, before: float, at: float) -> None:
        """Note that a listing, seen whole since *before*, does not show any more what it showed last until then."""
        self.db.execute(
            "UPDATE listed SET vanished_at = ? WHERE listing = ? AND last_seen_at < ? AND vanished_at IS NULL",
            (at, listing, before),
        )

    def note_cut(self, listing: int, url_id: int, *, is_cut: bool) -> None:
        """Note whether a page of a listing could not be read to its end."""
        self.db.execute("DELETE FROM cut_pages WHERE listing = ? AND url_id = ?", (listing, url_id))
        if is_cut:
            self.db.execute("INSERT INTO cut_pages VALUES (?, ?)", (listing, url_id))

    def cut_pages(self, listing: int) -> int:
        """Return how many pages of a listing could not be read to their end."""
        return int(self.db.execute("SELECT COUNT(*) FROM cut_pages WHERE listing = ?", (listing,)).fetchone()[0])

    def has_vanished(self, url_id: int) -> bool:
        """Whether a document is missing in a listing that showed it."""
        row = self.db.execute(
            f"SELECT 1 FROM listed WHERE url_id IN ({_LINKS}) AND vanished_at IS NOT NULL", (url_id,)
        ).fetchone()
        return row is not None

    def note_redirect(self, url_id: int, target: int | None) -> None:
        """Note that a document's link leads to the page *target*; None: to a document of its own."""
        self.db.execute("DELETE FROM redirects WHERE url_id = ?", (url_id,))
        if target is None:
            return
        target = self.redirect(target) or target
        if target != url_id:
            self.db.execute("INSERT INTO redirects VALUES (?, ?)", (url_id, target))
            self.db.execute("UPDATE redirects SET target = ? WHERE target = ?", (target, url_id))

    def redirect(self, url_id: int) -> int | None:
        """Return the page that a document's link was found to lead to; None: to no other."""
        row = self.db.execute("SELECT target FROM redirects WHERE url_id = ?", (url_id,)).fetchone()
        return row[0] if row else None

    def unlisted_since(
        self, url_id: int, listings: Collection[int], recently: float, absent_since: float
    ) -> float | None:
        """Return since when none of *listings*, or that showed it *recently*, names a document; None: one does, or
        nothing is known of it.

        A listing that showed it does not any more where it was noted to have vanished. One that no listing showed is in
        none when all of them were seen whole since *absent_since*.
        """
        rows = self.db.execute(
            f"SELECT listing, last_seen_at, vanished_at FROM listed WHERE url_id IN ({_LINKS})", (url_id,)
        )
        shown_by = [row for row in rows.fetchall() if row[0] in listings or row[1] > recently]
        if shown_by:
            return None if any(row[2] is None for row in shown_by) else max(row[2] for row in shown_by)
        whole = [self.listing(listing).whole_at or 0.0 for listing in listings]
        return max(whole) if whole and min(whole) > absent_since else None

    def _note_document(
        self,
        run_no: int,
        step: Step,
        shown: Shown,
        behind: Mapping[int, int | None],
        seen_at: float,
    ) -> Noted:
        known = self._listed(step.listing, shown.url_id)
        seen = self.db.execute(
            "SELECT 1 FROM listed WHERE url_id = ? AND last_run_no = ?", (shown.url_id, run_no)
        ).fetchone()
        if known is None:
            self.db.execute(
                "INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?, NULL)",
                (
                    *(step.listing, shown.url_id, run_no, run_no, seen_at, step.position, shown.signal),
                    behind.get(shown.url_id),
                ),
            )
            return Noted(Item(shown.url_id, True, False, False), seen is None, False)
        is_changed = None not in (known.signal, shown.signal) and known.signal != shown.signal
        self.db.execute(
            "UPDATE listed SET last_run_no = ?, last_seen_at = ?, position = ?, signal = COALESCE(?, signal), "
            "follows = ?, vanished_at = NULL WHERE listing = ? AND url_id = ?",
            (
                *(run_no, seen_at, step.position, shown.signal, behind.get(shown.url_id, known.follows)),
                *(step.listing, shown.url_id),
            ),
        )
        item = Item(shown.url_id, known.first_run_no == run_no, bool(known.is_covered), bool(known.is_aside))
        return Noted(item, seen is None, is_changed or known.vanished_at is not None)

    def items(self, listing: int, run_no: int, url_ids: Iterable[int]) -> list[Item]:
        """Return documents of a listing as they were known before this run."""
        found = []
        for url_id in url_ids:
            row = self.db.execute(
                "SELECT first_run_no, is_covered, is_aside FROM listed WHERE listing = ? AND url_id = ?",
                (listing, url_id),
            ).fetchone()
            if row is not None:
                found.append(Item(url_id, row[0] == run_no, bool(row[1]), bool(row[2])))
        return found

    def pages(
        self, listing: int, run_no: int, purpose: Purpose, first: int = 1, last: int = 2**31
    ) -> Iterator[ListingPage]:
        """Yield the pages of a walk from position *first* to *last*, each as it was read last."""
        rows = self.db.execute(
            "SELECT position, url_id, advertised_total, is_last, items, MAX(reading) FROM walked_pages "
            "WHERE listing = ? AND run_no = ? AND purpose = ? AND position BETWEEN ? AND ? "
            "GROUP BY position ORDER BY position",
            (listing, run_no, purpose, first, last),
        ).fetchall()
        for row in rows:
            yield ListingPage(row[0], row[1], row[2], bool(row[3]), unpacked(row[4]))

    def readings(self, listing: int, run_no: int) -> Mapping[int, int]:
        """Return how often each position was read in the run's walk from the first page."""
        rows = self.db.execute(
            "SELECT position, COUNT(*) FROM walked_pages WHERE listing = ? AND run_no = ? AND purpose = ? "
            "GROUP BY position",
            (listing, run_no, Purpose.HEAD),
        )
        return dict(rows.fetchall())

    def pages_read(self, listing: int, run_no: int) -> int:
        """Return the furthest position from the first page without a gap that the run has read; 0: none."""
        row = self.db.execute(
            "SELECT COALESCE(MAX(position), 0) FROM walked_pages WHERE listing = ? AND run_no = ? AND purpose = ?",
            (listing, run_no, Purpose.HEAD),
        ).fetchone()
        return int(row[0])

    # What is believed

    def cover(self, listing: int, run_no: int, aside: Iterable[int] = (), restored: Iterable[int] = ()) -> None:
        """Note that everything the run has seen of a listing is joined to covered ground, and what is out of place."""
        self.db.execute(
            "UPDATE listed SET is_covered = 1 WHERE listing = ? AND last_run_no = ? AND is_covered = 0",
            (listing, run_no),
        )
        marks = [(1, one) for one in aside] + [(0, one) for one in restored]
        self.db.executemany(
            "UPDATE listed SET is_aside = ? WHERE listing = ? AND url_id = ?",
            [(mark, listing, one) for mark, one in marks],
        )

    def add_evidence(self, listing: int, run_no: int, evidence: Iterable[Evidence]) -> None:
        """Keep where new documents stood; the oldest evidence is forgotten."""
        self.db.executemany(
            "INSERT INTO order_evidence(listing, run_no, known_before, known_after) VALUES (?, ?, ?, ?)",
            [(listing, run_no, one.before, one.after) for one in evidence],
        )
        self.db.execute(
            "DELETE FROM order_evidence WHERE listing = ? AND id <= (SELECT id FROM order_evidence WHERE listing = ? "
            "ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (listing, listing, EVIDENCE_KEPT),
        )

    def evidence(self, listing: int) -> list[Evidence]:
        """Return where new documents stood, oldest first."""
        rows = self.db.execute(
            "SELECT known_before, known_after FROM order_evidence WHERE listing = ? ORDER BY id", (listing,)
        )
        return [Evidence(*row) for row in rows]

    def places(self, listing: int) -> list[Place]:
        """Return the newest page known at each position, in order."""
        rows = self.db.execute(
            "SELECT position, url_id, items, seen_at FROM listing_places WHERE listing = ? ORDER BY position",
            (listing,),
        )
        return [Place(*row) for row in rows]

    def has_place_after(self, listing: int, position: int) -> bool:
        """Whether a page behind *position* is remembered."""
        row = self.db.execute(
            "SELECT 1 FROM listing_places WHERE listing = ? AND position > ? LIMIT 1", (listing, position)
        )
        return row.fetchone() is not None

    def forget_places_after(self, listing: int, position: int) -> None:
        """Forget the pages behind the listing's end."""
        self.db.execute("DELETE FROM listing_places WHERE listing = ? AND position > ?", (listing, position))

    def count(self, listing: int) -> int:
        """Return how many documents were ever seen in a listing."""
        return int(self.db.execute("SELECT COUNT(*) FROM listed WHERE listing = ?", (listing,)).fetchone()[0])

    def last_run_of(self, listing: int, url_id: int) -> int | None:
        """Return the last run in which a listing showed a document; None: it never did."""
        row = self.db.execute(
            "SELECT last_run_no FROM listed WHERE listing = ? AND url_id = ?", (listing, url_id)
        ).fetchone()
        return row[0] if row else None

    def seen_last(self, listing: int, since: float, before: float) -> list[int]:
        """Return documents of a listing that it showed last at or after *since*, and not since *before*."""
        rows = self.db.execute(
            "SELECT url_id FROM listed WHERE listing = ? AND last_seen_at >= ? AND last_seen_at < ?",
            (listing, since, before),
        )
        return [row[0] for row in rows]

    def set_back(self, now: float) -> None:
        """Let nothing have been seen later than *now*: the machine's clock may have been ahead and set back since."""
        ahead = self.db.execute("SELECT 1 FROM listing_places WHERE seen_at > ? LIMIT 1", (now,)).fetchone()
        if ahead is None:
            return
        for table, column in _INSTANTS:
            self.db.execute(f"UPDATE {table} SET {column} = ?1 WHERE {column} > ?1", (now,))

    def forget_old_runs(self, run_no: int) -> None:
        """Forget how listings looked long ago."""
        self.db.execute("DELETE FROM walked_pages WHERE run_no < ?", (run_no - RUNS_KEPT,))
        self.walks.forget_before(run_no - RUNS_KEPT)


_INSTANTS = (
    ("listed", "last_seen_at"),
    ("listed", "vanished_at"),
    ("listing_places", "seen_at"),
    ("listings", "whole_at"),
    ("listings", "sweep_began_at"),
)

_LINKS = "SELECT ?1 UNION ALL SELECT url_id FROM redirects WHERE target = ?1"
"""The links by which a document may be listed: its own page's, and those that lead there."""


def packed(url_ids: Iterable[int]) -> bytes:
    """Return numbers as four bytes each: a page of twenty documents is 80 bytes."""
    return array("I", url_ids).tobytes()


def unpacked(data: bytes) -> Sequence[int]:
    """Return the numbers that `packed` wrote."""
    numbers = array("I")
    numbers.frombytes(data)
    return numbers
