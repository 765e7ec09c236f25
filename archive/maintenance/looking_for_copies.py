"""Looks for copies behind a publish, when enough was published to be worth it.

A crawl looks when it is due (`waiting_texts.py`); `crawl --due` once at its end, and meanwhile whenever `MUCH_BYTES`
wait; what a person asks for by hand (an import, a run accepted or read again, maintenance) at once.
"""

from __future__ import annotations

import logging
import subprocess
import sys

from archive.clock import Clock
from archive.errors import ArchiveError, SiteBusy
from archive.layout import Layout
from archive.our_process import environment
from archive.publishing.waiting_texts import anything_waits, is_due

MUCH_BYTES = 150_000_000
"""While many sites are crawled: some 50,000 documents, minutes of work. All at once they cost half of what they do a
thousand at a time, and at the end nothing else is in memory."""

logger = logging.getLogger(__name__)


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
    if not anything_waits(layout):
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
