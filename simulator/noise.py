"""What differs from one answer to the next while the documents stay the same: counters, tokens, related links."""

from __future__ import annotations

from simulator.draw import Draw


class Noise:
    """The changing parts of one answer; they follow from (seed, serial number of the request)."""

    def __init__(self, seed: int, serial: int) -> None:
        self.draw = Draw(seed, "noise", serial)
        self._serial = serial

    def views(self, number: int) -> int:
        """Return how often a document has been looked at; grows with every request."""
        return 40 + number * 7919 % 4001 + self._serial

    def downloads(self, number: int) -> int:
        """Return how often a document has been downloaded."""
        return 1 + number * 104729 % 97 + self._serial // 16

    def token(self) -> str:
        """Return a form token or session number."""
        return self.draw.token(24)
