"""Looks for inputs that make reading fail or slow, for as long as it is told, and keeps each to be repeated.

    python -m bench fuzz --minutes 60 [--seed N] [--out FOLDER]
    python -m bench fuzz --repeat FOLDER/NAME.json

Inputs are numbered: seed and number give the same input on every machine. They are read in a child process, whose death
or silence is a finding like an exception or a slow answer.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import random
import resource
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import psutil

from archive.record import to_json
from bench.mutating import ENCODINGS, changed
from bench.scoring import golden_cases
from crawler.attachments.examining import look
from crawler.attachments.facts import from_json as facts_from_json
from crawler.attachments.facts import to_json as facts_to_json
from crawler.profile import find_profiles
from crawler.reading import PageType, read_page
from tests.attachments import making
from tests.naughty_strings import NAUGHTY

SLOW_SECONDS = 0.3
SLOW_SECONDS_A_MEGABYTE = 2.5
"""CPU time from which on an input counts as slow; the densest honest pages take a third of it."""

SILENT_SECONDS = 30
"""CPU time after which a child that says nothing is ended; on a busy machine that may be long."""

DEAD_SECONDS = 600
"""The same on the clock."""

LOOK_SECONDS = 5

MEMORY_BYTES = 2 << 30
"""Address space of the child."""

KEPT_OF_A_KIND = 3
"""Inputs kept of findings that look the same."""

FETCHED_AT = datetime(2026, 5, 20, 1, tzinfo=UTC)

FEEDS = (
    b"""<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://docs.example/doc/1.html</loc><lastmod>2026-01-02</lastmod></url></urlset>""",
    b"""<sitemapindex><sitemap><loc>https://docs.example/map1.xml</loc></sitemap></sitemapindex>""",
    b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Docs</title><item><title>One</title>
<link>https://docs.example/doc/1.html</link><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>""",
    b"""<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="?page=2"/><entry><title>One</title>
<link href="/doc/1.html"/></entry></feed>""",
    b"""{"total": 2, "items": [{"id": 1, "url": "/doc/1.html", "title": "One"}, {"id": 2, "url": "/doc/2.html"}],
"next": "/api/list?page=2"}""",
)


@dataclass(frozen=True, slots=True)
class Input:
    """One input: what is called, and with what."""

    target: str
    """`page` or `file`."""
    body: bytes
    options: Mapping[str, Any]
    """Arguments of the call besides the body, as JSON types."""

    def run(self) -> None:
        """Call the target. Raises whatever it raises, and AssertionError for an answer that cannot be."""
        if self.target == "file":
            facts, _ = look(self.body, self.options["claimed_format"])
            assert facts_from_json(json.loads(json.dumps(facts_to_json(facts)))) == facts
            return
        page = read_page(
            self.body,
            url=self.options["url"],
            fetched_at=FETCHED_AT,
            content_type=self.options["content_type"],
            http_status=self.options["http_status"],
            hints=_HINTS.get(self.options["hints"]),
            explain=self.options["explain"],
        )
        assert page.reason
        assert (page.record is not None) == (page.page_type is PageType.DOCUMENT)
        orjson.dumps([page.document_urls, page.next_page, page.listing_urls, page.file_urls, page.advertised_total])
        if page.record is not None:
            assert page.record.title
            orjson.dumps(to_json(page.record))


