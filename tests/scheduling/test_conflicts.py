"""Profiles that get in each other's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, run

__all__ = ["run"]


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ('former_names = ["two"]', "", "one.toml: former_names has 'two', which is a profile of its own"),
        ('former_names = ["x"]', 'former_names = ["x"]', "two.toml: former_names has 'x', which one claims as well"),
        ('hosts = ["a.example"]', 'former_hosts = ["a.example"]', "two.toml: hosts has 'a.example', which one claims"),
    ],
)
def test_what_two_profiles_claim_is_told(run: Run, tmp_path: Path, one: str, two: str, told: str) -> None:
    run("init", "here")
    for name, text in (("one", one), ("two", two)):
        (tmp_path / "here" / "sites" / f"{name}.toml").write_text(text, encoding="utf-8")
    checked = run("sites", "check", "--archive", "here")
    assert checked.code == 2
    assert told in checked.err
    assert run("sites", "check", "huiwen", "--archive", "here").code == 0
