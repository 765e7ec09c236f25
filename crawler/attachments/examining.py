"""Looking into one file from outside: cheap checks here, the parser in a child process that may die."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from crawler.attachments.checks import check
from crawler.attachments.child import READERS
from crawler.attachments.facts import FileFacts, from_json
from crawler.attachments.identify import Identity, identify
from crawler.attachments.limits import LIMITS, Limits
from crawler.attachments.plain import Lines
from crawler.attachments.refusal import FileRefused, Refusal

_SAID_INSTEAD = frozenset(("html", "json", "xml", "mht"))
"""What sites answer in place of a file."""


def _reason_of_death(returncode: int) -> Refusal:
    """Return why a child may have died: killed by the limit of its time, or for any other reason."""
    return Refusal.TIMEOUT if returncode in (-signal.SIGXCPU, -signal.SIGKILL) else Refusal.CRASHED


def examine(data: bytes, *, claimed_format: str | None = None, limits: Limits = LIMITS) -> FileFacts:
    """Return what the file says, or why it is not read; never fails, whatever the bytes.

    *claimed_format* is the listing's word: a web page is no document unless one was promised. Takes as long as
    `limits.wall_seconds` and a little; what is refused before a parser is started takes well under a second.
    """
    facts, needs_child = look(data, claimed_format, limits)
    if not needs_child:
        return facts
    with ExitStack() as held:
        child = _Child(held, data, facts, limits)
        process = subprocess.Popen(
            child.command, stdin=child.file, stdout=child.answer, stderr=subprocess.DEVNULL, env=_environment(),
            start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(limits.wall_seconds)
        except subprocess.TimeoutExpired:
            return child.refused(Refusal.TIMEOUT)
        finally:
            _kill(process.pid, process.returncode)
            process.wait()
        return child.facts(process.returncode)


async def examine_soon(data: bytes, *, claimed_format: str | None = None, limits: Limits = LIMITS) -> FileFacts:
    """Return what `examine` does, without holding up the event loop; a cancelled call leaves no child behind."""
    facts, needs_child = await asyncio.to_thread(look, data, claimed_format, limits)
    if not needs_child:
        return facts
    with ExitStack() as held:
        child = await asyncio.to_thread(_Child, held, data, facts, limits)
        process = await asyncio.create_subprocess_exec(
            *child.command, stdin=child.file, stdout=child.answer, stderr=subprocess.DEVNULL, env=_environment(),
            start_new_session=True,
        )  # fmt: skip
        try:
            await asyncio.wait_for(process.wait(), limits.wall_seconds)
        except TimeoutError:
            return child.refused(Refusal.TIMEOUT)
        finally:
            _kill(process.pid, process.returncode)
            await process.wait()
        return child.facts(process.returncode or 0)


def look(data: bytes, claimed_format: str | None, limits: Limits = LIMITS) -> tuple[FileFacts, bool]:
    """Return what is known before any parser is started, and whether a child should be asked for more."""
    facts = FileFacts(size_bytes=len(data))
    try:
        if len(data) > limits.file_bytes:
            check(data, Identity(None), limits)
        identity = identify(data, limits)
        facts = replace(facts, format=identity.format)
        if identity.format in _SAID_INSTEAD and not identity.is_office_html and claimed_format not in _SAID_INSTEAD:
            raise FileRefused(Refusal.NOT_THE_FILE, f"{identity.format} was sent in place of the file")
        facts = replace(facts, flags=check(data, identity, limits))
    except FileRefused as refused:
        return facts.with_refusal(refused), False
    if identity.format == "txt" and identity.encoding:
        return _with_plain_text(facts, data, identity.encoding, limits), False
    return facts, identity.format in READERS


def _with_plain_text(facts: FileFacts, data: bytes, encoding: str, limits: Limits) -> FileFacts:
    lines = Lines(limits.text_characters)
    for line in data[: limits.text_characters * 4].decode(encoding, "replace").splitlines():
        lines.add(line)
    is_cut = lines.is_cut or len(data) > limits.text_characters * 4
    return replace(facts, text=lines.text(), flags=(*facts.flags, *(("file_text_cut",) if is_cut else ())))


def _environment() -> dict[str, str]:
    """Return what the child needs to find its modules, and nothing of ours besides."""
    ours = str(Path(__file__).parents[2])  # an editable installation is not on the path
    return {"PYTHONPATH": os.pathsep.join((ours, *(path or str(Path.cwd()) for path in sys.path))), "LC_ALL": "C.UTF-8"}


def _kill(pid: int, returncode: int | None) -> None:
    """Kill the child and all that it may have started, unless it is gone and its number perhaps another's."""
    if returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


@dataclass(slots=True, init=False)
class _Child:
    """What goes into the process and comes out of it: two unnamed files, so that nothing waits for a pipe."""

    command: Sequence[str]
    file: IO[bytes]
    answer: IO[bytes]
    _known: FileFacts
    _limits: Limits

    def __init__(self, held: ExitStack, data: bytes, known: FileFacts, limits: Limits) -> None:
        self.file = held.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - held by the stack
        self.answer = held.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - held by the stack
        self.file.write(data)
        self.file.seek(0)
        self._known = known
        self._limits = limits
        program = ("-P", "-S", "-m", "crawler.attachments.child")
        self.command = (sys.executable, *program, known.format or "", json.dumps(asdict(limits)))

    def facts(self, returncode: int) -> FileFacts:
        """Return what the child answered, joined to what was known; a dead child's answer is why it died."""
        if returncode != 0:
            return self.refused(_reason_of_death(returncode))
        self.answer.seek(0)
        try:
            told = from_json(json.loads(self.answer.read(self._limits.answer_bytes)))
        except (ValueError, TypeError, RecursionError):
            return self.refused(Refusal.CRASHED)
        flags = dict.fromkeys((*self._known.flags, *told.flags))
        return replace(told, size_bytes=self._known.size_bytes, format=self._known.format, flags=tuple(flags))

    def refused(self, reason: Refusal) -> FileFacts:
        return self._known.with_refusal(FileRefused(reason, f"the process that read the file: {reason}"))
