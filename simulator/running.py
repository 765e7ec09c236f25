"""A simulated site for as long as it is wanted: in this process until interrupted, or in one of its own.

Own process: `with running(options) as site:`. The two talk over its stdin and stdout, one JSON object a line; when
this process dies its stdin ends and so does the site.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from simulator.clock import Now, SiteClock, instant_text, machine_now
from simulator.errors import BadScript, DidNotStart, PortTaken, SimulatorError
from simulator.options import SimulatorOptions
from simulator.request_log import RequestLog, read_log
from simulator.server import Server
from simulator.site import Site
from simulator.truth import write_truth

STOP_SECONDS = 5.0
"""How long a site's process gets to end by itself."""


def clock_of(options: SimulatorOptions) -> Now:
    """Return the clock that *options* ask for."""
    return machine_now if options.clock_start is None else SiteClock(options.clock_start, options.clock_speed)


def run(options: SimulatorOptions, *, now: Now | None = None) -> None:
    """Serve the site until interrupted (SIGINT, SIGTERM); its URL and those of its listings are printed on stdout.

    Raises PortTaken, BadScript.
    """
    _loop(_serve(options, now or clock_of(options), _say_url, None))


def _say_url(server: Server) -> None:
    lines = [f"{server.url}/", *(server.url + path for path in server.site.start_paths())]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def control() -> None:
    """Serve a site as `running` asks over stdin: options first, then commands."""
    options = SimulatorOptions.from_json(json.loads(sys.stdin.readline()))
    try:
        _loop(_serve(options, clock_of(options), _say_started, sys.stdin))
    except SimulatorError as error:
        _tell({"error": str(error), "kind": type(error).__name__})


def _tell(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _say_started(server: Server) -> None:
    opened_at = server.site.opened_at.isoformat()
    _tell({"port": server.port, "url": server.url, "start_paths": server.site.start_paths(), "opened_at": opened_at})


def _loop(main: Any) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _serve(
    options: SimulatorOptions, now: Now, started: Callable[[Server], None], commands: IO[str] | None
) -> None:
    log = None if options.log is None else RequestLog(options.log)
    server = Server(Site(options, now), log)
    await server.start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if options.truth is not None:
        write_truth(options.truth, server.site.truth(server.url))
    if commands is not None:
        loop.add_reader(commands.fileno(), _Commands(commands.fileno(), server.site, now, stop))
    started(server)
    await stop.wait()
    await server.stop()
    if log is not None:
        log.close()


class _Commands:
    """Obeys the lines of the process that asked for the site."""

    def __init__(self, file: int, site: Site, now: Now, stop: asyncio.Event) -> None:
        self._file = file
        self._site = site
        self._now = now
        self._stop = stop
        self._rest = b""

    def __call__(self) -> None:
        read = os.read(self._file, 65536)
        if not read:
            self._stop.set()
            return
        *lines, self._rest = (self._rest + read).split(b"\n")
        for line in lines:
            try:
                self._obey(json.loads(line))
            except (SimulatorError, ValueError) as error:
                _tell({"error": str(error)})
            else:
                _tell({"now": instant_text(self._now())})

    def _obey(self, command: Mapping[str, Any]) -> None:
        if "move_to" in command and isinstance(self._now, SiteClock):
            self._now.move_to(datetime.fromisoformat(command["move_to"]))
        elif "event" in command:
            self._site.happen(command["event"])
        elif "stop" in command:
            self._stop.set()


class RunningSite:
    """A site in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], options: SimulatorOptions, started: Mapping[str, Any]) -> None:
        self._process = process
        self._opened_at = datetime.fromisoformat(started["opened_at"])
        self._happened: list[Mapping[str, Any]] = []
        self.options = options
        self.port: int = started["port"]
        self.url: str = started["url"]
        """Without a slash at the end."""
        self.host = self.url.removeprefix("http://")
        """As in "127.0.0.1:8765"."""
        self.start_urls: list[str] = [self.url + path for path in started["start_paths"]]
        """The first page of every listing."""
        self.pid = process.pid

    def requests(self) -> list[dict[str, Any]]:
        """Return the lines of the request log so far (see `RequestLog`)."""
        return [] if self.options.log is None else list(read_log(self.options.log))

    def truth(self, at: datetime | None = None) -> list[dict[str, Any]]:
        """Return what a perfect archive would hold at *at* (None: at the site's present time)."""
        moment = at or self.now()
        site = Site(self.options, lambda: moment, self._opened_at)
        for row in self._happened:
            site.happen(row)
        return list(site.truth(self.url, moment))

    def now(self) -> datetime:
        """Return the time by the site's clock."""
        return datetime.fromisoformat(self._ask({})["now"])

    def move_to(self, instant: datetime) -> None:
        """Move the site's clock forward to *instant*; only a clock with `clock_start` can be moved."""
        if self.options.clock_start is None:
            raise SimulatorError("the site runs by the machine's clock; start it with clock_start to move it")
        self._ask({"move_to": instant.isoformat()})

    def happen(self, **event: Any) -> None:
        """Let an event happen, given as in a script; without `at` it happens now."""
        row = {"at": self.now().isoformat(), **event}
        self._ask({"event": row})
        self._happened.append(row)

    def _ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"error": "the site has ended"}')
        if "error" in answer:
            raise SimulatorError(answer["error"])
        return answer


@contextmanager
def running(options: SimulatorOptions | None = None, **changed: Any) -> Iterator[RunningSite]:
    """Run a site in a process of its own while the block lasts.

    *changed* are options given by name. Requests are always logged: into `options.log`, or a temporary file.
    Raises PortTaken, BadScript, DidNotStart.

    with running(documents=600, seed=3) as site:
        fetch(site.start_urls[0])
        site.requests(), site.truth()
    """
    wanted = replace(options or SimulatorOptions(), **changed)
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        if wanted.log is None:
            wanted = replace(wanted, log=Path(folder) / "requests.jsonl")
        process = _start(wanted)
        try:
            yield RunningSite(process, wanted, _started(process))
        finally:
            _end(process)


def _start(options: SimulatorOptions) -> subprocess.Popen[str]:
    parent = str(Path(__file__).parent.parent)
    paths = [parent, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--control"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,  # a signal for the crawler's group is not for the site
    )
    assert process.stdin
    process.stdin.write(json.dumps(options.to_json()) + "\n")
    process.stdin.flush()
    return process


def _started(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise DidNotStart("the simulated site ended before it listened; see what it wrote above")
    said: dict[str, Any] = json.loads(line)
    if "error" in said:
        raise {"PortTaken": PortTaken, "BadScript": BadScript}.get(said["kind"], SimulatorError)(said["error"])
    return said


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin and process.stdout
    try:
        process.stdin.close()
        process.wait(STOP_SECONDS)
    except (subprocess.TimeoutExpired, BrokenPipeError):
        process.kill()
        process.wait()
    process.stdout.close()
