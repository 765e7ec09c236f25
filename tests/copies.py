"""The command in a process of its own that need not load anything: a copy of one that has.

Loading Scrapy and PyArrow is most of what a small crawl costs. One process for each worker of the tests loads them, and
is forked for each command; folder, environment, output and signals are the command's own. What a fresh interpreter is
needed for (`sitecustomize`, `-X importtime`, that `python -m docarchive` works) is started as such.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import inspect
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from functools import _lru_cache_wrapper, cache
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parent.parent
PACKAGES = ("archive", "crawler", "docarchive")
OF_OTHERS = (
    *("scrapy.crawler", "scrapy.core.engine", "scrapy.core.downloader", "scrapy.pipelines", "scrapy.logformatter"),
    *("uvloop", "typer._adapters", "pydantic.plugin._loader", "pyarrow.dataset", "dateutil.relativedelta", "numpy.ma"),
)
"""Of what we need, what is loaded late."""
LONGEST_REQUEST = 1 << 17


class Copy:
    """A command at work, to be used as a `subprocess.Popen` with text; its output is there when it has ended."""

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path, *, first: str, joined: bool
    ) -> None:
        self.args = ["docarchive", *words]
        self.returncode: int | None = None
        self._files = [tempfile.TemporaryFile() for _ in range(1 if joined else 2)]  # noqa: SIM115 - until its end
        self._said, told = os.pipe()
        asked = {"words": words, "environment": dict(environment), "folder": str(folder), "first": first}
        request = json.dumps(asked).encode()
        assert len(request) < LONGEST_REQUEST
        socket.send_fds(_original(), [request], [self._files[0].fileno(), self._files[-1].fileno(), told])
        os.close(told)
        self.pid = int(self._next_line(60))

    def _next_line(self, timeout: float | None) -> bytes:
        if not select.select([self._said], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return os.read(self._said, 20)  # a line is written at once, the second one long after the first was read

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = int(self._next_line(timeout))
            os.close(self._said)
        return self.returncode

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        self.wait(timeout)
        texts = []
        for file in self._files:
            with file:
                file.seek(0)
                texts.append(file.read().decode().replace("\r\n", "\n"))
        return texts[0], "".join(texts[1:])

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def begin(
    words: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    first: str = "",
    joined: bool = False,
) -> Copy:
    """Start `docarchive` with *words*.

    *first*: Python code that is run before it. *joined*: standard error goes where standard output goes.
    """
    environment = os.environ if environment is None else environment
    return Copy(words, environment, folder or Path.cwd(), first=first, joined=joined)


@cache
def _original() -> socket.socket:
    """Return the line to the process that the commands are copies of; it ends when the line does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    number = theirs.fileno()
    command = [sys.executable, "-m", __name__, str(number)]
    process = subprocess.Popen(command, pass_fds=[number], cwd=ROOT, env=environment)
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait(10)

    atexit.register(end)
    return ours


def _serve(line: socket.socket) -> None:
    """Make a copy for each request; a keeper between it and us waits for its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: _bury())
    _load()
    while True:
        request, numbers, _, _ = socket.recv_fds(line, LONGEST_REQUEST, 3)
        if not request:
            return
        if os.fork() == 0:
            line.close()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(request, *numbers)
        for number in numbers:
            os.close(number)


def _bury() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _load() -> None:
    from archive.without_pandas import do_without_pandas

    do_without_pandas()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if not name.endswith("__main__"):
                importlib.import_module(name)
    for name in OF_OTHERS:
        with contextlib.suppress(ImportError):  # uvloop is not for every machine
            importlib.import_module(name)
    _make_what_is_made_once()
    gc.freeze()  # a copy's collector need not look at what was loaded, nor copy it


def _make_what_is_made_once() -> None:
    """Make the tables, patterns, templates and verbs that each process would make for itself at their first use."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES:
            for value in list(vars(module).values()):
                if isinstance(value, _lru_cache_wrapper) and not inspect.signature(value).parameters:
                    value()


def _keep(request: bytes, out: int, err: int, told: int) -> NoReturn:
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _become(out, err, **json.loads(request))
    os.write(told, b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(out: int, err: int, words: list[str], environment: dict[str, str], folder: str, first: str) -> NoReturn:
    from archive import durable
    from docarchive.cli import main

    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, own in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(number, own)
        os.close(number)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    durable.fault_hook = durable._hook_from_environment()
    sys.argv = ["docarchive", *words]
    code: object = 1
    try:
        exec(first, {})
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - told as an interpreter does
        traceback.print_exc()
    threading._shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
