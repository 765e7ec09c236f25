"""Looks for copies behind a publish, when enough was published to be worth it.

To begin takes a second whatever there is to do: too much behind each of a hundred runs that bring five documents each.
So a crawl looks when `DUE_BYTES` of texts wait, or some that have waited for `DUE_SECONDS`; `crawl --due` once at its
end, and meanwhile whenever `MUCH_BYTES` wait; what a person asks for by hand (an import, a run accepted or read again,
maintenance) at once. Which files wait is told by their names alone: nothing is loaded to find that nothing is due.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from archive import durable
from archive.clock import Clock
from archive.errors import ArchiveError, SiteBusy
from archive.layout import Layout
from archive.our_process import environment

DUE_BYTES = 300_000
"""Of files of `versions`: some 100 documents with texts."""

DUE_SECONDS = 20 * 3600.0
"""A little less than a day: a daily crawl is never more than one behind."""

MUCH_BYTES = 150_000_000
"""While many sites are crawled: some 50,000 documents, minutes of work. All at once they cost half of what they do a
thousand at a time, and at the end nothing else is in memory."""

_SETTLED_SECONDS = 3600.0
"""A file this old that the tables do not list was replaced by maintenance; a younger one may be about to be listed."""

_FILE_OF_A_RUN = re.compile(r"^\d{8}T\d{6}Z-.*-\d{5,}-versions\.parquet$")

logger = logging.getLogger(__name__)


def files_of_runs(layout: Layout) -> dict[str, os.stat_result]:
    """Return name -> size and time of the files of `versions` that runs wrote, whether the tables list them or not."""
    try:
        with os.scandir(layout.table("versions")) as entries:
            return {entry.name: entry.stat() for entry in entries if _FILE_OF_A_RUN.match(entry.name)}
    except FileNotFoundError:
        return {}


def note_known(layout: Layout, before: dict[str, os.stat_result], listed: Iterable[str]) -> None:
    """Note what the index of copies knows: of the files that were there *before*, those that the tables *listed*."""
    names = {Path(path).name for path in listed}
    settled = max((stat.st_mtime for stat in before.values()), default=0.0) - _SETTLED_SECONDS
    known = sorted(name for name, stat in before.items() if name in names or stat.st_mtime < settled)
    durable.write_file(_known(layout), "".join(f"{name}\n" for name in known).encode())


def _known(layout: Layout) -> Path:
    """Deleted with the index, of which it tells."""
    return layout.duplicates / "known"


def _waiting(layout: Layout, found: dict[str, os.stat_result]) -> Collection[os.stat_result]:
    try:
        known = set(_known(layout).read_text("ascii").splitlines())
    except (OSError, ValueError):
        known = set()
    return [stat for name, stat in found.items() if name not in known]


def is_due(layout: Layout, enough: int | None = None) -> bool:
    """Whether so many bytes of texts wait (`DUE_BYTES`), or some that have waited for long; takes a millisecond."""
    found = files_of_runs(layout)
    waiting = _waiting(layout, found)
    if sum(stat.st_size for stat in waiting) >= (DUE_BYTES if enough is None else enough):
        return True
    if not waiting:
        return False
    newest = max(stat.st_mtime for stat in found.values())  # of the run that was just published
    return newest - min(stat.st_mtime for stat in waiting) >= DUE_SECONDS


def look_if_due(layout: Layout, clock: Clock) -> None:
    """Look for copies in a process of its own, if it is due: its memory is not for one that fetches or publishes.

    To be called behind a publish: what hinders it is told in a sentence, and undoes nothing. KeyboardInterrupt stops
    it; the next goes on with it.
    """
    if not is_due(layout):
        return
    done = subprocess.run(
        command(layout), env=environment(clock), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sentence = (done.stderr.splitlines() or ["it was killed"])[-1]
        logger.warning("copies were not looked for (exit code %d): %s", done.returncode, sentence)


def command(layout: Layout) -> list[str]:
    """Return the command of a process that looks for copies; start it with `environment`."""
    return [sys.executable, "-m", "archive.near_duplicates", str(layout.root)]


def look_now(layout: Layout, clock: Clock) -> None:
    """Look for copies in this process, if anything waits; what hinders it is told, and undoes nothing."""
    if not _waiting(layout, files_of_runs(layout)):
        return
    from archive.near_duplicates.catching_up import catch_up  # NumPy comes with it

    try:
        catch_up(layout, clock)
    except SiteBusy:
        return  # whoever is at it takes what it finds, the next the rest
    except ArchiveError as error:
        logger.warning("copies were not looked for: %s", error)
    except Exception as error:  # whatever it is: what was published is published
        logger.warning("copies were not looked for: %s", error, exc_info=error)
    except KeyboardInterrupt:
        logger.warning("copies were not all looked for: it was stopped; the next time goes on with it")
