"""How much of a file is read, and what reading it may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All limits of one examination; the defaults suit a machine that crawls with 150 MB and reads files beside it."""

    file_bytes: int = 64 * MIB
    """Largest file that is looked into."""
    entries: int = 10_000
    """Entries of a zip container. A presentation of 300 slides has about 1,500."""
    unpacked_bytes: int = 256 * MIB
    """All entries together, as they really unpack."""
    ratio: int = 100
    """Times that an entry may grow once it passes `ratio_free_bytes`: markup shrinks 5 to 40 times, deflate 1,032."""
    ratio_free_bytes: int = 16 * MIB
    """Up to here an entry may shrink as well as it likes: long tables of equal cells do."""
    markup_bytes: int = 32 * MIB
    """One XML entry; lxml needs 5 to 12 times as much memory for it."""
    markup_tags: int = 1_500_000
    """Opening and closing tags of one XML entry, which cost more than its bytes do."""
    markup_attributes: int = 1_500_000
    """Attributes of one XML entry: lxml takes 200 bytes for each."""
    relationships: int = 50_000
    """Tags of one list of relationships or content types: python-docx takes 20 us and 1.5 KB for each."""
    text_characters: int = 200_000
    """Text kept of a file: some 100 pages of Chinese."""
    text_pages: int = 50
    """Pages of a PDF whose text is read: about 20 to 60 ms each."""
    headings: int = 200
    heading_characters: int = 200
    pages: int = 200_000
    """More pages than this are a lie: what crawler.reading believes of a listing, too."""
    objects: int = 1_000_000
    """Objects of a PDF; pypdf looks at each where the file's own table of them is broken."""
    decoded_bytes: int = 16 * MIB
    """One decoded stream of a PDF: the child then stays under 100 MB."""
    decoded_free_bytes: int = 4 * MIB
    """Up to here a stream may have more than `ratio` times the bytes of the whole file."""
    text_bytes: int = 4 * MIB
    """Decoded contents of one page whose text is read: drawings of that size take seconds, and say little."""
    cpu_seconds: int = 10
    """Processor time of the child: then it is asked to hand over what it has, two seconds later it is killed."""
    wall_seconds: float = 30.0
    """Time on the clock until the child is killed."""
    memory_bytes: int = 512 * MIB
    """Address space of the child; the interpreter with a parser takes some 150 MiB of it."""
    answer_bytes: int = 8 * MIB
    """The child's answer: `text_characters` escaped take at most six bytes each."""


LIMITS = Limits()
