"""What verbs share: the archive they work on, the options they have in common."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.clock import SystemClock, clock_from_environment
from archive.errors import UsageError
from docarchive.configuration import Configuration, load_configuration

if TYPE_CHECKING:
    from archive.layout import Layout
    from docarchive import Archive

ArchiveOption = Annotated[
    Path | None,
    typer.Option("--archive", metavar="DIR", help="The archive [$DOCARCHIVE_DIR, docarchive.toml, ./data]."),
]
FormatOption = Annotated[
    str | None, typer.Option("--format", metavar="table|jsonl|csv|parquet", help="Form of the output.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format jsonl.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to standard output.")
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace the file of --output if it is there.")]

_before_verb: Path | None = None
_after_verb: Path | None = None


def archive_before_verb(archive: Path | None) -> None:
    """Remember the `--archive` that stood before the verb."""
    global _before_verb, _after_verb
    _before_verb, _after_verb = archive, None


def configuration(archive: Path | None) -> Configuration:
    """Return the configuration in force; *archive* stood after the verb and goes before all else."""
    global _after_verb
    _after_verb = archive
    return load_configuration(archive if archive is not None else _before_verb)


def named_archive() -> Path | None:
    """Return the archive that the command line named; None where it named none."""
    return _after_verb if _after_verb is not None else _before_verb


def named_again() -> str:
    """Return the option that a command which is told to a person needs to find this archive again."""
    archive = named_archive()
    return f" --archive {shlex.quote(str(archive))}" if archive is not None else ""


def existing_layout(archive: Path | None) -> Layout:
    """Return the archive that the command works on. Raises NotAnArchive where there is none."""
    from archive.layout import open_layout

    return open_layout(configuration(archive).archive)


def opened_archive(archive: Path | None) -> Archive:
    """Return the archive that the command asks, opened. Raises NotAnArchive where there is none."""
    from docarchive import Archive

    return Archive.open(configuration(archive).archive)


def logs_folder() -> Path | None:
    """Return where the archive that the command works on keeps its logs; None where that cannot be known."""
    try:
        return configuration(_after_verb).archive / "logs"
    except UsageError:
        return None


def clock() -> SystemClock:
    """Return the clock of this command."""
    try:
        return clock_from_environment()
    except ValueError as error:
        raise UsageError(str(error)) from error


def site_and_id(words: list[str]) -> tuple[str, str] | str:
    """Return (site, doc_id) as named by `SITE DOC_ID` or `SITE/DOC_ID`, or a URL as it is."""
    if len(words) == 2 and all(words):
        return words[0], words[1]
    if len(words) == 1 and "://" in words[0]:
        return words[0]
    if len(words) == 1:
        site, slash, doc_id = words[0].partition("/")
        if site and slash and doc_id:
            return site, doc_id
    raise UsageError("name a document as SITE DOC_ID, SITE/DOC_ID or by its URL")
