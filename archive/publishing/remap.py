"""A site that numbered its documents anew: which of a held run's documents are old ones under new ids.

A redesign or a move that changes every id makes every document look new; the gates hold such a run. Here its documents
are matched with those the archive has, by text digest and title, and take the identity they had: histories go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from archive.clock import Clock
from archive.errors import NotFound
from archive.layout import Layout
from archive.normal_form import nfkc
from archive.published import tables
from archive.site_state.staging import HELD, Change, Run, Staging
from archive.site_state.state import State
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.rows import dicts

REASON = "the site numbered its documents anew; {evidence} the same as of the document that had this id"


@dataclass(frozen=True, slots=True)
class Known:
    """What a document is matched by."""

    doc_id: str
    title: str
    text_digest: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A document of the held run that is an old one."""

    old_id: str
    new_id: str
    title: str
    evidence: str
    """What both have in common: "text and title", "text", or "title" where one of them has no text."""


@dataclass(frozen=True, slots=True)
class Remap:
    """What a held run's documents turned out to be."""

    run_id: str
    matches: tuple[Match, ...]
    new: tuple[Known, ...]
    """Documents of the run that no old one is like, or several are."""
    missing: int
    """Old documents that the run has under no id."""


def matched(old: Sequence[Known], new: Sequence[Known]) -> Iterator[Match]:
    """Yield which of *new* is which of *old*: only where it can be no other.

    First by text and title, then by text, then by title where at most one side has a text: a text that changed under
    the same title may be another document.
    """
    left_old = {one.doc_id: one for one in old}
    left_new = {one.doc_id: one for one in new}
    for evidence, key in (("text and title", _text_and_title), ("text", _text), ("title", _title)):
        olds, news = _unique(left_old.values(), key), _unique(left_new.values(), key)
        for shared in olds.keys() & news.keys():
            before, now = olds[shared], news[shared]
            if evidence == "title" and before.text_digest is not None and now.text_digest is not None:
                continue
            del left_old[before.doc_id], left_new[now.doc_id]
            yield Match(before.doc_id, now.doc_id, now.title, evidence)


def _text_and_title(one: Known) -> tuple[str, ...] | None:
    return (one.text_digest, _folded(one.title)) if one.text_digest is not None else None


def _text(one: Known) -> tuple[str, ...] | None:
    return (one.text_digest,) if one.text_digest is not None else None


def _title(one: Known) -> tuple[str, ...] | None:
    return (_folded(one.title),) if one.title else None


def _folded(title: str) -> str:
    """Return *title* without what a redesign changes: width, case, spaces."""
    return "".join(nfkc(title).casefold().split())


def _unique(documents: Iterable[Known], key: Any) -> dict[tuple[str, ...], Known]:
    """Return the documents that are alone with their key."""
    found: dict[tuple[str, ...], list[Known]] = defaultdict(list)
    for one in documents:
        value = key(one)
        if value is not None:
            found[value].append(one)
    return {value: same[0] for value, same in found.items() if len(same) == 1}


def remap(layout: Layout, site: str, clock: Clock, *, run_id: str | None = None, apply: bool = False) -> Remap:
    """Match the documents of a held run of *site* (the newest, or *run_id*) with those the archive has.

    With *apply* each matched one takes the old id, in one step that a crash undoes whole; the run stays held, to be
    accepted. Raises NotFound when no such run is held, SiteBusy while a run of the site is going on.
    """
    with _held(layout, site, clock, run_id) as (staging, run):
        staged = _staged(staging, run)
        seen = set(_doc_ids(staging, run))
        published = _published(layout, site)
        known = {one.doc_id for one in published}
        old = [one for one in published if one.doc_id not in seen]
        new = [one for one in staged if one.doc_id not in known]
        matches = tuple(sorted(matched(old, new), key=lambda one: (one.old_id, one.new_id)))
        if apply:
            _apply(staging, site, run, matches, clock)
    taken = {one.new_id for one in matches}
    return Remap(
        run_id=run.run_id,
        matches=matches,
        new=tuple(one for one in new if one.doc_id not in taken),
        missing=len(old) - len(matches),
    )


@contextmanager
def _held(layout: Layout, site: str, clock: Clock, run_id: str | None) -> Iterator[tuple[Staging, Run]]:
    if not layout.state(site).exists():
        raise NotFound(f"{site} was never crawled; list the runs with: docarchive runs")
    state = State(layout, site, clock)
    try:
        state.acquire()
        staging = Staging(state)
        held = [run for run in staging.runs() if run.status == HELD and run_id in (None, run.run_id)]
        if not held:
            raise NotFound(
                f"no run of {site} is held{f' as {run_id}' if run_id else ''}; crawl the site as it is now, then remap "
                "what the gates hold back"
            )
        yield staging, held[-1]
    finally:
        state.close()


def _staged(staging: Staging, run: Run) -> list[Known]:
    found: dict[str, Known] = {}
    for (blob,) in staging.db.execute(
        "SELECT version FROM staged WHERE run_id = ? AND version IS NOT NULL ORDER BY id", (run.run_id,)
    ):
        row = orjson.loads(blob)
        found[row["doc_id"]] = Known(row["doc_id"], row["title"], row["text_digest"])
    return list(found.values())


def _doc_ids(staging: Staging, run: Run) -> list[str]:
    return [
        row[0]
        for row in staging.db.execute(
            "SELECT DISTINCT doc_id FROM staged WHERE run_id = ? AND doc_id IS NOT NULL", (run.run_id,)
        )
    ]


def _published(layout: Layout, site: str) -> list[Known]:
    session = Session(tables.snapshot(layout))
    try:
        session.make_views()
        found = arrow(
            session.connection,
            "SELECT doc_id, title, text_digest FROM documents WHERE site = $site ORDER BY doc_id",
            {"site": site},
        )
        return [Known(row["doc_id"], row["title"], row["text_digest"]) for row in dicts(found)]
    finally:
        session.close()


def _apply(staging: Staging, site: str, run: Run, matches: Sequence[Match], clock: Clock) -> None:
    """Let the staged rows of each match have the old identity, and note each as a decision."""
    with staging.state.transaction(lasting=True) as db:
        for match in matches:
            evidence = None
            for row_id, sighting_blob, version_blob in db.execute(
                "SELECT id, sighting, version FROM staged WHERE run_id = ? AND doc_id = ?", (run.run_id, match.new_id)
            ).fetchall():
                sighting = orjson.loads(sighting_blob) | {"doc_id": match.old_id}
                version = orjson.loads(version_blob) | {"doc_id": match.old_id} if version_blob else None
                evidence = evidence or sighting["capture"]
                known = staging.known_document(sighting["site"], match.old_id)
                same = known is not None and known.content_digest == sighting["content_digest"]
                db.execute(
                    "UPDATE staged SET doc_id = ?, change = ?, sighting = ?, version = ? WHERE id = ?",
                    (
                        match.old_id,
                        Change.SAME if same or version is None else Change.CHANGED,
                        orjson.dumps(sighting),
                        None if same or version is None else orjson.dumps(version),
                        row_id,
                    ),
                )
            staging.decide(
                run.run_id,
                site=site,
                doc_id=match.old_id,
                kind="identity",
                value=match.new_id,
                reason=REASON.format(evidence=f"{match.evidence} {'are' if ' and ' in match.evidence else 'is'}"),
                at=clock.now(),
                evidence=evidence,
            )
        staging.save_counts(run.run_id, {**run.counts, **staging.document_counts(run.run_id)})
