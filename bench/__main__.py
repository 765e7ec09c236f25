"""Measure docarchive and print one table.

usage: python -m bench [PART ...] [--documents N] [--records N] [--pages N] [--runs N] [--times N] [--days N]
       python -m bench fuzz [--minutes N] [--seed N] [--out FOLDER] [--repeat FILE.json]

PART is a module of `bench.parts`; without one all are measured. fuzz is told how long to go on.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import tempfile
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import bench.parts
from bench.fuzz import fuzz, repeat
from bench.sizes import Row, Sizes

WIDTH = 74


def main() -> None:
    parts = [module.name for module in pkgutil.iter_modules(bench.parts.__path__)]
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join([*parts, "fuzz"]))
    for size in fields(Sizes):
        parser.add_argument(f"--{size.name}", type=int)
    parser.add_argument("--minutes", type=float, default=60, help="of fuzz")
    parser.add_argument("--seed", type=int, default=1, help="of fuzz")
    parser.add_argument("--out", type=Path, default=Path("bench/out/fuzz"), help="where fuzz keeps what it finds")
    parser.add_argument("--repeat", type=Path, metavar="FILE.json", help="try again what fuzz found")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.parts) - {*parts, "fuzz"}):
        parser.error(f"there is no part {unknown[0]}; there are {', '.join([*parts, 'fuzz'])}")
    if arguments.repeat is not None:
        print(repeat(arguments.repeat))
        return
    sizes = Sizes(**{size.name: getattr(arguments, size.name) for size in fields(Sizes)})
    print(f"{'what':<{WIDTH}} {'measured':>14}  bar")
    for name in arguments.parts or parts:
        if name == "fuzz":
            _print(fuzz(arguments.minutes, arguments.seed, arguments.out))
            continue
        with tempfile.TemporaryDirectory(prefix="docarchive-bench-") as folder:
            _print(importlib.import_module(f"bench.parts.{name}").rows(Path(folder), sizes))


def _print(rows: Iterable[Row]) -> None:
    for what, measured, bar in rows:
        print(f"{what:<{WIDTH}} {measured:>14}  {bar}", flush=True)


if __name__ == "__main__":
    main()
