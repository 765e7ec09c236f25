"""The archive's figures as a Prometheus text file, for node_exporter's textfile collector.

Names and units follow https://prometheus.io/docs/practices/naming/, the form
https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from archive import durable
from archive.layout import Layout
from crawler.telling.conditions import Condition
from crawler.telling.overview import Overview, SiteStatus


class Sample(NamedTuple):
    """One line: labels and value."""

    labels: Mapping[str, str]
    value: float


class Family(NamedTuple):
    """All samples of one name."""

    name: str
    kind: str
    """"gauge" or "counter"."""
    help: str
    samples: list[Sample]


def metrics_path(layout: Layout) -> Path:
    """Return where the file lies."""
    return layout.root / "reports" / "metrics.prom"


def write_metrics(layout: Layout, overview: Overview) -> None:
    """Write the file, whole or not at all. Raises MachineTrouble."""
    path = metrics_path(layout)
    durable.make_folder(path.parent)
    durable.write_file(path, "".join(_lines(families(overview))).encode())


def families(overview: Overview) -> list[Family]:
    """Return all that is told of an archive, without what there is nothing to say of."""
    sites = overview.sites
    told = [
        Family(
            "docarchive_build_info", "gauge", "The program that wrote this.", [_one(1, version=version("docarchive"))]
        ),
        *_moments(sites),
        *_conditions(sites),
        Family(
            "docarchive_held_imports", "gauge", "Runs of no site that wait for a person.", [_one(len(overview.apart))]
        ),
        *_sums(sites),
        _fill(sites),
        Family("docarchive_disk_free_bytes", "gauge", "Room left for the archive.", [_one(overview.disk.free_bytes)]),
        Family("docarchive_disk_size_bytes", "gauge", "Size of the archive's disk.", [_one(overview.disk.total_bytes)]),
    ]
    return [family for family in told if family.samples]


def _moments(sites: Iterable[SiteStatus]) -> Iterator[Family]:
    published, due, interval, took = [], [], [], []
    for each in sites:
        if each.history is not None:
            last = each.history.last
            took.append(_one((last.finished_at - last.started_at).total_seconds(), site=each.site))
            if each.history.published_at is not None:
                published.append(_one(each.history.published_at.timestamp(), site=each.site))
        if each.rhythm.interval is not None:
            interval.append(_one(each.rhythm.interval.total_seconds(), site=each.site))
        if each.rhythm.next_due is not None and each.paused is None:
            due.append(_one(each.rhythm.next_due.timestamp(), site=each.site))
    name = "docarchive_site_last_published_timestamp_seconds"
    yield Family(name, "gauge", "When a run of the site was last published.", published)
    yield Family("docarchive_site_next_due_timestamp_seconds", "gauge", "When the site is due next.", due)
    yield Family("docarchive_site_crawl_interval_seconds", "gauge", "Usual distance between two runs.", interval)
    yield Family("docarchive_site_last_run_duration_seconds", "gauge", "What the last whole run took.", took)


def _conditions(sites: Iterable[SiteStatus]) -> Iterator[Family]:
    names = [condition.value for condition in Condition]
    needs, states, held = [], [], []
    for each in sites:
        standing = {trouble.condition.value for trouble in each.troubles}
        needs += [_one(name in standing, site=each.site, condition=name) for name in names]
        states += [_one(each.glance.at_work is not None, site=each.site, state="running")]
        states += [_one(each.paused is not None, site=each.site, state="paused")]
        if each.history is not None:
            held.append(_one(len(each.history.held), site=each.site))
    yield Family("docarchive_site_condition", "gauge", "1 while a person is needed, and for what.", needs)
    yield Family("docarchive_site_state", "gauge", "1 while the site is being crawled, or is paused.", states)
    yield Family("docarchive_site_held_runs", "gauge", "Runs that wait for a person.", held)


def _sums(sites: Iterable[SiteStatus]) -> Iterator[Family]:
    counted = {
        "new": ("docarchive_site_new_documents_total", "Documents published for the first time."),
        "changed": ("docarchive_site_changed_documents_total", "Documents published with changes."),
        "withdrawn": ("docarchive_site_withdrawn_documents_total", "Documents found withdrawn."),
        "failed": ("docarchive_site_failed_urls_total", "URLs that were given up."),
        "requests": ("docarchive_site_requests_total", "Requests made, in runs that came to their end."),
        "bytes_received": ("docarchive_site_received_bytes_total", "Bytes of bodies received in them."),
    }
    known = [each.history for each in sites if each.history is not None]
    for count, (name, text) in counted.items():
        yield Family(name, "counter", text, [_one(history.totals[count], site=history.site) for history in known])
    runs = [
        _one(number, site=history.site, event=event)
        for history in known
        for event, number in sorted(history.events.items())
    ]
    yield Family("docarchive_site_runs", "gauge", "Runs by what became of them last.", runs)


def _fill(sites: Iterable[SiteStatus]) -> Family:
    samples = [
        _one(share, site=each.site, field=field)
        for each in sites
        if each.history is not None
        for field, share in each.history.last_fill.items()
    ]
    text = "Share of the last published run's documents that a field was read on."
    return Family("docarchive_site_field_fill_ratio", "gauge", text, samples)


def _one(value: float, **labels: str) -> Sample:
    return Sample(labels, float(value))


def _lines(told: Iterable[Family]) -> Iterator[str]:
    for name, kind, text, samples in told:
        yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
        for labels, value in samples:
            listed = ",".join(f'{label}="{_escaped(each)}"' for label, each in labels.items())
            yield f"{name}{{{listed}}} {value!r}\n" if listed else f"{name} {value!r}\n"


def _escaped(text: str) -> str:
    r"""Return *text* as a label's value: a site's name may hold anything.

    >>> _escaped('a"b\\c\nd')
    'a\\"b\\\\c\\nd'
    """
    sound = text.encode("utf-8", "replace").decode()  # a lone surrogate is no UTF-8
    return sound.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
