"""Why a file is not read."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """One word for counts, flags and tables."""

    EMPTY = "empty"
    """No bytes at all."""
    TOO_LARGE = "too_large"
    """Honest as far as we saw, but more than we read: bytes, entries, or markup of one part."""
    BOMB = "bomb"
    """Unpacks to far more than it has any reason to."""
    ENCRYPTED = "encrypted"
    """Needs a password."""
    XXE = "xxe"
    """Its XML declares entities or names a document type, which no office program writes."""
    DAMAGED = "damaged"
    """Cut off, or not what its first bytes promise."""
    LYING = "lying"
    """States what cannot be: a billion pages, a page tree that contains itself."""
    TIMEOUT = "timeout"
    """Reading took longer than allowed."""
    MEMORY = "memory"
    """Reading took more memory than allowed."""
    CRASHED = "crashed"
    """The process that read it died in another way."""
    NOT_THE_FILE = "not_the_file"
    """A web page or an answer for programs stands where the file should be: a login wall, an error."""


class FileRefused(Exception):
    """A file is not read any further; *reason* for programs, *detail* a sentence for people."""

    def __init__(self, reason: Refusal, detail: str, flags: tuple[str, ...] = ()) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.flags = flags


class OutOfTime(BaseException):
    """The child's processor time is used up; no parser's `except Exception` catches it."""
