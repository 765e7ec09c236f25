"""Archives with an index that knows all, some or none of their documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from archive.layout import create
from archive.record import DocumentRecord
from archive.words.folding import fold
from archive.words.text_query import TextQuery, parse_text_query
from tests.archive.conftest import WrittenArchive


@pytest.fixture
def written(tmp_path: Path) -> WrittenArchive:
    return WrittenArchive(create(tmp_path / "data"))


@pytest.fixture
def never_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    """No search brings the index up to date: it stays as the test made it."""
    monkeypatch.setattr("archive.text_index.asking.AT_ONCE", -1)


def answers(query: TextQuery, record: DocumentRecord) -> bool:
    """The definition that every answer is held against."""
    texts = [record.title or "", *record.tags, record.preview_text or ""]
    if not query.exact:
        texts = [fold(text) for text in texts]

    def stands(piece: str) -> bool:
        return any(piece in text for text in texts)

    return all(any(stands(t.written if query.exact else t.text) == t.wanted for t in group) for group in query.groups)


def expected(records: Sequence[DocumentRecord], text: str, *, exact: bool = False) -> set[str]:
    query = parse_text_query(text, exact=exact)
    return {record.doc_id for record in records if answers(query, record)}
