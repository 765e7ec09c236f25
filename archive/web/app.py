"""The web page as an ASGI application."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from archive.errors import ArchiveError, MachineTrouble, NotFound, UsageError
from archive.layout import Layout, read_marker
from archive.web.api import OPERATIONS, endpoint, json_answer
from archive.web.assets import asset
from archive.web.captured import captured_bytes, captured_page
from archive.web.document import document_page, source_page
from archive.web.figures import everything
from archive.web.guard import Guard
from archive.web.handed import Handed
from archive.web.ledger_pages import coverage_page, run_page, runs_page, site_page
from archive.web.openapi import description
from archive.web.opened import SharedArchive
from archive.web.searching import all_facets, first_words, search_page
from archive.web.view import render
from archive.web.work import compare_page

PAGES = {
    "/": search_page,
    "/document": document_page,
    "/compare": compare_page,
    "/source": source_page,
    "/captured": captured_page,
    "/captured/bytes": captured_bytes,
    "/runs": runs_page,
    "/run": run_page,
    "/coverage": coverage_page,
    "/site": site_page,
}


def web_app(layout: Layout, handed: Handed, *, hosts: Iterable[str] = ()) -> Starlette:
    """Return the application over one archive; *hosts*: names besides 127.0.0.1 and localhost that it answers to."""
    routes = [Route(path, page, methods=["GET"]) for path, page in PAGES.items()]
    routes += [Route(operation.path, endpoint(operation), methods=["GET"]) for operation in OPERATIONS]
    routes += [
        Route("/about", about_page, methods=["GET"]),
        Route("/api/openapi.json", _openapi, methods=["GET"]),
        Route("/static/{name}", asset, methods=["GET"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=tuple(hosts))],
        exception_handlers={ArchiveError: _told, HTTPException: _told_plainly, Exception: _bug},
    )
    app.state.shared = SharedArchive(layout, ahead=(everything, all_facets, first_words))
    app.state.handed = handed
    app.state.archive_name = layout.root.name
    app.state.is_demo = bool(read_marker(layout.root).get("demo"))
    return app


def about_page(request: Request) -> Response:
    """Tell what this archive is, how it is searched, and how programs ask it."""
    shared: SharedArchive = request.app.state.shared
    with shared.asked() as (archive, opened):
        whole = everything(archive, opened)
    return render(request, "about.html", {"whole": whole, "operations": OPERATIONS})


def _openapi(request: Request) -> Response:
    return json_answer(description(version("docarchive")))


def status_of(error: ArchiveError) -> int:
    """Return the HTTP status that says what kind of trouble this is."""
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, MachineTrouble) else 500


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, ArchiveError)
    return _trouble(request, str(error), status_of(error))


def _told_plainly(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = "there is no such page" if error.status_code == 404 else error.detail
    return _trouble(request, sentence, error.status_code)


def _bug(request: Request, error: Exception) -> Response:
    return _trouble(request, f"this is a bug ({type(error).__name__}); what the server printed tells more", 500)


def _trouble(request: Request, sentence: str, status: int) -> Response:
    told: Any = {"error": " ".join(sentence.split())}
    if request.url.path.startswith("/api/"):
        return json_answer(told, status)
    return render(request, "trouble.html", {"sentence": told["error"], "status": status}, status)
