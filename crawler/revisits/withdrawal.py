"""When a document counts as withdrawn: found gone at its page, twice and a day apart, and named by no listing any more.

What a visit without a document says is told apart (`absence_of`): gone, a notice, a soft 404 and another page in its
place speak for a withdrawal; a login wall, a challenge, a refusal and a server that is down say nothing of the
document. One that only its listing does not show any more, or that is listed and does not come, is not withdrawn.

A run is a witness only if it is published, and if the site answered with documents in it at least as often as it
unexpectedly did not: a server that answers 404 to everything confirms nothing. Whatever a run finds withdrawn is
staged with it and judged with it (archive/judgement/gates.py): a whole category that disappears is held for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from archive.record import DocumentRecord
from archive.site_state.staging import Run, Staging
from archive.site_state.state import State
from archive.site_state.withdrawn import RETURNED, WITHDRAWN, Expected
from crawler.fetching.frontier import Frontier, Link, LinkKind
from crawler.fetching.outcome import may_pass
from crawler.listings.memory import ListingMemory
from crawler.reading import canonical_url
from crawler.revisits.revisit import DAY_SECONDS, MISS_SLACK_DAYS

if TYPE_CHECKING:
    from crawler.fetching.outcome import Outcome

CONFIRM_SECONDS = (1.0 - MISS_SLACK_DAYS) * DAY_SECONDS
"""Between the first and the last visit that found a page gone, at the least: what a night's work on a server takes."""

DOUBT = 0.25
"""A page that was gone for days while a listing named it has to be unlisted for this share of them, a day at the least:
a listing that is not sorted in one way only leaves out others each time.
"""

FORGOTTEN_DAYS = 14.0
"""Days for which a listing that this run did not walk still names what it named: a profile may be edited, but the page
that leads to a category may also have failed.
"""

LOOK_AGAIN_DAYS = 4.0
"""Days for which a page that was gone before its listing dropped it is asked for in every run."""

TABLES = """
CREATE TABLE IF NOT EXISTS absences(
  url_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, since REAL, times INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS found_absent(
  run_no INTEGER NOT NULL, url_id INTEGER NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, capture TEXT,
  PRIMARY KEY(run_no, url_id)) WITHOUT ROWID
"""


class Absence(StrEnum):
    """Why no document came."""

    GONE = "gone"
    """404 or 410."""
    NOTICE = "notice"
    """A page that says the document was taken out."""
    SOFT_404 = "soft_404"
    """A page with status 200 that says there is nothing."""
    REPLACED = "replaced"
    """A redirect to something else, or a listing in its place."""
    LOGIN_WALL = "login_wall"
    CHALLENGE = "challenge"
    REFUSED = "refused"
    """401, 403, 451, robots.txt; a redirect to where a crawl does not go."""
    DOWN = "down"
    """No answer, 408, 429, 5xx, a maintenance page."""
    UNCLEAR = "unclear"
    """A page that is no document and does not say why."""


SPEAKS = (Absence.GONE, Absence.NOTICE, Absence.SOFT_404, Absence.REPLACED)
"""What is said of the document, and not of the way to it."""

_BY_STATUS = {404: Absence.GONE, 410: Absence.GONE, 401: Absence.REFUSED, 403: Absence.REFUSED, 451: Absence.REFUSED}
_BY_REASON = {
    "gone": Absence.NOTICE,
    "soft_404": Absence.SOFT_404,
    "redirect": Absence.REPLACED,
    "redirect_off_site": Absence.REFUSED,
    "login_wall": Absence.LOGIN_WALL,
    "paywall": Absence.LOGIN_WALL,
    "captcha": Absence.CHALLENGE,
    "challenge": Absence.CHALLENGE,
    "maintenance": Absence.DOWN,
}
_ALIVE = "('new', 'same', 'changed')"


def absence_of(outcome: Outcome) -> Absence:
    """Return what a visit says that brought no document."""
    page = outcome.page
    if page is None:
        return Absence.DOWN if outcome.blocked else Absence.REFUSED
    if page.http_status in _BY_STATUS:
        return _BY_STATUS[page.http_status]
    if may_pass(page.http_status):
        return Absence.DOWN
    if page.page_type == "listing":
        return Absence.REPLACED
    return _BY_REASON.get(outcome.reason, Absence.UNCLEAR)


