"""Which regular expressions may be matched against URLs: those that answer in time whatever the site sends."""

from __future__ import annotations

import re
from typing import Any

MAX_PATTERN_CHARACTERS = 500

MAX_OPEN_REPEATS = 4
"""Open repeats in one pattern: n of them can take a URL's length to the power of n steps, and a URL that is followed
has at most 2,000 characters."""

OPEN = 40
"""A repeat of more than this many counts as open-ended: 32 hexadecimal digits are an ID, not a loop."""

MAX_NESTED = 100
"""How often nested repeats may match their innermost part, all multiplied."""

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def check_pattern(pattern: str) -> None:
    """Raise ValueError, saying what to write, for a pattern that does not compile or may take exponential time.

    Refused are open repeats within repeats, choices within open repeats, back references, and long chains of repeats:
    the known ways into catastrophic backtracking. URL shapes need none of them.

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
    if _open_repeats(tree, times=1) > MAX_OPEN_REPEATS:
        raise ValueError(f"write at most {MAX_OPEN_REPEATS} open-ended repeats (*, +)")


def _open_repeats(tree: Any, *, times: int) -> int:
    """Return how many open repeats a parsed pattern holds; *times*: how often what is around it repeats it."""
    count = 0
    for operator, argument in tree:
        name = str(operator)
        if name in _REPEATS:
            count += _of_repeat(int(argument[1]), argument[2], times)
        elif name == "BRANCH":
            if times > OPEN:
                raise ValueError("write it without a choice (a|b) inside a repeat, which can take forever")
            count += sum(_open_repeats(branch, times=times) for branch in argument[1])
        elif name.startswith("GROUPREF"):
            raise ValueError("write it without back references")
        else:
            count += sum(_open_repeats(part, times=times) for part in _parts(argument))
    return count


def _of_repeat(highest: int, body: Any, times: int) -> int:
    is_open = highest > OPEN
    if (times > OPEN and highest > 1) or (is_open and times > 1) or (not is_open and highest * times > MAX_NESTED):
        raise ValueError("write it without a repeat inside a repeat, which can take forever")
    return is_open + _open_repeats(body, times=times * highest)


def _parts(argument: Any) -> list[Any]:
    """Return the patterns nested in an operator's argument (groups, look-arounds)."""
    subpattern = re._parser.SubPattern  # type: ignore[attr-defined]
    if isinstance(argument, subpattern):
        return [argument]
    return [part for part in argument if isinstance(part, subpattern)] if isinstance(argument, tuple) else []
