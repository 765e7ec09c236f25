"""What attached files that mean harm cost: time and memory of the process that looks at them, and its children."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.attachments import making

XXE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>"""

FILES: dict[str, Callable[[], bytes]] = {
    "bomb DOCX, 512 MiB unpacked": lambda: making.bomb(512),
    "bomb DOCX that states 10 bytes": making.lying_bomb,
    "XXE DOCX": lambda: making.changed(making.docx(), "word/document.xml", XXE),
    "PDF of one page that claims 900": lambda: making.claiming_pdf(900),
    "PDF that claims a billion pages": lambda: making.claiming_pdf(1_000_000_000),
    "PDF whose pages contain themselves": making.cyclic_pdf,
    "PDF of 256 MiB unpacked": making.stream_bomb_pdf,
    "honest DOCX": making.docx,
    "honest PDF": making.pdf,
}

_EXAMINE = """
import json, re, resource, sys, time
from pathlib import Path
from crawler.attachments.examining import examine
data = Path(sys.argv[1]).read_bytes()
began = time.perf_counter()
facts = examine(data, claimed_format="docx")
seconds = time.perf_counter() - began
ours = int(re.search("VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
kilobytes = max(ours, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(json.dumps([seconds, kilobytes / 1024, facts.flags]))
"""
"""A process of its own, as memory is that of its largest moment; the parser runs in a child of it.

Its own ru_maxrss would be that of this program: Linux hands it on to what is started.
"""


def hostile_files(folder: Path, number: int) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: each file looked at *number* times, the slowest told."""
    for name, make in FILES.items():
        path = folder / "file"
        path.write_bytes(make())
        measured = [_examined(path) for _ in range(number)]
        seconds = max(each.seconds for each in measured)
        megabytes = max(each.megabytes for each in measured)
        flags = ", ".join(measured[0].flags) or "no flag"
        refused = "bar 1 s, 100 MB, refused" if not name.startswith("honest") else "read"
        yield f"{name}: s, peak MB", f"{seconds:.2f}, {megabytes:.0f}", f"{refused}: {flags}"


class _Examined(NamedTuple):
    seconds: float
    megabytes: float
    flags: list[str]


def _examined(path: Path) -> _Examined:
    done = subprocess.run([sys.executable, "-c", _EXAMINE, str(path)], capture_output=True, text=True, check=True)
    return _Examined(*json.loads(done.stdout))
