"""placeholder"""

from __future__ import annotations
from collections.abc import Iterator
from dataclasses import dataclass
from archive.layout import Layout


@dataclass(frozen=True)
class Finding:
    severity: str


def verify(
    layout: Layout, *, quick: bool = False, since: str | None = None, site: str | None = None
) -> Iterator[Finding]:
    yield from ()
