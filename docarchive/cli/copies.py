"""Looks for copies behind whatever published."""

from __future__ import annotations

from archive.clock import Clock
from archive.layout import Layout


def look_for_copies(layout: Layout, clock: Clock) -> None:
    """Bring the works to where the tables are; what hinders it is told, and undoes nothing that was published."""
    from archive.near_duplicates.catching_up import catch_up_if_free  # NumPy comes with it

    catch_up_if_free(layout, clock)
