"""Ends of runs that wait to be told of, many at a time: looking at every site costs as much for one as for twenty."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.layout import Layout
from crawler.telling.last_end import last_end
from crawler.telling.report_files import report_paths
from crawler.telling.run_end import RunEnd

TOGETHER = 25
SECONDS = 10.0
"""So many are told of together, or what there are so long after the first of them."""

End = Mapping[str, Any]
"""A row of `RunEnd`."""

_IN_THE_LEDGER = ("published", "held", "empty")
"""Ends of which a report can be made later."""


class Untold:
    """The ends of the runs of one `crawl --due`, as its workers say them."""

    def __init__(self) -> None:
        self._ends: list[End] = []
        self._since = 0.0
        self._alone: deque[End] = deque()
        """Those whose telling killed a worker, perhaps."""

    def __bool__(self) -> bool:
        return bool(self._ends or self._alone)

    def add(self, end: End, now: float) -> None:
        """Take an end; *now* is a monotonic clock's."""
        if not self._ends:
            self._since = now
        self._ends.append(end)

    def is_time(self, now: float, *, more_to_come: bool) -> bool:
        """Whether some are to be told now."""
        together = len(self._ends) >= TOGETHER or now - self._since >= SECONDS or not more_to_come
        return bool(self._alone) or (bool(self._ends) and together)

    def take(self) -> tuple[End, ...]:
        """Return those that are to be told now."""
        if self._alone:
            return (self._alone.popleft(),)
        ends, self._ends = self._ends, []
        return tuple(ends)

    def died(self, ends: Sequence[End], *, was_stopped: bool = False) -> None:
        """Tell of each by itself, once; what is told of the one that does it is left to the next command.

        *was_stopped*: nothing of theirs did it.
        """
        if len(ends) > 1 or was_stopped:
            self._alone += ends

    def rest(self) -> list[End]:
        """Return what nobody has told of."""
        return [*self._alone, *self._ends]


def left_untold(layout: Layout, sites: Iterable[str]) -> list[RunEnd]:
    """Return the last ends of *sites* that whoever was to tell of them was killed before: their reports are missing."""
    found = []
    for site in sites:
        ended = last_end(layout, site)
        if ended is None or ended.run_id is None or ended.event not in _IN_THE_LEDGER:
            continue
        if not report_paths(layout, ended.run_id)[0].exists():
            found.append(
                RunEnd(
                    site=site,
                    run=None,  # the report is made from the ledger
                    event=ended.event,
                    exit_code=ended.exit_code,
                    reason=ended.reason,
                    at=ended.at,
                )
            )
    return found
