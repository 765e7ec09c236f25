"""The shapes of what the JSON API answers, as JSON Schema."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from archive.published.tables import SCHEMAS
from archive.snapshot.selection import ANSWER_FIELDS

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": ["integer", "null"]}
INSTANT: Schema = {"type": ["string", "null"], "format": "date-time"}
NUMBER: Schema = {"type": ["number", "null"]}
TRUTH: Schema = {"type": ["boolean", "null"]}
ANYTHING: Schema = {"description": "a value of the field that is told of"}


def an_object(description: str = "", /, **properties: Schema) -> Schema:
    """Return the schema of an object that has all of *properties*."""
    schema: Schema = {"type": "object", "required": list(properties), "properties": properties}
    return {"description": description, **schema} if description else schema


def a_list(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def reference(name: str) -> Schema:
    """Return what points to one of `COMPONENTS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def of_arrow(kind: pa.DataType) -> Schema:
    """Return the schema of a column's values as JSON has them; any may be null.

    >>> of_arrow(pa.list_(pa.int64()))
    {'type': ['array', 'null'], 'items': {'type': ['integer', 'null']}}
    """
    if pa.types.is_map(kind):
        return {"type": ["object", "null"], "additionalProperties": of_arrow(kind.item_type)}
    if pa.types.is_list(kind):
        return {"type": ["array", "null"], "items": of_arrow(kind.value_type)}
    if pa.types.is_integer(kind):
        return COUNT
    if pa.types.is_floating(kind):
        return NUMBER
    if pa.types.is_timestamp(kind):
        return INSTANT
    return {"type": ["string", "null"], "format": "date"} if pa.types.is_date(kind) else TEXT


_STORED = {column.name: of_arrow(column.type) for column in SCHEMAS["versions"]}
_COMPUTED: dict[str, Schema] = {
    "version": COUNT,
    "cause": {"enum": ["site", "reader", "import"]},
    **dict.fromkeys(("first_seen", "last_seen", "withdrawn_at"), INSTANT),
    **dict.fromkeys(("work_id", "exact_copy_of", "warc_file"), TEXT),
    "warc_offset": COUNT,
    "mangled_by": TEXT,
    "mangled_score": NUMBER,
    "is_garbage": TRUTH,
}
_FIELDS = _COMPUTED | _STORED

_DOCUMENT: Schema = {
    "type": "object",
    "description": "Fields as docs/data-format.md tells; what is absent is null. fields= leaves others out.",
    "properties": {
        **{name: _FIELDS[name] for name in ANSWER_FIELDS},
        "snippet": a_list(an_object("with snippets=1", text=TEXT, hit=TRUTH)),
    },
}

_CHANGE: Schema = {
    "type": "object",
    "required": ["field", "from", "to"],
    "properties": {
        "field": TEXT,
        "from": ANYTHING,
        "to": ANYTHING,
        "level": TEXT,
        "segments": a_list(an_object("with text=1", op={"enum": ["equal", "delete", "insert"]}, text=TEXT)),
    },
}

_SOURCE = an_object(
    "one value, and the place it was read at",
    field=TEXT,
    value=ANYTHING,
    printed=TEXT,
    place=TEXT,
    excerpt=TEXT,
    same=TRUTH,
    now=ANYTHING,
    printed_now=TEXT,
)

COMPONENTS: dict[str, Schema] = {
    "Error": an_object(error={"type": "string"}),
    "Document": _DOCUMENT,
    "Version": {
        "type": "object",
        "required": ["changes", "version", "cause", "first_seen", "last_seen"],
        "properties": {
            "changes": a_list(_CHANGE),
            **{name: schema for name, schema in _FIELDS.items() if name != "previous_reread_digest"},
        },
    },
    "Facets": {
        "type": "object",
        "description": "of each facet that is asked for: site, doc_format, year, tag, flag",
        "additionalProperties": a_list(an_object(value=TEXT, documents={"type": "integer"})),
    },
    "Sources": an_object(
        **dict.fromkeys(("site", "doc_id", "url", "capture", "warc_file", "read_by", "reads_now", "page_now"), TEXT),
        **dict.fromkeys(("version", "warc_offset"), COUNT),
        fetched_at=INSTANT,
        body={"type": ["object", "null"], "description": "the capture whose bytes are read, where this one repeats it"},
        problem={"enum": ["imported", "no_capture", "damaged", None]},
        reason=TEXT,
        values=a_list(_SOURCE),
    ),
    "Capture": an_object(**{column.name: of_arrow(column.type) for column in SCHEMAS["captures"]}),
    "Site": an_object(site=TEXT, documents=COUNT, fetched_at=INSTANT, withdrawn=COUNT),
    "Run": an_object(
        **dict.fromkeys(("run_id", "site", "event", "reason"), TEXT),
        **dict.fromkeys(("seq", "new", "changed", "withdrawn", "requests", "failed"), COUNT),
        **dict.fromkeys(("started_at", "finished_at"), INSTANT),
        **dict.fromkeys(("is_import", "is_reread"), TRUTH),
    ),
    "Copy": an_object(
        **dict.fromkeys(("site", "doc_id", "title", "url"), TEXT),
        **dict.fromkeys(("first_seen", "withdrawn_at"), INSTANT),
    ),
    "Event": an_object("a row of the ledger", **{column.name: of_arrow(column.type) for column in SCHEMAS["runs"]}),
    "Finding": an_object(
        "what a run was held for",
        **dict.fromkeys(("measure", "finding"), TEXT),
        **dict.fromkeys(("cases", "of", "usual_cases", "usual_of", "chance"), NUMBER),
        samples=a_list(
            an_object(
                "a page that shows it: the value read now, and the one last published",
                **dict.fromkeys(("url", "capture", "doc_id"), TEXT),
                **dict.fromkeys(("now", "before"), ANYTHING),
            )
        ),
    ),
    "Listing": an_object(
        **dict.fromkeys(("run_id", "site", "listing", "walk", "whole_at", "standing", "reason"), TEXT),
        **dict.fromkeys(
            ("run_seq", "advertised_total", "entries", "seen", "captured", "unlisted", "missing"), COUNT
        ),
        at=INSTANT,
        why={**a_list(an_object(reason=TEXT, documents=COUNT, samples=a_list(TEXT))), "type": ["array", "null"]},
    ),
}  # fmt: skip

ANSWERS: dict[str, Schema] = {
    "/api/documents": an_object(total={"type": "integer"}, documents=a_list(reference("Document"))),
    "/api/facets": an_object(facets=reference("Facets")),
    "/api/document": reference("Document"),
    "/api/history": an_object(versions=a_list(reference("Version"))),
    "/api/copies": an_object(copies=a_list(reference("Copy"))),
    "/api/source": reference("Sources"),
    "/api/capture": reference("Capture"),
    "/api/sites": an_object(sites=a_list(reference("Site"))),
    "/api/runs": an_object(runs=a_list(reference("Run"))),
    "/api/run": an_object(
        events=a_list(reference("Event")),
        judgement=a_list(reference("Finding")),
        report={"type": ["object", "null"], "description": "its report, as reports/RUN.json"},
    ),
    "/api/coverage": an_object(coverage=a_list(reference("Listing"))),
}
"""Path -> the shape of its answer."""
