"""Our own style, script and sign, each under an address that changes when it does."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

TYPES = {
    "page.css": "text/css; charset=utf-8",
    "search.js": "text/javascript; charset=utf-8",
    "sign.svg": "image/svg+xml",
}

ONE_YEAR = 365 * 86_400


def asset_address(name: str) -> str:
    """Return the address of one of our files."""
    return f"/static/{name}?v={_asset(name)[1]}"


def asset(request: Request) -> Response:
    """Answer with one of our files; nothing is sent to who has it."""
    name = request.path_params["name"]
    if name not in TYPES:
        return PlainTextResponse("There is no such file.\n", status_code=404)
    content, digest = _asset(name)
    tag = f'"{digest}"'
    known = request.query_params.get("v") == digest
    headers = {"etag": tag, "cache-control": f"public, max-age={ONE_YEAR}, immutable" if known else "no-cache"}
    if tag in [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[name], headers=headers)


@lru_cache(maxsize=len(TYPES))
def _asset(name: str) -> tuple[bytes, str]:
    content = files("archive.web").joinpath("static", name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]
