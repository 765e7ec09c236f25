"""A site that makes addresses without end: document after document is new, and says what another one said."""

from __future__ import annotations

from collections import OrderedDict

from archive.record import DocumentRecord, content_digest

REPEATS_IN_A_ROW = 100
"""New documents in a row that repeat one of this run under another address, after which no listing is followed on."""

REMEMBERED = 10_000
"""Contents that are remembered: what repeats after more than so many others is no trap, or a slow one."""


class Repeats:
    """The new documents of one run, as far as they repeat each other; in memory, so a resumed run counts anew."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._in_a_row = 0
        self.reason: str | None = None
        """Why no listing is to be followed on, in words; None: nothing speaks against it."""

    def note(self, record: DocumentRecord) -> None:
        """Take a document that is new to the archive."""
        digest = content_digest(record)
        first = self._seen.setdefault(digest, record.canonical_url)
        self._seen.move_to_end(digest)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._in_a_row = 0 if first == record.canonical_url else self._in_a_row + 1
        if self._in_a_row >= REPEATS_IN_A_ROW and self.reason is None:
            self.reason = (
                f"the last {self._in_a_row:,} new documents all say what others say under other addresses "
                f"(as {first}): the site seems to make addresses without end"
            )
