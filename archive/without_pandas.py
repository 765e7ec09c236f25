"""A process without pandas: PyArrow imports it where it is installed, to look for its series among our values."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder

UNUSED = frozenset({"pandas", "numpy"})
"""Neither is needed by what most commands do; programs that take rows as a data frame are not our processes."""


class _NotInstalled(MetaPathFinder):
    def __init__(self) -> None:
        self.unused = set(UNUSED)

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname in self.unused:
            raise ModuleNotFoundError(f"{fullname} is not used here", name=fullname)


def do_without_pandas() -> None:
    """Let this process have neither pandas nor NumPy (50 MB, 0.5 s), as if they were not installed.

    Only for processes that are all ours: the command and its workers.
    """
    if not any(isinstance(finder, _NotInstalled) for finder in sys.meta_path):
        sys.meta_path.insert(0, _NotInstalled())


def do_with_numpy() -> None:
    """Let this process have NumPy all the same: it begins to compute with it."""
    for finder in sys.meta_path:
        if isinstance(finder, _NotInstalled):
            finder.unused.discard("numpy")
