"""What a PDF says: pages that are really there, dates, text of the first pages."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from pypdf import PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from crawler.attachments.checks import END_OF_PDF
from crawler.attachments.facts import FileFacts, in_utc
from crawler.attachments.limits import Limits
from crawler.attachments.plain import Lines, one_line
from crawler.attachments.refusal import FileRefused, OutOfTime, Refusal

T = TypeVar("T")

_LONGEST_PROPERTY = 300
_TOLERABLE = (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError)
"""What pypdf raises where a property or a page is damaged while the file is not."""


def read_pdf(data: bytes, limits: Limits) -> FileFacts:
    """Return what the file says.

    Raises FileRefused: `encrypted` unless the empty password opens it, `lying` for page trees that cannot be, `bomb`
    for streams that decode to more than `limits.decoded_bytes` or than the file can honestly hold, `damaged`; and
    whatever else pypdf raises.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    size = min(limits.decoded_bytes, max(limits.decoded_free_bytes, len(data) * limits.ratio))
    with apply_configuration(
        zlib_maximum_output_length=size,
        lzw_maximum_output_length=size,
        run_length_maximum_output_length=size,
        brotli_maximum_output_length=size,
        jbig2_maximum_output_length=size,
        array_based_stream_maximum_output_length=size,
        maximum_declared_stream_length=limits.file_bytes,
        stream_decoding_work_maximum_length=size * 4,
        page_tree_maximum_entries=limits.pages,
        jbig2dec_binary=None,
        disable_legacy_handling=True,
    ):
        try:
            return _read(data, limits)
        except LimitReachedError as error:
            raise FileRefused(Refusal.BOMB, str(error)[:200]) from error
        except PyPdfError as error:
            if isinstance(error.__cause__, LimitReachedError):
                raise FileRefused(Refusal.BOMB, str(error)[:200]) from error
            raise


def _read(data: bytes, limits: Limits) -> FileFacts:
    end = data.rfind(END_OF_PDF) + len(END_OF_PDF)  # pypdf looks for it backwards, byte by byte
    reader = PdfReader(io.BytesIO(data[:end] if end > len(END_OF_PDF) else data), strict=False)
    flags: list[str] = []
    if reader.is_encrypted:
        if not reader.decrypt(""):
            raise FileRefused(Refusal.ENCRYPTED, "the file needs a password")
        flags.append("file_restricted")
    claimed, found = _page_tree(reader, limits)
    if claimed is not None and claimed != found:
        if _is_far_above(claimed, found):
            raise FileRefused(Refusal.LYING, f"claims {claimed:,} pages and has {found:,}", ("file_pages_lie",))
        flags.append("file_pages_differ")
    text, text_flags = _text(reader, found, limits)
    info = _tolerant(lambda: reader.metadata)
    return FileFacts(
        size_bytes=len(data),
        format="pdf",
        pages=found or None,
        pages_stated_by="page_tree" if found else None,
        title=one_line(_tolerant(lambda: _text_of(info.title)), _LONGEST_PROPERTY) if info else None,
        author=one_line(_tolerant(lambda: _text_of(info.author)), _LONGEST_PROPERTY) if info else None,
        created=_tolerant(lambda: _instant(info.creation_date)) if info else None,
        modified=_tolerant(lambda: _instant(info.modification_date)) if info else None,
        text=text,
        flags=(*flags, *text_flags),
    )


def _page_tree(reader: PdfReader, limits: Limits) -> tuple[int | None, int]:
    """Return (pages the root claims, pages that are there), walking without recursion or belief.

    Raises FileRefused `lying` where a node with kids is met a second time: no honest tree contains itself; nor is it
    made of one page many times.
    """
    root = reader.root_object.get("/Pages")
    top = root.get_object() if root is not None else None
    if not isinstance(top, DictionaryObject):
        raise FileRefused(Refusal.DAMAGED, "the file has no page tree")
    claimed = _tolerant(lambda: int(top["/Count"].get_object()))  # type: ignore[call-overload]
    pending: list[Any] = [root]
    visited: set[tuple[int, int]] = set()
    found = entries = repeated = 0
    while pending:
        node = pending.pop()
        entries += 1
        if entries > limits.pages:
            raise FileRefused(Refusal.LYING, f"the page tree has more than {limits.pages:,} nodes", ("file_pages_lie",))
        key = (node.idnum, node.generation) if isinstance(node, IndirectObject) else None
        node = _tolerant(node.get_object)
        if not isinstance(node, DictionaryObject):
            continue
        kids = _tolerant(partial(_kids, node))
        if kids is not None:
            if key in visited:
                raise FileRefused(Refusal.LYING, "the page tree contains itself", ("file_pages_lie",))
            visited |= {key} if key else set()
            pending.extend(kids)
        elif node.get("/Type") != "/Pages":
            found += 1
            repeated += key in visited
            visited |= {key} if key else set()
    if _is_far_above(found, found - repeated):
        raise FileRefused(
            Refusal.LYING, f"the page tree has {found - repeated:,} pages, {found:,} times", ("file_pages_lie",)
        )
    return claimed, found


def _is_far_above(claimed: int, found: int) -> bool:
    """Whether a count of pages is a lie: programs that are merely careless are off by a few."""
    return claimed > max(2 * found, found + 10)


def _kids(node: DictionaryObject) -> ArrayObject | None:
    kids = node["/Kids"].get_object() if "/Kids" in node else None
    return kids if isinstance(kids, ArrayObject) else None


def _text(reader: PdfReader, pages: int, limits: Limits) -> tuple[str, tuple[str, ...]]:
    """Return the text of the first of *pages*, with flags for what is left out."""
    lines = Lines(limits.text_characters)
    flags: dict[str, None] = {}
    has_room = True
    try:
        for index in range(min(pages, limits.text_pages)):
            if not has_room:
                break
            try:
                page = reader.pages[index]
                if _decoded_bytes(page) > limits.text_bytes:
                    flags["file_text_incomplete"] = None
                    continue
                for line in page.extract_text().splitlines():
                    has_room = lines.add(line)
            except FileRefused:
                raise
            except (*_TOLERABLE, LimitReachedError):
                flags["file_text_incomplete"] = None
    except (OutOfTime, MemoryError):
        flags["file_text_incomplete"] = None
    if lines.is_cut or not has_room or pages > limits.text_pages:
        flags["file_text_cut"] = None
    return lines.text(), tuple(flags)


def _decoded_bytes(page: Any) -> int:
    """Return the size of a page's own streams, which stay decoded for reading its text.

    Raises FileRefused `bomb` for one that is larger than any honest one.
    """
    contents = page.get("/Contents")
    contents = contents.get_object() if contents is not None else None
    size = 0
    for stream in contents if isinstance(contents, ArrayObject) else [contents]:
        stream = stream.get_object() if stream is not None else None
        if stream is not None and hasattr(stream, "get_data"):
            try:
                size += len(stream.get_data())
            except LimitReachedError as error:
                raise FileRefused(Refusal.BOMB, str(error)[:200]) from error
    return size


def _tolerant(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except _TOLERABLE:
        return None


def _text_of(value: object) -> str | None:
    return str(value) if value is not None else None


def _instant(value: datetime | None) -> datetime | None:
    return in_utc(value) if value is not None else None
