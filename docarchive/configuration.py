"""What `docarchive.toml` and the environment say: the archive, the sites folder, the contact."""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import UsageError

FILE_NAME = "docarchive.toml"
CONFIG_VARIABLE = "DOCARCHIVE_CONFIG"
"""Names a configuration file, instead of the one in the folder a command is started in."""
ARCHIVE_VARIABLE = "DOCARCHIVE_DIR"
"""Names the archive, where `--archive` does not."""
DEFAULT_ARCHIVE = Path("data")

KEYS = ("archive", "contact", "notify", "sites")

TEMPLATE = """\
# Settings of docarchive. Read from the folder a command is started in, else from the archive's folder; another file is
# named by $DOCARCHIVE_CONFIG. Paths are relative to this file.

# Mail address or URL under which you can be reached: part of the user agent. Needed to crawl a public site.
# contact = "mailto:archive@your-institution.example"

# The archive that commands work on without --archive.
archive = "."

# Folder of site profiles (NAME.toml); one of yours goes before one of the same name that comes with the program.
sites = "sites"

# Command called once when a run is held back or a site blocked, overdue or silent, and once when that is over.
# It gets the event as JSON on standard input; no shell runs it (docs/telling.md).
# notify = "mail -s docarchive you@your-institution.example"
"""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What is in force for one command."""

    archive: Path
    """The archive: of the command line, then $DOCARCHIVE_DIR, then docarchive.toml's, then ./data."""
    sites: Path | None
    """The user's folder of site profiles; None: only the packaged ones."""
    contact: str | None
    """Mail address or URL of who runs the crawls."""
    notify: str | None
    """Command that is called when a person is needed; split into words as a shell does, run without one."""


def load_configuration(archive: Path | None = None) -> Configuration:
    """Return the configuration in force; *archive* is what the command line named.

    Raises UsageError for a file that is not as it should be, naming the file, the key and what to write.
    """
    from_environment = os.environ.get(ARCHIVE_VARIABLE)
    if archive is None and from_environment:
        archive = Path(from_environment)
    path = _file(archive)
    data = _read(path) if path is not None else {}
    base = path.parent if path is not None else Path()
    if archive is None:
        archive = base / data["archive"] if "archive" in data else DEFAULT_ARCHIVE
    return Configuration(
        archive=archive,
        sites=base / data["sites"] if "sites" in data else None,
        contact=data.get("contact"),
        notify=data.get("notify"),
    )


def configuration_file(archive: Path | None = None) -> Path | None:
    """Return the configuration file in force, None where there is none; *archive* as for `load_configuration`."""
    return _file(archive)


def _file(archive: Path | None) -> Path | None:
    """Return the configuration file: the one named, the one here, or the one that `init` put into the archive."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise UsageError(f"${CONFIG_VARIABLE} names {named}, which is not there; correct it")
        return Path(named)
    places = (Path(FILE_NAME), (archive if archive is not None else DEFAULT_ARCHIVE) / FILE_NAME)
    return next((path for path in places if path.is_file()), None)


def _read(path: Path) -> Mapping[str, str]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read ({error}); correct it") from error
    for key, value in data.items():
        if key not in KEYS:
            raise UsageError(f"{path} has an unknown key {key!r}; write one of {', '.join(KEYS)}")
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise UsageError(f"{path}: {key} must be a text in quotes, on one line")
        if key == "notify":
            _check_words(path, value)
    return data


def _check_words(path: Path, command: str) -> None:
    """Raise UsageError where a command cannot be split into words."""
    try:
        shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{path}: notify is no command ({error}); close the quotation marks in it") from error
