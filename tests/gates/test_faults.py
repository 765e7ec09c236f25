"""What goes wrong with a site from one day to the next is held back, and nothing that was known is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.script import FAULTS
from tests.gates.conftest import Watched, watched

HELD_FOR = {
    "empty_tag": "known/lost/tags",
    "swapped_fields": "known/lost/size_bytes",
    "date_format": "known/lost/published_on",
    "same_text": "known/lost/text_digest",
    "half_listing": "listing/unlisted",
    "next_gone": "listing/unlisted",
}
READ_THROUGH = {"renamed_class", "moved_label", "wrong_charset"}
"""The reader needs no classes and no places; pages that are not modified are not sent in another charset."""
KEPT_OUT = {"captcha": (None, 4), "soft_404": ("empty", 1), "login_wall": ("empty", 1)}
"""Nothing is left of the site, its listings included, that could be judged."""

A_DAY = 86_400


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_every_page(base: Watched, tmp_path: Path, fault: str) -> None:
    site = base.copied(tmp_path / "data")
    before = site.visible()
    site.site.happen("fault", name=fault, duration=A_DAY + 1000)
    outcome = site.crawl()
    site.site.clock.advance(1000)
    if fault in READ_THROUGH:
        assert (outcome.event, outcome.changed) == ("published", 0)
    elif fault in KEPT_OUT:
        assert (outcome.event, outcome.exit_code) == KEPT_OUT[fault]
    else:
        assert (outcome.event, outcome.exit_code) == ("held", 1)
        (event,) = site.events(outcome.run_id)
        assert outcome.reason == event["reason"]
        assert HELD_FOR[fault] in event["options"]
    if outcome.event != "published":
        assert site.visible() == before


@pytest.mark.parametrize("fault", ["empty_tag", "swapped_fields", "date_format", "same_text", "soft_404", "login_wall"])
def test_a_fault_on_a_fifth_of_the_pages(base: Watched, tmp_path: Path, fault: str) -> None:
    site = base.copied(tmp_path / "data")
    before = site.visible()
    site.site.happen("fault", name=fault, share=0.2, duration=A_DAY + 1000)
    outcome = site.crawl()
    site.site.clock.advance(1000)
    assert (outcome.event, outcome.exit_code) == ("held", 1), outcome
    assert site.visible() == before


def test_new_documents_in_a_wrong_charset(base: Watched, tmp_path: Path) -> None:
    """Known pages are answered "not modified": it shows on new ones alone, and on those in GBK of them."""
    site = base.copied(tmp_path / "data")
    site.site.happen("added", count=30)
    site.site.happen("fault", name="wrong_charset", duration=A_DAY + 1000)
    outcome = site.crawl()
    site.site.clock.advance(1000)
    assert outcome.event == "held"
    assert "garbled" in (outcome.reason or "")


@pytest.mark.parametrize("share", [1, 0.2])
def test_new_ids_for_known_documents(tmp_path: Path, share: float) -> None:
    site = watched(tmp_path / "data")
    before = site.visible()
    site.site.happen("renumbered", share=share)
    outcome = site.crawl()
    assert outcome.event == "held"
    assert "new/known_elsewhere" in site.events(outcome.run_id)[0]["options"]
    assert site.visible() == before
