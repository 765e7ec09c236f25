"""The `docarchive` command: one module a group of verbs."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from archive.errors import ArchiveError, MachineTrouble
from docarchive.cli import asking, crawling, keeping, reading, simulating, sites
from docarchive.cli.context import archive_before_verb

INTERRUPTED = 130
BUG = 5
USAGE = 2

app = typer.Typer(
    name="docarchive",
    help="Crawl document-listing sites into an archive, and ask it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _docarchive(
    archive: Annotated[
        Path | None,
        typer.Option("--archive", metavar="DIR", help="The archive [$DOCARCHIVE_DIR, docarchive.toml, ./data]."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    archive_before_verb(archive)
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"docarchive {version_of('docarchive')}")
        raise typer.Exit


for group in (keeping, crawling, sites, reading, asking, simulating):
    group.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code; an error is one sentence, never a traceback."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code (INTERFACE: 0, 1, 2, 3, 4, 5 or 130)."""
    try:
        result = app(arguments, prog_name="docarchive", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except ArchiveError as error:
        return _say(str(error), error.exit_code)
    except TyperException as error:
        return _say(_usage(error), USAGE)
    except (KeyboardInterrupt, Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _say(f"{error.filename or 'this machine'}: {error.strerror or error}; correct that and try again", 5)
    except MemoryError:
        return _say(str(MachineTrouble("this machine has too little memory; ask for less with --limit")), BUG)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence instead of a traceback
        if os.environ.get("DOCARCHIVE_DEBUG"):
            traceback.print_exc()
        return _say(
            f"this is a bug ({type(error).__name__}: {error}); please report it with what "
            "DOCARCHIVE_DEBUG=1 prints for the same command",
            BUG,
        )


def _usage(error: TyperException) -> str:
    """Return what is wrong with the words of the command, ending with where the right ones stand."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "docarchive"
    return f"{error.format_message().rstrip('.')}; see: {command} --help"


def _say(sentence: str, exit_code: int) -> int:
    typer.echo(f"docarchive: {' '.join(sentence.split())}", err=True)
    return exit_code
