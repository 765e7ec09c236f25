"""Whether a WARC file, its index and what the tables say of it agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import DamagedFile
from archive.layout import Layout
from archive.verifying.finding import REBUILD_TABLES, Finding, damaged_table, damaged_warc, note
from archive.warc.cdxj import INDEXED_TYPES, read_cdxj
from archive.warc.reading import BrokenMember, StoredRecord, scan
from archive.warc.record import SERVER_NOT_MODIFIED, sha256
from archive.warc.writing import OPEN_SUFFIX, cdxj_path

MAX_FINDINGS = 20
"""Of one file; a file that is wrong throughout is not told record by record."""


@dataclass(frozen=True, slots=True)
class _Member:
    """What is kept of a record while its file is compared: the body is let go."""

    capture: str
    length: int | None
    record_type: str
    payload_digest: str | None
    indexed: bool


def check_warc(layout: Layout, path: Path, captures: Iterator[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield what is wrong with the closed WARC file *path*.

    *captures* are the rows of the table `captures` that point into it. Memory: some 200 bytes a record.
    """
    name = str(path.relative_to(layout.root))
    members: dict[int, _Member] = {}
    try:
        for record in scan(path, name):
            problem = _payload_problem(record)
            if problem:
                yield damaged_warc(name, f"{problem} at byte {record.offset:,}")
            members[record.offset] = _member(record)
    except BrokenMember as error:
        yield damaged_warc(name, str(error).partition("; run:")[0].removeprefix(f"{name} "))
        return
    except (DamagedFile, OSError) as error:
        yield damaged_warc(name, f"it cannot be read ({error})")
        return
    more = damaged_warc(name, "and more of the same kind")
    yield from limited(_check_captures(name, members, captures), more)
    yield from limited(_check_index(layout, path, members), more)


def _payload_problem(record: StoredRecord) -> str | None:
    stated = record.payload_digest
    if record.record_type not in ("response", "resource") or not stated or not stated.startswith("sha256:"):
        return None
    return None if sha256(record.payload) == stated else "the payload is not the one its digest names"


def _member(record: StoredRecord) -> _Member:
    indexed = record.record_type in INDEXED_TYPES and record.profile != SERVER_NOT_MODIFIED
    return _Member(record.capture, record.length, record.record_type, record.payload_digest, indexed)


def _check_captures(
    name: str, members: Mapping[int, _Member], captures: Iterator[Mapping[str, Any]]
) -> Iterator[Finding]:
    for row in captures:
        member = members.get(row["warc_offset"])
        place = f"capture {row['capture']} should lie at byte {row['warc_offset']:,}"
        if member is None or member.capture != row["capture"]:
            yield damaged_warc(name, f"{place}, but another record does, or none")
        elif member.length != row["warc_length"] or member.record_type != row["record_type"]:
            yield damaged_table(name, f"{place} as a {row['record_type']} of {row['warc_length']:,} bytes; it does not")
        elif row["payload_digest"] != member.payload_digest and member.record_type == "response":
            yield damaged_table(name, f"the payload digest of capture {row['capture']} in the tables is another one")


def _check_index(layout: Layout, path: Path, members: Mapping[int, _Member]) -> Iterator[Finding]:
    index = cdxj_path(path)
    name = str(index.relative_to(layout.root))
    indexed = {offset for offset, member in members.items() if member.indexed}
    if not index.exists():
        if indexed:
            yield _damaged_index(name, "the index is missing")
        return
    before = ("", "")
    seen = set()
    try:
        for entry in read_cdxj(index):
            member = members.get(entry.offset)
            if member is None or not member.indexed or member.length != entry.length or entry.file_name != path.name:
                yield _damaged_index(name, f"its line for {entry.url[:200]} points to no such record")
            if (entry.urlkey, entry.timestamp) < before:
                yield _damaged_index(name, "its lines are not sorted")
            before = (entry.urlkey, entry.timestamp)
            seen.add(entry.offset)
    except (ValueError, KeyError, OSError) as error:
        yield _damaged_index(name, f"it cannot be read ({error})")
        return
    if indexed - seen:
        yield _damaged_index(name, f"{len(indexed - seen):,} records have no line in it")


def _damaged_index(name: str, problem: str) -> Finding:
    return Finding(
        severity="damage",
        file=name,
        problem=problem,
        remedy="the index is made again from its WARC file",
        command=REBUILD_TABLES,
    )


def limited(findings: Iterator[Finding], more: Finding) -> Iterator[Finding]:
    """Yield the first of *findings*; *more* in the place of the rest."""
    for number, finding in enumerate(findings):
        if number == MAX_FINDINGS:
            yield more
            return
        yield finding


def check_open_file(layout: Layout, path: Path) -> Finding:
    """A file still being written, or left by a run that was killed."""
    name = str(path.relative_to(layout.root))
    return note(
        name,
        f"it is being written, or a run was killed ({path.stat().st_size:,} bytes)",
        "the next run of the site closes it",
    )


def is_open(path: Path) -> bool:
    """Whether this is a WARC file not yet closed."""
    return path.name.endswith(OPEN_SUFFIX) and ".warc.gz" in path.name
