"""What a timer of the machine needs to crawl the sites that are due: systemd units, a line for cron."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from archive.errors import UsageError

SERVICE, TIMER = "docarchive-due.service", "docarchive-due.timer"

_SERVICE = """\
# {folder}/{service}: crawls the sites of an archive that are due.
[Unit]
Description=Crawl the document sites that are due
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={working}
{environment}ExecStart={command}
# 3: another one is at work; 4: a site does not answer, which is tried again; 130: stopped, which is gone on with.
SuccessExitStatus=3 4 130
# The command stops its workers itself, so that each run can be gone on with.
KillMode=mixed
TimeoutStopSec=60
Nice=10
"""

_TIMER = """\
# {folder}/{timer}: asks every ten minutes which sites are due; their schedules stand in their profiles.
[Unit]
Description=Look for document sites that are due

[Timer]
OnCalendar=*:0/10
AccuracySec=30s
Persistent=true

[Install]
WantedBy=timers.target
"""

_CRON = """\
# Every ten minutes: crawl the sites that are due; their schedules stand in their profiles. Install with: crontab -e
# A second one that finds the first at work ends at once.
*/10 * * * * {line}
"""


@dataclass(frozen=True, kw_only=True)
class DueCommand:
    """The command that a timer is to call; every path is absolute."""

    words: tuple[str, ...]
    archive: Path
    configuration: Path | None
    """The `docarchive.toml` in force."""

    def __post_init__(self) -> None:
        for text in (*self.words, str(self.archive), str(self.configuration)):
            if not text.isprintable():
                raise UsageError(
                    f"{text!r} cannot be written into a timer's file; rename it, without control characters"
                )


def systemd_units(command: DueCommand) -> dict[str, str]:
    """Return the text of each unit by its file's name."""
    folder = "/etc/systemd/system"
    environment = ""
    if command.configuration is not None:
        environment = f"Environment={_systemd_word(f'DOCARCHIVE_CONFIG={command.configuration}')}\n"
    service = _SERVICE.format(
        folder=folder,
        service=SERVICE,
        working=str(command.archive).replace("%", "%%"),
        environment=environment,
        command=" ".join(_systemd_word(word).replace("$", "$$") for word in command.words),
    )
    return {SERVICE: service, TIMER: _TIMER.format(folder=folder, timer=TIMER)}


def cron_line(command: DueCommand) -> str:
    """Return the lines for a crontab."""
    words = " ".join(shlex.quote(word) for word in command.words)
    if command.configuration is not None:
        words = f"DOCARCHIVE_CONFIG={shlex.quote(str(command.configuration))} {words}"
    log = shlex.quote(str(command.archive / "logs" / "cron.log"))
    line = f"cd {shlex.quote(str(command.archive))} && {words} >> {log} 2>&1"
    return _CRON.format(line=line.replace("%", "\\%"))  # cron makes a newline of a bare %


def _systemd_word(word: str) -> str:
    """Return *word* as one word of a unit file, whatever it holds; see systemd.syntax(7), systemd.unit(5).

    >>> _systemd_word('/srv/my "papers" 100%')
    '"/srv/my \\\\"papers\\\\" 100%%"'
    """
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
