"""Which regular expressions may be matched against URLs: those that answer in time whatever the site sends."""

from __future__ import annotations

import re
from typing import Any

MAX_PATTERN_CHARACTERS = 500

MAX_LOOSE_REPEATS = 4
"""Open-ended repeats in one pattern: n of them can take a URL's length to the power of n steps, and a URL that is
followed has at most 2,000 characters."""

LOOSE = 16
"""A repeat of more than this many counts as open-ended."""


def check_pattern(pattern: str) -> None:
    """Raise ValueError, saying what to write, for a pattern that does not compile or may take exponential time.

    Refused are open-ended repeats within open-ended repeats, choices and back references within them, and long chains
    of repeats: the known ways into catastrophic backtracking. URL shapes need none of them.

    >>> check_pattern(r"/doc/(?P<id>[0-9]+)[.]html")
    >>> check_pattern(r"/(a+)+b")
    Traceback (most recent call last):
    ...
    ValueError: write it without a repeat inside a repeat, which can take forever
    """
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        raise ValueError(f"write at most {MAX_PATTERN_CHARACTERS} characters")
    try:
        re.compile(pattern)
        tree: Any = re._parser.parse(pattern)  # type: ignore[attr-defined]  # no public way to look inside a pattern
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"write a regular expression that Python can read ({error})") from error
    if _loose_repeats(tree, inside=False) > MAX_LOOSE_REPEATS:
        raise ValueError(f"write at most {MAX_LOOSE_REPEATS} open-ended repeats (*, +)")


def _loose_repeats(tree: Any, *, inside: bool) -> int:
    """Return how many open-ended repeats a parsed pattern holds; *inside* one, anything risky is refused."""
    count = 0
    for operator, argument in tree:
        name = str(operator)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            highest, body = int(argument[1]), argument[2]
            loose = highest > LOOSE
            if loose and inside:
                raise ValueError("write it without a repeat inside a repeat, which can take forever")
            count += loose + _loose_repeats(body, inside=inside or loose)
        elif name == "BRANCH":
            if inside:
                raise ValueError("write it without a choice (a|b) inside a repeat, which can take forever")
            count += sum(_loose_repeats(branch, inside=inside) for branch in argument[1])
        elif name.startswith("GROUPREF"):
            raise ValueError("write it without back references")
        else:
            count += sum(_loose_repeats(part, inside=inside) for part in _parts(argument))
    return count


def _parts(argument: Any) -> list[Any]:
    """Return the patterns nested in an operator's argument (groups, look-arounds)."""
    if isinstance(argument, re._parser.SubPattern):  # type: ignore[attr-defined]
        return [argument]
    if isinstance(argument, tuple):
        return [part for part in argument if isinstance(part, re._parser.SubPattern)]  # type: ignore[attr-defined]
    return []
