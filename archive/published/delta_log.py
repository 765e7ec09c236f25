"""The log of a Delta table: how a file joins the table for good, and how the log stays short."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, CommitProperties, PostCommitHookProperties, Transaction

from archive import durable
from archive.errors import DamagedFile

CHECKPOINT_INTERVAL = 50
"""Commits after which the state of the table is written whole, to be read instead of the entries before."""

APPLICATION_IDS_KEPT = "interval 2 days"
"""How long a checkpoint names the application ids of a run: two for each run ever published would make every load and
checkpoint longer (36,500 runs: 70 and 300 ms). What counts is the files and rows themselves; the ids refuse a second
writer at the same moment."""

REMOVED_KEPT = "interval 1 days"
"""How long a checkpoint names files that a compaction replaced, for other programs; the ledger names them for ever."""

CONFIGURATION = {
    "delta.checkpointInterval": str(CHECKPOINT_INTERVAL),
    "delta.setTransactionRetentionDuration": APPLICATION_IDS_KEPT,
    "delta.deletedFileRetentionDuration": REMOVED_KEPT,
}

CHECKPOINTS_KEPT = 2
"""A reader that began at the checkpoint before the newest one still finds what it needs."""

_POST_COMMIT = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
"""delta-rs would delete old entries before the checkpoint that stands for them is lasting; see `_forget_entries`."""


def commit(
    table: DeltaTable,
    path: Path,
    schema: pa.Schema,
    rows: int,
    versions: Mapping[str, int],
    *,
    at: datetime | None = None,
    lasting: Mapping[str, int] = MappingProxyType({}),
) -> bool:
    """Add the file at *path*, of *rows* rows, to *table* from this very handle, noting *versions* of application ids.

    *at* is when they are noted, and will be forgotten some time after; without it, and those of *lasting*, never.
    Returns False when another writer committed one of the same application ids since the handle was read: read on, and
    look again. The log entry is durable when this returns True; the handle stays at the state before it.
    """
    status = path.stat()
    written_ms = int(status.st_mtime * 1000)
    noted_ms = None if at is None else _milliseconds(at)
    noted = [Transaction(app_id, version, noted_ms) for app_id, version in versions.items()]
    noted += [Transaction(app_id, version) for app_id, version in lasting.items()]
    action = AddAction(
        path=path.name,
        size=status.st_size,
        partition_values={},
        modification_time=written_ms,
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )
    name = path.parent.name
    before = table.version()
    durable.point(f"delta-commit:{name}:before")
    try:
        table.create_write_transaction(
            [action],
            mode="append",
            schema=schema,
            commit_properties=CommitProperties(app_transactions=noted),
            post_commithook_properties=_POST_COMMIT,
        )
    except CommitFailedError:
        return False
    except DeltaError:
        if _is_forgotten(path.parent / "_delta_log", before + 1):
            return False
        raise
    durable.point(f"delta-commit:{name}:unsynced")
    make_durable(path.parent, before + 1)
    durable.point(f"delta-commit:{name}:after")
    return _is_in(path, before + 1, versions)


def replace(
    table: DeltaTable, folder: Path, old: Collection[str], new: Sequence[tuple[Path, int]], at: datetime
) -> bool:
    """Put the files *new* (path, rows) in the place of those named *old*, in one entry: readers see these or those.

    delta-rs replaces whole partitions alone; so the entry is written here, as the protocol has it, under a number that
    nobody has taken: with `link`, as delta-rs does. Returns False when another writer was quicker, or the entry came
    below a checkpoint, where no reader looks: read on, and look again. The entry is durable when this returns True.
    """
    version = table.version() + 1
    noted_ms = _milliseconds(at)
    actions: list[dict[str, Any]] = [
        {"commitInfo": {"timestamp": noted_ms, "operation": "OPTIMIZE", "operationParameters": {}}},
        *({"remove": {"path": name, "deletionTimestamp": noted_ms, "dataChange": False}} for name in old),
        *({"add": _added(path, rows)} for path, rows in new),
    ]
    scratch = folder / f".{version:020d}.json.{os.getpid()}.tmp"
    durable.write_pieces(scratch, (b"".join(json.dumps(action).encode() + b"\n" for action in actions),))
    try:
        durable.link(scratch, _entry(folder / "_delta_log", version))
    except FileExistsError:
        return False
    finally:
        durable.unlink(scratch)
    if _last_checkpoint(folder / "_delta_log") >= version and new[0][0].name not in names_in(DeltaTable(str(folder))):
        return False
    durable.point(f"delta-replace:{folder.name}:unsynced")
    make_durable(folder, version)
    durable.point(f"delta-replace:{folder.name}:after")
    return True


def _added(path: Path, rows: int) -> dict[str, Any]:
    status = path.stat()
    return {
        "path": path.name,
        "partitionValues": {},
        "size": status.st_size,
        "modificationTime": int(status.st_mtime * 1000),
        "dataChange": False,
        "stats": json.dumps({"numRecords": rows}),
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def make_durable(folder: Path, version: int) -> None:
    """Write the log's entries from *version* on to the disk, then forget those that a checkpoint stands for.

    delta-rs never calls fsync: a power cut could take back a commit that was reported as done. The entry may come with
    a checkpoint of the same version, which readers then start from; other writers' entries may stand before ours.
    """
    log = folder / "_delta_log"
    checkpointed = False
    entry = _entry(log, version)
    while entry.exists():
        durable.fsync_file(entry)
        checkpoint = entry.with_suffix(".checkpoint.parquet")
        if checkpoint.exists():
            durable.fsync_file(checkpoint)
            checkpointed = True
        version += 1
        entry = _entry(log, version)
    if (log / "_last_checkpoint").exists():
        durable.fsync_file(log / "_last_checkpoint")
    durable.fsync_folder(log)
    durable.fsync_folder(folder)
    if checkpointed:
        _forget_entries(log)


EntryIdentity = tuple[int, int, int]


def entry_identity(folder: Path, version: int) -> EntryIdentity | None:
    """Return what tells an entry from any other that has its number in another log; None where it is not there."""
    try:
        status = _entry(folder / "_delta_log", version).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _entry(log: Path, version: int) -> Path:
    return log / f"{version:020d}.json"


def _is_forgotten(log: Path, version: int) -> bool:
    """Whether the entry *version* was there and is not any more: a checkpoint stands for it."""
    return not _entry(log, version).exists() and _last_checkpoint(log) >= version


def _is_in(path: Path, version: int, versions: Mapping[str, int]) -> bool:
    """Whether what was committed as *version* or later counts.

    A writer put to sleep just before it writes an entry may wake when that entry, written by another, is forgotten
    already: it then writes the number anew, below a checkpoint, where no reader looks.
    """
    if _last_checkpoint(path.parent / "_delta_log") < version:
        return True
    table = DeltaTable(str(path.parent))
    noted = versions and all(table.transaction_version(app_id) == number for app_id, number in versions.items())
    return bool(noted) or path.name in names_in(table)


def names_in(table: DeltaTable) -> set[str]:
    """Return the names of the files that *table* consists of."""
    return {uri.rsplit("/", 1)[-1] for uri in table.file_uris()}


def _last_checkpoint(log: Path) -> int:
    """Return the version of the newest checkpoint, -1 if there is none."""
    hint = log / "_last_checkpoint"
    try:
        return int(json.loads(hint.read_bytes())["version"])
    except FileNotFoundError:
        return -1
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{hint} cannot be read ({error}); run: docarchive verify") from error


def _forget_entries(log: Path) -> None:
    """Delete the entries and checkpoints before the last two checkpoints, oldest first; all that stays is durable.

    A log of thousands of entries is listed at every load and commit: 3 ms for 1,800 of them.
    """
    with os.scandir(log) as entries:
        numbered = sorted(entry.name for entry in entries if _NUMBERED.match(entry.name))
    checkpoints = [name for name in numbered if name.endswith(".checkpoint.parquet")]
    if len(checkpoints) < CHECKPOINTS_KEPT:
        return
    oldest_kept = checkpoints[-CHECKPOINTS_KEPT][:VERSION_DIGITS]
    for name in numbered:
        if name[:VERSION_DIGITS] >= oldest_kept:
            break
        durable.unlink(log / name)


VERSION_DIGITS = 20
_NUMBERED = re.compile(r"\d{20}\.")
