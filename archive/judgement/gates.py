"""Is a run fit to publish? Its measures held against those of the site's own published runs.

No field has a threshold. Each measure is asked how likely a healthy run of this site is to be so far off
(`surprise.py`); a run is held when one is less likely than a share of `HELD_BY_CHANCE`, divided by the number of
measures asked. Documents that are new are held against documents that were new; documents known already, each against
its own last version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from archive.judgement.measures import Measures, value_of_bin
from archive.judgement.surprise import Expectation, chance_of

HELD_BY_CHANCE = 1 / 200
"""Share of healthy runs that may be held: the one number that says how strict the gates are."""

NEVER = Expectation(0.5, 2e6, 0.002)
"""What healthy sites do not do: garbled text. A site that has done it has its own share from then on (`ANY`)."""
RARE = Expectation(0.5, 400, 0.002)
"""What happens to one document or another: a field is lost, a page is a notice now."""
EDITS = Expectation(1, 100, 0.01)
"""What people do: values corrected, documents taken out, a hundredth of them a run, now and then more at once."""
ANY = Expectation(0.5, 0.5, 0.002)
"""Each site has its own share, and keeps to it: how many documents state a size."""
BATCHES = Expectation(0.5, 0.5, 0.2)
"""Each site has its own spread of values, and uploads come in batches that are much alike."""

FAILED_READING = 0.02
"""Share of pages the reader fails on from which on a run is held: a mistake of ours, on which no history is."""
FEWEST_FAILED = 5
"""One page, by accident or on purpose, must not hold a small site's run."""

RUNS_THAT_TELL = 3
"""Runs from which on a site's spread of values is known: one batch does not show how batches differ."""

QUANTILES = (0.1, 0.5, 0.9)
"""Where a spread is cut: how many lie below and above what so many of the earlier ones lay below."""


class Fitness(StrEnum):
    """What to do with a run."""

    PUBLISH = "published"
    HOLD = "held"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure that a healthy run would hardly show."""

    measure: str
    """Name of the measure, as in `Measures`."""
    what: str
    """What was counted, in words."""
    cases: int
    of: int
    usual_cases: int
    """In the earlier runs together."""
    usual_of: int
    chance: float
    """Probability of so much in a healthy run."""
    is_case: Callable[[Measures], bool] = field(compare=False, repr=False)
    """Whether the measures of one document alone are a case of it."""

    def __str__(self) -> str:
        now = f"{self.what}: {self.cases:,} of {self.of:,} ({self.cases / self.of:.1%})"
        if not self.usual_of:
            return f"{now}; hardly ever on a site"
        share = self.usual_cases / self.usual_of
        return f"{now}; in the published runs {self.usual_cases:,} of {self.usual_of:,} ({share:.1%})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a run, with a reason a person can act on."""

    fitness: Fitness
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    """Most surprising first."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One share to be asked about."""

    measure: str
    what: str
    count: Callable[[Measures], tuple[int, int]]
    """Measures of a run -> (cases, of)."""
    expected: Expectation
    runs_needed: int
    """Runs that must have shown it: a site's own ways are learned first."""


def judge(
    counts: Mapping[str, int],
    now: Measures,
    history: Sequence[Measures],
    *,
    names_known: bool = False,
    leave_out: tuple[str, ...] = (),
) -> Verdict:
    """Judge a run by its counts and measures, and by the measures of the site's published runs, oldest first.

    A run without documents is `empty`, unless its listings name some that are known (*names_known*), or that were left
    alone because they wait with a held run (`counts["left_alone"]`): there is nothing new then. Measures whose names
    begin with one of *leave_out* are not asked: what a person has approved beforehand.
    """
    documents = counts.get("documents", 0)
    if documents == 0 and not names_known and not counts.get("left_alone", 0):
        return Verdict(Fitness.EMPTY, "no document was found")
    failed_on = counts.get("other/reader_error", 0)
    if failed_on >= FEWEST_FAILED and failed_on > (documents + failed_on) * FAILED_READING:
        return Verdict(Fitness.HOLD, f"the reader failed on {failed_on:,} of {documents + failed_on:,} pages")
    shares = [question for question in _share_questions(now) if not question.measure.startswith(leave_out)]
    shapes = [*_spread_questions(now, history), *_mix_questions(now, history)]
    findings = [*_findings(shares, now, history), *_findings(shapes, now, history)]
    if not findings:
        return Verdict(Fitness.PUBLISH)
    findings.sort(key=lambda finding: finding.chance)
    more = f"; and {len(findings) - 1} more" if len(findings) > 1 else ""
    return Verdict(Fitness.HOLD, f"{findings[0]}{more}", tuple(findings))


