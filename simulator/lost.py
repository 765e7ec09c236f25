"""Documents that are listed and cannot be read, as on every site that has been there for some years.

One listed document in fifty of the opening: its page is missing (404), gone (410), a deletion notice, a soft 404 or a
login wall (200 each). No archive can hold them, so the truth leaves them out. They stay so whatever the script says.
"""

from __future__ import annotations

LOST_EVERY, LOST_PLACE = 50, 31
"""Documents whose number leaves this remainder are lost."""
WAYS = ("missing", "notice", "gone", "soft404", "login")


def lost_how(number: int) -> str | None:
    """Return how document *number* of the opening is lost; None: it can be read.

    >>> lost_how(30), lost_how(31), lost_how(81)
    (None, 'missing', 'notice')
    """
    return WAYS[number // LOST_EVERY % len(WAYS)] if number % LOST_EVERY == LOST_PLACE else None
