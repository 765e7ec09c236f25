"""The description of the JSON API in the words of OpenAPI."""

from __future__ import annotations

from typing import Any

from archive.selection import ANSWER_FIELDS
from archive.web.api import OPERATIONS, Operation, Parameter

_SENTENCE = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}

TROUBLES = {
    "400": "What was asked cannot be understood, or takes too long; the sentence says what to write instead",
    "404": "There is no such document, run or capture",
    "500": "A file of the archive is damaged, or a bug",
    "503": "This machine is too busy, or in the way",
}


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
        "components": {
            "schemas": {
                "Error": _SENTENCE,
                "Document": {
                    "type": "object",
                    "description": "Fields as docs/data-format.md tells; absent is null. fields= leaves others out.",
                    "properties": {name: {} for name in ANSWER_FIELDS},
                },
            }
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    failing = {status: {"description": text, **_json({"$ref": "#/components/schemas/Error"})}
               for status, text in TROUBLES.items()}  # fmt: skip
    return {
        "operationId": operation.path.rpartition("/")[2],
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": {"200": {"description": operation.summary, **_json(_answer(operation))}, **failing},
    }


def _answer(operation: Operation) -> dict[str, Any]:
    document = {"$ref": "#/components/schemas/Document"}
    if not operation.gives:
        return document if operation.path == "/api/document" else {"type": "object"}
    member: dict[str, Any] = {"type": "object"}
    if operation.is_list:
        member = {"type": "array", "items": document if operation.gives == "documents" else {"type": "object"}}
    properties = {operation.gives: member}
    if operation.gives == "documents":
        properties["total"] = {"type": "integer"}
    return {"type": "object", "required": list(properties), "properties": properties}


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
