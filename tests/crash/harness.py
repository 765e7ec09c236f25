"""A crawl that is killed again and again, and what must be true afterwards."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from archive.layout import open_layout
from archive.published import tables
from tests import copies

CONCURRENCY = 4
GROUP = 16
"""Pages that a grouped transaction holds at most: what a kill may cause to be fetched again, beside those in flight."""


@dataclass
class Crawl:
    """One archive, crawled by one command that is started over and over."""

    archive: Path
    start_url: str
    host: str
    site: str = "docs"
    kills: int = 0
    codes: list[int] = field(default_factory=list)

    def command(self, *more: str) -> list[str]:
        return [
            "crawl", self.start_url, "--archive", str(self.archive),
            "--allow-host", self.host, "--delay", "0", "--concurrency", str(CONCURRENCY), *more,
        ]  # fmt: skip

    def start(self, *, fault: str | None = None) -> copies.Copy:
        environment = {name: value for name, value in os.environ.items() if name != "DOCARCHIVE_FAULT"}
        if fault is not None:
            environment["DOCARCHIVE_FAULT"] = fault
        return copies.begin(self.command(), environment=environment, joined=True)

    def run(self, *, fault: str | None = None) -> int:
        """Run the command to its end, or to the death that *fault* brings; return its exit code."""
        process = self.start(fault=fault)
        output, _ = process.communicate(timeout=300)
        code = process.wait()
        self.codes.append(code)
        if code == -signal.SIGKILL:
            self.kills += 1
        elif code not in (0, 130, 5):
            raise AssertionError(f"exit code {code}\n{output}")
        return code

    def run_and_kill(self, after_seconds: float) -> int:
        """Start the command, kill it, return its exit code (0 if it was done before)."""
        process = self.start()
        time.sleep(after_seconds)
        return self.end(process, signal.SIGKILL)

    def end(self, process: copies.Copy, number: signal.Signals) -> int:
        """Send the command a signal, return its exit code (0 if it was done before)."""
        process.send_signal(number)
        output, _ = process.communicate(timeout=120)
        code = process.wait()
        self.codes.append(code)
        self.kills += code == -signal.SIGKILL
        assert code in (0, 130, -signal.SIGKILL), output
        return code

    def verify(self) -> None:
        """`docarchive verify` finds nothing wrong."""
        process = copies.begin(["verify", "--archive", str(self.archive)], joined=True)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output

    def rows(self, table: str, sql: str) -> list[tuple[object, ...]]:
        """Query the files of one table, with `rows` as its name."""
        files = list(tables.snapshot(open_layout(self.archive)).files[table])
        if not files:
            return []
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet({files!r})")
            return connection.execute(sql).fetchall()

    def published_runs(self) -> list[str]:
        return [
            str(row[0])
            for row in self.rows("runs", "SELECT run_id FROM rows WHERE event = 'published' ORDER BY run_seq")
        ]

    def check_first_run(self, documents: Sequence[str]) -> None:
        """The first published run holds every document once and every capture once."""
        runs = self.published_runs()
        assert runs, "the run was never published"
        first = runs[0]
        seen = Counter(
            str(row[0]) for row in self.rows("versions", f"SELECT doc_id FROM rows WHERE run_id = '{first}'")
        )
        assert sorted(seen) == sorted(documents), "documents lost or invented"
        assert not [doc_id for doc_id, number in seen.items() if number > 1], "documents doubled"
        doubled = self.rows(
            "captures",
            f"SELECT url FROM rows WHERE run_id = '{first}' AND page_type <> 'other' GROUP BY url HAVING COUNT(*) > 1",
        )
        assert doubled == [], "captures doubled"

    def fetched_twice(self, requests: Iterator[str]) -> int:
        """How many pages the site was asked for more than once."""
        return sum(number - 1 for number in Counter(requests).values())
