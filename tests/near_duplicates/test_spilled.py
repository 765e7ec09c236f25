"""What was spilled comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.near_duplicates import spilled
from archive.near_duplicates.canonical import Canonicalizer
from archive.near_duplicates.pairs import seed_pairs
from archive.near_duplicates.sketch import sketch
from archive.near_duplicates.spilled import SpilledTexts
from tests.near_duplicates.making import copies


@pytest.mark.parametrize("held", [1, 1 << 20], ids=["each is written at once", "many together"])
def test_texts_come_back_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(spilled, "_HELD_BYTES", held)
    canonicalizer = Canonicalizer(seed_pairs())
    texts = ["", "一", "12 3", "无数字" * 40, *(copy.text for copy in copies(seed=5, works=2))]
    canonical = [canonicalizer.canonical(text) for text in texts]
    kept = SpilledTexts(tmp_path)
    for number, text in enumerate(canonical):
        kept.put(7 * number, text, sketch(text.codes))
    assert 3 not in kept
    assert 7_000_000 not in kept
    for number in reversed(range(len(texts))):
        assert 7 * number in kept
        found = kept.get(7 * number)
        assert found.text.codes.tolist() == canonical[number].codes.tolist()
        assert found.text.numbers == canonical[number].numbers
        assert found.text.number_positions.tolist() == canonical[number].number_positions.tolist()
        assert found.keys.tolist() == sketch(canonical[number].codes).tolist()
    assert list(tmp_path.iterdir()) == []  # it has no name: nothing is left of a killed process
    kept.close()
