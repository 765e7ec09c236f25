"""What an attached file is and says, and that no file does harm."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.attachments.examining import examine, examine_soon, look
from crawler.attachments.facts import from_json, to_json
from crawler.attachments.identify import identify
from crawler.attachments.limits import Limits
from tests.attachments import making

XXE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>"""
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'


def test_a_docx() -> None:
    facts = examine(making.docx())
    assert (facts.format, facts.refused, facts.tables) == ("docx", None, 1)
    assert (facts.title, facts.author) == ("情况汇报", "李明")
    assert facts.headings == ("工作机制建设情况汇报",)
    assert facts.text is not None
    assert making.TEXT in facts.text
    assert "年份" in facts.text
    assert facts.created is not None
    assert facts.created.isoformat() == "2023-04-10T08:00:00+00:00"


def test_a_pdf() -> None:
    facts = examine(making.pdf(3))
    assert (facts.format, facts.pages, facts.pages_stated_by, facts.refused) == ("pdf", 3, "page_tree", None)
    assert (facts.title, facts.author, facts.text) == ("Report", "A. Person", "")


def test_the_same_without_holding_up_the_loop() -> None:
    assert asyncio.run(examine_soon(making.pdf(2))) == examine(making.pdf(2))


@pytest.mark.parametrize(
    ("stream", "name"), [("WordDocument", "doc"), ("PowerPoint Document", "ppt"), ("Workbook", "xls"), ("Else", None)]
)
def test_old_office_files_are_told_apart(stream: str, name: str | None) -> None:
    assert identify(making.compound(stream)).format == name


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: b"", "empty"),
        (lambda: making.bomb(), "bomb"),
        (lambda: making.lying_bomb(), "bomb"),
        (lambda: making.changed(making.docx(), "word/document.xml", XXE), "xxe"),
        (lambda: making.changed(making.docx(), "docProps/app.xml", LAUGHS), "xxe"),
        (lambda: making.claiming_pdf(1_000_000_000), "lying"),
        (lambda: making.claiming_pdf(900), "lying"),
        (lambda: making.cyclic_pdf(), "lying"),
        (lambda: making.stream_bomb_pdf(), "bomb"),
        (lambda: making.object_bomb_pdf(30), "bomb"),
        (lambda: making.one_page_pdf(1_000), "lying"),
        (lambda: b"%PDF-1.7\n" + b"1 0 obj\n" * 1_000_001 + b"startxref\n5\n%%EOF", "too_large"),
        (
            lambda: making.changed(making.docx(), "word/_rels/document.xml.rels", b"<Relationship/>" * 60_000),
            "too_large",
        ),
        (lambda: making.changed(making.docx(), "word/document.xml", b"<a" + b' b=""' * 1_600_000 + b"/>"), "too_large"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"garbage" * 1_000, "damaged"),
        (lambda: b"<!DOCTYPE html><title>Please log in</title>", "not_the_file"),
        (lambda: b'{"code": 403}', "not_the_file"),
        (lambda: making.docx()[:-40], "damaged"),
        (lambda: b"%PDF-1.7\n" + b"x" * 400, "damaged"),
    ],
)
def test_a_hostile_file_is_refused_with_a_reason(make: Callable[[], bytes], reason: str) -> None:
    facts = examine(make(), claimed_format="docx")
    assert (facts.refused, f"file_refused_{reason}" in facts.flags) == (reason, True)
    assert facts.detail


def test_bombs_and_entities_need_no_process() -> None:
    for data in (making.bomb(), making.changed(making.docx(), "word/document.xml", XXE), making.claiming_pdf(10**9)):
        facts, needs_child = look(data, "docx")
        assert (facts.refused is not None, needs_child) == (True, False)


@pytest.mark.parametrize(
    "make",
    [lambda: making.stream_bomb_pdf(400_000), lambda: making.object_bomb_pdf(30, 400_000)],
    ids=["contents", "objects"],
)
def test_a_bomb_costs_less_than_100_mb(tmp_path: Path, make: Callable[[], bytes]) -> None:
    """Padded so far that the file might honestly hold as much as any stream may have."""
    (tmp_path / "bomb.pdf").write_bytes(make())
    program = (
        "import resource, sys; from pathlib import Path; from crawler.attachments.examining import examine\n"
        "print(examine(Path(sys.argv[1]).read_bytes()).refused)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "bomb.pdf")], capture_output=True, text=True)
    reason, kib = done.stdout.split()
    assert reason == "bomb"
    assert int(kib) * 1024 < 100_000_000


def test_a_drawing_is_no_text_to_read() -> None:
    contents = zlib.compress(b"0 0 m 9 9 l S\n" * 400_000, 1)
    facts = examine(making.drawn_pdf(contents, 100_000), limits=Limits(cpu_seconds=2))
    assert (facts.refused, facts.pages, "file_text_incomplete" in facts.flags) == (None, 1, True)


def test_what_is_no_format_says_so() -> None:
    facts = examine(bytes(range(256)) * 20, claimed_format="docx")
    assert (facts.format, facts.flags) == (None, ("file_format_unknown",))


def test_too_many_entries_are_counted_before_they_are_parsed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for number in range(300):
            container.writestr(f"{number}.txt", b"")
    assert look(out.getvalue(), "docx", Limits(entries=200))[0].refused == "too_large"


def test_time_and_memory_of_the_child_are_limited() -> None:
    paragraph = b"<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    head = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    slow = making.changed(making.docx(), "word/document.xml", head + paragraph * 150_000 + b"</w:body></w:document>")
    assert examine(slow, limits=Limits(wall_seconds=0.2)).refused == "timeout"
    assert examine(slow, limits=Limits(memory_bytes=100 * 1024 * 1024)).refused is not None
    assert examine(slow).refused is None


@pytest.mark.parametrize("data", [making.docx(), making.pdf()], ids=["docx", "pdf"])
def test_a_file_cut_anywhere_is_looked_at_without_failing(data: bytes) -> None:
    for end in range(0, len(data), 997):
        facts, _ = look(data[:end], "docx")
        assert facts.size_bytes == end


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=600), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))
def test_any_bytes_are_looked_at_without_failing(data: bytes, magic: bytes) -> None:
    facts, _ = look(magic + data, None)
    assert from_json(to_json(facts)) == facts
