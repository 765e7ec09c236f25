"""Which folder of the index is in use, and what it was made of.

`index/duplicates/current.json` names it. A rebuild makes another folder and then names that.
"""

from __future__ import annotations

import json
import secrets
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archive import durable
from archive.layout import Layout
from archive.near_duplicates import canonical, sketch, store, verification
from archive.near_duplicates.pairs import PairTable
from archive.near_duplicates.segments import StoreUnusable
from archive.near_duplicates.store import Store

POINTER = "current.json"


def current(layout: Layout, pairs: PairTable, names: Mapping[str, str]) -> Store | None:
    """Return the index in use, None where there is none.

    *names*: former -> present names of sites, as the index must know them. Raises StoreUnusable where it is of another
    making.
    """
    pointer = layout.duplicates / POINTER
    try:
        found = json.loads(pointer.read_bytes())
        folder = layout.duplicates / str(found.pop("folder"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreUnusable(f"{pointer} cannot be read") from error
    if found != _made_of(pairs, names):
        raise StoreUnusable(
            "was made by another version of the program, with other pairs of words, or before a site was renamed"
        )
    if not (folder / "index.sqlite").is_file():
        raise StoreUnusable(f"{folder} is gone")
    return Store(folder)


def new(layout: Layout) -> Store:
    """Return a new, empty index; nobody uses it before `use`."""
    folder = layout.duplicates / secrets.token_hex(6)
    durable.make_folder(folder)
    return Store(folder)


def use(layout: Layout, made: Store, pairs: PairTable, names: Mapping[str, str]) -> None:
    """Make it the one in use."""
    text = json.dumps({"folder": made.folder.name, **_made_of(pairs, names)}, ensure_ascii=False, indent=1)
    durable.write_file(layout.duplicates / POINTER, text.encode() + b"\n")


def remove_others(layout: Layout, kept: Path | None) -> None:
    """Delete what earlier rebuilds left, finished or killed."""
    for path in layout.duplicates.glob("*"):
        if path.is_dir() and path != kept:
            shutil.rmtree(path, ignore_errors=True)


def _made_of(pairs: PairTable, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "formats": [store.FORMAT, canonical.FORMAT, sketch.FORMAT, verification.FORMAT],
        "names": dict(names),
        "pairs": pairs.version,
        "unicode": unicodedata.unidata_version,
    }
