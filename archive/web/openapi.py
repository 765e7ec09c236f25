"""The description of the JSON API in the words of OpenAPI."""

from __future__ import annotations

from typing import Any

from archive.web.api import OPERATIONS, Operation, Parameter
from archive.web.openapi_schemas import ANSWERS, COMPONENTS, reference

TROUBLES = {
    "400": "What was asked cannot be understood, or takes too long; the sentence says what to write instead",
    "404": "There is no such document, run or capture",
    "405": "Only GET and HEAD are answered",
    "500": "A file of the archive is damaged, or a bug",
    "503": "This machine is too busy, or in the way",
}

UNKNOWN_NAME = "The server does not answer to the name it was asked by (Host); start it with --allow-host NAME"


def description(version: str) -> dict[str, Any]:
    """Return the description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "docarchive",
            "version": version,
            "summary": "Documents that sites list, with every change and where each value was read. Read-only.",
        },
        "paths": {operation.path: {"get": _described(operation)} for operation in OPERATIONS},
        "components": {"schemas": COMPONENTS},
    }


def _described(operation: Operation) -> dict[str, Any]:
    failing = {status: {"description": text, **_json(reference("Error"))} for status, text in TROUBLES.items()}
    failing["421"] = {"description": UNKNOWN_NAME, "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {
        "operationId": operation.path.rpartition("/")[2],
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": {"200": {"description": operation.summary, **_json(ANSWERS[operation.path])}, **failing},
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.kind}
    if parameter.kind == "array":
        schema["items"] = {"type": "string"}
    if parameter.kind == "integer":
        schema["minimum"] = 0
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": schema,
    }
