"""`python -m simulator`: one simulated site, until interrupted."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from simulator.errors import SimulatorError
from simulator.options import FAMILIES, ORDERS, SimulatorOptions
from simulator.running import control, run


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when interrupted, 2 for wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    if given == ["--control"]:
        control()
        return 0
    try:
        run(SimulatorOptions(**vars(_parser().parse_args(given))))
    except SimulatorError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A document site on 127.0.0.1 to crawl. Its URL is printed on stdout.",
        epilog="Example: python -m simulator --documents 1000 --port 8080 --truth truth.jsonl",
    )
    default = SimulatorOptions()
    add = parser.add_argument
    add("--documents", type=int, default=default.documents, metavar="N", help="documents at the opening (%(default)s)")
    add("--family", choices=[*FAMILIES, "all"], default=default.family, help="all: each below its own path")
    add("--seed", type=int, default=default.seed, help="another seed is another site (%(default)s)")
    add("--port", type=int, default=default.port, help="0 takes a free one")
    add(
        "--categories",
        type=int,
        default=default.categories,
        help="listings the documents are spread over (%(default)s)",
    )
    add("--order", choices=ORDERS, default=default.order, help="of the listings (%(default)s)")
    add("--sticky", type=int, default=default.sticky, help="old documents pinned to the first listing page")
    add("--page-cap", type=int, metavar="N", help="last listing page that is served")
    add("--script", type=Path, metavar="FILE", help="events, JSON lines or TOML")
    add("--truth", type=Path, metavar="FILE", help="write what a perfect archive would hold")
    add("--log", type=Path, metavar="FILE", help="append a line for each request")
    add("--latency", type=float, dest="latency_seconds", default=0.0, metavar="SECONDS", help="wait before each answer")
    add("--failure-rate", type=float, default=0.0, metavar="SHARE", help="answers that are 503")
    add("--crawl-delay", type=float, metavar="SECONDS", help="Crawl-delay of robots.txt")
    add("--plain-bodies", action="store_true", help="Content-Length and no compression")
    add("--no-lost-documents", action="store_false", dest="lost_documents", help="every listed document can be read")
    add("--traps", action="store_true", help="serve /trap/")
    add("--clock-start", type=datetime.fromisoformat, metavar="INSTANT", help="start the site's clock at this instant")
    add("--clock-speed", type=float, default=1.0, help="pace of that clock; 0 stands still")
    return parser


if __name__ == "__main__":
    sys.exit(main())
