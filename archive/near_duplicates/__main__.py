"""Looks for copies in a process of its own: `python -m archive.near_duplicates ARCHIVE`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from archive.clock import clock_from_environment
from archive.errors import ArchiveError, SiteBusy
from archive.layout import open_layout
from archive.publishing.waiting_texts import is_due
from archive.without_pandas import do_with_numpy, do_without_pandas

NICE = 5
"""Whoever fetches, publishes or answers comes first."""


def main() -> int:
    """Look, and once more for what was published meanwhile: its publisher left it to us. Return the exit code."""
    do_without_pandas()
    do_with_numpy()
    from archive.near_duplicates.catching_up import catch_up

    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # each step is whole or not there
    os.nice(NICE)
    clock = clock_from_environment()
    try:
        layout = open_layout(Path(sys.argv[1]))
        catch_up(layout, clock)
        if is_due(layout, 1):
            catch_up(layout, clock)
    except SiteBusy:
        return 0
    except ArchiveError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
