"""Documents to hand on, made quickly, and what handing them on costs."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from archive.layout import create
from archive.record import DocumentRecord
from bench.measure import Cost, cost_of
from bench.sizes import Row
from tests.archive.conftest import WrittenArchive, hour, record

WORDS = "的一是在不了有和人这中大为上个国以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后"
"""What the texts are drawn from: they are as long as real ones, and mean nothing."""

A_RUN = 1_000

DOSSIER = 500
COMFORTABLE_SECONDS = 15.0


def write_documents(archive: Path, documents: int) -> None:
    """Make the archive in folder *archive*: one text in fifty is a copy, one document in ten changed."""
    rng = random.Random(documents)
    written = WrittenArchive(create(archive))

    def text(characters: int) -> str:
        return "".join(rng.choices(WORDS, k=characters))

    def made(number: int, at: float) -> DocumentRecord:
        day = date(2012 + number % 14, 1 + number % 12, 1 + number % 28)
        paragraphs = [text(rng.randint(60, 300)) for _ in range(rng.randint(2, 9))]
        return record(
            f"{number:06d}",
            text(rng.randint(8, 24)),
            at=hour(at),
            size_bytes=1000 * number,
            size_text=f"{number} KB",
            pages=number % 90 + 1,
            format="pdf",
            published_on=day.isoformat(),
            published_from=day,
            published_until=day,
            tags=(text(2), text(2)),
            issuer="平川县人民政府",
            preview_text="同一文本。" * 40 if number % 50 == 3 else "\n\n".join(paragraphs),
        )

    for start in range(0, documents, A_RUN):
        several = [made(number, 1 + start / A_RUN) for number in range(start, min(start + A_RUN, documents))]
        written.run(f"r{start:06d}", *several, at=hour(2 + start / A_RUN))
    changed = [made(number, 5_000) for number in range(0, documents, 10)]
    written.run("later", *changed, at=hour(5_001))


def exported(archive: Path, form: str, target: Path) -> Cost:
    """Return what `docarchive export` takes."""
    words = [sys.executable, "-m", "docarchive.cli", "export", str(target), "--format", form, "--archive", str(archive)]
    return cost_of(words, log=target.with_name("export.log"))


def exporting(folder: Path, few: int, many: int) -> Iterator[Row]:
    """Yield what a dossier and a data set cost, and whether LibreOffice opens the dossier."""
    costs: dict[tuple[str, int], Cost] = {}
    for documents in (few, many):
        write_documents(folder / str(documents), documents)
        for form in ("docx", "datasets"):
            costs[form, documents] = exported(folder / str(documents), form, folder / f"{documents}.{form}")
    cost = costs["docx", few]
    yield f"DOCX of {few:,} documents", f"{cost.cpu_seconds:.1f} CPU s", f"{COMFORTABLE_SECONDS:.0f}"
    yield f"DOCX of {many:,} documents", f"{costs['docx', many].cpu_seconds:.1f} CPU s", "-"
    yield f"data set of {many:,} documents", f"{costs['datasets', many].cpu_seconds:.1f} CPU s", "-"
    for form in ("docx", "datasets"):
        low, high = (costs[form, documents].peak_megabytes for documents in (few, many))
        yield f"{form}: memory at {few:,} and {many:,} documents", f"{low:.0f}, {high:.0f} MB", "flat"
    failed = sum(cost.exit_code != 0 for cost in costs.values())
    yield f"{len(costs)} exports that failed", str(failed), "0"
    yield from _opened(folder / f"{few}.docx", few)


def _opened(dossier: Path, documents: int) -> Iterator[Row]:
    """Let LibreOffice make a PDF of the dossier, where both it and a reader of that are installed."""
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        yield "the dossier in LibreOffice", "not installed", "-"
        return
    profile = f"-env:UserInstallation=file://{dossier.parent / 'office'}"
    words = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(dossier.parent), str(dossier)]
    subprocess.run(words, check=True, capture_output=True)
    shown = subprocess.run(
        ["pdftotext", "-layout", str(dossier.with_suffix(".pdf")), "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = shown.split("\f")
    begun = sum(any(f"\n{number}. " in page for page in pages) for number in range(1, documents + 1))
    yield f"the dossier in LibreOffice: {len(pages) - 1:,} pages; documents shown", f"{begun:,}", f"{documents:,}"
