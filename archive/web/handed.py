"""What the web page shows that other rooms know how to make: it is handed in, for `archive/` knows nothing of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Functions of readers and reports."""

    text_of: Callable[[bytes, str | None, str], str]
    """(body, Content-Type, site) -> the text that these bytes are to the reader, who decides on the encoding."""
    sources: Callable[[Archive, Mapping[str, Any]], Any]
    """(archive, row of `Archive.get`) -> where each value was read, what today's reader reads there."""
    report: Callable[[str], Mapping[str, Any] | None]
    """Run id -> its report; None: no run of a site."""
    runs_of: Callable[[str], Sequence[Mapping[str, Any]]]
    """Site -> figures of its newest runs, oldest first, as a report's `history`."""
    changes_chart: Callable[[Sequence[Mapping[str, Any]]], Any]
    """Such figures -> places of bars: new and changed above the line, withdrawn below."""
    requests_chart: Callable[[Sequence[Mapping[str, Any]]], Any]
    """The same of requests, errors over their feet."""
