"""Random questions about documents at moments of an archive's life, held against a replay of its runs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.archive import Archive
from archive.layout import create
from archive.record import DocumentRecord, content_digest, to_json
from bench.replaying import Answer, Decided, Document, Replay, Seen
from tests.archive.conftest import START, WrittenArchive, record, sighting

SITES = ("huiwen", "register")
TITLES = ("关于计生长效机制的通知", "关于计生长效机制的通知(修订)", "计划生育年报", "Annual report")
TEXTS = ("第一条 全年增加三成。", "第一条 全年减少五成。", None)

STEP = timedelta(hours=7)
"""Between two runs; those that were held back are accepted several steps later."""


@dataclass
class Life:
    """An archive and its diary, written run by run."""

    archive: WrittenArchive
    rng: random.Random
    documents: list[Document]
    replay: Replay = field(default_factory=Replay)
    now: datetime = START
    held: list[tuple[str, list[DocumentRecord]]] = field(default_factory=list)
    newest: dict[Document, DocumentRecord] = field(default_factory=dict)
    """What was last seen of each document, by whatever run."""

    def run(self, number: int) -> None:
        """Let one thing happen, and some of what waits."""
        self.now += STEP
        run_id = f"r{number:04d}"
        kinds = {"crawl": 55, "import": 10, "held": 12, "reread": 8, "decisions": 10, "takedown": 5}
        kind = self.rng.choices(list(kinds), list(kinds.values()))[0]
        if kind == "takedown" and number > 3:
            self._takedown()
        elif kind == "decisions":
            self._decide(run_id)
        elif kind == "reread":
            self._read_again(run_id)
        else:
            self._see(run_id, kind)
        while self.held and self.rng.random() < 0.25:
            self._release(*self.held.pop(self.rng.randrange(len(self.held))))

    def _see(self, run_id: str, kind: str) -> None:
        chosen = self.rng.sample(self.documents, self.rng.randint(1, max(1, len(self.documents) // 3)))
        records = [self._seen(document) for document in chosen]
        if kind == "held":
            self._event(run_id, "held")
            self.held.append((run_id, records))
            return
        self._publish(run_id, records, (*(["import"] if kind == "import" else []), "published"))

    def _seen(self, document: Document) -> DocumentRecord:
        """Return the document as its page is now: mostly as it was."""
        before = self.newest.get(document)
        keep = before is not None and self.rng.random() < 0.6
        site, doc_id = document
        at = self.now - timedelta(minutes=self.rng.randint(0, 300))
        values: dict[str, Any] = {"pages": self.rng.randint(1, 3), "preview_text": self.rng.choice(TEXTS)}
        title = self.rng.choice(TITLES)
        if keep and before is not None:
            title, values = before.title, {"pages": before.pages, "preview_text": before.preview_text}
        made = record(doc_id, title, site=site, at=at, **values)
        self.newest[document] = made
        return made

    def _read_again(self, run_id: str) -> None:
        """A better reader reads captures of before otherwise, at their own instants."""
        known = [document for document in self.documents if document in self.newest]
        chosen = self.rng.sample(known, min(len(known), 4))
        again = [self.newest[document] for document in chosen]
        read = [
            record(r.doc_id, f"{r.title}!", site=r.site, at=r.fetched_at, pages=r.pages, preview_text=r.preview_text)
            for r in again
        ]
        self._publish(run_id, read, ("reread", "published"))

    def _decide(self, run_id: str) -> None:
        chosen = self.rng.sample(self.documents, min(len(self.documents), 3))
        rows, entries = [], []
        for document in chosen:
            kind = self.rng.choice(("withdrawn", "withdrawn", "returned"))
            at = self.now - timedelta(minutes=self.rng.randint(0, 2000))
            rows.append(
                {"site": document[0], "doc_id": document[1], "kind": kind, "at": at.isoformat(), "reason": "gone"}
            )
            entries.append(Decided(document=document, kind=kind, at=at))
        self.archive.rows(run_id, "decisions", rows)
        self.replay.runs[run_id] = list(entries)
        self._event(run_id, "published")

    def _takedown(self) -> None:
        shown = sorted(self.replay.runs)
        if shown:
            self._event(self.rng.choice(shown), "takedown")

    def _release(self, run_id: str, records: list[DocumentRecord]) -> None:
        if self.rng.random() < 0.4:
            self._write(run_id, records)
            self._event(run_id, "rejected")
        else:
            self._publish(run_id, records, ("accepted",))

    def _publish(self, run_id: str, records: list[DocumentRecord], events: tuple[str, ...]) -> None:
        self._write(run_id, records)
        for event in events:
            self._event(run_id, event)

    def _write(self, run_id: str, records: list[DocumentRecord]) -> None:
        """Write what a run saw; some sightings are intervals, as maintenance makes of several."""
        entries: list[Seen | Decided] = []
        sightings = []
        for seen in records:
            longer = timedelta(hours=self.rng.choice((0, 0, 0, 5, 30)))
            sightings.append(sighting(seen, seen.fetched_at + longer))
            entries.append(
                Seen(
                    document=(seen.site, seen.doc_id),
                    content=content_of(seen),
                    since=seen.fetched_at,
                    until=seen.fetched_at + longer,
                )
            )
        self.archive.rows(run_id, "versions", [_version(each) for each in records])
        self.archive.rows(run_id, "sightings", sightings)
        self.replay.runs[run_id] = entries

    def _event(self, run_id: str, event: str) -> None:
        self.now += timedelta(seconds=1)
        self.archive.event(run_id, event, self.now, site=None)
        self.replay.ledger.append((self.now, run_id, event))


def _version(seen: DocumentRecord) -> dict[str, Any]:
    return {**to_json(seen), "content_digest": content_digest(seen), "previous_reread_digest": None}


def content_of(row: DocumentRecord) -> tuple[Any, ...]:
    """Return what a version is compared by here."""
    return row.title, row.pages, row.preview_text


def lived(folder: Path, *, runs: int, documents: int, seed: int = 1) -> Life:
    """Return an archive in *folder* in which *runs* things happened to so many *documents*."""
    rng = random.Random(seed)
    named = [(SITES[number % len(SITES)], f"{number:04d}") for number in range(documents)]
    life = Life(WrittenArchive(create(folder / "data")), rng, named)
    for number in range(runs):
        life.run(number)
    return life


@dataclass(frozen=True, slots=True)
class Question:
    """A document, and the moment it is asked about as the archive's keywords."""

    document: Document
    moment: dict[str, Any]


