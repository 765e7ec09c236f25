"""The judgement of a staged run: its measures, how they differ from the site's own, and pages that show it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import orjson

from archive.judgement import past_measures
from archive.judgement.gates import Finding, Fitness, Verdict, judge
from archive.judgement.known_values import likeness_of, marks_of
from archive.judgement.measures import (
    FIELDS,
    LOST_ANY,
    PRINTED,
    Measures,
    Repeats,
    is_garbled,
    measure_known,
    measure_new,
    measure_page,
)
from archive.judgement.past_measures import JUDGEMENT
from archive.layout import Layout
from archive.site_state.planned import ATTACHED_FILE
from archive.site_state.staging import Change, Run, Staging
from archive.site_state.withdrawn import WITHDRAWN, Expected

SAMPLES = 3
"""Pages shown for each finding."""
FINDINGS_SHOWN = 8
"""Findings that are kept of a held run; one broken template makes many."""
VALUE_CHARACTERS = 160
"""A value in a sample is cut to so many."""

APPROVED = ("known/changed/",)
"""What a person has seen and approved who applies what a better reader reads: values corrected."""

_SAYS_NOTHING = (
    "robots_txt",
    ATTACHED_FILE,
    "redirect",
    "truncated",
    "archived_body",
    "http_3",
    "http_408",
    "http_425",
    "http_429",
    "http_5",
)
"""Beginnings of reasons that tell of the way to a page, not of the page: a server that is down is no fault of it."""

_FIELD = {
    "text_digest": "preview_text",
    "same_text": "preview_text",
    "garbled": "preview_text",
    "text_characters": "preview_text",
    "text_script": "preview_text",
    "same_title": "title",
    "title_characters": "title",
    "title_script": "title",
    "known_elsewhere": "title",
    "labels": "other_labels",
    "age_days": "published_text",
    "date_form": "published_text",
    "date_precision": "published_text",
}
"""Last part of a measure's name -> record field whose value is shown, where they differ."""


def judge_run(layout: Layout, staging: Staging, run_id: str, *, approved: bool = False) -> Verdict:
    """Judge a run whose pages and records are all staged; note its measures, and why it is held, in its options.

    The one door to publishing: a crawl, an import and a reread ask here, and do as the verdict says. *approved*: a
    person has seen the differences that a better reader makes and applies them; they are no fault then, and the run
    tells nothing of the site for later ones. Call outside of a transaction, holding the lease; may be called again.
    """
    run = staging.run(run_id)
    gathering = _Gathering(staging, run)
    measures = gathering.measures()
    verdict = Verdict(Fitness.PUBLISH)
    for site, measured in sorted(measures.items()) or [(staging.state.site, Measures())]:
        history = _history(layout, staging, site)
        judged = judge(
            run.counts,
            measured,
            history,
            names_known=staging.listing_walk.names_known(run_id),
            leave_out=APPROVED if approved else (),
        )
        if verdict.fitness is Fitness.PUBLISH or len(judged.findings) > len(verdict.findings):
            verdict = judged
    with staging.state.transaction():
        if not approved:
            numbers = {site: measured.to_json() for site, measured in measures.items()}
            staging.note_option(run_id, past_measures.OPTION, numbers)
        if verdict.fitness is Fitness.HOLD:
            findings = verdict.findings[:FINDINGS_SHOWN]
            staging.note_option(run_id, JUDGEMENT, gathering.evidence(findings, layout))
    return verdict


def _history(layout: Layout, staging: Staging, site: str) -> list[Measures]:
    """Return the measures of the published runs of *site*: crawled ones, and before them those in this state file."""
    own = past_measures.recall(staging.db, site)
    if site == staging.state.site:
        return own
    path = layout.state(site)
    if path.exists():
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            return own + past_measures.recall(db, site)
    return own


@dataclass(slots=True)
class _Row:
    """One staged page or record, with what the archive knew of it before."""

    page: Mapping[str, Any] | None
    site: str
    doc_id: str | None
    change: str | None
    version: Mapping[str, Any] | None
    other_id: str | None
    """The ID that the page of a known document states instead of the one it was published with."""

    @property
    def url(self) -> str:
        return str((self.page or self.version or {}).get("url", ""))

    @property
    def capture(self) -> str | None:
        return (self.page or self.version or {}).get("capture")