@dataclass(frozen=True, slots=True)
class _Found:
    """A page that this run found gone, and published runs before it."""

    url_id: int
    at: float
    kind: str
    capture: str | None
    since: float
    times: int


class Withdrawals:
    """The tables above. Every write happens inside the state's open transaction."""

    def __init__(self, state: State, staging: Staging, frontier: Frontier, memory: ListingMemory) -> None:
        self.db = state.db
        self._site = state.site
        self._staging = staging
        self._frontier = frontier
        self._memory = memory
        with state.transaction() as db:
            for statement in TABLES.split(";"):
                db.execute(statement)

    # What visits found

    def note_absence(self, run: Run, url_id: int, outcome: Outcome, at: float) -> list[int]:
        """Keep what a visit without a document found; return other pages of the document, which are to be asked too."""
        kind = absence_of(outcome)
        page = outcome.page
        capture = page.capture if page is not None else None
        row = (run.run_no, url_id, at, kind, capture)
        self.db.execute("INSERT OR REPLACE INTO found_absent VALUES (?, ?, ?, ?, ?)", row)
        if page is None or kind not in SPEAKS:
            return []
        if self._is_absent(url_id) or self._memory.has_vanished(url_id):
            self._staging.withdrawn.expect(run.run_id, page.canonical_url, Expected.ABSENCE)
        known = self._staging.known_page(page.canonical_url)
        if known is None or known.doc_id is None:
            led_to = self._memory.redirect(url_id)
            return [] if led_to is None else [led_to]
        return self._other_pages(known.doc_id, page.canonical_url)

    def note_return(self, run: Run, record: DocumentRecord) -> bool:
        """Decide that a withdrawn document is back; False for one that is not withdrawn, or decided already."""
        if (record.site, record.doc_id) not in self._staging.withdrawn:
            return False
        if any(one["doc_id"] == record.doc_id for one in self._staging.decisions(run.run_id, RETURNED)):
            return False
        self._staging.decide(
            run.run_id,
            site=record.site,
            doc_id=record.doc_id,
            kind=RETURNED,
            value="",
            reason=f"its page is a document again: {record.canonical_url}",
            at=record.fetched_at,
            evidence=record.capture,
        )
        return True

    def learn(self, run_no: int) -> None:
        """Take what a published run found as evidence. Call it before its visits are forgotten (`Revisits.learn`).

        What a run found that is published late says nothing where a later one found otherwise.
        """
        self.db.execute(
            "DELETE FROM absences AS a WHERE EXISTS(SELECT 1 FROM visits v WHERE v.run_no = ? AND v.url_id = a.url_id "
            f"AND v.found IN {_ALIVE} AND v.at >= COALESCE(a.since, 0))",
            (run_no,),
        )
        is_witness = self._is_witness(run_no, accepted=self._staging.was_accepted(run_no))
        for url_id, at, kind in self.db.execute(
            "SELECT f.url_id, f.at, f.kind FROM found_absent f LEFT JOIN watched w USING(url_id) "
            "WHERE f.run_no = ? AND (w.last_at IS NULL OR w.last_at <= f.at)",
            (run_no,),
        ).fetchall():
            counts = is_witness and kind in SPEAKS
            self.db.execute(
                "INSERT INTO absences VALUES (?1, ?2, ?3, ?4) ON CONFLICT(url_id) DO UPDATE SET kind = ?2, "
                "since = COALESCE(since, ?3), times = times + ?4",
                (url_id, kind, at if counts else None, int(counts)),
            )
        self.drop(run_no)

    def set_back(self, now: float) -> None:
        """Let nothing have been found gone later than *now*: the machine's clock may have been set back since."""
        self.db.execute("UPDATE absences SET since = ?1 WHERE since > ?1", (now,))

    def drop(self, run_no: int) -> None:
        """Forget what a run found that was never published."""
        self.db.execute("DELETE FROM found_absent WHERE run_no = ?", (run_no,))

    def lately_unlisted(self, now: float) -> list[int]:
        """Return pages that were found gone and then went missing in a listing, which another look may confirm."""
        rows = self.db.execute(
            "SELECT url_id FROM absences a WHERE times > 0 AND EXISTS("
            "SELECT 1 FROM listed l WHERE l.url_id = a.url_id AND l.vanished_at > MAX(?, a.since + ?))",
            (now - LOOK_AGAIN_DAYS * DAY_SECONDS, CONFIRM_SECONDS),
        )
        return [row[0] for row in rows]

    # The decision

    def confirm(self, run: Run) -> int:
        """Stage the withdrawals that this run confirms; return how many there are."""
        if not self._is_witness(run.run_no):
            return 0
        listings = {walk.listing for walk in self._memory.walks.of_run(run.run_no)}
        waiting = self._staging.waiting_decisions(run.run_id, WITHDRAWN)  # with a held run, for a person's word
        confirmed = 0
        for found in self._found_again(run.run_no):
            url = canonical_url(self._frontier.url_of(found.url_id))
            known = self._staging.known_page(url)
            if known is None or known.doc_id is None or known.doc_id in waiting:
                continue
            if not self._is_nowhere(known.doc_id, url, found.since):
                continue
            recently = found.at - FORGOTTEN_DAYS * DAY_SECONDS
            since = self._memory.unlisted_since(found.url_id, listings, recently, found.since)
            if since is None or found.at - since < max(CONFIRM_SECONDS, (since - found.since) * DOUBT):
                continue
            self._decide(run, known.doc_id, found, since)
            confirmed += 1
        return confirmed

    def _found_again(self, run_no: int) -> list[_Found]:
        """Return the pages that the run found gone, and published runs before it, long enough ago."""
        rows = self.db.execute(
            "SELECT f.url_id, f.at, f.kind, f.capture, a.since, a.times FROM found_absent f "
            f"JOIN absences a USING(url_id) WHERE f.run_no = ? AND f.kind IN ({_marks(SPEAKS)}) AND a.times > 0 "
            "AND f.at - a.since >= ?",
            (run_no, *SPEAKS, CONFIRM_SECONDS),
        )
        return [_Found(*row) for row in rows.fetchall()]

    def _is_nowhere(self, doc_id: str, url: str, since: float) -> bool:
        """Whether the document is not withdrawn yet, and none of its pages brought it since, in whatever run."""
        if (self._site, doc_id) in self._staging.withdrawn:
            return False
        if self._staging.is_seen(self._site, doc_id, _instant(since)):
            return False
        return all(self._is_absent(other) for other in self._other_pages(doc_id, url))

    def _decide(self, run: Run, doc_id: str, found: _Found, unlisted_since: float) -> None:
        visits = found.times + 1
        self._staging.decide(
            run.run_id,
            site=self._site,
            doc_id=doc_id,
            kind=WITHDRAWN,
            value=found.kind,
            reason=(
                f"{found.kind} at {visits} visits from {_day(found.since)} to {_day(found.at)}; "
                f"no listing names it since {_day(unlisted_since)}"
            ),
            at=_instant(found.since),
            evidence=found.capture,
        )

    def _is_absent(self, url_id: int) -> bool:
        row = self.db.execute("SELECT times FROM absences WHERE url_id = ?", (url_id,)).fetchone()
        return row is not None and row[0] > 0

    def _other_pages(self, doc_id: str, url: str) -> list[int]:
        others = (other for other in self._staging.known_pages_of(doc_id) if other != url)
        return [self._frontier.identify(Link(other, other, LinkKind.DOCUMENT)) for other in others]

    def _is_witness(self, run_no: int, *, accepted: bool = False) -> bool:
        """Whether the site answered with documents in a run at least as often as it unexpectedly did not.

        *accepted*: a person has looked at what is missing and says so; then one document is enough.
        """
        alive = self.db.execute(
            f"SELECT COUNT(*) FROM visits WHERE run_no = ? AND kind = 'document' AND found IN {_ALIVE}", (run_no,)
        ).fetchone()[0]
        unexpected = self.db.execute(
            "SELECT COUNT(*) FROM found_absent f JOIN visits v USING(run_no, url_id) JOIN watched w USING(url_id) "
            "WHERE f.run_no = ? AND w.last_at IS NOT NULL AND w.misses = 0 AND v.was_suspect = 0",
            (run_no,),
        ).fetchone()[0]
        return bool(alive and (accepted or alive >= unexpected))


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def _instant(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


def _day(timestamp: float) -> str:
    return f"{_instant(timestamp):%Y-%m-%d}"
