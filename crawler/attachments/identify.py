"""What kind of file some bytes are: by magic and by what a container holds, never by a name."""

from __future__ import annotations

import codecs
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.attachments import ole2, plain, zips
from crawler.attachments.limits import LIMITS, Limits
from crawler.attachments.refusal import FileRefused

_HEAD = 1024
"""Bytes in which "%PDF-" may begin: Acrobat's rule, which others follow (ISO 32000-1, appendix H, note 13)."""

_CONTENT_TYPES_BYTES = 1 << 20
_JSON_BYTES = 64 * 1024

_MAGICS = (
    (b"{\\rtf", "rtf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF87a", "gif"),
    (b"GIF89a", "gif"), (b"II*\x00", "tif"), (b"MM\x00*", "tif"), (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b\x08", "gz"), (b"AT&TFORM", "djvu"), (b"%!PS", "ps"),
    (b"Founder CEB", "ceb"), (b"CAJ", "caj"), (b"HN\x00", "caj"), (b"KDH", "caj"),
)  # fmt: skip

_MAIN_PARTS = (
    ("wordprocessingml.document.main", "docx"), ("wordprocessingml.template.main", "dotx"),
    ("ms-word.document.macroenabled.main", "docm"), ("ms-word.template.macroenabledtemplate.main", "dotm"),
    ("presentationml.presentation.main", "pptx"), ("presentationml.slideshow.main", "ppsx"),
    ("presentationml.template.main", "potx"), ("ms-powerpoint.presentation.macroenabled.main", "pptm"),
    ("ms-powerpoint.slideshow.macroenabled.main", "ppsm"), ("spreadsheetml.sheet.main", "xlsx"),
    ("spreadsheetml.template.main", "xltx"), ("ms-excel.sheet.macroenabled.main", "xlsm"),
    ("ms-excel.sheet.binary.macroenabled.main", "xlsb"),
)  # fmt: skip
"""Content type of the main part (ECMA-376 part 1, and Microsoft's for macros) -> format."""

_MAIN_NAMES = {
    "word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb",
    "OFD.xml": "ofd",
}  # fmt: skip
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": "odt", b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp", b"application/epub+zip": "epub",
}  # fmt: skip
_OLE2_NAMES = (
    ("WordDocument", "doc"), ("PowerPoint Document", "ppt"), ("Workbook", "xls"), ("Book", "xls"),
    ("HwpSummaryInformation", "hwp"), ("VisioDocument", "vsd"), ("__properties_version1.0", "msg"),
)  # fmt: skip

KNOWN_BY_SIGHT = frozenset(("pdf", *_MIMETYPES.values(), *_MAIN_NAMES.values())) | {
    name for _, name in (*_MAGICS, *_MAIN_PARTS)
}
"""Formats that no file can have without being known for it: what has no name in an OLE2 directory may be older."""

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,400}>\s*){0,4}"
    rb"<(?:!doctype\s+html|html|head|body|script|meta|title|style|div|table|center|h1|p)[\s/>]",
    re.IGNORECASE,
)
_OFFICE_HTML = re.compile(rb"urn:schemas-microsoft-com:office|content=[\"']?(?:Microsoft )?Word", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file is."""

    format: str | None
    """Lower-case file ending; None: none that we know."""
    container: str | None = None
    """"zip" or "ole2" where the format is packed in one."""
    is_encrypted: bool = False
    """The container says that its contents need a password."""
    encoding: str | None = None
    """Codec of a plain text."""
    is_office_html: bool = False
    """HTML that an office program saved, often under a name in .doc: a document, no error page."""


def identify(data: bytes, limits: Limits = LIMITS) -> Identity:
    """Return what *data* is; never fails, whatever the bytes, and unpacks at most 1 MiB.

    >>> identify(b"%PDF-1.7").format, identify(b"<!DOCTYPE html><title>404").format, identify(b"\\x00\\x01").format
    ('pdf', 'html', None)
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(data, limits)
    if data.startswith(ole2.MAGIC):
        return _in_ole2(data)
    for magic, name in _MAGICS:
        if data.startswith(magic):
            return Identity(name)
    head = _ascii_head(data)
    if _HTML.match(head):
        return Identity("html", is_office_html=_OFFICE_HTML.search(head) is not None)
    if b"%PDF-" in data[:_HEAD]:
        return Identity("pdf")
    return _of_text(data, head)


def _ascii_head(data: bytes) -> bytes:
    """Return the beginning without byte order mark, and without the zeros of UTF-16 and UTF-32."""
    head = data[: _HEAD * 4]
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"")[:_HEAD]


def _of_text(data: bytes, head: bytes) -> Identity:
    encoding = plain.encoding_of(data)
    if encoding is None:
        return Identity(None)
    beginning = head.lstrip()
    if beginning.startswith(b"<?xml"):
        return Identity("xml", encoding=encoding)
    if beginning[:13].lower() == b"mime-version:":
        return Identity("mht", encoding=encoding, is_office_html=True)
    if beginning[:1] in (b"{", b"[") and len(data) <= _JSON_BYTES and _is_json(data, encoding):
        return Identity("json", encoding=encoding)
    return Identity("txt", encoding=encoding)


def _is_json(data: bytes, encoding: str) -> bool:
    try:
        json.loads(data.decode(encoding))
    except (ValueError, RecursionError):
        return False
    return True


def _in_ole2(data: bytes) -> Identity:
    names = {name.lstrip("\x05") for name in ole2.names_in(data)}
    if "EncryptedPackage" in names:
        return Identity(None, "ole2", is_encrypted=True)
    found = next((name for stream, name in _OLE2_NAMES if stream in names), None)
    return Identity(found, "ole2")


def _in_zip(data: bytes, limits: Limits) -> Identity:
    try:
        entries = zips.entries_of(data, limits)
    except FileRefused:
        return Identity(_by_raw_names(data), "zip")
    named = {entry.filename: entry for entry in entries}
    found = _by_mimetype(data, named) or _by_content_types(data, named)
    if found is None:
        found = next((name for part, name in _MAIN_NAMES.items() if part in named), "zip")
    return Identity(found, "zip", is_encrypted=_is_locked(entries))


def _is_locked(entries: Sequence[zipfile.ZipInfo]) -> bool:
    return any(entry.flag_bits & 1 for entry in entries)


def _by_mimetype(data: bytes, named: Mapping[str, zipfile.ZipInfo]) -> str | None:
    entry = named.get("mimetype")
    return _MIMETYPES.get(zips.beginning(data, entry, 100).strip()) if entry else None


def _by_content_types(data: bytes, named: Mapping[str, zipfile.ZipInfo]) -> str | None:
    entry = named.get("[Content_Types].xml")
    if entry is None:
        return None
    text = zips.beginning(data, entry, _CONTENT_TYPES_BYTES).replace(b"\0", b"").decode("latin-1").lower()
    return next((name for content_type, name in _MAIN_PARTS if content_type in text), None)


def _by_raw_names(data: bytes) -> str:
    """Return what a container without readable directory seems to be, by the names in its local headers."""
    return next((name for part, name in _MAIN_NAMES.items() if part.encode() in data), "zip")
