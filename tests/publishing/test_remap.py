"""A site that numbered its documents anew: they keep the identity they had."""

from __future__ import annotations

import pytest

from archive.archive import Archive
from archive.errors import NotFound
from archive.publishing.held import accept_run
from archive.publishing.remap import Known, matched, remap
from tests.publishing.conftest import Site


def found(old: list[Known], new: list[Known]) -> dict[str, tuple[str, str]]:
    return {one.new_id: (one.old_id, one.evidence) for one in matched(old, new)}


def test_what_is_alike_in_text_and_title_is_the_same() -> None:
    old = [Known("1", "年度报告", "sha256:a"), Known("2", "Plan  (draft)", "sha256:b"), Known("3", "Notice", None)]
    new = [Known("x", "年度报告", "sha256:a"), Known("y", "New title", "sha256:b"), Known("z", "NOTICE", "sha256:c")]
    assert found(old, new) == {"x": ("1", "text and title"), "y": ("2", "text"), "z": ("3", "title")}


def test_what_could_be_one_or_the_other_is_neither() -> None:
    """Copies of one text under one title, and another text under the same title."""
    copies = [Known("1", "Form", "sha256:a"), Known("2", "Form", "sha256:a"), Known("3", "Report", "sha256:b")]
    new = [Known("x", "Form", "sha256:a"), Known("y", "Form", "sha256:a"), Known("z", "Report", "sha256:c")]
    assert found(copies, new) == {}


def test_copies_are_told_apart_by_their_titles() -> None:
    old = [Known("1", "Form A", "sha256:a"), Known("2", "Form B", "sha256:a")]
    new = [Known("x", "Form B", "sha256:a"), Known("y", "Form A", "sha256:a"), Known("z", "Form C", "sha256:a")]
    assert found(old, new) == {"x": ("2", "text and title"), "y": ("1", "text and title")}


def test_a_held_run_takes_the_old_identities_and_histories_go_on(site: Site) -> None:
    site.stage("run-1", ("1", "Plan"), ("2", "Report"), ("3", "Gone"))
    site.publisher.publish("run-1")
    site.stage("run-2", ("n-1", "Plan"), ("n-2", "REPORT"), ("n-9", "Brand new"))
    site.publisher.hold("run-2", "every document is new")
    site.state.close()
    shown = remap(site.layout, site.name, site.clock)
    assert {(one.old_id, one.new_id) for one in shown.matches} == {("1", "n-1"), ("2", "n-2")}
    assert ([one.doc_id for one in shown.new], shown.missing) == (["n-9"], 1)
    assert len(remap(site.layout, site.name, site.clock, apply=True).matches) == 2
    assert remap(site.layout, site.name, site.clock).matches == ()
    accept_run(site.layout, "run-2", site.clock)
    with Archive.open(site.layout.root) as archive:
        newest = {row["doc_id"]: row["title"] for row in archive.records()}
        assert newest == {"1": "Plan", "2": "REPORT", "3": "Gone", "n-9": "Brand new"}
        assert [version["title"] for version in archive.history(site.name, "2")] == ["Report", "REPORT"]
        assert len(archive.history(site.name, "1")) == 1
        decided = archive.query("SELECT doc_id, value FROM decisions WHERE kind = 'identity' ORDER BY 1").to_list()
        assert decided == [{"doc_id": "1", "value": "n-1"}, {"doc_id": "2", "value": "n-2"}]
    site.open()
    known = site.staging.known_page("https://docs.example/n-1")
    assert known is not None
    assert known.doc_id == "1"  # what the next crawl reads there is that document


def test_without_a_held_run_there_is_nothing_to_match(site: Site) -> None:
    site.state.close()
    with pytest.raises(NotFound, match="crawl the site as it is now"):
        remap(site.layout, site.name, site.clock)
    with pytest.raises(NotFound, match="never crawled"):
        remap(site.layout, "nosuch", site.clock)
    site.open()
