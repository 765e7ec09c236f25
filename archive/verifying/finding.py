"""What a check of the archive's files found."""

from __future__ import annotations

from dataclasses import dataclass

DAMAGE, NOTE = "damage", "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or worth knowing, with what to do about it."""

    severity: str
    """`damage`: something is lost or not what was written; `note`: harmless."""
    file: str
    """Relative to the archive."""
    problem: str
    remedy: str
    """What can be made again, and how; or why nothing needs to be done."""
    command: str | None = None
    """What to type, where a command helps."""

    def __str__(self) -> str:
        tail = f": {self.command}" if self.command else ""
        return f"{self.severity}: {self.file}: {self.problem}; {self.remedy}{tail}"


REBUILD_TABLES = "docarchive rebuild tables"


def damaged_table(file: str, problem: str) -> Finding:
    """A file or log of a table, which the WARC files restore."""
    return Finding(
        severity=DAMAGE,
        file=file,
        problem=problem,
        remedy="put it back from a backup, or make the tables again from the WARC files",
        command=REBUILD_TABLES,
    )


def damaged_warc(file: str, problem: str) -> Finding:
    """A WARC file: nothing restores it."""
    return Finding(
        severity=DAMAGE,
        file=file,
        problem=problem,
        remedy="put it back from a backup; its pages cannot be made again, what was read from them is in the tables",
    )


def note(file: str, problem: str, remedy: str = "nothing needs to be done") -> Finding:
    """Something harmless."""
    return Finding(severity=NOTE, file=file, problem=problem, remedy=remedy)
