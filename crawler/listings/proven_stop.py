"""When a walk down a listing may stop: once it stands on ground that earlier walks have covered, and not before.

"Five known documents in a row" is no proof: five documents that were put on top, an upload that was interrupted, a page
that failed yesterday all look like that. Proof is an overlap with what the last proven walk saw at this end of the
listing, its anchors:

- the anchors come one after the other in the order remembered (a few may be gone, removed since), a margin of them;
- below anything that was never seen before, or that only a walk without proof has seen, the overlap begins anew;
- what stands above something new, or came to the top from far below, does not stand at its own place (sticky and
  promoted items): it is set aside, and no anchor until it has sunk below something new as others do.

Pure computation: pages go in, the answer comes out; after a crash the pages of the run so far are put in again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MARGIN_ITEMS = 20
"""Anchors in a row that prove an overlap: a listing's usual page, so that it costs one page beyond the new ones."""

GONE_ITEMS = 10
"""Anchors that may be missing between two: half the margin, or a few withdrawn documents would cost a whole walk."""

STICKY_MOST = 100
"""Documents that may be kept on top; what has more above it was put into the list further down (backdated)."""

ANCHORS_KEPT = 500
"""Anchors remembered: a removal of hundreds of documents at once must leave enough of them."""


class Item(NamedTuple):
    """A document link on a listing page, and what was known of it before this run."""

    url_id: int
    is_first_seen: bool
    """Never seen in this listing before this run."""
    is_covered: bool
    """A walk that reached covered ground, or the end, has passed it."""
    is_aside: bool
    """It was found to be sticky or promoted."""


class ProvenStop:
    """The overlap of one walk, from the end of the listing where new documents appear."""

    def __init__(self, anchors: Sequence[int], margin: int = MARGIN_ITEMS) -> None:
        self._place = {url_id: place for place, url_id in enumerate(anchors)}
        self._margin = margin
        self._seen: set[int] = set()
        self._order: list[int] = []
        self._row = 0
        self._last_place = -1
        self._above: list[int] = []
        self._strangers: list[int] = []
        self._covered_above = 0
        self._is_below_new = False
        self.aside: set[int] = set()
        """Items that this walk found to be out of their place."""
        self.restored: set[int] = set()
        """Items set aside before that are at their place: they have sunk."""
        self.known_before: list[int] = []
        """Known items above each thing never seen before, one number for each run of such things."""

    @property
    def is_proven(self) -> bool:
        """Whether the last items read are a margin of anchors in their order."""
        return self._row >= self._margin

    @property
    def items(self) -> Sequence[int]:
        """Every item read so far, once, in order."""
        return self._order

    def read(self, items: Iterable[Item]) -> None:
        """Go on with the next page's items; what was read already is passed over (pages shift while walked)."""
        for item in items:
            if item.url_id in self._seen:
                continue
            self._seen.add(item.url_id)
            self._order.append(item.url_id)
            if item.is_first_seen:
                self._new_ground(is_new=True)
            elif not item.is_covered:
                self._new_ground(is_new=False)
            else:
                self._covered(item)

    def _new_ground(self, *, is_new: bool) -> None:
        self._row, self._last_place = 0, -1
        if not is_new:
            return
        self._is_below_new = True
        if not self.known_before or self.known_before[-1] != self._covered_above:
            self.known_before.append(self._covered_above)
        if self._covered_above <= STICKY_MOST:
            above = (*self._above, *self._strangers)
            self.aside.update(above)
            self.restored.difference_update(above)
        self._above.clear()
        self._strangers.clear()

    def _covered(self, item: Item) -> None:
        self._covered_above += 1
        place = self._place.get(item.url_id)
        if place is None:
            self._strangers.append(item.url_id)  # known, and not from here: promoted, if anchors follow
            return
        self.aside.update(self._strangers)
        self._strangers.clear()
        self._above.append(item.url_id)
        if item.is_aside:
            if not self._is_below_new:
                return
            self.restored.add(item.url_id)
        follows = 0 <= self._last_place < place <= self._last_place + 1 + GONE_ITEMS
        self._row = self._row + 1 if follows else 1
        self._last_place = place


def anchors_after(seen: Sequence[int], before: Sequence[int]) -> list[int]:
    """Return the anchors for the next walk: what this one has seen, then what the last one remembered below that.

    >>> anchors_after([9, 1, 2], [1, 2, 3])
    [9, 1, 2, 3]
    """
    known = {*seen}
    return [*seen, *(url_id for url_id in before if url_id not in known)][:ANCHORS_KEPT]


def anchors_between(anchors: Sequence[int], page: Sequence[int], following: Sequence[int]) -> list[int]:
    """Return the anchors that should stand between two pages that follow each other, and stand on neither.

    They were removed, or slipped up to the first page after it was read because something above them was removed.

    >>> anchors_between([1, 2, 3, 4, 5], [8, 1, 2], [4, 5])
    [3]
    """
    place = {url_id: number for number, url_id in enumerate(anchors)}
    last = next((place[url_id] for url_id in reversed(page) if url_id in place), None)
    first = next((place[url_id] for url_id in following if url_id in place), None)
    if last is None or first is None or first - last > GONE_ITEMS:
        return []
    return [url_id for url_id in anchors[last + 1 : first] if url_id not in {*page, *following}]


def joins(anchors: Sequence[int], items: Iterable[Item], margin: int = MARGIN_ITEMS) -> bool:
    """Whether a walk that began in the middle, towards the end where new documents appear, left nothing out.

    *anchors* are counted from that end, *items* come in the order walked: before the first that was never seen, there
    must be a margin of anchors in their order.
    """
    proof = ProvenStop(anchors[::-1], margin)
    for item in items:
        if item.is_first_seen or not item.is_covered:
            return False
        proof.read([item])
        if proof.is_proven:
            return True
    return False
