"""What a search asks for, and whether a text answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import UsageError
from archive.folding import PLAIN, fold, folded_sql, folding_pattern, ideograph_sources, is_ideographic
from archive.views import sql_text

TITLE_WEIGHT, TAG_WEIGHT, TEXT_WEIGHT = 5, 3, 1
"""How much one occurrence counts for the order by relevance."""

_WORD = re.compile(r'(-?)(?:["＂]([^"＂]*)["＂]?|([^\s"＂]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase that must, or must not, stand in the title, in a tag or in the preview text."""

    text: str
    """Folded."""
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Groups that must all be answered; a group is answered by any of its terms."""

    groups: tuple[tuple[Term, ...], ...]

    def matches(self, texts: Sequence[str]) -> bool:
        """Whether a document with these folded texts (title, tags, preview) answers the query."""
        return all(any(any(t.text in text for text in texts) == t.wanted for t in group) for group in self.groups)

    def score(self, title: str, tags: Sequence[str], preview: str) -> int:
        """Return how often the wanted terms occur in the folded texts, by weight."""
        return sum(
            TITLE_WEIGHT * title.count(term)
            + TAG_WEIGHT * sum(tag.count(term) for tag in tags)
            + TEXT_WEIGHT * preview.count(term)
            for term in self.wanted_terms()
        )

    def wanted_terms(self) -> list[str]:
        """Return the texts of the terms that must occur."""
        return [term.text for group in self.groups for term in group if term.wanted]

    @property
    def _ideographic(self) -> bool:
        return all(is_ideographic(term.text) for group in self.groups for term in group)

    def condition_sql(self) -> str:
        """Return an SQL condition on title, tags, preview_text; exact where `doubtful_sql` is false."""
        return " AND ".join("(" + " OR ".join(map(self._term_sql, group)) + ")" for group in self.groups)

    def doubtful_sql(self) -> str:
        """Return an SQL condition: the texts hold characters that SQL does not fold as `fold` does."""
        if self._ideographic:
            sources = ideograph_sources("".join(term.text for group in self.groups for term in group))
            found = [f"contains({text}, {sql_text(source)})" for text in self._texts() for source in sources]
            return " OR ".join(found) or "false"
        return " OR ".join(f"regexp_matches({text}, {sql_text(f'[^{PLAIN}]')})" for text in self._texts())

    def score_sql(self) -> str:
        """Return SQL for `score`."""
        texts = [text if self._ideographic else folded_sql(text) for text in self._texts()]
        parts = [
            f"{weight} * ((length({text}) - length(replace({text}, {sql_text(term)}, ''))) // {len(term)})"
            for term in self.wanted_terms()
            for weight, text in zip((TITLE_WEIGHT, TAG_WEIGHT, TEXT_WEIGHT), texts, strict=True)
        ]
        return " + ".join(parts) or "0"

    def _term_sql(self, term: Term) -> str:
        if self._ideographic:
            found = " OR ".join(f"contains({text}, {sql_text(term.text)})" for text in self._texts())
        else:
            pattern = sql_text(folding_pattern(term.text))
            found = " OR ".join(f"regexp_matches({text}, {pattern})" for text in self._texts())
        return f"({found})" if term.wanted else f"NOT ({found})"

    @staticmethod
    def _texts() -> list[str]:
        return [f"coalesce({column}, '')" for column in _COLUMNS]


# No term holds this separator, so that none is found across two tags.
_SEPARATOR = "\n"
_COLUMNS = ("title", f"array_to_string(tags, '{_SEPARATOR}')", "preview_text")


def parse_text_query(text: str) -> TextQuery:
    """Return what *text* asks for: space = AND, `"..."` phrase, `-word` without, `OR` between alternatives.

    Raises UsageError when there is no word in it.

    >>> [[t.text for t in group] for group in parse_text_query('计生 "长效 避孕" OR 节育').groups]
    [['计生'], ['长效 避孕', '节育']]
    """
    groups: list[list[Term]] = []
    alternative = False
    for minus, phrase, word in _WORD.findall(text):
        if word == "OR" and not minus:
            alternative = bool(groups)
            continue
        term = fold(phrase or word).replace(_SEPARATOR, " ").strip()
        if not term:
            continue
        if alternative:
            groups[-1].append(Term(term, not minus))
        else:
            groups.append([Term(term, not minus)])
        alternative = False
    if not groups:
        raise UsageError("there is no word to search for; write at least one")
    return TextQuery(tuple(tuple(group) for group in groups))
