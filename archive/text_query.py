"""What a search asks for, and whether a text answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.errors import UsageError
from archive.folding import PLAIN, fold, folding_pattern, ideograph_sources, is_ideographic, written_alike
from archive.views import sql_text

_WORD = re.compile(r'(-?)(?:["＂]([^"＂]*)["＂]?|([^\s"＂]+))')


@dataclass(frozen=True, slots=True)
class WordTable:
    """Words that a kind of site puts in the place of others."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    """(original, replacement), folded."""

    def made(self, folded: str) -> bool:
        """Whether it is more likely than not what a text was made with: more of its replacements stand there than of
        its originals.

        A filter replaces every occurrence; but a title in front of the text may have kept them.
        """
        balance = 0
        for original, replacement in self.pairs:
            balance += folded.count(replacement) - folded.count(original)
        return balance > 0


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase that must, or must not, stand in the title, in a tag or in the preview text."""

    text: str
    """Folded."""
    wanted: bool = True
    written: str = ""
    """As it was asked for."""
    under: tuple[WordTable, ...] = ()
    """It stands for what was asked for only in texts that one of these tables made; none: it is what was asked for."""


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Groups that must all be answered; a group is answered by any of its terms."""

    groups: tuple[tuple[Term, ...], ...]
    exact: bool = False
    """Whether width, case and script matter: texts are then compared as they are, else folded."""

    def compared(self, text: str | None) -> str:
        """Return *text* in the form in which it is compared."""
        return (text or "") if self.exact else fold(text or "")

    def looked_for(self, term: Term) -> str:
        """Return what must stand in a compared text for *term* to be there."""
        return term.written if self.exact else term.text

    def matches(self, texts: Sequence[str]) -> bool:
        """Whether a document with these texts (title, tags, preview; as `compared` gives them) answers the query."""
        return all(any(self._stands(term, texts) == term.wanted for term in group) for group in self.groups)

    def _stands(self, term: Term, texts: Sequence[str]) -> bool:
        return any(self.looked_for(term) in text for text in texts) and self.is_meant(term, texts)

    def is_meant(self, term: Term, texts: Sequence[str]) -> bool:
        """Whether *term*, standing in *texts* (as `compared` gives them), means what was asked for."""
        if not term.under:
            return True
        text = "\n".join(map(fold, texts) if self.exact else texts)
        return any(table.made(text) for table in term.under)

    @property
    def needs_texts(self) -> bool:
        """Whether whole texts tell if a document answers, not only which folded words stand there."""
        return self.exact or any(term.under for group in self.groups for term in group)

    def wanted_terms(self) -> list[str]:
        """Return the folded texts of the terms that must occur."""
        return [term.text for group in self.groups for term in group if term.wanted]

    @property
    def _ideographic(self) -> bool:
        return all(is_ideographic(term.text) for group in self.groups for term in group)

    def condition_sql(self) -> str:
        """Return an SQL condition on title, tags, preview_text; exact where `doubtful_sql` is false."""
        groups = (group for group in self.groups if not _is_without_variant(group))
        return " AND ".join("(" + " OR ".join(map(self._term_sql, group)) + ")" for group in groups)

    def doubtful_sql(self) -> str:
        """Return an SQL condition: SQL cannot tell, for it does not fold these characters as `fold` does, or for a
        word may stand for another there."""
        variants = [replace(term, wanted=True) for group in self.groups for term in group if term.under]
        found = [f"({self._unfolded_sql()})", *map(self._term_sql, variants)]
        return " OR ".join(found) if variants else self._unfolded_sql()

    def _unfolded_sql(self) -> str:
        if self.exact:
            return "false"
        if self._ideographic:
            sources = ideograph_sources("".join(term.text for group in self.groups for term in group))
            found = [f"contains({text}, {sql_text(source)})" for text in self._texts() for source in sources]
            return " OR ".join(found) or "false"
        return " OR ".join(f"regexp_matches({text}, {sql_text(f'[^{PLAIN}]')})" for text in self._texts())

    def _term_sql(self, term: Term) -> str:
        if self.exact or written_alike(term.text):
            asked = sql_text(self.looked_for(term))
            found = " OR ".join(f"contains({text}, {asked})" for text in self._texts())
        else:
            pattern = sql_text(folding_pattern(term.text))
            found = " OR ".join(f"regexp_matches({text}, {pattern})" for text in self._texts())
        return f"({found})" if term.wanted else f"NOT ({found})"

    @staticmethod
    def _texts() -> list[str]:
        return [f"coalesce({column}, '')" for column in _COLUMNS]


def _is_without_variant(group: Sequence[Term]) -> bool:
    return all(term.under and not term.wanted for term in group)


# No term holds this separator, so that none is found across two tags.
_SEPARATOR = "\n"
_COLUMNS = ("title", f"array_to_string(tags, '{_SEPARATOR}')", "preview_text")


def parse_text_query(text: str, *, exact: bool = False) -> TextQuery:
    """Return what *text* asks for: space = AND, `"..."` phrase, `-word` without, `OR` between alternatives.

    Raises UsageError when there is no word in it.

    >>> [[t.text for t in group] for group in parse_text_query('計生 "长效 避孕" OR 节育').groups]
    [['计生'], ['长效 避孕', '节育']]
    """
    groups: list[list[Term]] = []
    alternative = False
    for minus, phrase, word in _WORD.findall(text):
        if word == "OR" and not minus:
            alternative = bool(groups)
            continue
        written = (phrase or word).replace(_SEPARATOR, " ").strip()
        term = Term(fold(written).replace(_SEPARATOR, " ").strip(), not minus, written)
        if not term.text:
            continue
        if alternative:
            groups[-1].append(term)
        else:
            groups.append([term])
        alternative = False
    if not groups:
        raise UsageError("there is no word to search for; write at least one")
    return TextQuery(tuple(tuple(group) for group in groups), exact)
