"""Files for the tests: honest ones made by the libraries that write them, hostile ones by hand."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import UTC, datetime
from functools import cache

from docx import Document
from pypdf import PdfWriter

TEXT = "几年来,我市在省、市的精心指导和大力支持下,认真贯彻落实中央决定和会议精神,建立起长效工作机制。"


def docx(paragraphs: int = 6) -> bytes:
    """A document with a heading, paragraphs, a table and core properties."""
    document = Document()
    document.add_heading("工作机制建设情况汇报", level=1)
    for number in range(paragraphs):
        document.add_paragraph(f"第{number}段 {TEXT}")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text = "年份"
    table.cell(1, 1).text = "2023"
    document.core_properties.title = "情况汇报"
    document.core_properties.author = "李明"
    document.core_properties.created = datetime(2023, 4, 10, 8, tzinfo=UTC).replace(tzinfo=None)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(data: bytes, name: str, content: bytes) -> bytes:
    """The container *data* with another content of the entry *name*."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == name else old.read(entry))
        if name not in old.namelist():
            new.writestr(name, content)
    return out.getvalue()


@cache
def bomb(unpacked_mib: int = 512) -> bytes:
    """A DOCX of half a megabyte that unpacks to *unpacked_mib* MiB of blanks."""
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as container, container.open("word/media/a.xml", "w") as entry:
        entry.write(b"<a>")
        for _ in range(unpacked_mib):
            entry.write(b" " * (1 << 20))
    return out.getvalue()


def lying_bomb() -> bytes:
    """The same, with a directory that states 10 bytes."""
    data = bytearray(bomb(64))
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.rfind(signature + b"", 0, len(data))
        data[start + at : start + at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def pdf(pages: int = 3) -> bytes:
    """A PDF of blank pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": "Report", "/Author": "A. Person", "/CreationDate": "D:20230410080000Z"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def handmade_pdf(objects: list[bytes]) -> bytes:
    """A PDF of *objects*, numbered from 1, whose first is the catalogue."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def claiming_pdf(count: int) -> bytes:
    """A PDF of one page that claims *count*."""
    return handmade_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count %d >>" % count,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        ]
    )


def cyclic_pdf() -> bytes:
    """A PDF whose page tree contains itself."""
    return handmade_pdf(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"],
    )


def drawn_pdf(contents: bytes, filler_bytes: int = 0) -> bytes:
    """A PDF of one page with these packed contents, made larger by an object that nothing needs."""
    return handmade_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(contents), contents),
            b"(%b)" % (b"x" * filler_bytes),
        ]
    )


def stream_bomb_pdf(filler_bytes: int = 0) -> bytes:
    """A PDF of one page whose contents unpack to 256 MiB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(256)) + packer.flush()
    return drawn_pdf(packed, filler_bytes)


def one_page_pdf(times: int) -> bytes:
    """A PDF whose page tree names its one page *times* times."""
    return handmade_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%b] /Count %d >>" % (b"3 0 R " * times, times),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        ]
    )


def object_bomb_pdf(mib: int, filler_bytes: int = 0) -> bytes:
    """A PDF whose catalogue is in an object stream of *mib* KiB that unpacks to *mib* MiB of blanks."""
    packed = zlib.compress(b"2 0 " + b" " * (mib << 20), 9)
    head = b"%%PDF-1.7\n1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(
        packed
    )
    body = head + packed + b"\nendstream\nendobj\n"
    table = bytes((0, 0, 0, 0, 1, 0, 9, 0, 2, 0, 1, 0))  # free; at byte 9; the first in stream 1
    return (
        body
        + b"3 0 obj\n<< /Type /XRef /Size 3 /W [1 2 1] /Root 2 0 R /Length %d >>\nstream\n" % len(table)
        + table
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)
    )


def compound(stream: str) -> bytes:
    """An OLE2 compound file whose directory names *stream*."""

    def entry(name: str, kind: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return raw.ljust(64, b"\0") + len(raw).to_bytes(2, "little") + bytes([kind]) + bytes(61)

    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (0).to_bytes(4, "little")
    header[76:80] = (1).to_bytes(4, "little")
    directory = (entry("Root Entry", 5) + entry(stream, 2)).ljust(512, b"\0")
    table = b"\xfe\xff\xff\xff" + b"\xff" * 508
    return bytes(header) + directory + table
