"""Which pages are asked for only "if changed": what is sent, and how long the answer "not modified" is believed."""

from __future__ import annotations

import re

from archive.clock import Clock
from archive.site_state.staging import CapturedPage, KnownPage, Staging
from archive.site_state.state import State
from crawler.fetching.frontier import Entry, LinkKind, Status
from crawler.fetching.outcome import Outcome
from crawler.reading import canonical_url

LISTING_TRUST_SECONDS = 7 * 86_400.0
"""How long a listing is believed to be unchanged by its server's word alone: behind a stale cache it never is."""

MAX_VALIDATOR_CHARACTERS = 512
"""A longer ETag is not sent back: servers refuse requests whose headers are long."""

_SENDABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")

TABLES = """
CREATE TABLE IF NOT EXISTS listing_validators(
  canonical_url TEXT PRIMARY KEY, whole_at REAL NOT NULL, is_unsound INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID
"""


def conditional_headers(known: KnownPage) -> dict[str, str]:
    """Return the header lines that ask for *known* if it has changed; empty where nothing of it can be asked with.

    A validator comes from the site: one with a control character or a letter beyond ASCII would make a request that is
    never sent, or means something else there.
    """
    lines = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in lines.items() if value is not None and _is_sendable(value)}


def _is_sendable(value: str) -> bool:
    return len(value) <= MAX_VALIDATOR_CHARACTERS and _SENDABLE.fullmatch(value) is not None


class Conditions:
    """What is known of each page's validators. Every write happens inside the state's open group."""

    def __init__(self, state: State, staging: Staging, clock: Clock) -> None:
        self._state = state
        self._staging = staging
        self._clock = clock
        with state.transaction() as db:
            db.execute(TABLES)

    def of(self, entry: Entry) -> KnownPage | None:
        """Return what is known of a page that may be asked for "if changed"; None: it is asked for whole."""
        known = self._staging.known_page(canonical_url(entry.url))
        if known is None or not conditional_headers(known):
            return None
        return known if entry.kind is LinkKind.DOCUMENT or self._is_believed(known.canonical_url) else None

    def _is_believed(self, listing_url: str) -> bool:
        row = self._state.db.execute(
            "SELECT whole_at, is_unsound FROM listing_validators WHERE canonical_url = ?", (listing_url,)
        ).fetchone()
        if row is None or row[1]:
            return False
        return 0 <= self._clock.now().timestamp() - float(row[0]) < LISTING_TRUST_SECONDS

    def note(self, outcome: Outcome) -> None:
        """Note that a listing page came whole, and whether it differs although its validators do not."""
        page = outcome.page
        if page is None or outcome.entry.kind is LinkKind.DOCUMENT or outcome.status is not Status.DONE:
            return
        if page.http_status != 200 or not (page.etag or page.last_modified):
            return
        before = self._staging.known_page(page.canonical_url)
        self._state.db.execute(
            "INSERT INTO listing_validators VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET whole_at = excluded.whole_at, "
            "is_unsound = MAX(is_unsound, excluded.is_unsound)",
            (page.canonical_url, page.fetched_at.timestamp(), before is not None and _differs_unsaid(before, page)),
        )


def _differs_unsaid(before: KnownPage, now: CapturedPage) -> bool:
    """Whether the page differs from what was known, and its ETag (Last-Modified where it has none) says it does not."""
    if before.payload_digest == now.payload_digest:
        return False
    if before.etag or now.etag:
        return before.etag == now.etag
    return before.last_modified is not None and before.last_modified == now.last_modified
