"""What a visit without a document says of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from crawler.fetching.outcome import Outcome
from crawler.revisits.withdrawal import SPEAKS, Absence, absence_of


@pytest.mark.parametrize(
    ("status", "page_type", "reason", "absence"),
    [
        (404, "other", "http_404", Absence.GONE),
        (403, "other", "http_403", Absence.REFUSED),
        (503, "other", "http_503", Absence.DOWN),
        (302, "other", "redirect", Absence.REPLACED),
        (302, "other", "redirect_off_site", Absence.REFUSED),
        (200, "listing", "links", Absence.REPLACED),
        (200, "other", "captcha", Absence.CHALLENGE),
        (200, "other", "no_evidence", Absence.UNCLEAR),
    ],
)
def test_what_came_instead(status: int, page_type: str, reason: str, absence: Absence) -> None:
    page = SimpleNamespace(http_status=status, page_type=page_type)
    outcome = cast(Outcome, cast(Any, SimpleNamespace(page=page, reason=reason, blocked=False)))
    assert absence_of(outcome) is absence
    assert (absence in SPEAKS) == (absence in (Absence.GONE, Absence.REPLACED))
