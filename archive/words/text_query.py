"""What a search asks for, and whether a text answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.errors import UsageError
from archive.published.views import sql_text
from archive.words.folding import PLAIN, fold, folding_pattern, ideograph_sources, is_ideographic, written_alike

_WORD = re.compile(r'((?:-?\()*)(?:(-?)(["＂])([^"＂]*)(["＂]?)|([^\s"＂]+))')
"""What stands before a phrase or a word and may open parentheses; a phrase; a word with all that sticks to it."""
_OPENING = re.compile(r"-?\(")

DEEPEST = 20
"""Parentheses in parentheses."""
MOST_GROUPS = 200
"""What parentheses multiply out to; whoever asks for more asks for something else."""


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
    """Return what *text* asks for: space or AND = both, `"..."` phrase, `-word` without, `OR`, `( )` around several.

    OR binds closer than a space. Parentheses around what has no space in it, as in (2023)15号, are part of the word.
    Raises UsageError when there is no word in it, or a quote or parenthesis is not closed.

    >>> [[t.text for t in group] for group in parse_text_query('計生 AND "长效 避孕" OR 节育').groups]
    [['计生'], ['长效 避孕', '节育']]
    >>> [[t.text for t in group] for group in parse_text_query("(甲 乙) OR 丙").groups]
    [['甲', '丙'], ['乙', '丙']]
    """
    levels = [_Level()]
    for before, minus, quote, phrase, closed, rest in _WORD.findall(text):
        if quote and not closed:
            raise UsageError('a quotation mark is not closed; write the phrase as "...", or leave the mark out')
        word = before + rest
        excess = before.count("(") if quote else word.count("(") - word.count(")")
        while excess > 0 and (opened := _OPENING.match(word)):
            if len(levels) > DEEPEST:
                raise UsageError(f"parentheses stand more than {DEEPEST} deep in each other; write it with fewer")
            levels.append(_Level(wanted=opened[0] == "("))
            word, excess = word[opened.end() :], excess - 1
        if quote:
            levels[-1].take_term(phrase, wanted=not minus)
            continue
        closing = min(max(-excess, 0), len(word) - len(word.rstrip(")")), len(levels) - 1)
        word = word[: len(word) - closing]
        if not levels[-1].take_operator(word):
            wanted = not (word.startswith("-") and len(word) > 1)
            levels[-1].take_term(word if wanted else word[1:], wanted=wanted)
        for _ in range(closing):
            ended = levels.pop()
            levels[-1].take(ended.groups() if ended.wanted else _negated(ended.groups()))
    if len(levels) > 1:
        raise UsageError('a parenthesis is not closed; close it, or write it between quotation marks: "("')
    groups = levels[0].groups()
    if not groups:
        raise UsageError('there is no word to search for; write at least one, and AND, OR themselves as "AND", "OR"')
    return TextQuery(tuple(tuple(group) for group in groups), exact)


class _Level:
    """What stands between two parentheses, or in none: all of its parts, each one of several alternatives."""

    def __init__(self, wanted: bool = True) -> None:
        self.wanted = wanted
        self._parts: list[list[list[list[Term]]]] = []
        self._alternative = False

    def take_operator(self, word: str) -> bool:
        """Take *word* if it is OR or AND; whether it was."""
        if word == "OR":
            self._alternative = bool(self._parts)
        return word in ("OR", "AND")

    def take_term(self, written: str, *, wanted: bool) -> None:
        """Take a word or phrase; one of nothing that can be looked for is left out."""
        written = written.replace(_SEPARATOR, " ").strip()
        term = Term(fold(written).replace(_SEPARATOR, " ").strip(), wanted, written)
        if term.text:
            self.take([[term]])

    def take(self, groups: list[list[Term]]) -> None:
        """Take what a word, or what stood between parentheses, asks for."""
        if not groups:
            return
        if self._alternative:
            self._parts[-1].append(groups)
        else:
            self._parts.append([groups])
        self._alternative = False

    def groups(self) -> list[list[Term]]:
        """Return all of it as groups, of each of which any term is enough."""
        return [group for alternatives in self._parts for group in _any_of(alternatives)]


def _any_of(alternatives: Sequence[list[list[Term]]]) -> list[list[Term]]:
    """Return the groups that are answered where those of any alternative are."""
    found: list[list[Term]] = [[]]
    for groups in alternatives:
        if len(found) > 1 and len(groups) > 1 and len(found) * len(groups) > MOST_GROUPS:
            raise UsageError("parentheses and OR make too much of that; ask in several searches")
        if len(groups) == 1:
            for group in found:
                group.extend(groups[0])
        else:
            found = [[*group, *other] for group in found for other in groups]
    return found


def _negated(groups: list[list[Term]]) -> list[list[Term]]:
    """Return the groups that are answered where *groups* are not."""
    opposite = [[[replace(term, wanted=not term.wanted)] for term in group] for group in groups]
    return _any_of(opposite) if opposite else []
