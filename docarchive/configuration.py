"""Where a command works: the archive, the sites folder, the contact."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import UsageError

FILE_NAME = "docarchive.toml"
CONFIG_VARIABLE = "DOCARCHIVE_CONFIG"
ARCHIVE_VARIABLE = "DOCARCHIVE_DIR"

TEMPLATE = """\
# Settings of docarchive, read from the folder a command is started in (or from $DOCARCHIVE_CONFIG).
# Paths are relative to this file.

# Mail address or URL under which you can be reached: part of the user agent. Needed to crawl a public site.
# contact = "mailto:archive@your-institution.example"

# The archive that commands work on without --archive.
archive = "."

# Folder of site profiles (NAME.toml); one of yours goes before one of the same name that comes with the program.
sites = "sites"

# Command called when a run is held back, blocked or overdue; gets the report on standard input.
# notify = "mail -s docarchive you@your-institution.example"
"""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What `docarchive.toml` and the environment say."""

    archive: Path
    sites: Path | None
    contact: str | None
    notify: str | None


def load_configuration(archive: Path | None = None) -> Configuration:
    """Return the configuration in force; *archive* is what the command line named.

    The archive is that of the command line, then $DOCARCHIVE_DIR, then docarchive.toml's, then ./data.
    Raises UsageError for a file that is not as it should be.
    """
    path = Path(os.environ.get(CONFIG_VARIABLE) or FILE_NAME)
    named = CONFIG_VARIABLE in os.environ
    data = _read(path) if path.exists() or named else {}
    base = path.parent
    from_environment = os.environ.get(ARCHIVE_VARIABLE)
    if archive is None and from_environment:
        archive = Path(from_environment)
    if archive is None and "archive" in data:
        archive = base / data["archive"]
    return Configuration(
        archive=archive or Path("data"),
        sites=base / data["sites"] if "sites" in data else None,
        contact=data.get("contact"),
        notify=data.get("notify"),
    )


def _read(path: Path) -> dict[str, str]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"${CONFIG_VARIABLE} names {path}, which is not there; correct it") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}); correct it") from error
    for key, value in data.items():
        if key not in ("archive", "sites", "contact", "notify"):
            raise UsageError(f"{path} has an unknown key {key!r}; known are archive, contact, notify, sites")
        if not isinstance(value, str) or not value.strip() or any(ord(c) < 32 for c in value):
            raise UsageError(f"{path}: {key} must be a text in quotes, on one line")
    return data
