"""Failures in a row: a site that is down or blocks us, or a row of dead documents on one that is well.

A block is when what answered before does not answer any more. So a page that came in this run, a witness, is asked for
once more before that is said: where it still comes, the run goes on, with more patience each time, up to a limit.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.site_state.staging import Run, Staging
from crawler.fetching.frontier import TRIES, Entry, Frontier, LinkKind
from crawler.fetching.outcome import Outcome

BLOCKED_IN_A_ROW = 8
"""Failures without one good answer between after which a witness is asked."""

MOST_PATIENCE = 128
"""Patience doubles with each witness that speaks for the site, up to so many failures."""

DEAD_IN_A_ROW = 512
"""Failures in a row after which a run ends whatever the witnesses say: a site's person has to look first."""

_REFUSALS = ("http_401", "http_403", "http_429", "captcha", "challenge")
"""Reasons that are said to us, not of the page: a listing that answers is no witness against them."""


class Doubt:
    """What did not come since the last good answer, and the witness that is asked about it."""

    def __init__(self, frontier: Frontier, staging: Staging) -> None:
        self._frontier = frontier
        self._staging = staging
        self._row: list[Outcome] = []
        self._in_a_row = 0
        self._patience = BLOCKED_IN_A_ROW
        self._wanted: int | None = None
        """The witness's number, as long as it was not handed out."""
        self._asked: Entry | None = None

    @property
    def is_open(self) -> bool:
        """Whether a witness is waited for: nothing else is asked for meanwhile."""
        return self._wanted is not None or self._asked is not None

    def next_entry(self) -> Entry | None:
        """Hand out the witness, once."""
        if self._wanted is None:
            return None
        self._asked, self._wanted = self._frontier.ask_again(self._wanted), None
        return self._asked

    def is_witness(self, entry: Entry) -> bool:
        """Whether *entry* is the witness that was handed out."""
        return self._asked is not None and entry.id == self._asked.id

    def note(self, run: Run, outcome: Outcome, *, may_ask: bool) -> str | None:
        """Take an outcome; return why the site counts as down or as blocking us, in words, or None.

        *may_ask*: whether the run may make another request.
        """
        if not outcome.blocked:
            self._row.clear()
            if outcome.entry.kind is LinkKind.DOCUMENT:  # a listing says no more for the documents than its witness
                self._in_a_row, self._patience = 0, BLOCKED_IN_A_ROW
            return None
        self._row.append(outcome)
        self._in_a_row += 1
        if self._in_a_row >= DEAD_IN_A_ROW:
            return f"{self._last()}, as {self._in_a_row} times in a row"
        if len(self._row) < self._patience or self.is_open:
            return None
        self._wanted = self._find_witness(run)
        if self._wanted is None:
            return self._last()
        if not may_ask:
            self._wanted = None  # the run is at its end
        return None

    def hear(self, outcome: Outcome) -> str | None:
        """Take the witness's outcome; return what `note` does."""
        self._asked = None
        page = outcome.page
        came = outcome.record is not None or (page is not None and page.page_type == "listing")
        if outcome.blocked or not came:
            return f"{self._last()}; {outcome.entry.url}, which had come, does not come any more"
        self._row.clear()
        self._patience = min(self._patience * 2, MOST_PATIENCE)
        return None

    def not_lost(self) -> Sequence[int]:
        """Return what is to be asked for again when the site answers again."""
        return [outcome.entry.id for outcome in self._row if outcome.entry.tries < TRIES - 1]

    def _last(self) -> str:
        return f"{self._row[-1].reason} at {self._row[-1].entry.url}"

    def _find_witness(self, run: Run) -> int | None:
        """Return the number of the document that came last in this run; where none did, of its first listing page."""
        in_row = {outcome.entry.id for outcome in self._row}
        document = self._staging.last_document(run.run_id)
        if document is not None and document not in in_row:
            return document
        if any(outcome.reason in _REFUSALS for outcome in self._row):
            return None
        return self._staging.first_listing(run.run_id)
