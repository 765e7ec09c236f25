"""Who may write for a site: one run at a time, told apart by epoch and token."""

from __future__ import annotations

import os
import secrets
import socket
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archive.clock import Clock, instant_text, parse_instant
from archive.errors import LeaseLost, SiteBusy

HEARTBEAT_SECONDS = 5.0
"""A holder renews at most this often, with what it writes anyway."""

BEAT_SECONDS = 30.0
"""A holder that has nothing to write, because a site asked it to wait, renews this often all the same."""

EXPIRES_AFTER = timedelta(seconds=120)
"""A holder silent for this long is taken for dead or stopped: four beats, more than any pause of a healthy run."""

_held_here: set[str] = set()
"""Tokens of the leases this process holds: a lease with our process id and another token is one we abandoned."""

TABLE = """
CREATE TABLE IF NOT EXISTS lease(
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL, token TEXT NOT NULL,
  pid INTEGER, process_start TEXT, host TEXT, boot TEXT, replayed INTEGER, heartbeat_at TEXT)
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one site, until someone with a higher epoch takes over."""

    epoch: int
    """1, 2, ...: part of the names of the files this holder writes."""
    token: str
    """Checked in every transaction; a holder that was taken over finds another one there."""


def acquire(db: sqlite3.Connection, site: str, clock: Clock) -> Lease:
    """Take the lease on *site* inside the transaction that is open on *db*.

    Raises SiteBusy, naming the holder's process, while another one lives.
    """
    row = db.execute(
        "SELECT epoch, token, pid, process_start, host, boot, replayed, heartbeat_at FROM lease WHERE one = 1"
    ).fetchone()
    epoch = 1
    if row is not None:
        epoch, token, pid, process_start, host, boot, replayed, heartbeat_at = row
        abandoned = pid == os.getpid() and token not in _held_here
        if (
            pid is not None
            and not abandoned
            and _lives(pid, process_start, host, boot, bool(replayed), heartbeat_at, clock)
        ):
            raise SiteBusy(
                f"another run holds {site} (process {pid} on {host}); wait for it to end, or stop that process"
            )
        epoch += 1
    lease = Lease(epoch=epoch, token=secrets.token_hex(16))
    _held_here.add(lease.token)
    db.execute(
        "INSERT OR REPLACE INTO lease VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            lease.epoch,
            lease.token,
            os.getpid(),
            _process_start(os.getpid()),
            socket.gethostname(),
            _boot_id(),
            int(clock.replay_start is not None),
            instant_text(clock.now()),
        ),
    )
    return lease


def _lives(
    pid: int,
    process_start: str | None,
    host: str,
    boot: str | None,
    replayed: bool,
    heartbeat_at: str,
    clock: Clock,
) -> bool:
    """Whether the holder still is at work, as far as can be told from here."""
    same_machine = host == socket.gethostname() and boot == _boot_id()
    if same_machine and _process_start(pid) != process_start:
        return False
    if replayed != (clock.replay_start is not None):
        # Heartbeats of a replayed clock and of the machine's clock cannot be compared.
        return same_machine
    return clock.now() - parse_instant(heartbeat_at) < EXPIRES_AFTER


def check(db: sqlite3.Connection, site: str, lease: Lease) -> None:
    """Raise LeaseLost unless *lease* is still the one in force; call it inside every transaction."""
    row = db.execute("SELECT token, pid FROM lease WHERE one = 1").fetchone()
    if row is None or row[0] != lease.token:
        raise LeaseLost(
            f"the lease on {site} was taken over by process {row[1] if row else '?'}; this run stops, the other goes on"
        )


def renew(db: sqlite3.Connection, clock: Clock) -> None:
    """Note, inside the open transaction, that the holder is alive."""
    db.execute("UPDATE lease SET heartbeat_at = ? WHERE one = 1", (instant_text(clock.now()),))


def at_work(db: sqlite3.Connection, clock: Clock) -> int | None:
    """Return the process that holds the lease and lives, or None when the lease may be taken."""
    row = db.execute(
        "SELECT pid, process_start, host, boot, replayed, heartbeat_at FROM lease WHERE one = 1"
    ).fetchone()
    if row is None or row[0] is None:
        return None
    pid, process_start, host, boot, replayed, heartbeat_at = row
    return int(pid) if _lives(pid, process_start, host, boot, bool(replayed), heartbeat_at, clock) else None


def forget(lease: Lease) -> None:
    """This process no longer acts for *lease*, whether it could be given back or not."""
    _held_here.discard(lease.token)


def release(db: sqlite3.Connection) -> None:
    """Give the lease back inside the open transaction; the epoch stays, so that the next holder gets a higher one."""
    db.execute("UPDATE lease SET pid = NULL, token = '' WHERE one = 1")


def holder(db: sqlite3.Connection) -> int | None:
    """Return the process id the lease names, or None when it is free."""
    row = db.execute("SELECT pid FROM lease WHERE one = 1").fetchone()
    return row[0] if row else None


def _process_start(pid: int) -> str | None:
    """Return when process *pid* of this machine started, in clock ticks since boot; None when there is none.

    A process id alone is no identity: ids are given out again.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return _running_without_proc(pid)
    fields = stat.rpartition(")")[2].split()
    if fields[0] in ("Z", "X"):  # dead, only not yet reaped by its parent
        return None
    return fields[19]  # field 22 of proc(5), counted from the state


def _running_without_proc(pid: int) -> str | None:
    if Path("/proc/self").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "unknown"
    return "unknown"


def _boot_id() -> str | None:
    """Return what tells this start of the machine from the last one; None where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
