"""How likely it is that a site's table of words was put over a text, and which.

Under a table a word stands for itself or for an original. How likely either is where it stands is known from texts that
nobody changed, and from copies of the same work; an original that is still there speaks against the table. A row of a
table may not be in force on some site, so that no row can say more against it than that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from archive.near_duplicates.lexicon import BESIDE_2, Hits, Integers, Lexicon
from archive.near_duplicates.word_counts import Beside, Floats, WordCounts

FORMAT = 1
"""Raised when any text gets another score than before."""

SHARES = (1.0, 0.6, 0.3)
SHARES_LIKELY = (0.6, 0.2, 0.2)
"""Which shares of its words a table may have replaced, and how likely each is: mostly all."""

LEFT_OVER = 0.03
"""How likely an original is to stay where all are replaced: a text may be put together of two."""

MANGLED_BEFOREHAND = 0.1
"""Share of documents that are taken to be mangled before their words are looked at."""

MOST_PER_WORD = 300.0
"""So many times as likely as the word itself its original may be, at most: one word alone makes nothing certain."""

IN_FORCE, LEARNED_IN_FORCE = 0.85, 0.4
"""How likely a row of a table is in force, before the archive's own copies were looked at."""

COPY_STRENGTH = 0.3
"""As many words of a copy as what stands beside a word weighs, against what copies have at the same place."""


