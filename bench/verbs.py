"""Every verb of the command, many times: does each exit with its right code every time?"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from simulator import SimulatorOptions, running

RECORD = '{"site": "papers", "doc_id": "1", "title": "A paper of mine", "fetched_at": "2026-01-01T00:00:00Z"}\n'


def wrong_exit_codes(folder: Path, times: int) -> Counter[str]:
    """Run every verb *times* times, right and wrong usage; return how often each exited with a wrong code."""
    wrong: Counter[str] = Counter()
    archive = ["--archive", str(folder / "data")]
    records = folder / "records.jsonl"
    records.write_text(RECORD, encoding="utf-8")
    with running(SimulatorOptions(documents=12, lost_documents=False)) as site:
        start = ["--start", site.start_urls[0], "--allow-host", site.host, "--delay", "0"]
        page = f"http://{site.host}/doc/953365.html"
        commands: list[tuple[int, list[str]]] = [
            (0, ["crawl", "huiwen", *start, *archive]),
            (0, ["import", str(records), *archive]),
            (0, ["records", *archive]),
            (0, ["show", "huiwen", "953365", *archive]),
            (0, ["history", "huiwen", "953365", *archive]),
            (0, ["search", "计生", *archive]),
            (0, ["query", "SELECT count(*) AS n FROM documents", *archive]),
            (0, ["runs", *archive]),
            (0, ["verify", "--quick", *archive]),
            (0, ["verify", *archive]),
            (0, ["rebuild", "state", "huiwen", *archive]),
            (0, ["read", page, "--allow-host", site.host]),
            (0, ["sites"]),
            (0, ["sites", "show", "huiwen"]),
            (0, ["sites", "check"]),
            (0, ["sites", "try", site.start_urls[0], "--allow-host", site.host, "--delay", "0"]),
            (0, ["init", str(folder / "made")]),
            (0, ["--version"]),
            (1, ["show", "huiwen", "nosuch", *archive]),
            (2, ["query", "DELETE FROM documents", *archive]),
            (2, ["crawl", "nosuch", *archive]),
            (2, ["records", "--archive", str(folder / "nowhere")]),
            (2, ["simulate", "--order", "upside-down"]),
            (4, ["crawl", "http://127.0.0.1:9/", "--allow-host", "127.0.0.1:9", "--delay", "0", *archive]),
        ]
        for code, words in commands:
            for _ in range(times):
                done = subprocess.run([sys.executable, "-m", "docarchive", *words], capture_output=True, check=False)
                wrong[" ".join(words[:2])] += done.returncode != code or b"Traceback" in done.stderr
        (folder / "data/tables/runs").rename(folder / "gone")  # damage: exit code 1
        for _ in range(times):
            done = subprocess.run(
                [sys.executable, "-m", "docarchive", "verify", *archive], capture_output=True, check=False
            )
            wrong["verify of damage"] += done.returncode != 1
        (folder / "gone").rename(folder / "data/tables/runs")
        for _ in range(max(1, times // 10)):
            done = subprocess.run(
                [sys.executable, "-m", "docarchive", "rebuild", "tables", *archive], capture_output=True, check=False
            )
            wrong["rebuild tables"] += done.returncode != 0
    return wrong
