"""What a listing says of a file against what the file is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.record import DocumentRecord
from crawler.attachments.claims import Claims, Conflict, check_claims, preview_share, size_agrees
from crawler.attachments.facts import FileFacts
from crawler.attachments.offered import Received, with_files
from crawler.attachments.refusal import Refusal
from tests.attachments.making import TEXT

FILE = FileFacts(
    size_bytes=33526, format="docx", pages=22, created=datetime(2023, 4, 10, tzinfo=UTC), text=f"情况汇报\n{TEXT * 20}"
)


def test_a_true_listing_has_no_conflict() -> None:
    claims = Claims(
        size_bytes=33526, size_text="32.74KB", pages=22, format="docx", published_on="2023-04-16", preview_text=TEXT * 9
    )
    assert check_claims(claims, FILE) == ()


@pytest.mark.parametrize(
    ("claims", "conflict"),
    [
        (Claims(size_bytes=2**20, size_text="1MB"), Conflict("size", "1MB", "33526 bytes")),
        (Claims(pages=30, pages_text="30页"), Conflict("pages", "30", "22")),
        (Claims(format="pdf"), Conflict("format", "pdf", "docx")),
        (Claims(published_on="2023-03"), Conflict("published_on", "2023-03", "created 2023-04-10")),
        (Claims(preview_text="完全不同的另外一份文件的内容,与所附文件毫无关系。" * 6), None),
    ],
)
def test_both_values_of_a_conflict_are_told(claims: Claims, conflict: Conflict | None) -> None:
    (found,) = check_claims(claims, FILE)
    assert found == conflict if conflict else found.field == "preview"


@pytest.mark.parametrize(
    "claims",
    [
        Claims(pages=20, pages_text="约20页"),
        Claims(format="DOCM"),
        Claims(published_on="2023"),
        Claims(preview_text="短"),
    ],
)
def test_what_may_be_true_is_no_conflict(claims: Claims) -> None:
    assert check_claims(claims, FILE) == ()


def test_a_page_sent_in_place_of_the_file_says_nothing_of_it() -> None:
    assert check_claims(Claims(size_text="1MB"), FileFacts(size_bytes=10, refused=Refusal.NOT_THE_FILE)) == ()


@given(st.integers(min_value=1, max_value=2**40), st.integers(min_value=0, max_value=2), st.booleans())
def test_a_size_agrees_with_how_it_is_printed(size: int, digits: int, binary: bool) -> None:
    for power, unit in enumerate(("", "K", "M", "G")):
        value = size / (1024 if binary else 1000) ** power
        if power and value >= 1:
            assert size_agrees(f"{value:.{digits}f} {unit}B", size)


def test_a_preview_cut_or_printed_otherwise_is_found() -> None:
    assert preview_share(TEXT[:40], TEXT * 5) == 1.0
    assert preview_share("  ".join(TEXT), TEXT * 5) == 1.0
    assert preview_share("", TEXT) is None


def test_bytes_that_are_nothing_are_not_what_was_promised() -> None:
    nothing = FileFacts(size_bytes=900, flags=("file_format_unknown",))
    assert check_claims(Claims(format="docx"), nothing) == (Conflict("format", "docx", "none that is known"),)
    assert check_claims(Claims(format="doc"), nothing) == ()
    locked = FileFacts(size_bytes=900, refused=Refusal.ENCRYPTED)
    assert check_claims(Claims(format="docx"), locked) == ()


def test_a_file_that_was_cut_off_says_nothing() -> None:
    record = DocumentRecord(
        site="docs", doc_id="1", url="u", canonical_url="u", title="t", fetched_at=datetime(2024, 1, 1, tzinfo=UTC),
        size_text="1MB", format="docx", reader="r",
    )  # fmt: skip

    async def fetch(url: str) -> Received:
        return Received(b"%PDF-1.7", is_whole=False)

    assert asyncio.run(with_files(record, ["u"], fetch)).flags == ("file_truncated",)