@dataclass(slots=True)
class _Groups:
    """What repeats among the documents of a site."""

    new_texts: Repeats = field(default_factory=Repeats)
    new_titles: Repeats = field(default_factory=Repeats)
    known_texts: Repeats = field(default_factory=Repeats)


class _Gathering:
    """Reads the staged rows of a run: once for its measures, once more for samples where it is held."""

    def __init__(self, staging: Staging, run: Run) -> None:
        self.staging = staging
        self.run = run
        self.groups: dict[str, _Groups] = {}
        self.backlog = not staging.known_values.any()

    def measures(self) -> dict[str, Measures]:
        """Return site -> measures."""
        measures: dict[str, Measures] = {}
        refused: dict[str, tuple[str, bool, str, str]] = {}
        for row in self._rows():
            measured = measures.setdefault(row.site, Measures())
            self._measure_row(row, measured)
            if row.page is not None and (expected := self._expected(row)) is not None:
                known, page_type, reason = expected
                url = row.page["canonical_url"]
                if page_type == "document":  # the last word on a URL counts
                    refused.pop(url, None)
                    measure_page(measured, known=known, page_type=page_type, reason=reason)
                else:
                    refused[url] = (row.site, known, page_type, reason)
        for site, known, page_type, reason in refused.values():
            measure_page(measures[site], known=known, page_type=page_type, reason=reason)
        for site, groups in self.groups.items():
            _measure_groups(groups, measures[site])
        self._measure_walk(measures)
        self._measure_withdrawals(measures)
        return measures

    def _rows(self) -> Iterator[_Row]:
        cursor = self.staging.state.db.execute(
            "SELECT page, site, doc_id, change, version, decision FROM staged WHERE run_id = ? ORDER BY id",
            (self.run.run_id,),
        )
        for page, site, doc_id, change, version, decision in cursor:
            other_id = None
            if decision is not None:
                decided = orjson.loads(decision)
                if decided["kind"] != "identity":
                    continue
                doc_id, other_id = decided["doc_id"], decided["value"]
            yield _Row(
                orjson.loads(page) if page else None,
                site,
                doc_id,
                change,
                orjson.loads(version) if version else None,
                other_id,
            )

    def _measure_row(self, row: _Row, measured: Measures) -> None:
        """Add what one row says by itself."""
        if row.doc_id is not None:
            self._measure_document(row, row.doc_id, measured)
        elif row.page is not None and row.page["page_type"] == "listing":
            listing = self.staging.listing_walk.page(self.run.run_id, row.page["canonical_url"])
            if listing is not None:
                measured.share("listing/ends", not listing.leads_on)
                if listing.leads_on:
                    measured.spread("listing/documents", listing.documents)

    def _measure_document(self, row: _Row, doc_id: str, measured: Measures) -> None:
        values = self.staging.known_values
        groups = self.groups.setdefault(row.site, _Groups())
        record = row.version
        known = values.marks(row.site, doc_id) if row.change != Change.NEW else None
        if row.other_id is not None:
            if known is not None:
                measured.shares.setdefault("known/other_id", [0, 0])[0] += 1  # its page is counted by its record
            return
        if row.change == Change.NEW and record is not None:
            measure_new(measured, record, backlog=self.backlog)
            alike = values.is_like_another(row.site, doc_id, likeness_of(record))
            measured.share("new/known_elsewhere", alike)
            groups.new_titles.add(record["title"])
            if record["text_digest"]:
                groups.new_texts.add(record["text_digest"])
        elif known is not None:
            before, was_garbled = known
            now = marks_of(record) if record is not None else before
            garbled = record is not None and is_garbled(record) and not was_garbled
            measure_known(measured, before, now, garbled=garbled, expected=self._change_is_expected(row))
            measured.share("known/other_id", 0)
            if record is not None and record["text_digest"] and now.get("text_digest") != before.get("text_digest"):
                groups.known_texts.add(record["text_digest"])

    def _change_is_expected(self, row: _Row) -> bool:
        """Whether nobody wonders that a known document changed: a newer reader did it, or its listing said so."""
        if _by_reader(row.version):
            return True
        return row.page is not None and self.staging.withdrawn.is_expected(
            self.run.run_id, row.page["canonical_url"], Expected.CHANGE
        )

    def _expected(self, row: _Row) -> tuple[bool, str, str] | None:
        """Return (whether a document was published from it, page type, reason) of a page expected to be a document's.

        None for what says nothing: listings, robots.txt, a server that is down, a page that was none before.
        """
        assert row.page is not None
        page_type, reason = row.page["page_type"], row.page["reason"]
        if reason.startswith(_SAYS_NOTHING):
            return None
        page = self.staging.known_page(row.page["canonical_url"])
        known = page is not None and page.doc_id is not None
        url = row.page["canonical_url"]
        if page_type != "document" and self.staging.withdrawn.is_expected(self.run.run_id, url, Expected.ABSENCE):
            return None
        if page_type == "listing" and not known:
            return None
        if page_type != "document" and not known and self.staging.listing_walk.was_listed(url):
            return None
        return known, page_type, reason

    def _measure_walk(self, measures: dict[str, Measures]) -> None:
        walk, site = self.staging.listing_walk, self.staging.state.site
        if walk.is_whole(self.run.run_id, len(self.run.options.get("start_urls", ()))):
            measures.setdefault(site, Measures()).share(
                "listing/unlisted", *walk.unlisted(self.run.run_id, self.run.run_no)
            )

    def _measure_withdrawals(self, measures: dict[str, Measures]) -> None:
        """Count what the run takes for withdrawn among the documents that are not yet."""
        site = self.staging.state.site
        there = self.staging.document_count(site) - self.staging.withdrawn.count(site)
        if there > 0:
            gone = sum(1 for _ in self.staging.decisions(self.run.run_id, WITHDRAWN))
            measures.setdefault(site, Measures()).share("known/withdrawn", gone, there)

    # Evidence

    def evidence(self, findings: Sequence[Finding], layout: Layout) -> list[dict[str, Any]]:
        """Return what is kept of the findings: each in words, with samples of pages that show it."""
        samples: dict[int, dict[str, dict[str, Any]]] = {number: {} for number in range(len(findings))}
        for row in self._rows():
            one = Measures()
            self._measure_row(row, one)
            self._measure_oddities(row, one)
            for number, finding in enumerate(findings):
                shown = samples[number]
                if len(shown) < SAMPLES and row.url not in shown and finding.is_case(one):
                    shown[row.url] = {**_sample(row, finding.measure), "_row": row}
        for number, finding in enumerate(findings):
            if finding.measure == "listing/unlisted":
                samples[number] = self._unlisted_samples()
            elif finding.measure == "known/withdrawn":
                samples[number] = self._withdrawn_samples()
        self._add_values_before(samples, findings, layout)
        return [
            {
                "measure": finding.measure,
                "finding": str(finding),
                "cases": finding.cases,
                "of": finding.of,
                "usual_cases": finding.usual_cases,
                "usual_of": finding.usual_of,
                "chance": finding.chance,
                "samples": list(samples[number].values()),
            }
            for number, finding in enumerate(findings)
        ]

    def _measure_oddities(self, row: _Row, one: Measures) -> None:
        """Add to the measures of one row what only the whole run tells: refused, and one of a large group."""
        if row.page is not None and (expected := self._expected(row)) is not None:
            known, page_type, reason = expected
            measure_page(one, known=known, page_type=page_type, reason=reason)
        groups, record = self.groups.get(row.site), row.version
        if groups is None or record is None:
            return
        if row.change == Change.NEW:
            one.share("new/same_text", groups.new_texts.is_largest(record["text_digest"]))
            one.share("new/same_title", groups.new_titles.is_largest(record["title"]))
        else:
            one.share("known/same_text", groups.known_texts.is_largest(record["text_digest"]))

    def _unlisted_samples(self) -> dict[str, dict[str, Any]]:
        pages = self.staging.db.execute("SELECT canonical_url, url, capture, doc_id FROM known_pages")
        known = {row[0]: row[1:] for row in pages}
        samples = {}
        for url in self.staging.listing_walk.among_unlisted(self.run.run_id, self.run.run_no, known):
            page_url, capture, doc_id = known[url]
            samples[url] = {"url": page_url, "capture": capture, "doc_id": doc_id, "now": None}
            if len(samples) == SAMPLES:
                break
        return samples

    def _withdrawn_samples(self) -> dict[str, dict[str, Any]]:
        samples: dict[str, dict[str, Any]] = {}
        for decision in self.staging.decisions(self.run.run_id, WITHDRAWN):
            for url in self.staging.known_pages_of(decision["doc_id"])[:1]:
                known = {"capture": decision["evidence"], "doc_id": decision["doc_id"], "now": decision["reason"]}
                samples[url] = {"url": url, **known}
            if len(samples) == SAMPLES:
                break
        return samples

    def _add_values_before(
        self, samples: Mapping[int, Mapping[str, dict[str, Any]]], findings: Sequence[Finding], layout: Layout
    ) -> None:
        """Put beside each sample what was last published of its document."""
        every = [sample for shown in samples.values() for sample in shown.values()]
        versions: dict[str, Mapping[str, Any] | None] = {}
        for sample in every:
            row = sample.pop("_row", None)
            versions[sample["url"]] = row.version if row is not None else None
            if sample["doc_id"] is None and row is not None and row.page is not None:
                page = self.staging.known_page(row.page["canonical_url"])
                sample["doc_id"] = page.doc_id if page is not None else None
        wanted = {(self._site_of(sample), sample["doc_id"]) for sample in every if sample["doc_id"] is not None}
        before = _published(layout, self.staging, wanted) if wanted else {}
        for number, finding in enumerate(findings):
            for sample in samples[number].values():
                record = before.get((self._site_of(sample), sample["doc_id"]))
                sample["before"] = _value(record, finding.measure) if record is not None else None
                version = versions[sample["url"]]
                if finding.measure == LOST_ANY and record is not None and version is not None:
                    sample["before"], sample["now"] = _lost(record, version), None

    def _site_of(self, sample: Mapping[str, Any]) -> str:
        return str(sample.get("site") or self.staging.state.site)