def questions(life: Life, count: int, seed: int = 2) -> Iterator[Question]:
    """Yield random questions: about now, as of, as published by an instant or a run, or both."""
    rng = random.Random(seed)
    visible = [run for run in life.replay.runs if life.replay.row_of(run) is not None]
    span = (life.now - START).total_seconds() + 7200

    def moment() -> datetime:
        edge = rng.random() < 0.3  # exactly when something happened
        return rng.choice(life.replay.ledger)[0] if edge else START + timedelta(seconds=rng.uniform(-3600, span))

    for _ in range(count):
        asked: dict[str, Any] = {}
        if rng.random() < 0.7:
            asked["as_of"] = moment().replace(microsecond=0)
        if rng.random() < 0.5:
            asked["as_published"] = rng.choice(visible) if rng.random() < 0.5 else moment().replace(microsecond=0)
        absent = ("huiwen", "never seen")
        yield Question(rng.choice(life.documents) if rng.random() < 0.97 else absent, asked)


def expected(life: Life, question: Question, document: Document | None = None) -> Answer | None:
    """Return what the replay says."""
    published = question.moment.get("as_published")
    row = None
    if published is not None:
        row = life.replay.row_of(published) if isinstance(published, str) else life.replay.row_at(published)
    return life.replay.answer(document or question.document, as_of=question.moment.get("as_of"), row=row)


def told(row: dict[str, Any] | None) -> Answer | None:
    """Return what the archive says."""
    if row is None:
        return None
    return Answer(
        content=(row["title"], row["pages"], row["preview_text"]),
        version=row["version"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        withdrawn_at=row["withdrawn_at"],
    )


def wrong_answers(archive: Archive, life: Life, count: int) -> Iterator[tuple[Question, Answer | None, Answer | None]]:
    """Ask *count* questions; yield those answered otherwise than by the replay, with what was expected and told."""
    for question in questions(life, count):
        right, said = expected(life, question), told(archive.get(*question.document, **question.moment))
        if right != said:
            yield question, right, said


def wrong_lists(archive: Archive, life: Life, count: int) -> Iterator[Question]:
    """Ask for all documents at *count* random moments; yield the questions whose answer is not the replay's."""
    for question in questions(life, count, seed=3):
        right = {each: found for each in life.documents if (found := expected(life, question, each)) is not None}
        rows = archive.records(**question.moment)
        if {(row["site"], row["doc_id"]): told(row) for row in rows} != right:
            yield question