VOTES = 2
"""Times that copies vote: the second time who is mangled is known better."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What texts look like under each table."""

    log_odds: Floats
    """Of being mangled, text by text."""
    tables: Floats
    """(tables, texts): how likely each table is, if any was put over the text."""
    rows: Floats
    """(texts, pairs): how likely each row is in force there, if a table that has it was put over the text."""
    table_logs: Floats
    """(tables, texts): log-likelihood against a text that nobody changed."""
    shares: Integers
    """Which of `SHARES` of its words the likeliest table replaced, text by text."""

    @property
    def scores(self) -> Floats:
        """How likely each text is mangled."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.log_odds, -50, 50))))


class Manglement:
    """Judges texts by their words."""

    def __init__(self, lexicon: Lexicon, counts: WordCounts, in_force: Floats | None = None) -> None:
        """*in_force*: (tables, pairs), how likely each row is used where the table is."""
        self.lexicon = lexicon
        self.counts = counts
        self.in_force = first_in_force(lexicon) if in_force is None else in_force

    def judged(self, hits: Hits, likely: Floats, texts: int) -> Judged:
        """Judge *texts* texts by *hits*; *likely*: how likely each word of its class is at each (`likely_words`)."""
        by_pair = self._by_pair(hits, likely, texts)
        per_share = np.empty((len(self.lexicon.tables), len(SHARES), texts))
        occurs = by_pair.any((0, 1))
        odds_of_pair = np.expm1(by_pair)
        for table, in_force in enumerate(self.in_force):
            its = self.lexicon.in_table[table] & occurs
            per_share[table] = np.log1p(in_force[its] * odds_of_pair[:, :, its]).sum(2)
        per_share += np.log(SHARES_LIKELY)[None, :, None]
        tables = _log_sum(per_share, 1)
        total = _log_sum(tables, 0) - np.log(len(tables))
        odds = total + np.log(MANGLED_BEFOREHAND / (1 - MANGLED_BEFOREHAND))
        posterior = np.exp(tables - _log_sum(tables, 0))
        best = per_share.max(0).argmax(0)
        told = by_pair[best, np.arange(texts)]
        usual = np.where(self.lexicon.in_table, self.in_force, 0).max(0)
        force = usual * np.exp(told)
        return Judged(odds, posterior, force / (force + 1 - usual), tables, best)

    def _by_pair(self, hits: Hits, likely: Floats, texts: int) -> Floats:
        """(shares, texts, pairs): what the words of each pair say for its being in force, as log-likelihoods."""
        lexicon = self.lexicon
        found = np.zeros((len(SHARES), texts, len(lexicon.originals)))
        own = np.maximum(likely[np.arange(len(hits)), lexicon.place_of[hits.words]], 1e-6)
        order = np.argsort(hits.words, kind="stable")
        bounds = np.searchsorted(hits.words[order], np.arange(len(lexicon.words) + 1))
        for pair, (original, replacement) in enumerate(
            zip(lexicon.originals.tolist(), lexicon.replacements.tolist(), strict=True)
        ):
            replaced = order[bounds[replacement] : bounds[replacement + 1]]
            originals = order[bounds[original] : bounds[original + 1]]
            if not len(replaced) and not len(originals):
                continue
            kept = np.bincount(hits.texts[originals], minlength=texts)
            ratio = np.minimum(likely[replaced, lexicon.place_of[original]] / own[replaced], MOST_PER_WORD)
            for number, share in enumerate(SHARES):
                found[number, :, pair] = np.bincount(hits.texts[replaced], np.log1p(share * ratio), texts)
                found[number, :, pair] += kept * np.log(max(1 - share, LEFT_OVER))
        return np.clip(found, -300, 300)

    def likely_words(
        self, hits: Hits, groups: Integers, texts: int, *, counted_as: Floats | None = None
    ) -> tuple[Floats, Judged]:
        """Return hit by hit how likely each word of its class is there, and what that makes of the texts.

        *groups*: which texts are copies of one work. A copy that is mangled itself bears no witness, so that they are
        judged by what stands beside words first.
        """
        alone = likely = self.counts.likely(hits, counted_as)
        judged = self.judged(hits, likely, texts)
        copies = CopyVotes(self.lexicon, hits, groups)
        for _ in range(VOTES):
            votes = copies.counted(1 - judged.scores)
            likely = (votes + COPY_STRENGTH * alone) / (votes.sum(1, keepdims=True) + COPY_STRENGTH)
            judged = self.judged(hits, likely, texts)
        return likely, judged

    def with_rows_of(self, judged: Judged, by_texts: Floats | None = None) -> Floats:
        """Return `in_force` as *judged* texts show it."""
        lexicon = self.lexicon
        found = np.zeros_like(self.in_force)
        says = np.abs(np.log(np.clip(judged.rows, 1e-9, 1) / np.clip(1 - judged.rows, 1e-9, 1))) > 0.5
        for table in range(len(lexicon.tables)):
            weights = (judged.tables[table] * judged.scores)[:, None] * says
            prior = self.in_force[table]
            found[table] = ((weights * judged.rows).sum(0) + 2 * prior) / (weights.sum(0) + 2)
        return np.asarray(np.where(lexicon.in_table, np.clip(found, 0.02, 0.97), 0.0))


def first_in_force(lexicon: Lexicon) -> Floats:
    """Return how likely each row is used where its table is, before any text was looked at."""
    return np.where(lexicon.in_table, np.where(lexicon.is_learned, LEARNED_IN_FORCE, IN_FORCE), 0.0)


class CopyVotes:
    """Which words copies of a work have at the same places: where the same stands beside them in both."""

    def __init__(self, lexicon: Lexicon, hits: Hits, groups: Integers) -> None:
        """*groups*: which texts are copies of one work."""
        self._size = lexicon.members.shape[1]
        key = hits.keys[BESIDE_2] ^ (groups[hits.texts].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        # Places that only one hit is at have no votes.
        shared = np.zeros(len(key), bool)
        same = ordered[1:] == ordered[:-1]
        shared[1:] |= same
        shared[:-1] |= same
        self._hits = order[shared]
        at = ordered[shared]
        begins = np.ones(len(at), bool)
        begins[1:] = at[1:] != at[:-1]
        self._spots = np.cumsum(begins) - 1
        self._texts = hits.texts[self._hits]
        self._places = lexicon.place_of[hits.words[self._hits]]
        texts = int(self._texts.max(initial=0)) + 1
        _, self._mine = np.unique(self._spots * texts + self._texts, return_inverse=True)
        # A text votes once for a word at a place, however often the same stands there.
        _, self._once = np.unique(self._mine * self._size + self._places, return_index=True)
        self._shape = (len(key), self._size)

    def counted(self, weights: Floats) -> Floats:
        """Return hit by hit how many other copies of the work have each word of its class at the same place.

        *weights*: what each text's vote counts for.
        """
        found = np.zeros(self._shape)
        if not len(self._hits):
            return found
        once, size = self._once, self._size
        cast = weights[self._texts[once]]
        cells = int(self._spots[-1]) + 1
        votes = np.bincount(self._spots[once] * size + self._places[once], cast, cells * size).astype(np.float64)
        own = np.zeros((int(self._mine.max()) + 1) * size)
        own[self._mine[once] * size + self._places[once]] = cast
        others = votes.reshape(cells, size)[self._spots] - own.reshape(-1, size)[self._mine]
        found[self._hits] = np.maximum(others, 0.0)
        return found


def _log_sum(logs: Floats, axis: int) -> Floats:
    most = logs.max(axis, keepdims=True)
    return np.asarray(np.log(np.exp(logs - most).sum(axis)) + most.squeeze(axis))


def pruned(counts: WordCounts, most: int) -> WordCounts:
    """Return *counts* with no more than about *most* keys: those of what was seen most often."""
    seen = {level: beside.counts.sum(1) for level, beside in counts.beside.items()}
    every = np.sort(np.concatenate([np.zeros(0), *seen.values()]))[::-1]
    least = max(2.0, float(every[most]) if len(every) > most else 0.0)
    beside = {
        level: Beside(found.keys[seen[level] >= least], found.counts[seen[level] >= least])
        for level, found in counts.beside.items()
    }
    return WordCounts(counts.lexicon, counts.in_all, beside)
