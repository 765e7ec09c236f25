"""What the web page shows that readers and reports know how to make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archive.archive import Archive
from archive.layout import Layout
from archive.published.run_history import RunHistory
from archive.web.handed import Handed
from crawler.telling.charts import Chart, bar_chart
from crawler.telling.report import RUNS_SHOWN, history_row
from docarchive.cli.run_report import run_report
from docarchive.sources import Sources, sources_of


def handed(layout: Layout, sites: Path | None) -> Handed:
    """Return what the page of the archive at *layout* needs; *sites*: the folder of profiles."""

    def text_of(body: bytes, content_type: str | None, site: str) -> str:
        from crawler.profile import find_profiles, profile_by_name
        from crawler.reading.encoding import decode

        profile = profile_by_name(site, find_profiles(sites))
        hint = profile.hints().encoding if profile is not None else None
        return decode(body, content_type, hint)[0]

    def sources(archive: Archive, row: Mapping[str, Any]) -> Sources:
        return sources_of(archive, row, sites)

    def report(run_id: str) -> Mapping[str, Any] | None:
        return run_report(layout, run_id)

    def runs_of(site: str) -> Sequence[Mapping[str, Any]]:
        with RunHistory(layout) as ledger:
            return [history_row(row) for row in ledger.runs(site, RUNS_SHOWN)]

    return Handed(
        text_of=text_of,
        sources=sources,
        report=report,
        runs_of=runs_of,
        changes_chart=_changes_chart,
        requests_chart=_requests_chart,
    )


def _changes_chart(runs: Sequence[Mapping[str, Any]]) -> Chart:
    withdrawn = any(run["withdrawn"] for run in runs)
    return bar_chart(runs, ("new", "changed"), ("withdrawn",) if withdrawn else ())


def _requests_chart(runs: Sequence[Mapping[str, Any]]) -> Chart:
    return bar_chart(runs, ("requests",), inside="errors")
