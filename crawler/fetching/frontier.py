"""The URLs a run still has to fetch and those it has seen, in the site's state file."""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from archive.clock import Clock
from archive.site_state.state import State

BUFFER_URLS = 32
"""URLs read from the queue at a time: memory does not grow with the queue."""

RECENT_URLS = 20_000
"""URLs remembered in memory as seen: pages of one site repeat the same links (navigation, popular lists)."""

TRIES = 3
"""How often a URL is asked for in one run before it is given up."""

INTERRUPTIONS = 3
"""A URL under way at this many crashes is given up: it may be what kills the process."""

LONGEST_WAIT_SECONDS = 3600.0
"""What a URL is postponed by at most: the longest Retry-After that is kept."""

TABLES = """
CREATE TABLE IF NOT EXISTS urls(
  id INTEGER PRIMARY KEY, url_key BLOB NOT NULL UNIQUE, url TEXT NOT NULL, kind TEXT NOT NULL,
  run_no INTEGER NOT NULL, status INTEGER NOT NULL, priority INTEGER NOT NULL, depth INTEGER NOT NULL,
  barren INTEGER NOT NULL, hops INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  interrupted INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0, reason TEXT);
CREATE INDEX IF NOT EXISTS urls_waiting ON urls(run_no, priority DESC, id) WHERE status = 0;
CREATE INDEX IF NOT EXISTS urls_in_flight ON urls(run_no) WHERE status = 1
"""


class Status(IntEnum):
    """Where a URL stands in its run."""

    WAITING = 0
    IN_FLIGHT = 1
    DONE = 2
    FAILED = 3
    SKIPPED = 4


class LinkKind(StrEnum):
    """What we expect behind a link; what the page is, reading says."""

    START = "start"
    LISTING = "listing"
    DOCUMENT = "document"


class Leads(StrEnum):
    """Where a listing page's link to a listing page leads."""

    ONWARDS = "onwards"
    """To the next page of the same listing."""
    ELSEWHERE = "elsewhere"
    """To the first page of another listing."""
    INSTEAD = "instead"
    """To where the site sends us for this very page."""


@dataclass(frozen=True, slots=True)
class Link:
    """A URL worth fetching."""

    url: str
    canonical_url: str
    kind: LinkKind
    depth: int = 0
    """Pages between the start and this one."""
    barren: int = 0
    """Listing pages in a row, up to this one, that brought no document not yet seen in this run."""
    hops: int = 0
    """Redirects followed to get here."""
    leads: Leads = Leads.ELSEWHERE
    """Of a listing page's link to a listing page: where to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A URL handed out to be fetched."""

    id: int
    url: str
    kind: LinkKind
    depth: int
    barren: int
    hops: int
    tries: int
    interrupted: int
    """At how many crashes this URL was under way; at the first one, it may only have waited for its turn."""


