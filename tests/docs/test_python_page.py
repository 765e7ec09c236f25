"""docs/python.md lists what the Python API has, as it has it."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.errors import UsageError
from archive.over_time.changes import Changes
from archive.snapshot.selection import selection
from docarchive import Archive, Rows
from tests.docs.conftest import environment
from tests.docs.test_examples import ROOT, blocks

PAGE = ROOT / "docs" / "python.md"

LISTED = set(re.findall(r"^\| `((?:Archive|Rows|Changes)\.[^`]*)`", PAGE.read_text("utf-8"), re.MULTILINE))


def members(kind: type[Any]) -> set[str]:
    """Return the public members of a class as the page lists them."""
    return {shown(kind, name) for name in vars(kind) if not name.startswith("_")}


def shown(kind: type[Any], name: str) -> str:
    if isinstance(inspect.getattr_static(kind, name), property):
        return f"{kind.__name__}.{name}"
    parameters = list(inspect.signature(getattr(kind, name)).parameters.values())
    words: list[str] = []
    for parameter in parameters:
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        words.append(f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else parameter.name)
    return f"{kind.__name__}.{name}({', '.join(words)})"


def test_all_members_are_listed_and_no_others() -> None:
    assert members(Archive) | members(Rows) | members(Changes) == LISTED


@pytest.mark.parametrize("kind", [Archive, Rows, Changes])
def test_each_says_what_it_returns(kind: type[Any]) -> None:
    """Each parameter is told of in the docstring, too, where its name alone does not say it."""
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        text = inspect.getdoc(member)
        assert text, name
        assert text.endswith((".", ")", "`")), name
        if inspect.isfunction(member):
            for parameter in inspect.signature(member).parameters.values():
                if parameter.kind is parameter.KEYWORD_ONLY:
                    assert f"*{parameter.name}*" in text, (name, parameter.name)


def test_each_keyword_of_a_selection_is_told_of() -> None:
    with pytest.raises(UsageError) as refused:
        selection(anything="else")
    keywords = str(refused.value).partition("choose among ")[2].split(", ")
    assert len(keywords) > 10
    text = PAGE.read_text("utf-8")
    assert [name for name in keywords if f"`{name}`" not in text] == []


EXAMPLES = [text for language, text in blocks("docs/python.md") if language == "python"]


@pytest.mark.parametrize("text", EXAMPLES, ids=["archive", "page"])
def test_the_examples_run(beside_demo: Path, text: str) -> None:
    words = [sys.executable, "-c", text]
    done = subprocess.run(words, cwd=beside_demo, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "953365" in done.stdout or "33526" in done.stdout
