"""One page as it is shown to one visitor: its language, its links, how values read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from archive.asking.plain import cell_text
from archive.clock import instant_text
from archive.web.asked import address
from archive.web.assets import asset_address
from archive.web.languages import LANGUAGES, language_of, preferred
from archive.web.trouble_wording import in_chinese
from archive.web.wording import WORDS

Pairs = Iterable[tuple[str, str]] | Mapping[str, str]


class View:
    """What a template needs of the visitor."""

    def __init__(self, request: Request) -> None:
        chosen = request.query_params.get("lang", "")
        self.chosen = chosen if chosen in LANGUAGES else None
        """The language that the address names: it goes with every link, for there are no cookies."""
        self.lang = self.chosen or preferred(request.headers.get("accept-language", ""))
        self.html_lang = {"en": "en", "zh": "zh-Hans"}[self.lang]
        self.path = request.url.path
        self.origin = f"{request.url.scheme}://{request.url.netloc}"
        self._request = request

    def t(self, text: str, **values: object) -> str:
        """Return an English sentence in the visitor's language, with {values} put in."""
        told = WORDS[text] if self.lang == "zh" else text
        return told.format(**values) if values else told

    def told(self, sentence: str) -> Markup:
        """Return what went wrong in the visitor's language where it is known in it, marked with its language."""
        chinese = in_chinese(sentence) if self.lang == "zh" else None
        lang, text = ("en", sentence) if chinese is None else (self.html_lang, chinese)
        return Markup('<bdi lang="{}">{}</bdi>').format(lang, text)

    def n(self, count: int, one: str, several: str) -> str:
        """Return a sentence of *count* things, in which {n} stands for their number."""
        return self.t(one if count == 1 else several, n=f"{count:,}")

    def link(self, path: str, pairs: Pairs = (), **named: str) -> str:
        """Return the address of one of our pages."""
        given = [*(pairs.items() if isinstance(pairs, Mapping) else pairs), *named.items()]
        return address(path, [*given, ("lang", self.chosen)] if self.chosen else given)

    def in_language(self, language: str) -> str:
        """Return the address of this very page in another language."""
        pairs = [pair for pair in self._request.query_params.multi_items() if pair[0] != "lang"]
        return address(self.path, [*pairs, ("lang", language)])

    def document(self, row: Mapping[str, Any], search: str = "") -> str:
        """Return the address of a document's page, on which the words of *search* are marked."""
        pairs = [("site", row["site"]), ("doc_id", row["doc_id"])]
        return self.link("/document", [*pairs, ("search", search)] if search else pairs)

    def size(self, size_bytes: int | None) -> str:
        """Return a size in the unit that suits it."""
        if size_bytes is None:
            return ""
        size, unit = float(size_bytes), "bytes"
        for larger in ("KB", "MB", "GB", "TB"):
            if size < 1024:
                break
            size, unit = size / 1024, larger
        return f"{size_bytes:,} {self.t('bytes')}" if unit == "bytes" else f"{size:,.1f} {unit}"

    def field(self, name: str) -> str:
        """Return what a field of the record is called."""
        return self.t(FIELD_NAMES[name]) if name in FIELD_NAMES else name


FIELD_NAMES = {
    "doc_id": "ID",
    "title": "Title",
    "size_bytes": "Size",
    "pages": "Pages",
    "format": "Format",
    "published_on": "Published",
    "tags": "Tags",
    "issuer": "Issuer",
    "document_number": "Document number",
    "other_labels": "Other labels",
    "preview_text": "Text",
    "title_text": "Title, as printed",
    "size_text": "Size, as printed",
    "pages_text": "Pages, as printed",
    "format_text": "Format, as printed",
    "published_text": "Published, as printed",
}


def render(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Return a page made of a template."""
    view = View(request)
    shared = request.app.state
    text = (
        _environment()
        .get_template(template)
        .render(**values, view=view, t=view.t, archive_name=shared.archive_name, is_demo=shared.is_demo)
    )
    headers = {"content-language": view.html_lang, "vary": "accept-language"}
    return HTMLResponse(text, status_code=status, headers=headers)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("archive.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )
    environment.filters["moment"] = moment
    environment.filters["day"] = lambda value: "" if value is None else instant_text(value)[:10]
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["share"] = share
    environment.filters["cell"] = cell_text
    environment.tests["listing"] = lambda value: isinstance(value, list | tuple)
    environment.globals["language_of"] = language_of
    environment.globals["asset"] = asset_address
    return environment


def _written(value: object) -> object:
    """Return *value* so that a browser reads what it was: it would take a bare CR for LF, and leave NUL out."""
    if not isinstance(value, str) or isinstance(value, Markup) or not ("\r" in value or "\0" in value):
        return value
    return Markup(str(escape(value)).replace("\r", "&#13;").replace("\0", "\ufffd"))  # noqa: S704 - escaped


def moment(value: datetime | date | str | None) -> str:
    """Return an instant as people read it.

    >>> moment("2026-03-01T03:00:07.000Z"), moment(None)
    ('2026-03-01 03:00 UTC', '')
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else instant_text(value) if isinstance(value, datetime) else str(value)
    return f"{text[:10]} {text[11:16]} UTC" if len(text) > 10 else text


def share(value: float | None) -> str:
    """Return a share in percent; nearly all is not all.

    >>> share(0.9996), share(1.0), share(None)
    ('99.9 %', '100 %', '–')
    """
    if value is None:
        return "–"
    if value in (0.0, 1.0):
        return f"{value:.0%}".replace("%", " %")
    return f"{min(max(value * 100, 0.1), 99.9):.1f} %"
