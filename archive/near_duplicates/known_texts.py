"""Reads the texts of documents that the index knows from where it saw them lie, without asking all tables for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archive.near_duplicates.newest_texts import NewestTexts, texts_in_file
from archive.near_duplicates.store import Document, Store
from archive.snapshot.duckdb_session import Session

Lying = Mapping[str, Sequence[tuple[int, Document]]]
"""File -> (row, document)."""


class KnownTexts:
    """The preview texts of the documents of an index, as a session sees the tables."""

    def __init__(self, session: Session, store: Store) -> None:
        self._session = session
        self._store = store
        self._paths = {path.rsplit("/", 1)[-1]: path for path in session.snapshot.files["versions"]}

    def read(self, documents: Sequence[Document]) -> Iterator[tuple[Document, str]]:
        """Yield each document that is still in the tables and its text, file by file. Raises DamagedFile."""
        names = self._store.file_names()
        lying: dict[str, list[tuple[int, Document]]] = {}
        moved: list[Document] = []
        for document in documents:
            path = self._paths.get(names[document.file])
            if path is None:
                moved.append(document)
            else:
                lying.setdefault(path, []).append((document.file_row, document))
        yield from _texts(lying)
        if moved:
            yield from _texts(self._found_anew(moved))

    def _found_anew(self, documents: Sequence[Document]) -> Lying:
        """Return where documents lie whose files were made one with others; it is noted for the next time."""
        named = {(document.site, document.doc_id): document for document in documents}
        newest = NewestTexts(self._session, named.keys())
        try:
            places = newest.places(named.keys())
        finally:
            newest.close()
        lying = {path: [(row, named[name]) for row, name in rows] for path, rows in places.items()}
        with self._store.transaction():
            for path, rows in lying.items():
                self._store.put_places(path.rsplit("/", 1)[-1], [(row, document.number) for row, document in rows])
        return lying


def _texts(lying: Lying) -> Iterator[tuple[Document, str]]:
    for path, rows in lying.items():
        documents = dict(rows)
        for row, text in texts_in_file(path, sorted(documents)):
            yield documents[row], text
