"""One site's SQLite file, and the transactions on it that a lease guards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

from archive import durable
from archive.clock import Clock
from archive.errors import DamagedFile, LeaseLost, MachineTrouble, NotAnArchive, SiteBusy
from archive.layout import Layout
from archive.site_state import lease
from archive.site_state.lease import Lease

SCHEMA_VERSION = 1
"""Raised when the tables change shape; an older program refuses the file."""

BUSY_SECONDS = 0.8
"""How long to wait for another process's transaction: a second run must answer within a second."""

GROUP_PAGES = 16
"""A grouped transaction is committed after this many pages ..."""

GROUP_SECONDS = 0.25
"""... or this long after its first, whichever comes first."""


class State:
    """The state file of one site, opened by one process.

    Work is grouped: `begin_group` opens a transaction if none is open, `commit_group` makes it lasting. Every
    transaction checks the lease first, so that nothing is written after a takeover.
    """

    def __init__(self, layout: Layout, site: str, clock: Clock) -> None:
        self.site = site
        self.clock = clock
        self.path: Path = layout.state(site)
        self.lease: Lease | None = None
        self._renewed = float("-inf")
        self.path.parent.mkdir(exist_ok=True)
        with translated(self.path):
            self.db = sqlite3.connect(self.path, isolation_level=None, timeout=BUSY_SECONDS)
            try:
                self._prepare()
            except BaseException:
                self.db.close()
                raise

    def _prepare(self) -> None:
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise NotAnArchive(f"{self.path} was written by a newer docarchive; upgrade docarchive")
        self.db.execute("PRAGMA journal_mode=WAL")
        # After a power cut the last commits may be missing, never half there; what they said is fetched again.
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.execute("PRAGMA foreign_keys=ON")
        if version == 0:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.execute(lease.TABLE)
            self.db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            self.db.execute("COMMIT")

    def acquire(self) -> Lease:
        """Take the site's lease. Raises SiteBusy, naming the process, while another run holds it."""
        try:
            with translated(self.path), self._lasting():
                self.db.execute("BEGIN IMMEDIATE")
                try:
                    self.lease = lease.acquire(self.db, self.site, self.clock)
                except BaseException:
                    self.db.execute("ROLLBACK")
                    raise
                self._commit("lease")
        except _Locked as error:
            raise SiteBusy(
                f"another run holds {self.site} (process {lease.holder(self.db)}); wait for it to end, or stop it"
            ) from error
        return self.lease

    def begin_group(self) -> None:
        """Open a grouped transaction unless one is open. Raises LeaseLost after a takeover."""
        if self.db.in_transaction:
            return
        with translated(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                self._check_lease()
            except BaseException:
                self.db.execute("ROLLBACK")
                raise

    def commit_group(self) -> None:
        """Commit the grouped transaction, if one is open."""
        if not self.db.in_transaction:
            return
        with translated(self.path):
            now = self.clock.monotonic()
            if self.lease is not None and now - self._renewed >= lease.HEARTBEAT_SECONDS:
                lease.renew(self.db, self.clock)
                self._renewed = now
            self._commit("group")

    def keep_lease(self) -> None:
        """Commit the open group, if one is, and renew the lease. Raises LeaseLost after a takeover."""
        self.begin_group()
        self.commit_group()

    def roll_back_group(self) -> None:
        """Forget the grouped transaction, if one is open."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    @contextmanager
    def transaction(self, *, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction of its own; with *lasting* it survives a power cut once the block is left."""
        self.commit_group()
        with self._lasting() if lasting else nullcontext():
            self.begin_group()
            try:
                yield self.db
                with translated(self.path):
                    self._commit("lasting" if lasting else "transaction")
            except BaseException:
                self.roll_back_group()
                raise

    @contextmanager
    def _lasting(self) -> Iterator[None]:
        """SQLite ignores this setting inside a transaction: it goes around one."""
        self.db.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            self.db.execute("PRAGMA synchronous=NORMAL")

    def _commit(self, what: str) -> None:
        durable.point(f"sqlite-commit:{what}:before")
        self.db.execute("COMMIT")
        durable.point(f"sqlite-commit:{what}:after")

    def _check_lease(self) -> None:
        if self.lease is not None:
            lease.check(self.db, self.site, self.lease)

    def lease_lost(self) -> LeaseLost | None:
        """Return the error that says who has taken our lease over, or None while it is ours."""
        try:
            self._check_lease()
        except LeaseLost as error:
            return error
        except sqlite3.Error:  # a damaged or unreadable file tells nothing
            pass
        return None

    def close(self) -> None:
        """Commit what is open, give the lease back, close the file."""
        if self.lease is not None:
            with self.transaction() as db:
                lease.release(db)
        self.abandon()

    def abandon(self) -> None:
        """Close the file without writing anything more: after a lost lease or a full disk."""
        self.roll_back_group()
        if self.lease is not None:
            lease.forget(self.lease)
            self.lease = None
        self.db.close()


def holder_at_work(layout: Layout, site: str, clock: Clock) -> int | None:
    """Return the process whose run holds *site* now, or None; asks without taking anything."""
    path = layout.state(site)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as db:
            return lease.at_work(db, clock)
    except sqlite3.Error:  # no such file, or one that only the run itself can tell about
        return None


class _Locked(SiteBusy):
    """Another process holds SQLite's write lock."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours, each with what to do next."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise _Locked(
                f"{path} is locked by another process; wait for it to end, then run the command again"
            ) from error
        if code == sqlite3.SQLITE_FULL:
            raise MachineTrouble(f"the disk is full ({path}); make room, then run the same command again") from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DamagedFile(f"{path} is damaged; move it away, then run: docarchive rebuild state") from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
            raise MachineTrouble(f"cannot write {path} ({error}); check the disk and the permissions") from error
        raise
