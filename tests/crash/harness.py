"""A crawl that is killed again and again, and what must be true afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from archive import tables
from archive.layout import open_layout

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
            sys.executable, "-m", "docarchive.cli", "crawl", self.start_url, "--archive", str(self.archive),
            "--allow-host", self.host, "--delay", "0", "--concurrency", str(CONCURRENCY), *more,
        ]  # fmt: skip

    def start(self, *, fault: str | None = None) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name != "DOCARCHIVE_FAULT"}
        if fault is not None:
            environment["DOCARCHIVE_FAULT"] = fault
        return subprocess.Popen(
            self.command(), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, *, fault: str | None = None) -> int:
        """Run the command to its end, or to the death that *fault* brings; return its exit code."""
        process = self.start(fault=fault)
        output, _ = process.communicate(timeout=300)
        self.codes.append(process.returncode)
        if process.returncode == -signal.SIGKILL:
            self.kills += 1
        elif process.returncode not in (0, 130, 5):
            raise AssertionError(f"exit code {process.returncode}\n{output}")
        return process.returncode

    def run_and_kill(self, after_seconds: float, number: signal.Signals = signal.SIGKILL) -> int:
        """Start the command, send it a signal, return its exit code (0 if it was done before)."""
        process = self.start()
        time.sleep(after_seconds)
        process.send_signal(number)
        output, _ = process.communicate(timeout=120)
        self.codes.append(process.returncode)
        self.kills += process.returncode == -signal.SIGKILL
        assert process.returncode in (0, 130, -signal.SIGKILL), output
        return process.returncode

    def verify(self) -> None:
        """`docarchive verify` finds nothing wrong."""
        done = subprocess.run(
            [sys.executable, "-m", "docarchive.cli", "verify", "--archive", str(self.archive)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

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
