"""Where each file of an archive lies."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from archive import durable
from archive.errors import MachineTrouble, NotAnArchive, UsageError

FORMAT_VERSION = 1
"""Raised when an older program could misread the files."""

IMPORT_FOLDER = "+import"
"""Stands in for a site where rows come from a file; `+` never occurs in a percent-encoded site name."""

MAINTENANCE_FOLDER = "+maintenance"
"""Holds what maintenance writes into WARC: its rows of the ledger, so that the chain can be restored."""
SCHEDULER = "+due"
"""Stands in for a site where one process crawls every site that is due: its lease keeps a second one away."""

TABLES = ("runs", "versions", "sightings", "captures", "decisions", "works")

YOUNGER_TABLES = frozenset({"works"})
"""Archives that an earlier program wrote lack them until something is published."""


def site_folder(site: str) -> str:
    """Return the folder name for *site*: percent-encoded, so that no name can leave the archive or clash.

    >>> site_folder("huiwen"), site_folder("../x"), site_folder("127.0.0.1:80")
    ('huiwen', '%2E%2E%2Fx', '127.0.0.1%3A80')
    """
    if site in (IMPORT_FOLDER, MAINTENANCE_FOLDER):
        return site
    encoded = quote(site, safe="")
    return encoded.replace(".", "%2E") if encoded.startswith(".") else encoded


def site_of_folder(folder: str) -> str:
    """Return the site whose folder this is: the inverse of `site_folder`."""
    return folder if folder in (IMPORT_FOLDER, MAINTENANCE_FOLDER) else unquote(folder)


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one archive."""

    root: Path

    @property
    def marker(self) -> Path:
        return self.root / "archive.json"

    @property
    def views_sql(self) -> Path:
        return self.root / "views.sql"

    @property
    def warc(self) -> Path:
        return self.root / "warc"

    @property
    def duplicates(self) -> Path:
        return self.root / "index" / "duplicates"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def text_index(self) -> Path:
        return self.root / "index" / "text"

    def warc_folder(self, site: str) -> Path:
        return self.warc / site_folder(site)

    def warc_names(self, site: str, beginning: str) -> list[str]:
        """Return the names of *site*'s WARC files, finished or open, that begin so (with a run's id), sorted."""
        try:
            with os.scandir(self.warc_folder(site)) as entries:  # a glob takes 3 ms of a folder of 1,600 files
                names = [entry.name for entry in entries if entry.name.startswith(beginning)]
        except FileNotFoundError:
            return []
        return sorted(name for name in names if ".warc.gz" in name)

    def table(self, name: str) -> Path:
        return self.root / "tables" / name

    def state(self, site: str) -> Path:
        return self.root / "state" / f"{site_folder(site)}.sqlite"

    def pause(self, site: str) -> Path:
        return self.root / "paused" / f"{site_folder(site)}.json"

    def sites_with_state(self) -> list[str]:
        """Return the sites that have a state file, sorted."""
        sites = {site_of_folder(p.stem) for p in (self.root / "state").glob("*.sqlite")}
        return sorted(sites - {SCHEDULER})


def create(root: Path, *, demo: bool = False) -> Layout:
    """Make an empty archive at *root*; an archive that is there already is left as it is.

    Raises UsageError when the folder holds other files, MachineTrouble when it cannot be written.
    """
    layout = Layout(root.absolute())
    if layout.marker.exists():
        return open_layout(root)
    _check_path(layout.root)
    try:
        if root.exists() and not root.is_dir():
            raise UsageError(f"{root} is a file; name a folder for the archive")
        strangers = sorted(p.name for p in root.iterdir() if not _ours(p.name)) if root.exists() else []
        if strangers:
            raise UsageError(f"{root} is not empty and not an archive (it holds {strangers[0]}); name another folder")
        for folder in (
            layout.warc,
            layout.logs,
            layout.root / "state",
            layout.root / "tables",
            layout.root / "reports",
        ):
            folder.mkdir(parents=True, exist_ok=True)
        durable.write_file(
            layout.marker,
            json.dumps({"format_version": FORMAT_VERSION, "demo": demo, "program": "docarchive"}, indent=1).encode()
            + b"\n",
        )
    except PermissionError as error:
        raise MachineTrouble(f"cannot write {root}: permission denied; name a folder you may write to") from error
    return layout


def _check_path(root: Path) -> None:
    """Raise UsageError for a path that the tables' library would take for percent-encoded, and look elsewhere."""
    if re.search(r"%[0-9A-Fa-f]{2}", str(root)):
        raise UsageError(f"{root} holds a percent sign followed by two digits, which tables cannot; rename the folder")


def _ours(name: str) -> bool:
    """Whether an earlier, killed `create` or a user's `init` may have made this entry."""
    return name in {"warc", "logs", "state", "tables", "reports", "sites", "docarchive.toml"} or bool(
        re.fullmatch(r"\.archive\.json\.\d+\.tmp", name)
    )


def open_layout(root: Path) -> Layout:
    """Return the layout of the archive at *root*.

    Raises NotAnArchive when there is none, or one of a newer format.
    """
    read_marker(root)
    layout = Layout(root.absolute())
    _check_path(layout.root)
    return layout


def read_marker(root: Path) -> dict[str, Any]:
    """Return what `archive.json` says: `format_version`, `demo`.

    Raises NotAnArchive when it is absent, unreadable or of a newer format.
    """
    marker = Layout(root).marker
    try:
        data = json.loads(marker.read_text(encoding="utf-8"))
        version = int(data["format_version"])
    except FileNotFoundError as error:
        raise NotAnArchive(
            f"{root} is not an archive (no archive.json); name an archive's folder (--archive DIR) "
            f"or make one: docarchive init {root}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnArchive(f"{marker} cannot be read; put it back from a backup or run: docarchive verify") from error
    except PermissionError as error:
        raise MachineTrouble(f"cannot read {marker}: permission denied; run as the archive's owner") from error
    except NotADirectoryError as error:
        raise NotAnArchive(f"{root} is a file, not an archive; name the archive's folder") from error
    if version > FORMAT_VERSION:
        raise NotAnArchive(
            f"{root} has archive format {version}, this program reads up to {FORMAT_VERSION}; upgrade docarchive"
        )
    return dict(data)
