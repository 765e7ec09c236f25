"""The `docarchive` command: one module a group of verbs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from copy import copy
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from archive.without_pandas import do_without_pandas
from docarchive.cli import (
    asking,
    covering,
    crawling,
    duplicating,
    exporting,
    following,
    keeping,
    maintaining,
    reading,
    rereading,
    scheduling,
    serving,
    simulating,
    sites,
    status,
)
from docarchive.cli.context import archive_before_verb, logs_folder
from docarchive.cli.trouble import DEBUG_VARIABLE, INTERRUPTED, exit_code_of

__all__ = ["app", "main", "run"]

app = typer.Typer(
    name="docarchive",
    help="Crawl document-listing sites into an archive, and ask it.\n\nExample: docarchive records --archive demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"docarchive {version('docarchive')}")
        raise typer.Exit


@app.callback()
def _docarchive(
    archive: Annotated[
        Path | None,
        typer.Option("--archive", metavar="DIR", help="The archive [$DOCARCHIVE_DIR, docarchive.toml, ./data]."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of a bug.")] = False,
) -> None:
    archive_before_verb(archive)
    if debug:
        os.environ[DEBUG_VARIABLE] = "1"


for group in (
    keeping,
    maintaining,
    crawling,
    scheduling,
    status,
    covering,
    sites,
    reading,
    rereading,
    asking,
    following,
    duplicating,
    exporting,
    serving,
):
    group.add_to(app)
simulating.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code; an error is one sentence, never a traceback."""
    do_without_pandas()
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        code = run(arguments)
    except KeyboardInterrupt:  # while the first was told
        code = INTERRUPTED
    if code == INTERRUPTED:
        for number in (signal.SIGINT, signal.SIGTERM):  # whoever insists has what they want
            signal.signal(number, signal.SIG_IGN)
    if code == INTERRUPTED and "duckdb" in sys.modules:
        from archive.snapshot.duckdb_session import still_asking

        if still_asking():
            sys.stdout.flush()
            os._exit(code)
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1, 2, 3, 4, 5 or 130.

    *arguments* are the words after `docarchive`; None: those of this process.
    """
    words = asking.joined_parameters(sys.argv[1:] if arguments is None else arguments)
    archive_before_verb(None)
    return exit_code_of(
        lambda: command(verb_of(words))(words, prog_name="docarchive", standalone_mode=False), logs_folder
    )


def verb_of(words: Sequence[str]) -> str | None:
    """Return the verb that *words* begin with, behind options that stand before it; None without one.

    >>> verb_of(["--archive", "data", "records", "--json"])
    'records'
    """
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            return word
        if word == "--archive":
            next(rest, None)
    return None


@cache
def command(verb: str | None = None) -> Any:
    """Return what runs *verb*, and that alone; what runs all of them where there is no such verb, or none is named.

    To make all of them takes longer than a small answer.
    """
    one = copy(app)
    one.registered_commands = [known for known in app.registered_commands if known.name == verb]
    one.registered_groups = [known for known in app.registered_groups if known.name == verb]
    return typer.main.get_command(one if one.registered_commands or one.registered_groups else app)


def _interrupted(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends a command as SIGINT does."""
    raise KeyboardInterrupt
