"""The truth file: what a perfect archive would hold of a simulated site."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def write_truth(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write *records* as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
