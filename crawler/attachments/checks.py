"""Whether a file may be given to a parser: sizes, ratios, entries, declarations, before any is started."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence

from crawler.attachments import ole2, zips
from crawler.attachments.identify import Identity
from crawler.attachments.limits import LIMITS, Limits
from crawler.attachments.refusal import FileRefused, Refusal

FORMAT_UNKNOWN = "file_format_unknown"
"""Flag of a file that is nothing we know, whatever its page calls it."""

_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)([^\[<>]{0,600}\[)?")
_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([^\"']{0,60})")
_ASCII_BASED = re.compile(rb"(?i)utf-?(?:8|16(?:[bl]e)?)|(?:us-)?ascii|iso-8859-1?\d|windows-125\d|gb(?:2312|k|18030)")
"""Encodings in which "<!ENTITY" is spelled with the bytes of ASCII, once zeros are removed; not UTF-7, not EBCDIC."""

_EBCDIC = b"\x4c\x6f\xa7\x94"
_NAMED_MARKUP = (".xml", ".rels", ".vml")
_OVERLAP = 700
"""Bytes of a chunk looked at again with the next: a declaration's head is no longer."""

_EXTERNAL = re.compile(rb"<Relationship\b[^<>]{0,2000}?TargetMode\s*=\s*[\"']External[\"'][^<>]{0,2000}>")
_HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']{0,200}/hyperlink[\"']")
_UNSAFE_NAME = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|\\|[\x00-\x1f]")
_ARCHIVE_MAGICS = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08")

_COUNT = re.compile(rb"/Count\s{0,20}\+?(\d{6,40})")
"""A count of pages that may be a lie by itself; smaller ones are held against the tree."""

END_OF_PDF = b"%%EOF"
_LAST_BYTES = 2048


def check(data: bytes, identity: Identity, limits: Limits = LIMITS) -> tuple[str, ...]:
    """Return flags for a file that may be parsed: what is odd, and harms nothing.

    Takes at most `limits.unpacked_bytes` of inflating (about half a second) and holds 64 KiB of it at a time.
    Raises FileRefused with the reason for any other.
    """
    if not data:
        raise FileRefused(Refusal.EMPTY, "the file has no bytes")
    if len(data) > limits.file_bytes:
        raise FileRefused(Refusal.TOO_LARGE, f"{len(data):,} bytes; at most {limits.file_bytes:,} are looked into")
    if identity.is_encrypted:
        raise FileRefused(Refusal.ENCRYPTED, "the file needs a password")
    if identity.container == "zip":
        return _check_zip(data, limits)
    if identity.container == "ole2" and not ole2.names_in(data):
        raise FileRefused(Refusal.DAMAGED, "the container's directory is unreadable")
    if identity.format == "pdf":
        return _check_pdf(data, limits)
    return () if identity.format else (FORMAT_UNKNOWN,)


def _check_pdf(data: bytes, limits: Limits) -> tuple[str, ...]:
    if zips.more_than(data, b" obj", limits.objects):
        raise FileRefused(Refusal.TOO_LARGE, f"a file of more than {limits.objects:,} objects")
    if END_OF_PDF not in data:
        raise FileRefused(Refusal.DAMAGED, "the file ends early", ("file_cut_off",))
    for match in _COUNT.finditer(data):
        if len(match[1]) > 9 or int(match[1]) > limits.pages:
            raise FileRefused(Refusal.LYING, f"the file claims {match[1][:12].decode()} pages", ("file_pages_lie",))
    return () if END_OF_PDF in data[-_LAST_BYTES:] else ("file_cut_off",)


def _check_zip(data: bytes, limits: Limits) -> tuple[str, ...]:
    entries = zips.entries_of(data, limits)
    _refuse_claims(entries, limits)
    _refuse_overlaps(data, entries)
    flags: set[str] = set()
    if len({entry.filename for entry in entries}) < len(entries):
        flags.add("file_doubled_entries")
    if any(_UNSAFE_NAME.search(entry.filename) for entry in entries):
        flags.add("file_unsafe_names")
    total = 0
    for entry in entries:
        total += _check_entry(data, entry, limits, flags, limits.unpacked_bytes - total)
    return tuple(sorted(flags))


