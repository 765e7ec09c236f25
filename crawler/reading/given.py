"""Whether a page gives a document away, of which it may say no more."""

from __future__ import annotations

import re

from crawler.reading.ground import LONG_LINE, Ground
from crawler.reading.lines import SEPARATOR, Line
from crawler.reading.zones import IN_RELATED

_CONTROL = re.compile(
    r"(?:free )?download(?: (?:file|document|pdf|now|here))?|(?:立即|免费)?下[载載](?:文档|本文)?|"
    r"télécharger|descargar|herunterladen",
    re.IGNORECASE,
)


_LOADS = re.compile(r"[Ll][Oo][Aa][Dd]|[载載]|charger|cargar|laden")
"""What each of these words has: a look before."""


def is_given(ground: Ground) -> bool:
    """Whether the page has a control that gives the document away, and related documents: no more may be said of it.

    Or its heading says that the whole text is below.
    """
    if ground.heading is not None and _WHOLE.match(ground.lines[ground.heading].plain):
        return True
    return IN_RELATED in ground.zones and any(map(_gives, ground.lines))


_WHOLE = re.compile(r"full text of [\"“'‘]", re.IGNORECASE)
"""A heading that says that the whole document stands below it."""


def _gives(line: Line) -> bool:
    """Whether a line has a control that is called download and nothing else."""
    if line.navigation or len(line.plain) > LONG_LINE or not _LOADS.search(line.plain):
        return False
    return any(map(_CONTROL.fullmatch, line.text.split(SEPARATOR)))
