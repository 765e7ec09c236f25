"""Numbers that look random and follow from a key alone.

Every document, page and fault is drawn from (seed, what it is for), so two sites with one seed are the same on any
machine. Only `random.Random.random()` is used: of the whole module it is the one whose sequence Python guarantees.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A stream of draws that follows from *key* alone.

    >>> Draw(7, "title", 3).below(100) == Draw(7, "title", 3).below(100)
    True
    """

    __slots__ = ("_random",)

    def __init__(self, *key: object) -> None:
        # A text key is hashed with SHA-512 by Random: equal on every machine, unlike hash().
        self._random = Random("/".join(map(str, key))).random  # noqa: S311 - not for secrets

    def share(self) -> float:
        """Return a number in [0, 1)."""
        return self._random()

    def below(self, count: int) -> int:
        """Return a whole number in [0, count)."""
        return int(self._random() * count)

    def between(self, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """Return True in *share* of the draws."""
        return self._random() < share

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of *choices*."""
        return choices[int(self._random() * len(choices))]

    def several(self, choices: Sequence[T], count: int) -> list[T]:
        """Return *count* different ones of *choices* (all, shuffled, when there are fewer)."""
        left = list(choices)
        taken = []
        for _ in range(min(count, len(left))):
            place = int(self._random() * len(left))
            taken.append(left[place])
            left[place] = left[-1]
            left.pop()
        return taken

    def token(self, length: int) -> str:
        """Return *length* hexadecimal digits."""
        return f"{int(self._random() * (1 << 52)):013x}{int(self._random() * (1 << 52)):013x}"[:length].rjust(
            length, "0"
        )