def _undated(data: bytes) -> bytes:
    """Return the container *data* as it would be at any time: packed files carry the minute they were made in."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for number, name in enumerate(dict.fromkeys(old.namelist())):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_STORED if number == 0 else zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


_HINTS = {name: profile.hints() for name, profile in find_profiles().items()}


class Inputs:
    """The numbered inputs of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    @cached_property
    def _pages(self) -> Sequence[tuple[bytes, str]]:
        cases = golden_cases()
        metas = (json.loads((folder / "meta.json").read_text(encoding="utf-8")) for folder in cases)
        pages = [((folder / "page.html").read_bytes(), meta["url"]) for folder, meta in zip(cases, metas, strict=True)]
        return [*pages, *((feed, "https://docs.example/api/list?page=1") for feed in FEEDS)]

    @cached_property
    def _bodies(self) -> Sequence[bytes]:
        return [body for body, _ in self._pages]

    @cached_property
    def _files(self) -> Sequence[bytes]:
        honest = (_undated(making.docx()), making.pdf(), making.compound("WordDocument"))
        hostile = (making.cyclic_pdf(), making.claiming_pdf(9), _undated(making.bomb(2)))
        return (*honest, *hostile, b"{\\rtf1 text}", "文本".encode() * 400)

    def __getitem__(self, number: int) -> Input:
        rng = random.Random(f"{self._seed}/{number}")
        if rng.random() < 0.15:
            body = changed(rng, rng.choice(self._files), self._files)
            return Input("file", body, {"claimed_format": rng.choice((None, "docx", "pdf", "html", "zip"))})
        body, url = rng.choice(self._pages if rng.random() < 0.9 else self._pages[-len(FEEDS) :])
        if rng.random() < 0.05:
            url = f"https://docs.example/{rng.choice(NAUGHTY)}".encode("utf-8", "replace").decode()
        content_type = rng.choice(
            ("text/html", "text/html; charset=utf-8", None, "application/json", "application/pdf", "")
        )
        if rng.random() < 0.2:
            content_type = f"text/html; charset={rng.choice((*ENCODINGS, *NAUGHTY))}"
        return Input(
            "page",
            changed(rng, body, self._bodies),
            {
                "url": url,
                "content_type": content_type,
                "http_status": rng.choice((200, 200, 200, 200, 404, 999)),
                "hints": rng.choice((None, None, None, *_HINTS)),
                "explain": rng.random() < 0.1,
            },
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """What was wrong with one input."""

    kind: str
    """In one line, the same for findings that look the same."""
    detail: str
    """A traceback, or the seconds it took."""


def tried(one: Input) -> Finding | None:
    """Run one input and return what is wrong with it, None for nothing."""
    try:
        seconds = _cpu_seconds(one.run)
        if _allowed(one) < seconds < 5 * _allowed(one):  # by itself, or because of what else the machine does?
            seconds = min(seconds, _cpu_seconds(one.run), _cpu_seconds(one.run))
    except Exception as error:  # noqa: BLE001  # any of them is what is looked for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return Finding(f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}", traceback.format_exc())
    if seconds > _allowed(one):
        megabytes = len(one.body) / 1e6
        return Finding(f"slow {one.target}", f"{seconds:.2f} CPU s for {megabytes:.3f} MB; allowed {_allowed(one):.2f}")
    return None


def _allowed(one: Input) -> float:
    return SLOW_SECONDS + SLOW_SECONDS_A_MEGABYTE * len(one.body) / 1e6


def _cpu_seconds(run: Callable[[], None]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


class Findings:
    """What was found so far, kept in a folder."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self._folder = folder
        self._seed = seed
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, number: int, one: Input, finding: Finding) -> None:
        """Count a finding, and keep its input unless there are enough like it."""
        self.counts[finding.kind] += 1
        if self.counts[finding.kind] > KEPT_OF_A_KIND:
            return
        path = self._folder / f"{self._seed}-{number}.bin"
        path.write_bytes(one.body)
        told = {
            "kind": finding.kind,
            "seed": self._seed,
            "number": number,
            "target": one.target,
            "options": one.options,
            "body": path.name,
            "detail": finding.detail,
        }
        path.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _work(seed: int, first: int, until: float, connection: Any) -> None:
    """Try inputs from *first* on until the clock shows *until*; tell the number of each before it is tried."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    inputs = Inputs(seed)
    number = first
    while time.time() < until:
        one = inputs[number]
        connection.send((number, None))
        finding = tried(one)
        if finding is not None:
            connection.send((number, finding))
        number += 1
    connection.send((None, None))


def fuzz(minutes: float, seed: int, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: how many inputs were tried and what was found; findings are kept in *folder*."""
    until = time.time() + minutes * 60
    inputs, findings = Inputs(seed), Findings(folder, seed)
    context = multiprocessing.get_context("spawn")
    number = -1
    while time.time() < until:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(seed, number + 1, until, theirs), daemon=True)
        child.start()
        theirs.close()
        try:
            while _answers(child.pid, ours):
                told, finding = ours.recv()
                if told is None:
                    break
                number = told
                if finding is not None:
                    findings.add(number, inputs[number], finding)
            else:
                findings.add(number, inputs[number], Finding("no answer", f"silent for {SILENT_SECONDS} CPU s"))
        except EOFError:
            child.join()
            findings.add(number, inputs[number], Finding("the process died", f"exit code {child.exitcode}"))
        finally:
            child.kill()
            child.join()
    yield f"fuzz, seed {seed}: inputs in {minutes:g} minutes", f"{number + 1:,}", ""
    yield "fuzz: findings", str(findings.counts.total()), "0"
    for kind, times in findings.counts.most_common():
        yield f"fuzz: {kind}", str(times), f"kept in {folder}"


def _answers(pid: int | None, connection: Any) -> bool:
    """Wait until the child says something, and return whether it does, or is gone."""
    child = psutil.Process(pid)
    began, until = _cpu_of(child), time.monotonic() + DEAD_SECONDS
    while not connection.poll(LOOK_SECONDS):
        if _cpu_of(child) - began > SILENT_SECONDS or time.monotonic() > until:
            return False
    return True


def _cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def repeat(path: Path) -> str:
    """Try the input that was kept as *path* again; return what is wrong with it."""
    told = json.loads(path.read_text(encoding="utf-8"))
    finding = tried(Input(told["target"], path.with_name(told["body"]).read_bytes(), told["options"]))
    return f"{finding.kind}\n{finding.detail}" if finding else "nothing is wrong with it any more"
