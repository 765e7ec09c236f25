"""The document that was seen first with a text which several documents have."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from archive.snapshot.duckdb_session import arrow
from archive.snapshot.scope import Scope, listed

_STANDING_ORIGINALS = """
SELECT text_digest, arg_min(site || '/' || doc_id, (document_first_seen, site, doc_id)) AS original
FROM memory.main.standing_versions WHERE is_newest AND text_digest IN ({texts})
GROUP BY text_digest HAVING count(*) > 1
"""
"""As the view `original_texts`, of all documents whatever the scope."""


def originals(scope: Scope, digests: Sequence[str]) -> list[tuple[str, str]]:
    """Return (text digest, "site/doc_id" seen first with it) for those of *digests* that several documents have."""
    if not digests:
        return []
    texts = listed(digests)
    if scope.has_standing:
        return pairs(arrow(scope.connection, _STANDING_ORIGINALS.format(texts=texts)))
    asked = f"SELECT text_digest, original FROM original_texts WHERE text_digest IN ({texts})"
    if scope.whole:
        return pairs(arrow(scope.connection, asked))
    # Another document of the same text may lie outside of the scope.
    candidates = arrow(
        scope.connection,
        f"SELECT site, doc_id, text_digest FROM memory.main.raw_versions WHERE text_digest IN ({texts}) GROUP BY ALL",
    )
    documents: dict[str, list[tuple[str, str]]] = {}
    for document, digest in zip(pairs(candidates), candidates["text_digest"].to_pylist(), strict=True):
        documents.setdefault(digest, []).append(document)
    several = {document for same in documents.values() if len(same) > 1 for document in same}
    if not several:
        return []
    wider = Scope(scope.session, documents=sorted(several), moment=scope.moment, all_views=False)
    try:
        return pairs(arrow(wider.connection, asked))
    finally:
        wider.close()


def pairs(table: pa.Table) -> list[tuple[str, str]]:
    """Return the first two columns of *table*, row by row."""
    return list(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
