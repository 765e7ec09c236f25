"""Geometry of a report's charts: numbers of runs in, places on the page out. What is drawn there, the template says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

WIDTH, HEIGHT = 720.0, 190.0
"""Units of a chart's own coordinates; the page scales them."""
LEFT, TOP, BOTTOM = 46.0, 16.0, 34.0
"""Room for the scale's numbers, for a number above a bar, for the runs' ends and days below."""

CLOSEST = 14
"""Between two labels of the scale."""
MOST_SLOT = 26.0
"""A site with few runs has no wider bars than this."""

CUT_ABOVE = 3.0
"""A bar this many times higher than nearly all others is cut, and its number written on it: of a first run all is new,
and would leave nothing to see of the others."""
NEARLY_ALL = 0.9

DAYS_NAMED = 5

SPARK_WIDTH, SPARK_HEIGHT = 150.0, 26.0


class Segment(NamedTuple):
    """A part of a bar."""

    kind: str
    y: float
    height: float


class Bar(NamedTuple):
    """One run's."""

    x: float
    width: float
    segments: list[Segment]
    title: str
    event: str
    cut: str | None
    """What the bar comes to, where it is cut."""


class Tick(NamedTuple):
    """A line across, or a day below."""

    place: float
    label: str


class Chart(NamedTuple):
    """What a template draws."""

    bars: list[Bar]
    lines: list[Tick]
    days: list[Tick]
    zero: float
    width: float
    height: float
    left: float


def bar_chart(
    runs: Sequence[Mapping[str, Any]], up: Sequence[str], down: Sequence[str] = (), *, inside: str | None = None
) -> Chart:
    """Return bars of the counts *up* on each other, and *down* below the line, on one scale.

    *inside*: a count that is a part of the first of *up*, drawn over its foot.
    """
    highest = _scale([sum(run[name] for name in up) for run in runs])
    lowest = float(max((sum(run[name] for name in down) for run in runs), default=0))
    room = HEIGHT - TOP - BOTTOM
    share_below = lowest / (highest + lowest)
    above, below = room * (1 - share_below), room * share_below
    zero = TOP + above
    slot = min(MOST_SLOT, (WIDTH - LEFT) / max(1, len(runs)))
    width = max(1.5, slot * 0.72)
    bars = []
    for number, run in enumerate(runs):
        total = sum(run[name] for name in up)
        segments, shown = [], 0.0
        for name in up:
            height = min(above - shown, _height(run[name], highest, above))
            if height > 0:
                segments.append(Segment(name, zero - shown - height, height))
                shown += height
        if inside is not None and run[inside]:
            height = min(above, _height(run[inside], highest, above))
            segments.append(Segment(inside, zero - height, height))
        shown = 0.0
        for name in down:
            height = min(below - shown, _height(run[name], lowest or 1, below))
            if height > 0:
                segments.append(Segment(name, zero + shown, height))
                shown += height
        x = LEFT + number * slot + (slot - width) / 2
        cut = f"{total:,}" if total > highest else None
        names = (*up, *down, *([inside] if inside else []))
        bars.append(Bar(x, width, segments, _title(run, names), run["event"], cut))
    lines = [Tick(zero - above * value / highest, f"{value:,}") for value in _round_values(highest)]
    if above < CLOSEST * len(lines):  # what is below the line needs the room
        lines = lines[:1]
    if below >= CLOSEST:
        lines += [Tick(zero + below * value / lowest, f"{value:,}") for value in _round_values(lowest)[-1:]]
    end = LEFT + slot * len(runs)
    return Chart(bars, lines, _days(runs, slot), zero, max(end, WIDTH), HEIGHT, LEFT)


def _height(value: int, highest: float, room: float) -> float:
    """Return how high a count stands; what is there at all can be seen."""
    return max(1.5, room * value / highest) if value > 0 else 0.0


def _scale(values: Sequence[int]) -> float:
    """Return what the scale goes up to."""
    highest = max(values, default=0)
    usual = sorted(values)[int(NEARLY_ALL * (len(values) - 1))] if values else 0
    if usual > 0 and highest > CUT_ABOVE * usual:
        highest = max(value for value in values if value <= CUT_ABOVE * usual)
    return float(max(1, highest))


def _round_values(highest: float) -> list[int]:
    """Return two to four round numbers from 0 up to *highest*.

    >>> _round_values(47.0), _round_values(1.0)
    ([0, 20, 40], [0, 1])
    """
    raw = highest / 3
    power = 10 ** math.floor(math.log10(raw)) if raw >= 1 else 1
    step = next((factor * power for factor in (1, 2, 5, 10) if factor * power >= raw), 10 * power)
    return [int(step * number) for number in range(int(highest // step) + 1)]


def _days(runs: Sequence[Mapping[str, Any]], slot: float) -> list[Tick]:
    if not runs:
        return []
    count = min(DAYS_NAMED, len(runs), max(1, int(len(runs) * slot // 80)))
    numbers = sorted({round(part * (len(runs) - 1) / max(1, count - 1)) for part in range(count)})
    return [Tick(LEFT + (number + 0.5) * slot, runs[number]["started_at"][:10]) for number in numbers]


def _title(run: Mapping[str, Any], names: Sequence[str]) -> str:
    figures = ", ".join(f"{run[name]:,} {name.replace('_', ' ')}" for name in names)
    return f"{run['started_at'][:16].replace('T', ' ')}, {run['event']}: {figures}"


def sparkline(runs: Sequence[Mapping[str, Any]], field: str) -> str:
    """Return the points of a line of one field's fill over the runs, as SVG's `polyline` takes them; "" of none."""
    step = SPARK_WIDTH / max(1, len(runs) - 1)
    points = [
        f"{number * step:.1f},{1.5 + (SPARK_HEIGHT - 3) * (1 - run['fields'][field]):.1f}"
        for number, run in enumerate(runs)
        if field in run["fields"]
    ]
    return " ".join(points if len(points) != 1 else [points[0], points[0]])
