"""Every way a command can fail, as one sentence and an exit code."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import typer
from typer.exceptions import Abort, TyperException

from archive.errors import ArchiveError

DEBUG_VARIABLE = "DOCARCHIVE_DEBUG"
"""Set to 1, the traceback of a bug goes to standard error."""

USAGE = 2
MACHINE = 5
INTERRUPTED = 130

_FULL = re.compile(r"no space left|disk is full|disk full|quota exceeded", re.IGNORECASE)
_READ_ONLY = re.compile(r"read-only file system|readonly database|permission denied", re.IGNORECASE)
"""How SQLite, pyarrow, delta-rs and DuckDB, each with errors of its own, say what the system told them."""


def exit_code_of(command: Callable[[], object], logs: Callable[[], Path | None]) -> int:
    """Run *command* and return its exit code; an error becomes one sentence on standard error, never a traceback.

    The traceback of a bug is kept in the folder that *logs* returns, if any.
    """
    try:
        result = command()
        sys.stdout.flush()
        if result == INTERRUPTED:  # typer makes KeyboardInterrupt into this
            return _say("interrupted; run the same command again", INTERRUPTED)
        return result if isinstance(result, int) else 0
    except ArchiveError as error:
        return _say(str(error), error.exit_code)
    except TyperException as error:
        return _wrong_usage(error)
    except (KeyboardInterrupt, Abort):
        return _say("interrupted; run the same command again", INTERRUPTED)
    except (BrokenPipeError, SystemExit):  # typer makes the one into the other
        _close_pipe()
        return 0
    except MemoryError:
        return _say("this machine has too little memory for that; ask for less with --limit", MACHINE)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence instead of a traceback
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python makes it into an error where a class is being made
            return _say("interrupted; run the same command again", INTERRUPTED)
        sentence = _machine_trouble(error)
        return _say(sentence, MACHINE) if sentence else _bug(error, logs)


def _say(sentence: str, exit_code: int) -> int:
    typer.echo(f"docarchive: {' '.join(sentence.split())}", err=True)
    return exit_code


def _close_pipe() -> None:
    """The reader of our output has seen enough; without this Python would complain again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _wrong_usage(error: TyperException) -> int:
    """Say what is wrong with the words of the command, and where the right ones stand."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":  # its message is the whole help
        typer.echo(message, err=True)
        return USAGE
    command = context.command_path if context is not None else "docarchive"
    return _say(f"{message.rstrip('.').replace('Value error, ', '')}; see: {command} --help", USAGE)


def _machine_trouble(error: Exception) -> str | None:
    """Return what to do where it is the machine, not the program, that failed; None where it is not."""
    text = str(error)
    name = getattr(error, "filename", None) or "the archive's disk"
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or _FULL.search(text):
        return "the disk is full; make room and run the same command again, it goes on where it stopped"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or _READ_ONLY.search(text):
        return f"{name} may not be written or read ({text.splitlines()[0]}); run as the owner of the archive"
    if number in (errno.EMFILE, errno.ENFILE):
        return "too many files are open; raise the limit with: ulimit -n 4096"
    if isinstance(error, OSError) and number is not None:
        return f"{name}: {error.strerror or text}; correct that and run the same command again"
    return None


def _bug(error: Exception, logs: Callable[[], Path | None]) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exc()
    kept = _keep_traceback(logs())
    where = f"the traceback in {kept}" if kept else f"what {DEBUG_VARIABLE}=1 prints for the same command"
    first_line = (str(error).splitlines() or [""])[0]
    return _say(f"this is a bug ({type(error).__name__}: {first_line}); please report it with {where}", MACHINE)


def _keep_traceback(folder: Path | None) -> Path | None:
    if folder is None or not folder.is_dir():
        return None
    path = folder / "bug.txt"
    try:
        path.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        return None
    return path
