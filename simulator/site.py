"""A simulated site: what it answers to a request at a moment, and what a perfect archive would hold of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator.answer import Answer, Request, http_date, unchanged
from simulator.catalogue import Catalogue
from simulator.clock import Now, instant_text
from simulator.conditions import STATES, Conditions, conditions, robots
from simulator.document import Document
from simulator.draw import Draw
from simulator.families.family import Family, Listing, Printing, Route
from simulator.families.known import FAMILY_CLASSES
from simulator.lost import lost_how
from simulator.noise import Noise
from simulator.options import FAMILIES, SimulatorOptions
from simulator.script import Event, event, events, read_script
from simulator.traps import trap, trap_links

_NAMING = {"document", "documents", "copy_of"}
RELATED = 5
"""Related documents on a page."""


class Site:
    """All that one port serves; `answer` is plain computation, the server does the sending."""

    def __init__(self, options: SimulatorOptions, now: Now, opened_at: datetime | None = None) -> None:
        self.options = options
        self.now = now
        self.opened_at = opened_at or now().astimezone(UTC)
        scripted = () if options.script is None else read_script(options.script, self.opened_at)
        happening = (*scripted, *events(options.events, self.opened_at))
        self._all_events = sorted(happening, key=lambda one: one.at)
        self._states: list[Event] = [one for one in happening if one.action in STATES]
        names = FAMILIES if options.family == "all" else (options.family,)
        self.catalogues = {name: self._open(name, happening) for name in names}
        self._serial = 0
        if any(_NAMING & set(one.takes) for one in happening):
            self._rehearse()

    def _rehearse(self) -> None:
        """Play the script once: a document it names and the site lacks is told now, not in the middle of a crawl."""
        for name in self.catalogues:
            self._open(name, self._all_events).advance(self._all_events[-1].at)

    def _open(self, name: str, happening: Sequence[Event]) -> Catalogue:
        options = self.options
        root = f"/{name}" if options.family == "all" else ""
        family = FAMILY_CLASSES[name](
            seed=options.seed, count=options.documents, categories=options.categories, root=root
        )
        return Catalogue(family, (one for one in happening if one.action not in STATES), self.opened_at, options.order)

    def happen(self, row: Mapping[str, Any]) -> None:
        """Add one event, as a row of a script, while the site runs."""
        self._take(event(row, self.opened_at))

    def _take(self, one: Event) -> None:
        self._all_events.append(one)
        if one.action in STATES:
            self._states.append(one)
        else:
            for catalogue in self.catalogues.values():
                catalogue.happen(one)

    def start_paths(self) -> list[str]:
        """Return the first page of every listing."""
        return [
            catalogue.family.listing_path(category, 1)
            for catalogue in self.catalogues.values()
            for category in range(catalogue.family.categories)
        ]

    # -- answers ------------------------------------------------------------------------------------------------

    def answer(self, request: Request, own_port: int = 0) -> Answer:
        """Return what the site answers at its present time."""
        now = self.now()
        self._serial += 1
        noise = Noise(self.options.seed, self._serial)
        parts = urlsplit(request.target)
        path = parts.path or "/"
        if path == "/robots.txt":
            return self._robots(now)
        if self.options.traps and path.startswith("/trap/"):
            return trap(path, parts.query, request, own_port)
        if self.options.family == "all" and path == "/":
            links = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in self.catalogues)
            return _page(
                200, f"<!DOCTYPE html><html lang=en><title>Sites</title><h1>Sites</h1><ul>{links}</ul>", "home"
            )
        catalogue, inner = self._catalogue(path)
        if catalogue is None:
            return _page(404, "<!DOCTYPE html><html lang=en><title>Not found</title><h1>Not found</h1>", "missing")
        catalogue.advance(now)
        return self._family_answer(catalogue, inner, dict(parse_qsl(parts.query)), request, noise, now)

    def _catalogue(self, path: str) -> tuple[Catalogue | None, str]:
        for catalogue in self.catalogues.values():
            root = catalogue.family.root
            if not root:
                return catalogue, path
            if path == root or path.startswith(root + "/"):
                return catalogue, path[len(root) :] or "/"
        return None, path

    def _robots(self, now: datetime) -> Answer:
        said = robots(self._states, now, self.options.crawl_delay)
        if said.status is not None:
            return Answer(said.status, b"", "text/plain", kind="robots")
        roots = [catalogue.family.root for catalogue in self.catalogues.values()]
        text = said.text(roots[0])
        for root in roots[1:]:
            text += "".join(f"Disallow: {root}{path}\n" for path in said.disallow)
        return Answer(200, text.encode(), "text/plain; charset=utf-8", kind="robots")

    def _family_answer(
        self, catalogue: Catalogue, path: str, query: dict[str, str], request: Request, noise: Noise, now: datetime
    ) -> Answer:
        family = catalogue.family
        route, moves = self._route(family, path, query)
        kind = route.kind if route else "missing"
        held = conditions(self._states, family.name, kind, path, now, self.options.seed)
        if held.status is None and self.options.failure_rate and noise.draw.chance(self.options.failure_rate):
            held.status = 503
        printing = Printing(held.look, noise, now)
        if held.status is not None:
            answer = _page(held.status, "<!DOCTYPE html><html><title>Error</title><h1>Service error</h1>", "failing")
            if held.retry_after is not None:
                answer.headers.append(("Retry-After", str(held.retry_after)))
        elif held.instead is not None and kind in ("document", "listing"):
            answer = self._instead(family, held.instead, printing)
        else:
            answer = self._routed(catalogue, route, moves, request, printing, held)
        answer.delay_seconds += held.delay_seconds
        return answer

    @staticmethod
    def _route(family: Family, path: str, query: dict[str, str]) -> tuple[Route | None, int]:
        """Return what *path* asks for and how many moves its address shows (/m2/doc/1.html: 2)."""
        first, _, rest = path[1:].partition("/")
        if first[:1] == "m" and first[1:].isdigit() and rest:
            route = family.route("/" + rest, query)
            return (route, int(first[1:])) if route and route.kind == "document" else (None, 0)
        return family.route(path, query), 0

    @staticmethod
    def _instead(family: Family, what: str, printing: Printing) -> Answer:
        if what == "captcha":
            return _page(200, family.captcha_page(printing), "captcha")
        if what == "login":
            return _page(200, family.login_page(printing), "login")
        return _page(200, family.missing_page(printing), "soft404")

    def _routed(
        self,
        catalogue: Catalogue,
        route: Route | None,
        moves: int,
        request: Request,
        printing: Printing,
        held: Conditions,
    ) -> Answer:
        family = catalogue.family
        match route.kind if route else "missing":
            case "document" if route:
                return self._document(catalogue, route, moves, request, printing, held)
            case "listing" if route:
                return self._listing(catalogue, route, request, printing)
            case "home":
                text = family.home_page(printing)
                if self.options.traps:
                    text = text.replace("</main>", trap_links() + "</main>")
                return _page(200, text, "home")
            case "help":
                return _page(200, family.help_page(printing), "help")
            case "login":
                return _page(200, family.login_page(printing), "login")
            case "search" | "download":
                return _page(403, family.login_page(printing), "disallowed")
            case _:
                return _page(404, family.missing_page(printing), "missing")

    def _document(
        self, catalogue: Catalogue, route: Route, moves: int, request: Request, printing: Printing, held: Conditions
    ) -> Answer:
        family = catalogue.family
        number = catalogue.find(route.doc_id)
        if number is None:
            return _page(404, family.missing_page(printing), "missing")
        entry = catalogue.entry(number)
        how = self._lost(catalogue, number) or (entry.withdrawn_how if entry else None)
        if how is not None and how != "unlisted":
            return self._withdrawn(catalogue, number, how, printing)
        document = catalogue.document(number)
        asked = urlsplit(request.target).path
        if asked != document.path:
            headers = [("Location", document.path)]
            return Answer(301, b"", "text/html", headers, kind="moved", doc_id=document.doc_id)
        etag = f'W/"{document.doc_id}-{document.revision}-{printing.look.tag}"'
        validators = [("ETag", etag), ("Last-Modified", http_date(document.changed_at))]
        if unchanged(request, etag, document.changed_at if printing.look.tag == "1.0" else None):
            return Answer(304, b"", None, validators, kind="document", doc_id=document.doc_id)
        related = self._related(catalogue, printing.noise)
        text = family.document_page(document, Printing(printing.look, printing.noise, printing.now, related))
        answer = self._sent(family, document, text, held)
        answer.headers += validators
        return answer

    def _sent(self, family: Family, document: Document, text: str, held: Conditions) -> Answer:
        """Return the page in the encoding and the form of body that this document's pages have."""
        encoding, body, content_type = family.encoded(document.number, text)
        if held.wrong_charset:
            content_type = "text/html; charset=" + ("iso-8859-1" if encoding != "iso-8859-1" else "gbk")
        form, packed = _FORMS[Draw(self.options.seed, "form", document.number).below(len(_FORMS))]
        if self.options.plain_bodies:
            form, packed = "length", False
        return Answer(
            200, body, content_type, kind="document", doc_id=document.doc_id, form=form, gzip=packed,
        )  # fmt: skip

    def _lost(self, catalogue: Catalogue, number: int) -> str | None:
        """Return how a document of the opening is lost (see simulator/lost.py); None: it is not."""
        family = catalogue.family
        if not self.options.lost_documents or number >= family.count or number in family.pinned:
            return None
        return lost_how(number)

    def _withdrawn(self, catalogue: Catalogue, number: int, how: str, printing: Printing) -> Answer:
        family = catalogue.family
        document = catalogue.document(number)
        if how == "notice":
            related = self._related(catalogue, printing.noise)
            text = family.notice_page(document, Printing(printing.look, printing.noise, printing.now, related))
            return _page(200, text, "notice", document.doc_id)
        if how == "login":
            return _page(200, family.login_page(printing), "login", document.doc_id)
        status = {"gone": 410, "missing": 404, "soft404": 200}[how]
        return _page(status, family.missing_page(printing), how, document.doc_id)

    def _related(self, catalogue: Catalogue, noise: Noise) -> list[Document]:
        category = noise.draw.below(catalogue.family.categories)
        line = catalogue.line(category)
        return [catalogue.card(number) for number in noise.draw.several(_Sample(line, noise), RELATED)]

    def _listing(self, catalogue: Catalogue, route: Route, request: Request, printing: Printing) -> Answer:
        family = catalogue.family
        if not 0 <= route.category < family.categories:
            return _page(404, family.missing_page(printing), "missing")
        total = len(catalogue.line(route.category))
        pages = max(1, -(-total // family.per_page))
        if self.options.page_cap is not None:
            pages = min(pages, self.options.page_cap)
        if not 1 <= route.page <= pages:
            return _page(404, family.missing_page(printing), "missing")
        etag = f'W/"l{route.category}-{route.page}-{catalogue.versions[route.category]}-{printing.look.tag}"'
        if unchanged(request, etag, None):
            return Answer(304, b"", None, [("ETag", etag)], kind="listing")
        numbers = catalogue.shown(route.category, route.page, family.per_page)
        pinned = [number for number in family.pinned if catalogue.lists(number, route.category)]
        numbers = [*(pinned if route.page == 1 else ()), *(number for number in numbers if number not in pinned)]
        if route.page == 1 and self.options.sticky:
            pinned = list(catalogue.line(route.category)[: self.options.sticky])
            numbers = pinned + [number for number in numbers if number not in pinned]
        if printing.look.half_listing:
            numbers = numbers[: len(numbers) // 2]
        listing = Listing(route.category, route.page, pages, total, [catalogue.card(number) for number in numbers])
        answer = _page(200, family.listing_page(listing, printing), "listing")
        answer.headers.append(("ETag", etag))
        answer.gzip = not self.options.plain_bodies
        return answer

    # -- truth --------------------------------------------------------------------------------------------------

    def truth(self, base_url: str, at: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Yield what a perfect archive would hold at *at* (now): one record a document that could ever be read.

        Record fields as the page prints them, and beside them `listed_from`, `changed_at` (instants), `versions` (how
        many revisions there have been), `withdrawn_at` and `withdrawn_how` (None: still there).
        """
        moment = at or self.now()
        for name in self.catalogues:
            catalogue = self._open(name, self._all_events)
            catalogue.advance(moment)
            for number in range(catalogue.count):
                if self._lost(catalogue, number) is None:
                    yield self._true_record(catalogue, number, base_url, moment)

    def _true_record(self, catalogue: Catalogue, number: int, base_url: str, moment: datetime) -> dict[str, Any]:
        entry = catalogue.entry(number)
        document = catalogue.document(number)
        record = catalogue.family.record(document, base_url, moment)
        withdrawn_at = entry.withdrawn_at if entry else None
        listed_from = entry.added_at if entry and entry.added_at else self.opened_at
        return record | {
            "listed_from": instant_text(listed_from),
            "changed_at": instant_text(document.changed_at),
            "versions": document.revision + 1,
            "withdrawn_at": None if withdrawn_at is None else instant_text(withdrawn_at),
            "withdrawn_how": entry.withdrawn_how if entry else None,
        }


_FORMS = (
    *[("length", True)] * 8,
    *[("chunked", True)] * 5,
    *[("length", False)] * 3,
    *[("chunked", False)] * 3,
    ("close", True),
)
"""Forms of body, by how many documents in twenty have them."""


class _Sample(Sequence[int]):
    """A few places of a long line, so that drawing from it does not copy it."""

    def __init__(self, line: Sequence[int], noise: Noise) -> None:
        few = min(len(line), 4 * RELATED)
        start = noise.draw.below(max(1, len(line) - few + 1))
        self._few = line[start : start + few]

    def __len__(self) -> int:
        return len(self._few)

    def __getitem__(self, place: Any) -> Any:
        return self._few[place]


def _page(status: int, text: str, kind: str, doc_id: str | None = None) -> Answer:
    return Answer(status, text.encode(), "text/html; charset=utf-8", kind=kind, doc_id=doc_id)
