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

PROPORTIONAL_SAMPLES = 10
"""Shared pages are counted once in so many samples: the system looks at every page for it."""


@dataclass(frozen=True)
class Cost:
    """What a finished command took."""

    exit_code: int
    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float
    """Resident memory of the process tree, sampled; pages that several processes share count in each of them."""
    peak_proportional_megabytes: float = 0.0
    """The same with every shared page counted once (PSS), sampled less often."""


def cost_of(command: list[str], *, log: Path) -> Cost:
    """Run *command*, its output going to *log*, and return what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    peak = peak_proportional = 0
    done = threading.Event()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

        def watch() -> None:
            nonlocal peak, peak_proportional
            samples = 0
            while not done.wait(SAMPLE_SECONDS):
                try:
                    root = psutil.Process(process.pid)
                    tree = [root, *root.children(recursive=True)]
                    peak = max(peak, sum(p.memory_info().rss for p in tree))
                    if samples % PROPORTIONAL_SAMPLES == 0:
                        peak_proportional = max(peak_proportional, sum(_proportional_bytes(p.pid) for p in tree))
                except psutil.Error:
                    continue
                samples += 1

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        exit_code = process.wait()
    wall = time.perf_counter() - began
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(exit_code, cpu, wall, peak / 2**20, peak_proportional / 2**20)


def _proportional_bytes(pid: int) -> int:
    """Return a process's memory with its part of what it shares, 0 where the system does not say or it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
