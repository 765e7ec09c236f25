"""What can go wrong between us and a site.

ArchiveError (archive.errors)
  UsageError
    ProfileError          exit 2    a site's profile is not sound                             -> correct the file
  Refused                 exit 2    we do not go there: scheme, spelling or address          -> skip the URL
  SiteUnavailable         exit 4
    RobotsUnavailable     exit 4    robots.txt cannot be had, so nothing may be fetched       -> stop, try later
    CertificateInvalid    exit 4    the site's TLS certificate does not hold                  -> look, relax the profile
    DelayTooLong          exit 4    the site asks for longer waits than a run can take        -> stop, ask its owner
  Stopped                 exit 130  the run is being stopped while a request waits            -> fetch it next time
"""

from __future__ import annotations

from archive.errors import ArchiveError, SiteUnavailable, UsageError


class ProfileError(UsageError):
    """A site's profile is not sound; the message names the file, the key and what to write."""


class Refused(ArchiveError):
    """A URL or address that is not fetched; `--allow-host HOST:PORT` lets a private one pass."""

    exit_code = 2

    def __init__(self, message: str, reason: str) -> None:
        """*reason* is one word for counts and tables, such as `address_refused`."""
        super().__init__(message)
        self.reason = reason


class RobotsUnavailable(SiteUnavailable):
    """robots.txt cannot be had: RFC 9309, section 2.3.1.4, takes that for "disallow all"; run the crawl again later."""

    reason = "robots_unavailable"


class CertificateInvalid(SiteUnavailable):
    """The site's TLS certificate does not hold; look at it, set `tls_strict = false` if you must."""

    reason = "certificate_invalid"


class DelayTooLong(SiteUnavailable):
    """robots.txt asks for a Crawl-delay no run can keep; ask the site's owner for another way."""

    reason = "delay_too_long"


class Stopped(ArchiveError):
    """The run is being stopped; the request was not finished, run the same command again to go on."""

    exit_code = 130
    reason = "stopped"
