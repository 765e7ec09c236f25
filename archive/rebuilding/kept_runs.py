"""What the WARC files keep of each publish: the parts of runs, and the rows of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from archive.clock import parse_instant
from archive.errors import DamagedFile
from archive.layout import Layout
from archive.published import ledger
from archive.warc.reading import read_capture, read_records

_PREFIX = "urn:docarchive:run:"


@dataclass(frozen=True, slots=True)
class KeptPart:
    """Where a part stands; its rows are read when their turn comes."""

    run_id: str
    number: int
    digest: str
    file: str
    offset: int


@dataclass(slots=True)
class KeptRuns:
    """All that a rebuild starts from."""

    parts: dict[tuple[str, int], KeptPart] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Ledger rows: also those of commits that were tried and lost against another run's."""
    damaged: list[str] = field(default_factory=list)
    """Sentences about WARC files that break off."""


def kept_runs(layout: Layout) -> KeptRuns:
    """Return what the closed WARC files of the archive keep of its runs."""
    kept = KeptRuns()
    for path in sorted(layout.warc.glob("*/*.warc.gz")):
        try:
            for uri, offset, body in _metadata(path):
                _take(kept, path.relative_to(layout.root).as_posix(), uri, offset, body)
        except DamagedFile as error:
            kept.damaged.append(str(error))
    return kept


def _metadata(path: Path) -> Iterator[tuple[str, int, bytes]]:
    for record in read_records(path, types=("metadata",)):
        if record.url.startswith(_PREFIX):
            yield record.url, record.offset, record.block


def _take(kept: KeptRuns, file: str, uri: str, offset: int, body: bytes) -> None:
    run_id, _, rest = uri.removeprefix(_PREFIX).partition(":")
    kind, _, name = rest.partition(":")
    row = orjson.loads(body)
    if kind == "part":
        # A part written again after a kill is the same, or the run would not have been published.
        kept.parts.setdefault((run_id, int(name)), KeptPart(run_id, int(name), row["digest"], file, offset))
    elif kind == "event":
        kept.rows.append(_typed(row))


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    instants = {name: parse_instant(row[name]) for name in ("at", "started_at", "finished_at") if row[name] is not None}
    return {**row, **instants}


def read_part(layout: Layout, part: KeptPart) -> dict[str, Any]:
    """Return the rows of a part by table, as its metadata record keeps them. Raises DamagedFile."""
    record = read_capture(layout, part.file, part.offset)
    return dict(orjson.loads(record.block))


def true_chain(rows: Sequence[Mapping[str, Any]], unfinished: frozenset[str]) -> list[Mapping[str, Any]]:
    """Return the ledger: the longest chain of *rows* in which each follows on the one before.

    Rows that another run's commit forestalled are in no longer chain. Where two end alike, the last row of a run that
    is not *unfinished* counts: what is unfinished will be written again.
    """
    sound = {row["digest"]: row for row in rows if ledger.row_digest(row) == row["digest"]}
    depth: dict[str, int] = {}
    for row in sorted(sound.values(), key=lambda r: r["run_seq"]):
        before = row["previous_digest"]
        if (before is None and row["run_seq"] == 1) or depth.get(before or "") == row["run_seq"] - 1:
            depth[row["digest"]] = row["run_seq"]
    if not depth:
        return []
    tip = max(depth, key=lambda d: (depth[d], sound[d]["run_id"] not in unfinished, sound[d]["at"], d))
    chain = []
    digest: str | None = tip
    while digest is not None:
        chain.append(sound[digest])
        digest = sound[digest]["previous_digest"]
    return chain[::-1]
