"""The pages of runs, coverage and sites."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from archive.archive import Archive
from archive.errors import NotFound, UsageError
from archive.web.asked import whole_number
from archive.web.figures import everything
from archive.web.handed import Handed
from archive.web.opened import SharedArchive
from archive.web.view import render

RUNS_LISTED = 50
CHARTS = 6
"""Sites whose runs are drawn on the page of all runs."""
YEARS = 30

_RUNS = """
SELECT run_id, any_value(site) AS site, arg_max(event, run_seq) AS event, max(run_seq) AS seq,
  min(started_at) AS started_at, max(finished_at) AS finished_at, arg_max(reason, run_seq) AS reason,
  coalesce(max(counts['new']), 0) AS new, coalesce(max(counts['changed']), 0) AS changed,
  coalesce(max(counts['withdrawn']), 0) AS withdrawn, coalesce(max(counts['requests']), 0) AS requests,
  coalesce(max(counts['failed']), 0) AS failed,
  bool_or(event = 'import') AS is_import,
  bool_or(coalesce(TRY_CAST(json_extract_string(options, '$.reread') AS BOOLEAN), false)) AS is_reread
FROM runs WHERE event NOT IN ('compacted', 'rebuilt', 'clustered')
GROUP BY run_id
"""


def listed_runs(archive: Archive, site: str | None, before: int | None, most: int) -> list[dict[str, Any]]:
    """Return runs as one row each, the newest first."""
    conditions, given = [], {}
    if site:
        conditions.append("site = $site")
        given["site"] = site
    if before:
        conditions.append(f"seq < {before}")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return archive.query(f"SELECT * FROM ({_RUNS}) {where} ORDER BY seq DESC LIMIT {most}", given).to_list()


def _figures(handed: Handed, site: str) -> list[Mapping[str, Any]]:
    return list(handed.runs_of(site))


def runs_page(request: Request) -> Response:
    """List the runs, with charts of what they brought."""
    shared: SharedArchive = request.app.state.shared
    handed = request.app.state.handed
    site = request.query_params.get("site") or None
    before = request.query_params.get("before")
    with shared.asked() as (archive, opened):
        whole = everything(archive, opened)
        rows = listed_runs(archive, site, whole_number("before", before) if before else None, RUNS_LISTED + 1)
    names = [site] if site and rows else [] if site else [each["site"] for each in whole["sites"][:CHARTS]]
    charts = []
    for name in names if not before else ():
        figures = opened.remembered(f"runs of {name}", partial(_figures, handed, name))
        if figures:
            charts.append({"site": name, "chart": handed.changes_chart(figures), "runs": figures})
    return render(
        request,
        "runs.html",
        {"runs": rows[:RUNS_LISTED], "more": len(rows) > RUNS_LISTED, "site": site, "charts": charts, "whole": whole},
    )


def run_events(request: Request, archive: Archive) -> list[dict[str, Any]]:
    """Return the ledger's rows of the run that the address names. Raises NotFound, UsageError."""
    run_id = request.query_params.get("run_id", "")
    if not run_id:
        raise UsageError("name a run: run_id=RUN")
    rows = archive.query("SELECT * FROM runs WHERE run_id = $run_id ORDER BY run_seq", {"run_id": run_id}).to_list()
    if not rows:
        raise NotFound(f"no run {run_id} in the ledger")
    return rows


def run_page(request: Request) -> Response:
    """Show one run: how it ended and why, what was held back, pages that show it, what it brought."""
    shared: SharedArchive = request.app.state.shared
    handed = request.app.state.handed
    with shared.asked() as (archive, _):
        events = run_events(request, archive)
        report = handed.report(events[0]["run_id"])
        judgement = judgement_of(events)
        known = known_documents(archive, judgement)
    charts = None
    if report is not None:
        charts = {
            "changes": handed.changes_chart(report["history"]),
            "requests": handed.requests_chart(report["history"]),
        }
    return render(
        request,
        "run.html",
        {
            "events": events,
            "last": events[-1],
            "report": report,
            "charts": charts,
            "judgement": judgement,
            "known": known,
        },
    )


def judgement_of(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a run was held for: each `finding` with `samples` of pages; [] of one that was not held."""
    found: list[dict[str, Any]] = []
    for event in events:
        if event["event"] == "held":
            found = list(orjson.loads(event["options"] or "{}").get("judgement", ()))
    return found


def known_documents(archive: Archive, judgement: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the documents that the archive has of a judgement's sample pages, by URL."""
    urls = list(dict.fromkeys(sample["url"] for finding in judgement for sample in finding["samples"]))
    if not urls:
        return {}
    rows = archive.query(
        "SELECT DISTINCT url, site, doc_id FROM raw_versions SEMI JOIN visible_runs USING (run_id) "
        "WHERE list_contains($urls, url)",
        {"urls": urls},
    )
    return {row["url"]: row for row in rows}


def coverage_page(request: Request) -> Response:
    """Show how much of each listing is here, what is missing and why."""
    shared: SharedArchive = request.app.state.shared
    with shared.asked() as (archive, opened):
        rows = opened.remembered("coverage", lambda: archive.coverage().to_list())
    return render(request, "coverage.html", {"rows": rows})


def site_page(request: Request) -> Response:
    """Show one site: how much of it is here, of which years and formats, its runs."""
    shared: SharedArchive = request.app.state.shared
    handed = request.app.state.handed
    name = request.query_params.get("site", "")
    with shared.asked() as (archive, opened):
        whole = everything(archive, opened)
        site = next((each for each in whole["sites"] if each["site"] == name), None)
        runs = listed_runs(archive, name, None, 10) if name else []
        if site is None and not runs:
            raise NotFound(f"no site {name!r} in this archive")
        facets = opened.remembered(
            f"facets of {name}", lambda: archive.facets("doc_format,year,tag", most=YEARS, site=name)
        )
        coverage = [
            row for row in opened.remembered("coverage", lambda: archive.coverage().to_list()) if row["site"] == name
        ]
    figures = opened.remembered(f"runs of {name}", partial(_figures, handed, name))
    chart = handed.changes_chart(figures) if figures else None
    return render(
        request,
        "site.html",
        {
            "name": name,
            "site": site,
            "facets": facets,
            "coverage": coverage,
            "runs": runs,
            "figures": figures,
            "chart": chart,
        },
    )
