"""The process that parses one file: `python -m crawler.attachments.child FORMAT LIMITS < FILE > FACTS`.

It gives up its own rights before it reads a byte: memory, processor time, files, sockets, children. Nothing is started
here that was not imported before. Its parent has checked the file.
"""

from __future__ import annotations

import codecs
import importlib
import json
import logging
import os
import pkgutil
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

from crawler.attachments.facts import FileFacts, to_json
from crawler.attachments.limits import Limits
from crawler.attachments.refusal import FileRefused, OutOfTime, Refusal

READERS = {
    "pdf": ("crawler.attachments.pdf", "read_pdf"),
    "docx": ("crawler.attachments.docx", "read_docx"),
    "pptx": ("crawler.attachments.office", "read_pptx"),
    "xlsx": ("crawler.attachments.office", "read_xlsx"),
}
"""Format -> module and function that read it; only one of them is imported."""

_NEEDED_BY_ALL = ("_strptime", "locale")
_NEEDED_LATER = {"pdf": ("brotli",)}
"""Format -> modules that its parser imports only when a file asks for them, besides those of its own package."""

_PACKAGES = {"pdf": "pypdf"}
"""Format -> package whose modules import each other only when a file asks for them."""

_GRACE_SECONDS = 2
_CODECS = (
    "utf-16", "utf-16-be", "utf-16-le", "utf-32", "cp437", "cp1252", "latin-1", "charmap", "mac-roman", "gbk",
    "gb2312", "gb18030", "big5", "big5hkscs", "cp950", "cp932", "shift-jis", "euc-jp", "euc-kr", "cp949",
)  # fmt: skip
"""Codecs that parsers ask for by the file's word: found now, as no file can be opened later."""


def main(arguments: list[str]) -> int:
    """Read standard input, write the facts as one JSON object; return 0 also for a refusal."""
    limits = Limits(**json.loads(arguments[1]))
    _limit(limits)
    module, function = READERS[arguments[0]]
    read = getattr(importlib.import_module(module), function)
    _import_all(arguments[0])
    for name in _CODECS:
        codecs.lookup(name)
    logging.disable()  # parsers complain of each oddity, and source files would be opened to show where
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGXCPU, _out_of_time)
    data = sys.stdin.buffer.read(limits.file_bytes + 1)
    _close_the_doors()
    answer = json.dumps(facts_or_refusal(read, data, arguments[0], limits)).encode("ascii")
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _import_all(file_format: str) -> None:
    """Import what the parser would import only later, when no file can be opened any more."""
    for name in (*_NEEDED_BY_ALL, *_NEEDED_LATER.get(file_format, ())):
        importlib.import_module(name)
    if file_format in _PACKAGES:
        package = importlib.import_module(_PACKAGES[file_format])
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            with suppress(ImportError):  # of a library that is not installed, and so is not asked for either
                importlib.import_module(module.name)


def facts_or_refusal(
    read: Callable[[bytes, Limits], FileFacts], data: bytes, file_format: str, limits: Limits
) -> Mapping[str, Any]:
    """Return what *read* says of the file, or why it does not, as `to_json` writes it."""
    try:
        return to_json(read(data, limits))
    except FileRefused as refused:
        refusal = refused
    except OutOfTime:
        refusal = FileRefused(Refusal.TIMEOUT, f"reading took more than {limits.cpu_seconds} s of processor time")
    except MemoryError:
        refusal = FileRefused(Refusal.MEMORY, f"reading took more than {limits.memory_bytes:,} bytes of memory")
    except Exception as error:  # noqa: BLE001 - parsers raise anything on hostile bytes, and all of it means the same
        refusal = FileRefused(Refusal.DAMAGED, f"{type(error).__name__}: {error}"[:200])
    return to_json(FileFacts(size_bytes=len(data), format=file_format).with_refusal(refusal))


def _limit(limits: Limits) -> None:
    for kind, soft, hard in (
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + _GRACE_SECONDS),
        (resource.RLIMIT_FSIZE, limits.answer_bytes, limits.answer_bytes),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))
    os.nice(5)


def _close_the_doors() -> None:
    """Let no further file, socket or process be opened: a limit of no descriptors leaves those that are open."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _out_of_time(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    raise OutOfTime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
