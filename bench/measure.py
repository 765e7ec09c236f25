"""What one command costs: CPU of its whole process tree, peak memory, wall time."""

from __future__ import annotations

import resource
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """What a finished command took."""

    exit_code: int
    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float
    """Resident memory of the process tree, sampled."""


def cost_of(command: list[str], *, log: Path) -> Cost:
    """Run *command*, its output going to *log*, and return what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    peak = 0
    done = threading.Event()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

        def watch() -> None:
            nonlocal peak
            while not done.wait(SAMPLE_SECONDS):
                try:
                    tree = psutil.Process(process.pid)
                    peak = max(peak, sum(p.memory_info().rss for p in [tree, *tree.children(recursive=True)]))
                except psutil.Error:
                    continue

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        exit_code = process.wait()
    wall = time.perf_counter() - began
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(exit_code, cpu, wall, peak / 2**20)