def _by_reader(record: Mapping[str, Any] | None) -> bool:
    """Whether it was a newer reader, and not the page, that made the change."""
    return record is not None and record["previous_reread_digest"] == record["content_digest"]


def _measure_groups(groups: _Groups, measured: Measures) -> None:
    new = measured.shares.get("new/lacking/title", [0, 0])[1]
    known = measured.shares.get("known/garbled", [0, 0])[1]
    measured.share("new/same_text", groups.new_texts.beyond_unremarkable(), new)
    measured.share("new/same_title", groups.new_titles.beyond_unremarkable(), new)
    measured.share("known/same_text", groups.known_texts.beyond_unremarkable(), known)


def _sample(row: _Row, measure: str) -> dict[str, Any]:
    now: str | None
    if measure.endswith("no_document") or measure.startswith("pages/"):
        now = row.page["reason"] if row.page is not None else None
    elif row.other_id is not None:
        now = row.other_id
    else:
        now = _value(row.version, measure) if row.version is not None else None
    return {"site": row.site, "url": row.url, "capture": row.capture, "doc_id": row.doc_id, "now": now}


def _value(record: Mapping[str, Any], measure: str) -> str | None:
    """Return the value that a measure is about, as a person reads it; None for none."""
    last = measure.rpartition("/")[2]
    if last == "other_id":
        return str(record["doc_id"])
    name = _FIELD.get(last, last)
    value = record.get(name, record.get("title"))
    if not value and record.get(PRINTED.get(name, "")):
        return f"unreadable: {record[PRINTED[name]]}"[:VALUE_CHARACTERS]
    if not value:
        return None
    if isinstance(value, list):
        value = ", ".join(str(each[0] if isinstance(each, tuple) else each) for each in value)
    elif isinstance(value, Mapping):
        value = ", ".join(value)
    return str(value)[:VALUE_CHARACTERS]


def _lost(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return the fields that a record had and has no more, with their values."""
    fields = [name for name in FIELDS if before.get(name) and not now.get(name)]
    return ", ".join(f"{_FIELD.get(name, name)}: {_value(before, name)}" for name in fields)[:VALUE_CHARACTERS]


def _published(
    layout: Layout, staging: Staging, wanted: set[tuple[str, str]]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return (site, doc_id) -> the `versions` row that was last published of it."""
    import pyarrow.parquet as pq  # not while fetching, and only for a run that is held

    from archive.published import tables

    known = {key: staging.known_document(*key) for key in wanted}
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    chosen = [("doc_id", "in", [doc_id for _, doc_id in wanted])]
    snapshot = tables.snapshot(layout)
    for path in snapshot.files["versions"]:
        for row in pq.read_table(path, filters=chosen, partitioning=None).to_pylist():
            key = (snapshot.names.get(row["site"], row["site"]), row["doc_id"])
            document = known.get(key)
            if document is not None and document.content_digest == row["content_digest"]:
                found[key] = row
    return found
