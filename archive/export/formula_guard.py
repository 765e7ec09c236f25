"""Text that a spreadsheet program would take for a formula, made harmless so that it can be had back.

Rule: https://owasp.org/www-community/attacks/CSV_Injection; East Asian versions of these programs take the full-width
signs for the same.
"""

from __future__ import annotations

_MARK = "'"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", _MARK)


def looks_like_formula(text: str) -> bool:
    """Return whether a spreadsheet program might calculate *text* rather than show it."""
    return text.startswith(_DANGEROUS)


def guarded(text: str) -> str:
    """Return *text* with one ' in front where it looks like a formula, or begins with that mark itself.

    >>> guarded("=1+1"), guarded("1+1")
    ("'=1+1", '1+1')
    """
    return _MARK + text if looks_like_formula(text) else text


def unguarded(cell: str) -> str:
    """Return the text that `guarded` was given.

    >>> unguarded("'=1+1"), unguarded("1+1")
    ('=1+1', '1+1')
    """
    return cell.removeprefix(_MARK)
