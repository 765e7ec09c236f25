"""What a site holds at a moment: which documents, in which order, at which revision.

A document follows from (seed, family, number) alone, so the catalogue keeps only what events have changed. A listing
nobody has touched is a `range`; one with insertions or removals is an array of four bytes a document.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from simulator.document import Document
from simulator.draw import Draw
from simulator.errors import BadScript
from simulator.families.family import Family
from simulator.script import Event


@dataclass(slots=True)
class Change:
    """One revision of a document: when, and what it changed."""

    at: datetime
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Entry:
    """What events have done to one document."""

    added_at: datetime | None = None
    published: date | None = None
    copy_of: int | None = None
    changes: list[Change] = field(default_factory=list)
    withdrawn_how: str | None = None
    withdrawn_at: datetime | None = None
    moves: int = 0
    renumbered: int = 0
    """How often this document got a new ID while others kept theirs."""


class Catalogue:
    """One family's documents; moves forward in time by `advance`, never back."""

    def __init__(self, family: Family, events: Iterable[Event], opened_at: datetime, order: str) -> None:
        self.family = family
        self.opened_at = opened_at
        self._order = order
        self._events = sorted((one for one in events if one.concerns(family.name)), key=lambda one: one.at)
        self._next_event = 0
        self._due_at = self._events[0].at if self._events else None
        self._entries: dict[int, Entry] = {}
        self._lines: dict[int, Sequence[int]] = {}
        self.count = family.count
        """Documents ever added, those of the opening included."""
        self.generation = 0
        """How often every document got a new ID."""
        self._renumbered = 0
        """How often some of the documents got new IDs."""
        self.versions = [0] * family.categories
        """How often each listing has changed: what its ETag is made of."""

    # -- what happens -------------------------------------------------------------------------------------------

    def happen(self, event: Event) -> None:
        """Put *event* among those to come, or apply it at the next `advance` if its time has passed."""
        if not event.concerns(self.family.name):
            return
        place = max(self._next_event, bisect_right(self._events, event.at, key=lambda one: one.at))
        self._events.insert(place, event)
        self._due_at = self._events[self._next_event].at

    def advance(self, now: datetime) -> None:
        """Apply every event up to *now*."""
        while self._due_at is not None and self._due_at <= now:
            number = self._next_event
            self._next_event += 1
            self._due_at = self._events[self._next_event].at if self._next_event < len(self._events) else None
            self._apply(self._events[number], Draw(self.family.seed, self.family.name, "event", number))

    def _apply(self, event: Event, draw: Draw) -> None:
        match event.action:
            case "added":
                self._add(event)
            case "renumbered" if event.takes.get("share", 1) < 1:
                for number in self._which(event, draw):
                    self._touch(number, event)
                self._renumbered += 1
            case "renumbered":
                self.generation += 1
                self.versions = [version + 1 for version in self.versions]
            case "changed" | "withdrawn" | "returned" | "moved":
                for number in self._which(event, draw):
                    self._touch(number, event)
            case _:
                pass  # states of the whole site, read from the events themselves (conditions.py)

    def _add(self, event: Event) -> None:
        published = event.takes.get("published_on")
        copied = event.takes.get("copy_of")
        for _ in range(event.takes.get("count", 1)):
            number = self.count
            self.count += 1
            self._entries[number] = Entry(
                added_at=event.at,
                published=event.at.date() if published is None else date.fromisoformat(str(published)),
                copy_of=None if copied is None else self._number(copied),
            )
            self._list(number)

    def _touch(self, number: int, event: Event) -> None:
        entry = self._entries.setdefault(number, Entry())
        match event.action:
            case "changed":
                fields = event.takes.get("fields") or self._drawn_change(number, len(entry.changes) + 1)
                entry.changes.append(Change(event.at, fields))
            case "withdrawn":
                if entry.withdrawn_how is None:
                    entry.withdrawn_how, entry.withdrawn_at = event.takes.get("how", "missing"), event.at
                    self._unlist(number)
            case "returned":
                if entry.withdrawn_how is not None:
                    entry.withdrawn_how = entry.withdrawn_at = None
                    self._list(number)
            case "renumbered":
                entry.renumbered += 1
            case _:
                entry.moves += 1
        self.versions[self.family.category(number)] += 1

    def _drawn_change(self, number: int, revision: int) -> dict[str, Any]:
        draw = Draw(self.family.seed, self.family.name, number, "revision", revision)
        return self.family.drawn_change(self.document(number), revision, draw)

    def _which(self, event: Event, draw: Draw) -> list[int]:
        takes = event.takes
        if "document" in takes or "documents" in takes:
            return [self._number(doc_id) for doc_id in takes.get("documents", [takes.get("document")])]
        returning = event.action == "returned"
        pool = self.withdrawn() if returning else list(self.listed())
        wanted = takes["count"] if "count" in takes else round(takes["share"] * len(pool))
        return draw.several(pool, wanted)

    def _number(self, doc_id: str) -> int:
        number = self.find(str(doc_id))
        if number is None:
            raise BadScript(
                f"the script names the document {doc_id!r}, unknown to {self.family.name}; take one from the truth file"
            )
        return number

    # -- what is there ------------------------------------------------------------------------------------------

    def find(self, doc_id: str) -> int | None:
        """Return the number of the document with that ID, listed or not; None without one."""
        for generation in range(self.generation, self.generation + self._renumbered + 1):
            number = self.family.number(doc_id, generation)
            if number is not None and 0 <= number < self.count and self._generation_of(number) == generation:
                return number
        return None

    def _generation_of(self, number: int) -> int:
        entry = self._entries.get(number)
        return self.generation + (entry.renumbered if entry else 0)

    def entry(self, number: int) -> Entry | None:
        """Return what events have done to a document; None: nothing."""
        return self._entries.get(number)

    def document(self, number: int) -> Document:
        """Return a document as it stands now (or stood when it was withdrawn)."""
        return self.at_revision(number, None)

    def card(self, number: int) -> Document:
        """Return a document as a listing needs it: without its text."""
        return self.at_revision(number, None, with_text=False)

    def at_revision(self, number: int, revision: int | None, *, with_text: bool = True) -> Document:
        """Return a document after that many changes; None: all of them."""
        entry = self._entries.get(number)
        generation = self._generation_of(number)
        if entry is None:
            return self.family.document(number, generation, with_text=with_text)
        changes = entry.changes if revision is None else entry.changes[:revision]
        changed: dict[str, Any] = {}
        for change in changes:
            changed.update(change.fields)
        last = changes[-1].at if changes else entry.added_at
        return self.family.document(
            number,
            generation,
            published=entry.published,
            copy_of=entry.copy_of,
            moves=entry.moves,
            changed=changed,
            revision=len(changes),
            changed_at=last,
            with_text=with_text,
        )

    def line(self, category: int) -> Sequence[int]:
        """Return the numbers listed in one category, by `_place`: a newest-first listing shows it from its end."""
        line = self._lines.get(category)
        if line is None:
            line = range(category, self.family.count, self.family.categories)
            if self._order == "unordered":
                line = array("I", sorted(line, key=self._place))
            self._lines[category] = line
        return line

    def shown(self, category: int, page: int, per_page: int) -> list[int]:
        """Return the numbers on one page (from 1) of a category's listing, in the order shown."""
        line = self.line(category)
        begin = (page - 1) * per_page
        if self._order != "newest-first":
            return list(line[begin : begin + per_page])
        last = len(line) - begin
        return list(line[max(0, last - per_page) : max(0, last)])[::-1]

    def listed(self) -> Iterable[int]:
        """Yield the number of every listed document."""
        for category in range(self.family.categories):
            yield from self.line(category)

    def lists(self, number: int, category: int) -> bool:
        """Return whether a document stands in that category's listing now."""
        entry = self._entries.get(number)
        return self.family.category(number) == category and (entry is None or entry.withdrawn_how is None)

    def withdrawn(self) -> list[int]:
        """Return the numbers of the withdrawn documents."""
        return [number for number, entry in self._entries.items() if entry.withdrawn_how is not None]

    def _place(self, number: int) -> tuple[Any, ...]:
        """Return where a document stands in the order of its listing, as a sortable key."""
        if self._order == "unordered":
            return (self.family.doc_id(number, 0),)
        return (self._published(number), number)

    def _published(self, number: int) -> date:
        entry = self._entries.get(number)
        if entry is not None and entry.published is not None:
            return entry.published
        return self.family.published(number)

    def _editable(self, category: int) -> array[int]:
        line = self.line(category)
        if not isinstance(line, array):
            line = self._lines[category] = array("I", line)
        return line

    def _list(self, number: int) -> None:
        category = self.family.category(number)
        line = self._editable(category)
        line.insert(self._where(line, number), number)
        self.versions[category] += 1

    def _unlist(self, number: int) -> None:
        line = self._editable(self.family.category(number))
        del line[self._where(line, number)]

    def _where(self, line: array[int], number: int) -> int:
        return bisect_left(line, self._place(number), key=self._place)
