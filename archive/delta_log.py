"""The log of a Delta table: how a file joins the table for good, and how the log stays short."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, CommitProperties, PostCommitHookProperties, Transaction

from archive import durable
from archive.errors import DamagedFile

CHECKPOINT_INTERVAL = 50
"""Commits after which the state of the table is written whole, to be read instead of the entries before."""

CONFIGURATION = {"delta.checkpointInterval": str(CHECKPOINT_INTERVAL)}

CHECKPOINTS_KEPT = 2
"""A reader that began at the checkpoint before the newest one still finds what it needs."""

_POST_COMMIT = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
"""delta-rs would delete old entries before the checkpoint that stands for them is lasting; see `_forget_entries`."""


def commit(table: DeltaTable, path: Path, schema: pa.Schema, rows: int, versions: Mapping[str, int]) -> bool:
    """Add the file at *path*, of *rows* rows, to *table* from this very handle, noting *versions* of application ids.

    Returns False when another writer committed one of the same application ids since the handle was read: read on, and
    look again. The log entry is durable when this returns True; the handle stays at the state before it.
    """
    status = path.stat()
    action = AddAction(
        path=path.name,
        size=status.st_size,
        partition_values={},
        modification_time=int(status.st_mtime * 1000),
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
            commit_properties=CommitProperties(
                app_transactions=[Transaction(app_id, version) for app_id, version in versions.items()]
            ),
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
    return _is_in(path.parent, before + 1, versions)


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


def _entry(log: Path, version: int) -> Path:
    return log / f"{version:020d}.json"


def _is_forgotten(log: Path, version: int) -> bool:
    """Whether the entry *version* was there and is not any more: a checkpoint stands for it."""
    return not _entry(log, version).exists() and _last_checkpoint(log) >= version


def _is_in(folder: Path, version: int, versions: Mapping[str, int]) -> bool:
    """Whether what was committed as *version* or later counts.

    A writer put to sleep just before it writes an entry may wake when that entry, written by another, is forgotten
    already: it then writes the number anew, below a checkpoint, where no reader looks.
    """
    if _last_checkpoint(folder / "_delta_log") < version:
        return True
    table = DeltaTable(str(folder))
    return all(table.transaction_version(app_id) == number for app_id, number in versions.items())


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
