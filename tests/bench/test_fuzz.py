"""The fuzz target itself: inputs that come again, and failures that are not overlooked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bench.fuzz
from bench.fuzz import Findings, Input, Inputs, repeat, tried
from bench.mutating import MOST_BYTES

OPTIONS = {"url": "https://a.example/", "content_type": None, "http_status": 200, "hints": None, "explain": False}


def test_seed_and_number_name_an_input() -> None:
    ones, same, others = Inputs(3), Inputs(3), Inputs(4)
    numbers = range(0, 400, 7)
    assert [ones[number] for number in numbers] == [same[number] for number in reversed(numbers)][::-1]
    assert [ones[number] for number in numbers] != [others[number] for number in numbers]
    assert {ones[number].target for number in numbers} == {"page", "file"}
    assert max(len(ones[number].body) for number in numbers) <= MOST_BYTES


def test_an_exception_is_kept_with_its_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise KeyError("x")

    one = Input("page", b"<h1>\xff", OPTIONS)
    monkeypatch.setattr(bench.fuzz, "read_page", failing)
    finding = tried(one)
    assert finding is not None
    assert finding.kind.startswith("KeyError in test_fuzz.py:")
    findings = Findings(tmp_path, seed=1)
    for number in range(9):
        findings.add(number, one, finding)
    assert findings.counts.total() == 9
    assert len(list(tmp_path.glob("*.bin"))) == 3
    assert json.loads((tmp_path / "1-0.json").read_text("utf-8"))["detail"].startswith("Traceback")
    assert repeat(tmp_path / "1-0.json").startswith("KeyError")
    monkeypatch.undo()
    assert repeat(tmp_path / "1-0.json") == "nothing is wrong with it any more"


def test_a_slow_answer_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.fuzz, "SLOW_SECONDS", -1.0)
    finding = tried(Input("page", b"<h1>", OPTIONS))
    assert finding is not None
    assert finding.kind == "slow page"
