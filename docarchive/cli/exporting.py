"""Handing documents on: export."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from archive.errors import UsageError
from docarchive.cli.context import ArchiveOption, clock, opened_archive
from docarchive.cli.selecting import (
    AsOf,
    AsPublished,
    DocFormat,
    Exact,
    Fields,
    LikeOriginal,
    Limit,
    MaxPages,
    MinPages,
    PublishedFrom,
    PublishedTo,
    Search,
    Site,
    Sort,
    Unique,
    Where,
    field_names,
)


def add_to(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file to write, - for standard output; a folder for datasets.")
    ],
    archive: ArchiveOption = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="docx|csv|xlsx|parquet|jsonl|wacz|datasets",
            help="Form of the file [OUT's ending].",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it is there.")] = False,
    shard_size: Annotated[
        str | None,
        typer.Option("--shard-size", metavar="SIZE", help="Of datasets: how large a file gets, as 200MB [500MB]."),
    ] = None,
    search_text: Search = None,
    exact: Exact = False,
    like_original: LikeOriginal = False,
    where: Where = None,
    site: Site = None,
    doc_format: DocFormat = None,
    published_from: PublishedFrom = None,
    published_to: PublishedTo = None,
    min_pages: MinPages = None,
    max_pages: MaxPages = None,
    as_of: AsOf = None,
    as_published: AsPublished = None,
    unique: Unique = False,
    fields: Fields = None,
    sort: Sort = None,
    limit: Limit = 0,
) -> None:
    """Write documents to a file to hand on: a dossier to read (docx), a sheet (xlsx, csv), data (parquet, jsonl),
    their pages to replay (wacz), a corpus without exact copies for Hugging Face's load_dataset (datasets: a folder).

    Example: docarchive export --search 计生 --published-from 2023 dossier.docx
    """
    with opened_archive(archive) as opened, _target(out, format) as target:
        written = opened.export(
            target,
            format,
            overwrite=overwrite,
            shard_bytes=None if shard_size is None else size_of(shard_size),
            clock=clock(),
            tell=lambda sentence: typer.echo(sentence, err=True),
            search=search_text,
            exact=exact or None,
            like_original=like_original or None,
            where=where,
            site=site or None,
            doc_format=doc_format or None,
            published_from=published_from,
            published_to=published_to,
            min_pages=min_pages,
            max_pages=max_pages,
            as_of=as_of,
            as_published=as_published,
            unique=unique or None,
            fields=field_names(fields),
            sort=sort,
            limit=limit or None,
        )
    if not written:
        typer.echo(
            "nothing answers that selection; leave an option out, or see what there is: docarchive records", err=True
        )
    place = "standard output" if str(out) == "-" else out
    typer.echo(f"{written:,} document{'' if written == 1 else 's'} written to {place}", err=True)


@contextmanager
def _target(out: Path, format: str | None) -> Iterator[Path]:
    """Give the file to write; of `-` one that goes to standard output once it is whole."""
    if str(out) != "-":
        yield out
        return
    from archive.export import FOLDERS

    if format is None:
        raise UsageError("standard output has no ending; add --format")
    if format in FOLDERS:
        raise UsageError(f"{format} is a folder of files and cannot go to standard output; name a folder")
    if format not in TEXTS and sys.stdout.isatty():
        raise UsageError(f"{format} is no text; name a file, or lead standard output into one")
    with TemporaryDirectory(prefix="docarchive-") as folder:
        target = Path(folder, f"out.{format}")
        yield target
        with target.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


TEXTS = ("csv", "jsonl")
"""Forms that a terminal can show."""


_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


def size_of(text: str) -> int:
    """Return the bytes that *text* names, K, M and G being powers of 1000. Raises UsageError.

    >>> size_of("1.5GB"), size_of("200M")
    (1500000000, 200000000)
    """
    found = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,3})?)\s*([KMG]?)B?\s*", text, re.IGNORECASE | re.ASCII)
    if found is None or float(found[1]) == 0:
        raise UsageError(f"{text!r} is no size; write 200MB or 1GB")
    return round(float(found[1]) * _UNITS[found[2].upper()])
