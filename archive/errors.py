"""What can go wrong with an archive, and the exit code each kind of trouble means.

ArchiveError                      every error a user may meet; the message names the next action
  UsageError            exit 2    wrong argument, configuration or query
  NotAnArchive          exit 2    the folder holds no archive, or a newer format
  NotFound              exit 1    no such document, run or capture
  DataNeedsPerson       exit 1    a run held back, a listing empty that never was
  DamagedFile           exit 1    a file of the archive does not say what it should
  SiteBusy              exit 3    another run holds this site
  LeaseLost             exit 3    our lease was taken over: nothing more may be written
  SiteUnavailable       exit 4    the site cannot be reached or blocks us
  MachineTrouble        exit 5    disk full, permission, out of memory
"""

from __future__ import annotations

from typing import ClassVar


class ArchiveError(Exception):
    """An error with one clear sentence that names the next action."""

    exit_code: ClassVar[int] = 5


class UsageError(ArchiveError):
    """A wrong argument, configuration or query."""

    exit_code = 2


class NotAnArchive(ArchiveError):
    """The folder is no archive this program can open."""

    exit_code = 2


class NotFound(ArchiveError):
    """No such document, run or capture."""

    exit_code = 1


class DataNeedsPerson(ArchiveError):
    """The data is such that a person has to look."""

    exit_code = 1


class DamagedFile(ArchiveError):
    """A file of the archive does not say what it should."""

    exit_code = 1


class SiteBusy(ArchiveError):
    """Another run holds this site."""

    exit_code = 3


class LeaseLost(ArchiveError):
    """The lease on a site was taken over by another run; nothing more may be written."""

    exit_code = 3


class SiteUnavailable(ArchiveError):
    """The site cannot be reached or blocks us; try later."""

    exit_code = 4


class MachineTrouble(ArchiveError):
    """This machine is in the way: disk full, permission, a limit."""

    exit_code = 5
