"""The demonstration's archive, for what the docs show."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `demo` in it, as `make crawl` makes it, of fewer documents."""
    folder = tmp_path_factory.mktemp("shown")
    words = [sys.executable, "-m", "docarchive.demo", "demo", "25"]
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def beside_demo(demonstration: Path, tmp_path: Path) -> Path:
    """Return a copy of it: what an example leaves behind is in no other's way, in whatever order they run."""
    shutil.copytree(demonstration, tmp_path / "shown")
    return tmp_path / "shown"


def environment(archive: Path | None = None) -> dict[str, str]:
    """Return the environment of a shell just opened in the project; *archive* is the one it asks by default."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCARCHIVE")}
    asked = {"DOCARCHIVE_DIR": str(archive)} if archive is not None else {}
    return {**kept, **asked, "PATH": f"{PROGRAMS}:{kept['PATH']}", "PYTHONWARNINGS": "error", "COLUMNS": "120"}
