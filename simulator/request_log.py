"""The log of requests served: JSON lines, each in the file before its answer is on the wire."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.answer import Answer, Request
from simulator.clock import instant_text


class RequestLog:
    """Appends one line a request: time, method, path, status, bytes, user_agent, kind, doc_id, conditional, host.

    One `write` a line to a file opened for appending: nothing is lost when the crawler or the site is killed.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def add(self, time: datetime, request: Request, answer: Answer, size_bytes: int) -> None:
        """Write the line for one request; *size_bytes* is the body as sent, without chunk marks."""
        line = {
            "time": instant_text(time),
            "method": request.method,
            "path": request.target,
            "status": answer.status,
            "bytes": size_bytes,
            "user_agent": request.headers.get("user-agent"),
            "kind": answer.kind,
            "doc_id": answer.doc_id,
            "conditional": "if-none-match" in request.headers or "if-modified-since" in request.headers,
            "host": request.headers.get("host"),
        }
        os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_log(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log; a line still being written is left out."""
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)
