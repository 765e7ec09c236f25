"""An archive with profiles of simulated sites, and the command line in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive.layout import create
from tests import copies


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Place:
    """A folder with an archive, its profiles, and a command line that works there."""

    folder: Path

    @property
    def archive(self) -> Path:
        return self.folder / "data"

    def profile(self, name: str, text: str) -> None:
        (self.folder / "sites" / f"{name}.toml").write_text(text, encoding="utf-8")

    def begin(self, *words: str, clock: str | None = None) -> subprocess.Popen[str]:
        """Start a command in a fresh interpreter and return its process."""
        command = [sys.executable, "-m", "docarchive.cli", *self._words(words)]
        environment = self._environment(clock)
        return subprocess.Popen(
            command, env=environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def begin_copy(self, *words: str, clock: str | None = None, first: str = "") -> copies.Copy:
        """Start a command that has been loaded already, with Python code to be run before, and return its process."""
        return copies.begin(self._words(words), environment=self._environment(clock), folder=self.folder, first=first)

    def run(self, *words: str, clock: str | None = None, timeout: float = 90) -> Done:
        """Run a command to its end."""
        return ended(self.begin_copy(*words, clock=clock), timeout)

    def _words(self, words: Sequence[str]) -> list[str]:
        return ["--archive", str(self.archive), *words]

    def _environment(self, clock: str | None) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCARCHIVE_")}
        environment["DOCARCHIVE_CONFIG"] = str(self.folder / "docarchive.toml")
        if clock is not None:
            environment["DOCARCHIVE_CLOCK"] = clock
        return environment


def ended(process: subprocess.Popen[str] | copies.Copy, timeout: float = 90) -> Done:
    """Wait for a command's end."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"the command did not end\n{out}\n{err}")
    return Done(process.wait(), out, err)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "sites").mkdir()
    (tmp_path / "docarchive.toml").write_text('sites = "sites"\narchive = "data"\n', encoding="utf-8")
    create(tmp_path / "data")
    return Place(tmp_path)