def _findings(questions: Sequence[_Question], now: Measures, history: Sequence[Measures]) -> list[Finding]:
    """Ask what can be asked: there are cases now and, where a site's own ways decide, there were before.

    Shares and shapes (spreads and mixes), of which there are many more, may each hold half of `HELD_BY_CHANCE`.
    """
    answerable = [
        question
        for question in questions
        if question.count(now)[1] and sum(question.count(earlier)[1] > 0 for earlier in history) >= question.runs_needed
    ]
    asked = (_asked(question, now, history, HELD_BY_CHANCE / 2 / len(answerable)) for question in answerable)
    return [finding for finding in asked if finding is not None]


def _asked(question: _Question, now: Measures, history: Sequence[Measures], enough: float) -> Finding | None:
    cases, of = question.count(now)
    cases = min(cases, of)
    before = [question.count(earlier) for earlier in history]
    expected = question.expected
    if expected is NEVER and any(k for k, _ in before):
        expected = ANY
    chance = chance_of(cases, of, before, expected)
    if chance >= enough:
        return None
    return Finding(
        question.measure,
        question.what,
        cases,
        of,
        sum(k for k, _ in before),
        sum(n for _, n in before),
        chance,
        lambda one: question.count(one)[0] > 0,
    )


_ABOUT: tuple[tuple[str, str, Expectation, int], ...] = (
    # name of the measure begins with, in words, what is expected, runs of the site that must have shown it
    ("new/lacking/", "new documents without {}", ANY, 1),
    ("new/unreadable/", "new documents whose {} cannot be read", ANY, 1),
    ("new/dated_ahead", "new documents with a date yet to come", RARE, 1),
    ("new/garbled", "new documents with garbled text", NEVER, 1),
    ("new/same_text", "new documents with one and the same text", RARE, 1),
    ("new/same_title", "new documents with one and the same title", ANY, 1),
    ("new/known_elsewhere", "new documents that are known ones under another ID", RARE, 0),
    ("new/no_document", "pages expected to be new documents' that are none", ANY, 1),
    ("known/no_document", "pages of known documents that are none any more", RARE, 0),
    ("known/same_text", "known documents that all got one and the same text", RARE, 0),
    ("known/other_id", "known pages that state another ID", RARE, 0),
    ("known/garbled", "known documents whose text is garbled now", NEVER, 0),
    ("known/lost/any", "known documents that lost a field", RARE, 0),
    ("known/lost/", "known documents that lost their {}", RARE, 0),
    ("known/changed/", "known documents with changed {}", EDITS, 0),
    ("known/withdrawn", "documents found withdrawn", RARE, 0),
    ("listing/unlisted", "documents that no listing names any more", RARE, 0),
    ("listing/ends", "listing pages without a next page", ANY, 1),
)

_WORDS = {"published_on": "date", "size_bytes": "size", "text_digest": "text", "document_number": "number"}


def _share_questions(now: Measures) -> Iterator[_Question]:
    for name in now.shares:
        about = next((row for row in _ABOUT if name.startswith(row[0])), None)
        if about is None:
            continue
        beginning, what, expected, runs_needed = about
        subject = name.removeprefix(beginning)
        words = what.format(_WORDS.get(subject, subject.replace("_", " ")))

        def cases(one: Measures, name: str = name) -> tuple[int, int]:
            k, n = one.shares.get(name, (0, 0))
            return k, n

        yield _Question(name, words, cases, expected, runs_needed)


def _spread_questions(now: Measures, history: Sequence[Measures]) -> Iterator[_Question]:
    for name in now.spreads:
        bins: dict[int, int] = {}
        for earlier in history:
            for place, n in earlier.spreads.get(name, {}).items():
                bins[place] = bins.get(place, 0) + n
        places = sorted({_quantile(bins, share) for share in QUANTILES}) if bins else []
        subject = name.rpartition("/")[2].replace("_", " ")
        for place in places:
            for side, words in ((-1, "below"), (1, "above")):

                def beyond(one: Measures, name: str = name, place: int = place, side: int = side) -> tuple[int, int]:
                    counted = one.spreads.get(name, {})
                    return sum(n for p, n in counted.items() if (p - place) * side > 0), sum(counted.values())

                what = f"{name.partition('/')[0]}: {subject} {words} {value_of_bin(place):,.0f}"
                yield _Question(name, what, beyond, BATCHES, RUNS_THAT_TELL)


def _mix_questions(now: Measures, history: Sequence[Measures]) -> Iterator[_Question]:
    for name, values in now.mixes.items():
        subject = name.rpartition("/")[2].replace("_", " ")
        for value in values:

            def having(one: Measures, name: str = name, value: str = value) -> tuple[int, int]:
                counted = one.mixes.get(name, {})
                return counted.get(value, 0), sum(counted.values())

            yield _Question(name, f"{name.partition('/')[0]}: {subject} is {value or 'absent'}", having, BATCHES, True)


def _quantile(bins: Mapping[int, int], share: float) -> int:
    """Return the bin that *share* of all values lie in or below."""
    wanted = share * sum(bins.values())
    counted = 0
    for place in sorted(bins):
        counted += bins[place]
        if counted >= wanted:
            return place
    return max(bins)
