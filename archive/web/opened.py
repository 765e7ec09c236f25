"""One opened archive for many requests at once, that follows what is published."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb

from archive.archive import Archive
from archive.errors import ArchiveError, MachineTrouble, UsageError
from archive.layout import TABLES, Layout
from archive.site_state import names
from archive.snapshot.duckdb_session import Session, close
from archive.snapshot.standing import make_standing

AT_ONCE = 4
"""Requests that ask the tables at the same time: each may take two cores and much memory."""

WAIT_SECONDS = 20.0
"""How long a request waits for its turn before it is told to come again."""

ANSWER_SECONDS = 10.0
"""What takes longer is ended: a condition of a visitor's own may be one that takes hours."""

AGAIN_SECONDS = 0.5

PATIENCE_SECONDS = 2.0
"""How long the first request behind a publish waits for what is new; a large archive takes longer to open, and this
request is answered from what was there before."""

T = TypeVar("T")


class TooBusy(MachineTrouble):
    """Other requests keep this machine busy."""


class TookTooLong(UsageError):
    """A question that took longer than an answer may."""


class Opened:
    """A snapshot of the archive with what is computed of it once; closed when the last request lets go of it."""

    def __init__(self, layout: Layout, signature: object) -> None:
        self.signature = signature
        self._archive = Archive.open(layout.root)
        self.session = self._archive.session
        make_standing(self.session)
        self._users = 1  # whoever holds it as the present one
        self._lock = threading.Lock()
        self._remembered: dict[str, Any] = {}
        self._computing = threading.Lock()

    def hold(self) -> bool:
        """Take part in it; whether it is still open."""
        with self._lock:
            if not self._users:
                return False
            self._users += 1
            return True

    def let_go(self) -> None:
        """Take part in it no longer."""
        with self._lock:
            self._users -= 1
            last = not self._users
        if last:
            self._archive.close()

    def remembered(self, name: str, compute: Callable[[], T]) -> T:
        """Return what *compute* returns, asked for once as long as nothing is published."""
        with self._computing:
            if name not in self._remembered:
                self._remembered[name] = compute()
            return cast(T, self._remembered[name])


class _OwnSession:
    """A session as one request sees it: what it began can be ended. All else is that of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()
        self._watch: threading.Timer | None = None
        self._closed = False
        self.ended = False

    def end_after(self, seconds: float) -> None:
        """Interrupt what is asked when *seconds* are over, and what is asked behind it."""
        self._watch = threading.Timer(seconds, self._end)
        self._watch.daemon = True
        self._watch.start()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.cursor()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self.ended:
                raise KeyboardInterrupt  # as the next statement would
            cursor = self._session.cursor()
            self._cursors.append(cursor)
            return cursor

    def _end(self) -> None:
        with self._lock:
            if self._closed:
                return
            self.ended = True
            for cursor in self._cursors:
                cursor.interrupt()
            self.end_after(AGAIN_SECONDS)  # what was between two statements had nothing to be interrupted

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._watch is not None:
                self._watch.cancel()
            for cursor in self._cursors:
                close(cursor)
            self._cursors.clear()


class SharedArchive:
    """The archive as all requests ask it."""

    def __init__(
        self,
        layout: Layout,
        answer_seconds: float = ANSWER_SECONDS,
        ahead: Sequence[Callable[[Archive, Opened], object]] = (),
    ) -> None:
        """*ahead*: what is asked of each snapshot before anybody sees it, and remembered."""
        self.layout = layout
        self._answer_seconds = answer_seconds
        self._ahead = ahead
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._opening = threading.Lock()
        self._present: Opened | None = None

    @contextmanager
    def asked(self) -> Iterator[tuple[Archive, Opened]]:
        """Give the archive as it stands now, for one request of one thread.

        Raises TooBusy where it does not come to its turn, TookTooLong where what it asks takes too long, and whatever
        `Archive.open` raises.
        """
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            raise TooBusy("this archive is being asked too much at once; try again in a minute")
        try:
            opened = self._hold()
            own = _OwnSession(opened.session)
            own.end_after(self._answer_seconds)
            try:
                yield Archive(self.layout, cast(Session, own)), opened
            except KeyboardInterrupt as error:
                if not own.ended:
                    raise
                raise TookTooLong(
                    f"this question takes longer than {self._answer_seconds:g} seconds; ask for less, "
                    "or on the command line"
                ) from error
            finally:
                own.close()
                opened.let_go()
        finally:
            self._turns.release()

    def close(self) -> None:
        """Let go of the archive."""
        with self._opening:
            if self._present is not None:
                self._present.let_go()
                self._present = None

    def _hold(self) -> Opened:
        """Return the present snapshot, or the next where something was published and it is there soon enough."""
        while True:
            present, signature = self._present, _signature(self.layout)
            if present is None:
                with self._opening:
                    if self._present is None:
                        self._present = self._opened(signature)
            elif present.signature != signature:
                self._follow(present, signature)
            present = self._present
            if present is not None and present.hold():
                return present

    def _opened(self, signature: object) -> Opened:
        opened = Opened(self.layout, signature)
        try:
            for ask in self._ahead:
                ask(Archive(self.layout, opened.session), opened)
        except BaseException:
            opened.let_go()
            raise
        return opened

    def _follow(self, present: Opened, signature: object) -> None:
        """Open what was published beside the present snapshot, from which others are answered meanwhile.

        Where it cannot be opened this request is told why, and the next tries again.
        """
        if not self._opening.acquire(blocking=False):
            return
        troubles: list[ArchiveError] = []

        def follow() -> None:
            try:
                if self._present is present:
                    self._present = self._opened(signature)
                    present.let_go()
            except ArchiveError as error:
                troubles.append(error)
            finally:
                self._opening.release()

        thread = threading.Thread(target=follow, name="docarchive-follow", daemon=True)
        thread.start()
        thread.join(PATIENCE_SECONDS)
        if troubles:
            raise troubles[0]


def _signature(layout: Layout) -> object:
    """Return what changes whenever something is committed to the tables, a site is renamed, or the index catches up."""
    paths = [layout.table(name) / "_delta_log" for name in TABLES]
    return tuple(_changed_at(path) for path in (*paths, layout.root / names.FILE, layout.root / "index" / "text"))


def _changed_at(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns
