"""How a site's pages look at one moment: its design, and what has gone wrong with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """The markup a page is made with; every flag but `design` is a fault of `script.FAULTS`."""

    design: int = 1
    """1: as the site was opened; 2: after a redesign."""
    renamed_class: bool = False
    moved_label: bool = False
    empty_tag: bool = False
    swapped_fields: bool = False
    half_listing: bool = False
    next_gone: bool = False
    date_format: bool = False
    same_text: bool = False

    def css(self, name: str) -> str:
        """Return the class name that stands for *name* in this look."""
        if self.renamed_class:
            return f"c-{sum(map(ord, name)) * 2654435761 % 0xFFFFF:05x}"
        return name if self.design == 1 else f"v{self.design}-{name}"

    @property
    def tag(self) -> str:
        """What ETags carry, so that a page with another look is another page."""
        flags = (
            self.renamed_class, self.moved_label, self.empty_tag, self.swapped_fields,
            self.half_listing, self.next_gone, self.date_format, self.same_text,
        )  # fmt: skip
        return f"{self.design}.{sum(1 << place for place, flag in enumerate(flags) if flag):x}"


PLAIN = Look()
