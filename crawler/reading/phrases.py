"""Expressions of many words, looked for only in texts that have a sign of one.

Such an expression is tried at each character of a text, which few texts have: a look for the signs, plain strings each,
costs a tenth of it.
"""

from __future__ import annotations

import re


class Phrases:
    """A regular expression, without regard to case, with the strings of which each of its matches has one."""

    def __init__(self, pattern: str, signs: str) -> None:
        """*signs* are in lower case and parted by bars."""
        self.pattern = re.compile(pattern, re.IGNORECASE)
        self.signs = signs
        self._sign = re.compile("|".join(re.escape(sign) for sign in signs.split("|"))).search
        self._western_signs = tuple(sign for sign in signs.split("|") if sign.isascii())

    def may_be_in(self, text: str) -> bool:
        """Whether *text*, which may be many lines, has a sign of the expression."""
        lower = text.lower()
        if text.isascii():
            return any(map(lower.__contains__, self._western_signs))
        return self._sign(lower) is not None

    def match(self, text: str) -> re.Match[str] | None:
        """Return the match of the expression at the beginning of *text*; as few texts have one, it is tried first."""
        found = self.pattern.match(text)
        return found if found is not None and self.may_be_in(text) else None

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match of the expression in *text*.

        >>> Phrases(r"(?:has been|was) (?:removed|deleted)", "removed|deleted").search("It was Removed.")[0]
        'was Removed'
        """
        lower = text.lower()
        if text.isascii():
            # In English nearly each letter begins some sign: one by one is quicker.
            return self.pattern.search(text) if any(map(lower.__contains__, self._western_signs)) else None
        return self.pattern.search(text) if self._sign(lower) is not None else None