def _refuse_claims(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse what states itself to be too large: sizes that are stated are believed only against the file."""
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise FileRefused(Refusal.BOMB, f"the container states more than {limits.unpacked_bytes:,} bytes unpacked")


def _refuse_overlaps(data: bytes, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse entries that share packed bytes: one kernel under a thousand names is how the densest bombs are made."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise FileRefused(Refusal.BOMB, f"entry {zips.shown(entry)} shares its bytes with another")
        end = entry.header_offset + 30 + entry.compress_size


def _check_entry(data: bytes, entry: zipfile.ZipInfo, limits: Limits, flags: set[str], left: int) -> int:
    """Unpack one entry, keeping nothing; return its real size in bytes, at most *left*."""
    size = 0
    markup: _Markup | None = None
    allowed = max(limits.ratio_free_bytes, entry.compress_size * limits.ratio)
    for chunk in zips.unpacked(data, entry):
        if not size:
            markup = _Markup.begins(entry, chunk, limits)
            if chunk.startswith(_ARCHIVE_MAGICS):
                flags.add("file_nested_archive")
        size += len(chunk)
        if size > allowed or size > left:
            times = size // max(1, entry.compress_size)
            raise FileRefused(Refusal.BOMB, f"entry {zips.shown(entry)} unpacks to {times:,} times its size, or more")
        if markup:
            markup.take(chunk, flags)
    if size != entry.file_size:
        raise FileRefused(
            Refusal.DAMAGED, f"entry {zips.shown(entry)} states {entry.file_size:,} bytes and has {size:,}"
        )
    return size


class _Markup:
    """Looks through one XML entry for what no parser should see."""

    def __init__(self, entry: zipfile.ZipInfo, limits: Limits) -> None:
        self._entry = entry
        self._limits = limits
        self._is_part = entry.filename.lower().endswith(_NAMED_MARKUP)
        self._is_relations = entry.filename.lower().endswith(".rels")
        self._tail = b""
        self._size = 0
        self._tags = 0
        self._quotes = 0
        is_list = self._is_relations or entry.filename == "[Content_Types].xml"
        self._most_tags = limits.relationships if is_list else limits.markup_tags

    @classmethod
    def begins(cls, entry: zipfile.ZipInfo, chunk: bytes, limits: Limits) -> _Markup | None:
        """Return what looks through an entry that is XML by name or by its first bytes, None for any other."""
        head = chunk[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        named = entry.filename.lower().endswith(_NAMED_MARKUP)
        if chunk.startswith(_EBCDIC):
            raise FileRefused(Refusal.XXE, f"entry {zips.shown(entry)} hides its declarations in EBCDIC")
        if not head.startswith(b"<"):
            if named:
                raise FileRefused(Refusal.DAMAGED, f"entry {zips.shown(entry)} is no XML")
            return None
        declared = _XML_ENCODING.match(head)
        if declared and not _ASCII_BASED.fullmatch(declared[1]):
            raise FileRefused(Refusal.XXE, f"entry {zips.shown(entry)} hides its declarations in another encoding")
        return cls(entry, limits)

    def take(self, chunk: bytes, flags: set[str]) -> None:
        """Look through one more chunk."""
        if b"\0" in chunk:
            chunk = chunk.replace(b"\0", b"")
        self._size += len(chunk)
        self._tags += chunk.count(b"<")
        self._quotes += chunk.count(b'"') + chunk.count(b"'")
        too_many = self._tags > self._most_tags or self._quotes > self._limits.markup_attributes * 2
        if self._size > self._limits.markup_bytes or too_many:
            raise FileRefused(Refusal.TOO_LARGE, f"entry {zips.shown(self._entry)} has more markup than is read")
        seen = self._tail + chunk
        if b"<!" in seen:
            self._refuse_declarations(seen, flags)
        if self._is_relations and b"External" in seen and self._fetches(seen):
            flags.add("file_external_parts")
        self._tail = seen[-_OVERLAP:]

    def _refuse_declarations(self, seen: bytes, flags: set[str]) -> None:
        """Refuse entities anywhere, document types in parts; pictures and web pages inside may name theirs."""
        for match in _DECLARATION.finditer(seen):
            if match[1] == b"ENTITY" or match[2] or self._is_part:
                raise FileRefused(Refusal.XXE, f"entry {zips.shown(self._entry)} declares a {match[1].decode()}")
            flags.add("file_document_type")

    def _fetches(self, seen: bytes) -> bool:
        """Whether a relationship leads out of the file other than as a link to click: a template, a picture."""
        return any(_HYPERLINK.search(found) is None for found in _EXTERNAL.findall(seen))
