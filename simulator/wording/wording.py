"""What a language offers to make titles and texts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.draw import Draw


@dataclass(frozen=True, slots=True)
class Work:
    """What a document is about: everything its title, tags and text are worded from."""

    place: str
    topic: str
    kind: str
    year: int
    title: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language's words: all invented for this simulator."""

    places: Sequence[str]
    topics: Sequence[tuple[str, tuple[str, ...]]]
    """A topic and the tags it gives."""
    kinds: Sequence[tuple[str, tuple[str, ...]]]
    """A kind of document and the tags it gives."""
    titles: Sequence[str]
    """Patterns over {place}, {topic}, {kind}, {year}."""
    sentences: Sequence[str]
    """Patterns over {place}, {topic}, {kind}, {year} and the numbers {a} (1-12), {b} (13-480), {c} (2-9)."""
    revision: str
    """What an edited title ends with, over {n}."""
    space: str
    """What stands between two sentences."""

    def work(self, draw: Draw) -> Work:
        """Return a work drawn from *draw*."""
        place = draw.pick(self.places)
        topic, topic_tags = draw.pick(self.topics)
        kind, kind_tags = draw.pick(self.kinds)
        year = draw.between(2008, 2025)
        title = draw.pick(self.titles).format(place=place, topic=topic, kind=kind, year=year)
        title = title[0].upper() + title[1:]
        tags = tuple(dict.fromkeys((*topic_tags, place, *kind_tags)))
        return Work(place, topic, kind, year, title, tags)

    def paragraphs(self, work: Work, draw: Draw, sentences: int) -> tuple[str, ...]:
        """Return the paragraphs of a text of that many *sentences* about *work*; a long one tells some points again."""
        chosen: list[str] = []
        while len(chosen) < sentences:
            chosen += draw.several(self.sentences, sentences - len(chosen))
        worded = [
            pattern.format(
                place=work.place,
                topic=work.topic,
                kind=work.kind,
                year=work.year,
                a=draw.between(1, 12),
                b=draw.between(13, 480),
                c=draw.between(2, 9),
            )
            for pattern in chosen
        ]
        paragraphs = []
        begin = 0
        while begin < len(worded):
            end = begin + draw.between(2, 6)
            paragraphs.append(self.space.join(worded[begin:end]))
            begin = end
        return tuple(paragraphs)
