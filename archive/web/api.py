"""The JSON API: the same questions as on the command line, answered to programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from itertools import islice
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from archive.archive import Archive
from archive.asking.plain import plain
from archive.errors import NotFound, UsageError
from archive.web.asked import SELECTING, asked, truth, whole_number
from archive.web.document import named_document
from archive.web.figures import everything
from archive.web.ledger_pages import judgement_of, listed_runs, run_events
from archive.web.opened import Opened, SharedArchive
from archive.words.snippet import snippet

LIMIT = 20
MOST_ROWS = 1_000
MOST_SKIPPED = 10_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as the description tells it."""

    name: str
    about: str
    kind: str = "string"
    """`string`, `integer`, `boolean`, or `array` of strings: may be given several times."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """A path of the API."""

    path: str
    summary: str
    gives: str
    """The member of the answer that holds what was asked for; "" where the answer is it."""
    parameters: tuple[Parameter, ...]
    answer: Callable[[Request, Archive, Opened], Mapping[str, Any]]
    is_list: bool = True


SELECTION = (
    Parameter("search", 'words in title, tags and text: space = AND, "..." phrase, -word without, OR'),
    Parameter("exact", "width, case and script of the words matter", "boolean"),
    Parameter("like_original", "what mangled texts have in the place of the words is found too", "boolean"),
    Parameter("unique", "of the copies of one work only the best one", "boolean"),
    Parameter("where", "one SQL condition on the columns of documents"),
    Parameter("site", "only of this site", "array"),
    Parameter("doc_format", "docx, pdf, ...", "array"),
    Parameter("tag", "only with this tag", "array"),
    Parameter("flag", "only with this flag of the reader", "array"),
    Parameter("published_from", "2019, 2019-03 or 2019-03-12"),
    Parameter("published_to", "2019, 2019-03 or 2019-03-12"),
    Parameter("min_pages", "at least so many pages", "integer"),
    Parameter("max_pages", "at most so many pages", "integer"),
    Parameter("as_of", "what the sites said at this instant or on this day"),
    Parameter("as_published", "what readers of the archive saw after this run or at this instant"),
)
SORT = Parameter("sort", "relevance, published or fetched")
DOCUMENT = (
    Parameter("site", "the document's site", required=True),
    Parameter("doc_id", "the document's ID on its site", required=True),
)
THEN = SELECTION[-2:]
assert {parameter.name for parameter in (*SELECTION, SORT)} == set(SELECTING)


def _documents(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    keywords = asked(request.query_params).keywords()
    limit = _count(request, "limit", LIMIT, MOST_ROWS)
    skip = _count(request, "offset", 0, MOST_SKIPPED)
    fields = request.query_params.get("fields") or None
    snippets = truth("snippets", request.query_params.get("snippets", ""))
    wanted = f"{fields},preview_text" if fields and snippets else fields
    rows = archive.records(**keywords, fields=wanted, limit=skip + limit if limit else 1)
    words = archive.words(**keywords) if snippets else None
    found = []
    for row in islice(rows, skip, None) if limit else ():
        if snippets:
            pieces = snippet(row["preview_text"] or "", words).pieces
            if fields and "preview_text" not in fields.split(","):
                del row["preview_text"]
            row = {**row, "snippet": [{"text": piece.text, "hit": piece.hit} for piece in pieces]}
        found.append(row)
    return {"total": rows.total, "documents": found}


def _facets(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    question = asked(request.query_params)
    most = _count(request, "most", LIMIT, MOST_ROWS)
    counted = archive.facets(request.query_params.get("names") or None, most=most, **question.keywords())
    return {
        "facets": {
            name: [{"value": value, "documents": documents} for value, documents in values]
            for name, values in counted.items()
        }
    }


def _document(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    return named_document(request, archive)


def _history(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    row = named_document(request, archive)
    then = {name: request.query_params[name] for name in ("as_of", "as_published") if request.query_params.get(name)}
    field = request.query_params.getlist("field") or None
    text = truth("text", request.query_params.get("text", ""))
    return {"versions": archive.history(row["site"], row["doc_id"], field=field, text=text, **then)}


def _copies(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    return {"copies": archive.copies_of(named_document(request, archive))}


def _source(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    sources = request.app.state.handed.sources(archive, named_document(request, archive))
    return asdict(sources) if is_dataclass(sources) and not isinstance(sources, type) else dict(sources)


def _capture(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    name = request.query_params.get("capture", "")
    name = name if name.startswith("<") else f"<{name}>"
    row = next(iter(archive.query("FROM captures WHERE capture = $capture LIMIT 1", {"capture": name})), None)
    if row is None:
        raise NotFound(f"no capture {name} in this archive")
    return row


def _runs(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    before = request.query_params.get("before")
    limit = _count(request, "limit", LIMIT, MOST_ROWS)
    number = whole_number("before", before) if before else None
    return {"runs": listed_runs(archive, request.query_params.get("site"), number, limit)}


def _run(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    events = run_events(request, archive)
    report = request.app.state.handed.report(events[0]["run_id"])
    return {"events": events, "judgement": judgement_of(events), "report": report}


def _coverage(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    return {"coverage": archive.coverage(request.query_params.get("site") or None).to_list()}


def _sites(request: Request, archive: Archive, opened: Opened) -> Mapping[str, Any]:
    return {"sites": everything(archive, opened)["sites"]}


OPERATIONS = (
    Operation(
        "/api/documents",
        "Documents that a selection finds, newest versions; total says how many there are",
        "documents",
        (
            *SELECTION,
            SORT,
            Parameter("fields", "only these fields, with commas between"),
            Parameter("limit", f"at most so many, {LIMIT} without, {MOST_ROWS:,} at most; 0: total alone", "integer"),
            Parameter("offset", f"leave out so many first, {MOST_SKIPPED:,} at most", "integer"),
            Parameter("snippets", "with the part of each text where the words stand", "boolean"),
        ),
        _documents,
    ),
    Operation(
        "/api/facets",
        "How the documents of a selection are spread",
        "facets",
        (
            *SELECTION,
            Parameter("names", "among site, doc_format, year, tag, flag, with commas between"),
            Parameter("most", "so many values of each", "integer"),
        ),
        _facets,
        is_list=False,
    ),
    Operation("/api/document", "One document", "", (*DOCUMENT, *THEN), _document, is_list=False),
    Operation(
        "/api/history",
        "The versions of one document, what changed and why",
        "versions",
        (
            *DOCUMENT,
            Parameter("field", "only changes of this field", "array"),
            Parameter("text", "with what changed in the text, word by word", "boolean"),
            *THEN,
        ),
        _history,
    ),
    Operation("/api/copies", "Other documents with the same text", "copies", DOCUMENT, _copies),
    Operation(
        "/api/source", "Where each value of a document was read, and what today's reader reads there", "",
        (*DOCUMENT, *THEN), _source, is_list=False,
    ),
    Operation(
        "/api/capture", "Where the bytes of one capture lie", "",
        (Parameter("capture", "WARC-Record-ID, with or without < >", required=True),), _capture, is_list=False,
    ),
    Operation("/api/sites", "The sites, with how many documents of each are here", "sites", (), _sites),
    Operation(
        "/api/runs", "The runs, the newest first", "runs",
        (
            Parameter("site", "only of this site"),
            Parameter("before", "only runs before this one's seq", "integer"),
            Parameter("limit", f"at most so many, {LIMIT} without", "integer"),
        ),
        _runs,
    ),
    Operation(
        "/api/run", "What the ledger says of one run, what it was held for, its report", "events",
        (Parameter("run_id", "the run", required=True),), _run,
    ),
    Operation(
        "/api/coverage", "Per listing: what the site says it has, seen, captured, missing and why", "coverage",
        (Parameter("site", "only of this site"),), _coverage,
    ),
)  # fmt: skip


def endpoint(operation: Operation) -> Callable[[Request], Response]:
    """Return what answers a path of the API."""
    known = {parameter.name for parameter in operation.parameters}

    def answer(request: Request) -> Response:
        for name in request.query_params:
            if name not in known:
                raise UsageError(f"there is no parameter {name!r}; choose among {', '.join(sorted(known)) or 'none'}")
        shared: SharedArchive = request.app.state.shared
        with shared.asked() as (archive, opened):
            return json_answer(operation.answer(request, archive, opened))

    return answer


def json_answer(value: Any, status: int = 200) -> Response:
    """Return *value* as an answer in JSON."""
    return Response(orjson.dumps(plain(value)), status_code=status, media_type="application/json")


def _count(request: Request, name: str, default: int, most: int) -> int:
    given = request.query_params.get(name)
    number = whole_number(name, given) if given else default
    if number > most:
        raise UsageError(f"{name}={number} is too many; ask for {most:,} at most")
    return number