class Frontier:
    """The queue and seen-set of one run.

    A URL handed out and not committed as an outcome is in flight; after a crash it waits again.
    """

    def __init__(self, state: State, clock: Clock, *, documents_first: bool = False) -> None:
        self.state = state
        self.db = state.db
        self.clock = clock
        self.run_no = 0
        self.waiting = 0
        """URLs of this run that wait, those in the buffer included."""
        self._priorities = {
            LinkKind.START: 2,
            LinkKind.LISTING: 0 if documents_first else 1,
            LinkKind.DOCUMENT: 1 if documents_first else 0,
        }
        self._buffer: deque[Entry] = deque()
        self._recent: OrderedDict[str, None] = OrderedDict()
        with state.transaction() as db:
            for statement in TABLES.split(";"):
                db.execute(statement)

    def open_run(self, run_no: int) -> None:
        """Begin or go on with a run; what was in flight when it stopped waits again.

        Call inside a transaction.
        """
        self.run_no = run_no
        self.db.execute(
            "UPDATE urls SET status = ?, reason = 'under way at several crashes' "
            "WHERE run_no = ? AND status = ? AND interrupted >= ?",
            (Status.FAILED, run_no, Status.IN_FLIGHT, INTERRUPTIONS),
        )
        self.db.execute(
            "UPDATE urls SET status = ?, interrupted = MAX(interrupted, 1) WHERE run_no = ? AND status = ?",
            (Status.WAITING, run_no, Status.IN_FLIGHT),
        )
        latest = self.clock.now().timestamp() + LONGEST_WAIT_SECONDS
        self.db.execute(  # the machine's clock may have been set back since
            "UPDATE urls SET not_before = ? WHERE run_no = ? AND not_before > ?", (latest, run_no, latest)
        )
        self._count()

    def suspect(self, entry: Entry) -> None:
        """Note that a URL which was under way at a crash is now asked for once more. Call inside the open group."""
        self.db.execute("UPDATE urls SET interrupted = interrupted + 1 WHERE id = ?", (entry.id,))

    def put_back(self, ids: Iterable[int]) -> None:
        """Let URLs wait again whose captured pages did not survive a crash. Call inside a transaction."""
        self.db.executemany("UPDATE urls SET status = ? WHERE id = ?", [(Status.WAITING, i) for i in ids])
        self._count()

    def stop_run(self) -> None:
        """Let what is in flight wait again, after an orderly stop. Call inside a transaction."""
        self._buffer.clear()
        self.db.execute(
            "UPDATE urls SET status = ? WHERE run_no = ? AND status = ?",
            (Status.WAITING, self.run_no, Status.IN_FLIGHT),
        )
        self._count()

    def _count(self) -> None:
        self.waiting = self.db.execute(
            "SELECT COUNT(*) FROM urls WHERE run_no = ? AND status = ?", (self.run_no, Status.WAITING)
        ).fetchone()[0]

    def add(self, link: Link) -> bool:
        """Queue *link* unless this run has seen its page; return whether it is new to the run.

        Call inside the open group. Asked before a Request is built: most links of a page are known.
        """
        if link.canonical_url in self._recent:
            self._recent.move_to_end(link.canonical_url)
            return False
        self._recent[link.canonical_url] = None
        if len(self._recent) > RECENT_URLS:
            self._recent.popitem(last=False)
        added = self.db.execute(
            "INSERT INTO urls(url_key, url, kind, run_no, status, priority, depth, barren, hops) "
            "VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT(url_key) DO UPDATE SET url = excluded.url, "
            "kind = excluded.kind, run_no = excluded.run_no, status = 0, priority = excluded.priority, "
            "depth = excluded.depth, barren = excluded.barren, hops = excluded.hops, tries = 0, interrupted = 0, "
            "not_before = 0, reason = NULL WHERE urls.run_no < excluded.run_no",
            (
                url_key(link.canonical_url),
                link.url,
                link.kind.value,
                self.run_no,
                self._priorities[link.kind],
                link.depth,
                link.barren,
                link.hops,
            ),
        ).rowcount
        self.waiting += added
        return bool(added)

    def identify(self, link: Link) -> int:
        """Return the number by which the state knows the page of *link*, queued or not; it stays the same for ever.

        Call inside the open group.
        """
        key = url_key(link.canonical_url)
        row = self.db.execute("SELECT id FROM urls WHERE url_key = ?", (key,)).fetchone()
        if row is not None:
            return int(row[0])
        added = self.db.execute(
            "INSERT INTO urls(url_key, url, kind, run_no, status, priority, depth, barren, hops) "
            "VALUES (?, ?, ?, 0, ?, 0, 0, 0, 0)",
            (key, link.url, link.kind.value, Status.DONE),
        )
        return int(added.lastrowid or 0)

    def add_known(self, url_id: int, kind: LinkKind, *, again: bool = False) -> bool:
        """Queue a page by its number unless this run has seen it; return whether it was queued.

        *again*: also if this run is done with it. Call inside the open group.
        """
        added = self.db.execute(
            "UPDATE urls SET kind = ?, run_no = ?, status = 0, priority = ?, depth = 0, barren = 0, hops = 0, "
            "tries = 0, interrupted = 0, not_before = 0, reason = NULL "
            "WHERE id = ? AND (run_no < ? OR (? AND status = ?))",
            (kind.value, self.run_no, self._priorities[kind], url_id, self.run_no, again, Status.DONE),
        ).rowcount
        self.waiting += added
        return bool(added)

    def try_anew(self, url_id: int) -> bool:
        """Queue a page again that this run has given up, as a resumed run may, hours later; return whether it was.

        What may be killing the process stays given up. Call inside the open group.
        """
        added = self.db.execute(
            "UPDATE urls SET status = 0, tries = 0, not_before = 0, reason = NULL "
            "WHERE id = ? AND run_no = ? AND status = ? AND interrupted < ?",
            (url_id, self.run_no, Status.FAILED, INTERRUPTIONS),
        ).rowcount
        self.waiting += added
        return bool(added)

    def url_of(self, url_id: int) -> str:
        """Return the URL of the page of that number, as it was linked or asked for last."""
        return str(self.db.execute("SELECT url FROM urls WHERE id = ?", (url_id,)).fetchone()[0])

    def is_queued(self, url_id: int) -> bool:
        """Whether this run has seen the page of that number: it waits, is under way or done."""
        row = self.db.execute("SELECT run_no FROM urls WHERE id = ?", (url_id,)).fetchone()
        return row is not None and row[0] >= self.run_no

    def next(self, *, documents: bool = True) -> Entry | None:
        """Hand out the next URL that may be fetched now and mark it in flight; None when none is ready.

        *documents*: whether links that look like documents' may be handed out.
        """
        if not self._buffer:
            self._fill()
        if not self._buffer:
            return None
        if not documents and self._buffer[0].kind is LinkKind.DOCUMENT:
            return None
        entry = self._buffer.popleft()
        self.state.begin_group()
        self.db.execute("UPDATE urls SET status = 1 WHERE id = ?", (entry.id,))
        self.waiting -= 1
        return entry

    def _fill(self) -> None:
        rows = self.db.execute(
            "SELECT id, url, kind, depth, barren, hops, tries, interrupted FROM urls WHERE run_no = ? AND status = 0 "
            "AND not_before <= ? ORDER BY priority DESC, id LIMIT ?",
            (self.run_no, self.clock.now().timestamp(), BUFFER_URLS),
        )
        for row in rows:
            self._buffer.append(Entry(row[0], row[1], LinkKind(row[2]), *row[3:]))

    def ask_again(self, url_id: int) -> Entry:
        """Hand out a URL that this run is done with; it is to be settled again."""
        self.state.begin_group()
        self.db.execute("UPDATE urls SET status = 1 WHERE id = ?", (url_id,))
        row = self.db.execute(
            "SELECT id, url, kind, depth, barren, hops, tries, interrupted FROM urls WHERE id = ?", (url_id,)
        ).fetchone()
        return Entry(row[0], row[1], LinkKind(row[2]), *row[3:])

    def settle(self, entry: Entry, status: Status, reason: str | None = None) -> None:
        """Note how a fetched URL ended. Call inside the open group, with what the page brought."""
        self.db.execute(
            "UPDATE urls SET status = ?, reason = ?, tries = tries + 1 WHERE id = ?", (status, reason, entry.id)
        )

    def postpone(self, entry: Entry, seconds: float, reason: str, *, counted: bool = True) -> None:
        """Let a URL wait for another try; *counted*: this was a try of its own. Call inside the open group."""
        self.db.execute(
            "UPDATE urls SET status = 0, not_before = ?, reason = ?, tries = tries + ? WHERE id = ?",
            (self.clock.now().timestamp() + seconds, reason, int(counted), entry.id),
        )
        self.waiting += 1

    def move(self, entry: Entry, url: str) -> None:
        """Let a URL wait to be fetched at *url*, where the site sends us for this page. Call inside the open group."""
        self.db.execute("UPDATE urls SET status = 0, url = ?, hops = hops + 1 WHERE id = ?", (url, entry.id))
        self.waiting += 1

    def failed(self) -> list[tuple[str, str]]:
        """Return (url, reason) of up to 20 URLs of this run that were given up."""
        rows = self.db.execute(
            "SELECT url, COALESCE(reason, '') FROM urls WHERE run_no = ? AND status = ? LIMIT 20",
            (self.run_no, Status.FAILED),
        )
        return [(row[0], row[1]) for row in rows]


def url_key(canonical_url: str) -> bytes:
    """Return 16 bytes that stand for a URL in the seen-set; two URLs sharing them is beyond any crawl's size."""
    return hashlib.blake2b(canonical_url.encode("utf-8", "surrogatepass"), digest_size=16).digest()
