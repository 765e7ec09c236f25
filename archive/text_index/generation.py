"""The index as it lies on the disk: which folder is in use, what it was made of, how far it has come.

`index/text/current.json` names the folder in use. A rebuild makes another folder and then names that; whoever has the
old one open goes on with it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tantivy

from archive import durable
from archive.layout import Layout
from archive.text_index import fields
from archive.text_index.tokens import TOKENS_VERSION

POINTER = "current.json"


class IndexUnusable(Exception):
    """Why the index cannot be asked, as the end of a sentence; whoever asks does without it, or makes it again."""


class IndexOutdated(IndexUnusable):
    """It is whole, and of another making than this program's: the next search makes it again."""


@dataclass(frozen=True, slots=True)
class Position:
    """Up to which row of the ledger the index knows everything."""

    run_seq: int
    digest: str
    """Of that row: an archive put back from a backup has another row of the same number."""
    documents: int


@dataclass(frozen=True, slots=True)
class Generation:
    """The index as it stood at one moment; what is written later does not change it."""

    folder: Path
    searcher: tantivy.Searcher
    schema: tantivy.Schema
    position: Position


def opened(layout: Layout, names: Mapping[str, str]) -> Generation | None:
    """Return the index in use; None where there is none.

    *names*: former -> present names of sites, as the index must know them. Raises IndexUnusable.
    """
    folder = current_folder(layout, names)
    return None if folder is None else opened_folder(folder)


def current_folder(layout: Layout, names: Mapping[str, str]) -> Path | None:
    """Return the folder in use, None where there is none. Raises IndexUnusable where it is of another making."""
    pointer = layout.text_index / POINTER
    try:
        found = json.loads(pointer.read_bytes())
        folder = layout.text_index / str(found.pop("folder"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnusable(f"{pointer} cannot be read") from error
    if found != _made_of(names):
        raise IndexOutdated("was made by another version of the program, or before a site was renamed")
    if not folder.is_dir():
        raise IndexUnusable(f"{folder} is gone")
    return folder


def opened_folder(folder: Path) -> Generation:
    """Return the index in *folder*. Raises IndexUnusable."""
    _expect_files(folder)
    with guarded(folder), _writable(folder) as opened_in:
        index = tantivy.Index.open(str(opened_in))
        searcher = index.searcher()
        mark = tantivy.Query.term_query(index.schema, fields.MARK, "position")
        hits = searcher.search(mark, limit=2).hits
        if len(hits) != 1:
            raise IndexUnusable(f"{folder} was never finished")
        position = Position(**fields.position_of(searcher.doc(hits[0][1])))
    if searcher.num_docs != position.documents + 1:
        raise IndexUnusable(f"{folder} has {searcher.num_docs - 1:,} documents of {position.documents:,}")
    return Generation(folder, searcher, index.schema, position)


@contextmanager
def _writable(folder: Path) -> Iterator[Path]:
    """Yield *folder*, or where it may not be written to, another one that has its files: opening takes a lock in it.

    Once it is open the files are mapped, and their names are not needed any more.
    """
    if os.access(folder, os.W_OK):
        yield folder
        return
    with TemporaryDirectory(prefix="docarchive-") as beside:
        for path in folder.iterdir():
            if not path.name.endswith(".lock"):
                (Path(beside) / path.name).symlink_to(path)
        yield Path(beside)


def _expect_files(folder: Path) -> None:
    """Raise IndexUnusable where a file is missing or empty: the library would end the process's thread with a dump."""
    meta = folder / "meta.json"
    try:
        segments = json.loads(meta.read_bytes())["segments"]
        present = {path.name: path.stat().st_size for path in folder.iterdir()}
        names = [s["segment_id"].replace("-", "") for s in segments]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnusable(f"{meta} cannot be read") from error
    for name in names:
        for ending in _SEGMENT_FILES:
            if not present.get(f"{name}.{ending}"):
                raise IndexUnusable(f"{folder / name}.{ending} is missing or empty")
            _expect_footer(folder / f"{name}.{ending}")


_SEGMENT_FILES = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_MAGIC = (1337).to_bytes(4, "little")
"""What each file ends with, as Tantivy writes it."""


def _expect_footer(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), 2)
        if file.read() != _MAGIC:
            raise IndexUnusable(f"{path} is cut off")


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Turn whatever the library raises, a panic of its own among it, into IndexUnusable."""
    try:
        yield
    except IndexUnusable:
        raise
    except BaseException as error:
        # A panic is no Exception, and its class cannot be imported.
        if not (isinstance(error, _OF_THE_LIBRARY) or type(error).__name__ == "PanicException"):
            raise
        raise IndexUnusable(f"{folder} cannot be read ({_first_line(error)})") from error


_OF_THE_LIBRARY = (ValueError, OSError, KeyError, IndexError, SystemError, RuntimeError)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def new_folder(layout: Layout) -> Path:
    """Return a new, empty folder for an index; nobody uses it before `use`. To be called by the one writer."""
    folder = layout.text_index / secrets.token_hex(6)
    durable.make_folder(layout.text_index.parent)
    durable.make_folder(layout.text_index)
    with durable.translated(folder):
        folder.mkdir()
    return folder


def use(layout: Layout, folder: Path, names: Mapping[str, str]) -> None:
    """Make *folder* the one in use. To be called by the one writer."""
    text = json.dumps({"folder": folder.name, **_made_of(names)}, ensure_ascii=False, indent=1)
    durable.write_file(layout.text_index / POINTER, text.encode() + b"\n")


def remove_others(layout: Layout, folder: Path | None) -> None:
    """Delete what earlier rebuilds left, finished or killed. To be called by the one writer."""
    for path in layout.text_index.glob("*"):
        if path.is_dir() and path != folder:
            shutil.rmtree(path, ignore_errors=True)


def _made_of(names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "format": fields.FORMAT,
        "tokens": TOKENS_VERSION,
        "unicode": unicodedata.unidata_version,
        "names": dict(names),
    }
