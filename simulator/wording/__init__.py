"""Invented titles, tags and texts, in the languages the simulated sites are written in."""

from simulator.wording.wording import Wording

__all__ = ["Wording"]
