"""What the index knows of documents and texts, in one SQLite file beside the postings.

Files of postings count only where they are listed here, so that each step takes effect in one commit: killed before it,
nothing happened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from archive import durable
from archive.errors import MachineTrouble
from archive.near_duplicates.newest_texts import Found
from archive.near_duplicates.postings import Hits, Numbers
from archive.near_duplicates.segments import Segments, StoreUnusable
from archive.near_duplicates.sketch import Hashes

FORMAT = 3
"""Raised when the file's tables change."""

_TABLES = """
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE segments(number INTEGER PRIMARY KEY, name TEXT NOT NULL, postings INTEGER NOT NULL);
CREATE TABLE sites(number INTEGER PRIMARY KEY, site TEXT NOT NULL UNIQUE);
CREATE TABLE files(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE documents(
  number INTEGER PRIMARY KEY, site INTEGER NOT NULL, doc_id TEXT NOT NULL, content INTEGER NOT NULL, text INTEGER,
  published INTEGER NOT NULL, seen INTEGER NOT NULL, file INTEGER NOT NULL, file_row INTEGER NOT NULL,
  judged INTEGER NOT NULL);
CREATE UNIQUE INDEX documents_by_name ON documents(doc_id, site);
CREATE INDEX documents_by_text ON documents(text);
CREATE TABLE texts(
  number INTEGER PRIMARY KEY, digest BLOB NOT NULL, keys INTEGER NOT NULL, waiting INTEGER, cluster INTEGER NOT NULL,
  edges BLOB NOT NULL);
CREATE UNIQUE INDEX texts_by_digest ON texts(digest);
CREATE INDEX texts_by_cluster ON texts(cluster) WHERE cluster <> number;
CREATE INDEX texts_waiting ON texts(waiting) WHERE waiting IS NOT NULL;
CREATE TABLE stopped(key INTEGER PRIMARY KEY);
CREATE TABLE loose_texts(number INTEGER PRIMARY KEY);
CREATE TABLE loose_documents(number INTEGER PRIMARY KEY);
"""
# keys: how many of its sketch's keys tell anything.
# stopped: keys that so many texts have that they tell nothing.
# waiting: the text was not yet compared with the others; its least key, so that copies come one behind another.
# edges: to which texts, with which weight, both ways.
# file, file_row: where the newest version lay in the table when it was looked at; a maintained table has it elsewhere.
# judged: how many copies the work had when it was found out whether the text is mangled, 0: it was not yet.
# loose: the cluster, or the work, is to be found anew.

EDGE = np.dtype([("text", "<u4"), ("weight", "<i2")])

MAX_TEXTS_A_KEY = 400
"""Texts from which on what they have in common is a stock phrase or a site's boilerplate, and every pair of them one to
look at: with 1,000 a text of an archive of 200,000 met 50,000 others before it was known which are worth comparing.
Exact copies are one text. Which keys those are depends on the texts alone, not on the order in which they came: when it
changes for a key, all texts that have it are compared anew."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the index knows it."""

    number: int
    site: str
    doc_id: str
    content: int
    text: int | None
    published: int
    """Ledger row by which it first became visible."""
    seen: int
    """When it was first seen, in microseconds since 1970."""
    file: int
    file_row: int
    """Where its newest version lay in the table `versions` when it was looked at (`files`)."""
    judged: int
    """How many copies its work had when the text was judged (`mangled`), 0: it was not yet."""


class Store:
    """The index in one folder, open for writing by the one process that holds the lock."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreUnusable for one that cannot be read."""
        self.folder = folder
        self._sites: dict[str, int] = {}
        self._stopped: Hashes = np.zeros(0, np.uint64)
        path = folder / "index.sqlite"
        is_new = not path.exists()
        self.db = sqlite3.connect(path, isolation_level=None)
        try:
            with self._translated():
                self.db.execute("PRAGMA journal_mode = WAL")
                self.db.execute("PRAGMA synchronous = FULL")  # files of postings are deleted on its word
                self.db.execute("PRAGMA cache_size = -16000")
                if is_new:
                    self.db.executescript(f"BEGIN;{_TABLES}COMMIT;")
                self._sites = dict(self.db.execute("SELECT site, number FROM sites"))
                self.postings = Segments(folder, self.db)
                self._read_stopped()
        except StoreUnusable:
            self.db.close()
            raise

    def close(self) -> None:
        """Let go of the files."""
        self.postings.close()
        self.db.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "full" in str(error) or "disk I/O" in str(error):
                raise MachineTrouble(
                    f"{self.folder} cannot be written ({error}); make room, then run the same command again"
                ) from error
            raise StoreUnusable(f"{self.folder} cannot be read ({error})") from error
        except sqlite3.DatabaseError as error:
            raise StoreUnusable(f"{self.folder} cannot be read ({error})") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One step, all of it or nothing. Raises StoreUnusable, MachineTrouble."""
        with self._translated():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            durable.point("duplicates-commit")
            self.db.execute("COMMIT")

    # Facts

    def fact(self, name: str) -> str | None:
        """Return what was noted under *name*."""
        row = self.db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, name: str, value: str) -> None:
        """Note *value*; in the open transaction."""
        self.db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    # Keys that too many texts have

    def telling(self, keys: Hashes) -> Hashes:
        """Return those of *keys* that tell anything."""
        return keys[~_isin(keys, self._stopped)] if len(self._stopped) else keys

    def _read_stopped(self) -> None:
        rows = self.db.execute("SELECT key FROM stopped ORDER BY key").fetchall()
        self._stopped = np.array([row[0] for row in rows], np.uint64)

    def stop_frequent(self, keys: Hashes) -> None:
        """Let those of *keys* tell nothing any more that too many texts have now; in the open transaction."""
        keys = self.telling(np.unique(keys))
        counts = self.postings.counts(keys)
        often = keys[counts > MAX_TEXTS_A_KEY]
        if len(often):
            asked, texts = self._having_now(often)  # without texts that are gone
            self._turn(often, np.bincount(asked, minlength=len(often)) > MAX_TEXTS_A_KEY, asked, texts, stop=True)

    def let_rare_tell(self) -> None:
        """Let keys tell something again that fewer texts have since some are gone; a step of its own."""
        if self.fact("dropped") is None:
            return
        with self.transaction():
            if len(self._stopped):
                asked, texts = self._having_now(self._stopped)
                rare = np.bincount(asked, minlength=len(self._stopped)) <= MAX_TEXTS_A_KEY
                self._turn(self._stopped, rare, asked, texts, stop=False)
            self.db.execute("DELETE FROM facts WHERE name = 'dropped'")

    def _having_now(self, keys: Hashes) -> Hits:
        """Return which texts have which of *keys*, without those that are gone."""
        asked, texts = self.postings.having(keys)
        there = self.db.execute(
            "SELECT number FROM texts WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number",
            (_listed(np.unique(texts).tolist()),),
        )
        live = _isin(texts, np.array([row[0] for row in there], np.uint32))
        return Hits(asked[live], texts[live])

    def _turn(
        self, keys: Hashes, which: npt.NDArray[np.bool_], asked: npt.NDArray[np.intp], texts: Numbers, *, stop: bool
    ) -> None:
        """Stop *which* of *keys*, or let them tell; compare the texts that have them anew."""
        rows = [(key,) for key in keys[which].tolist()]
        if not rows:
            return
        sql = "INSERT INTO stopped VALUES (?)" if stop else "DELETE FROM stopped WHERE key = ?"
        self.db.executemany(sql, rows)
        numbers, counts = np.unique(texts[which[asked]], return_counts=True)
        changes = zip(numbers.tolist(), (-counts if stop else counts).tolist(), strict=True)
        self._compare_anew(dict(changes), rows[0][0])
        self._read_stopped()

    def _compare_anew(self, more: Mapping[int, int], key: int) -> None:
        """Let texts wait, each with so many *more* keys that tell anything; forget what they had to do with others."""
        touched = set(more)
        gone: dict[int, set[int]] = {}
        rows = self.db.execute(
            "SELECT number, edges FROM texts WHERE edges <> x'' AND number IN (SELECT value FROM json_each(?))",
            (_listed(list(more)),),
        ).fetchall()
        for text, edges in rows:
            for other in np.frombuffer(edges, EDGE)["text"].tolist():
                if other not in more:
                    gone.setdefault(other, set()).add(text)
        for other, texts in gone.items():
            left = self.edges(other)
            self._set_edges(other, left[~np.isin(left["text"], list(texts))])
            touched.add(other)
        self.db.executemany(
            f"UPDATE texts SET keys = keys + ?, waiting = coalesce(waiting, {key:d}), edges = x'' WHERE number = ?",
            [(change, text) for text, change in more.items()],
        )
        self.db.executemany("INSERT OR IGNORE INTO loose_texts VALUES (?)", [(number,) for number in touched])

    # Documents

    def document(self, site: str, doc_id: str) -> Document | None:
        """Return what is known of a document."""
        number = self._sites.get(site)
        if number is None:
            return None
        row = self.db.execute(
            "SELECT number, content, text, published, seen, file, file_row, judged FROM documents "
            "WHERE doc_id = ? AND site = ?",
            (doc_id, number),
        ).fetchone()
        return None if row is None else Document(row[0], site, doc_id, *row[1:])

    def put_document(self, found: Found, text: int | None, file: int) -> None:
        """Note a document, its text and where it lies; its work is to be found anew. In the open transaction."""
        site = found.site
        if site not in self._sites:
            self.db.execute("INSERT INTO sites(site) VALUES (?)", (site,))
            self._sites = dict(self.db.execute("SELECT site, number FROM sites"))
        (number,) = self.db.execute(
            "INSERT INTO documents(site, doc_id, content, text, published, seen, file, file_row, judged) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT(doc_id, site) DO UPDATE SET text = excluded.text, "
            "published = excluded.published, seen = excluded.seen, file = excluded.file, file_row = excluded.file_row, "
            "judged = iif(content = excluded.content, judged, 0), content = excluded.content RETURNING number",
            (
                self._sites[site],
                found.doc_id,
                found.content,
                text,
                found.published,
                found.seen,
                file,
                found.file_row,
            ),
        ).fetchone()
        self.loosen_documents([number])
        if text is not None:
            self.db.execute("INSERT OR IGNORE INTO loose_texts VALUES (?)", (text,))

    def remove_document(self, document: Document) -> None:
        """Forget a document; in the open transaction."""
        self.db.execute("DELETE FROM documents WHERE number = ?", (document.number,))
        self.db.execute("DELETE FROM loose_documents WHERE number = ?", (document.number,))
        self.loosen_cluster_of(document.text)

    @property
    def has_loose_documents(self) -> bool:
        """Whether the works of any documents are to be found anew."""
        return self.db.execute("SELECT 1 FROM loose_documents LIMIT 1").fetchone() is not None

    def loosen_documents(self, numbers: Iterable[int]) -> None:
        """Note that the works of documents are to be found anew; in the open transaction."""
        self.db.executemany("INSERT OR IGNORE INTO loose_documents VALUES (?)", ((number,) for number in numbers))

    def loosen_cluster_of(self, text: int | None) -> None:
        """Note that the cluster of a text is to be found anew; in the open transaction."""
        if text is not None:
            self.db.execute("INSERT OR IGNORE INTO loose_texts SELECT number FROM texts WHERE number = ?", (text,))

    def documents_of_texts(self, texts: Sequence[int]) -> list[Document]:
        """Return the documents that have one of *texts*."""
        return self._documents("d.text IN (SELECT value FROM json_each(?))", texts)

    def documents_by_number(self, numbers: Sequence[int]) -> list[Document]:
        """Return the documents of those numbers that are still there."""
        return self._documents("d.number IN (SELECT value FROM json_each(?))", numbers)

    def first_documents(self, texts: Sequence[int]) -> list[Document]:
        """Return one document for each of *texts*."""
        first = "SELECT min(number) FROM documents WHERE text IN (SELECT value FROM json_each(?)) GROUP BY text"
        return self._documents(f"d.number IN ({first})", texts)

    def _documents(self, condition: str, numbers: Sequence[int]) -> list[Document]:
        rows = self.db.execute(
            "SELECT d.number, s.site, d.doc_id, d.content, d.text, d.published, d.seen, d.file, d.file_row, d.judged "
            f"FROM documents d JOIN sites s ON s.number = d.site WHERE {condition} ORDER BY d.number",
            (_listed(numbers),),
        )
        return [Document(*row) for row in rows]

    def by_place(self, at_once: int) -> Iterator[list[Document]]:
        """Yield all documents, so many at a time, in the order in which they lie in the tables."""
        rows = self.db.execute("SELECT number FROM documents ORDER BY file, file_row")
        while numbers := [int(row[0]) for row in rows.fetchmany(at_once)]:
            yield self.documents_by_number(numbers)

    def note_judged(self, documents: Iterable[tuple[int, int]]) -> None:
        """Note for each (document's number, copies) beside how many it was judged; in the open transaction."""
        self.db.executemany("UPDATE documents SET judged = ? WHERE number = ?", [(n, d) for d, n in documents])

    def file_number(self, name: str) -> int:
        """Return the number of a file of the table `versions`; in the open transaction."""
        self.db.execute("INSERT OR IGNORE INTO files(name) VALUES (?)", (name,))
        (number,) = self.db.execute("SELECT number FROM files WHERE name = ?", (name,)).fetchone()
        return int(number)

    def put_places(self, name: str, rows: Iterable[tuple[int, int]]) -> None:
        """Note for each (row, document's number) that it lies in the file *name* now; in the open transaction."""
        number = self.file_number(name)
        self.db.executemany(
            "UPDATE documents SET file = ?, file_row = ? WHERE number = ?",
            [(number, row, document) for row, document in rows],
        )

    def file_names(self) -> dict[int, str]:
        """Return number -> name of every file that anything was read from."""
        return dict(self.db.execute("SELECT number, name FROM files"))

    # Texts

    def text_with(self, digest: bytes) -> int | None:
        """Return the number of the text with that digest."""
        row = self.db.execute("SELECT number FROM texts WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else int(row[0])

    def next_text(self) -> int:
        """Return a number that no text ever had: postings of texts that are gone stay until a rebuild."""
        return int(self.fact("next_text") or 1)

    def add_text(self, number: int, digest: bytes, keys: Hashes) -> None:
        """Note a new text; it waits to be compared. In the open transaction."""
        least = int(keys[0]) if len(keys) else 0
        row = (number, digest, len(self.telling(keys)), least, number, b"")
        self.db.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?)", row)
        self.db.execute("INSERT OR IGNORE INTO loose_texts VALUES (?)", (number,))

    def drop_text_without_documents(self, text: int | None) -> None:
        """Forget a text that no document has any more; in the open transaction."""
        if text is None or self.db.execute("SELECT 1 FROM documents WHERE text = ? LIMIT 1", (text,)).fetchone():
            return
        row = self.db.execute("SELECT cluster FROM texts WHERE number = ?", (text,)).fetchone()
        for other in self.edges(text)["text"].tolist():
            left = self.edges(other)
            self._set_edges(other, left[left["text"] != text])
            self.loosen_cluster_of(other)
        self.db.execute("DELETE FROM texts WHERE number = ?", (text,))
        self.note("dropped", "some")
        self.db.execute("DELETE FROM loose_texts WHERE number = ?", (text,))
        for (other,) in self.db.execute("SELECT number FROM texts WHERE cluster = ?1 OR number = ?1", row).fetchall():
            self.loosen_cluster_of(other)

    def waiting(self, limit: int) -> list[int]:
        """Return texts that wait to be compared, copies one behind another."""
        rows = self.db.execute(
            "SELECT number FROM texts WHERE waiting IS NOT NULL ORDER BY waiting, number LIMIT ?", (limit,)
        )
        return [int(row[0]) for row in rows]

    def waiting_count(self) -> int:
        """Return how many texts wait to be compared."""
        return int(self.db.execute("SELECT count(*) FROM texts WHERE waiting IS NOT NULL").fetchone()[0])

    def key_counts(self, texts: Sequence[int]) -> dict[int, tuple[int, bool]]:
        """Return text -> how many keys it has, whether it waits; of those that are still there."""
        rows = self.db.execute(
            "SELECT number, keys, waiting IS NOT NULL FROM texts WHERE number IN (SELECT value FROM json_each(?))",
            (_listed(texts),),
        )
        return {int(number): (int(keys), bool(waiting)) for number, keys, waiting in rows}

    def clusters_of_texts(self, texts: Sequence[int]) -> dict[int, int]:
        """Return text -> cluster."""
        rows = self.db.execute(
            "SELECT number, cluster FROM texts WHERE number IN (SELECT value FROM json_each(?))", (_listed(texts),)
        )
        return {int(number): int(cluster) for number, cluster in rows}

    def texts_clustered_with(self, texts: Sequence[int]) -> list[int]:
        """Return all texts of the clusters that *texts* are in."""
        clusters = sorted(set(self.clusters_of_texts(texts).values()))
        rows = self.db.execute(
            "SELECT number FROM texts WHERE number IN (SELECT value FROM json_each(?1)) AND cluster = number "
            "UNION SELECT number FROM texts WHERE cluster <> number AND cluster IN (SELECT value FROM json_each(?1))",
            (_listed(clusters),),
        )
        return [int(row[0]) for row in rows]

    def edges(self, text: int) -> npt.NDArray[np.void]:
        """Return to which texts with which weight (`EDGE`)."""
        row = self.db.execute("SELECT edges FROM texts WHERE number = ?", (text,)).fetchone()
        return np.frombuffer(b"" if row is None else row[0], EDGE)

    def _set_edges(self, text: int, edges: npt.NDArray[np.void]) -> None:
        self.db.execute("UPDATE texts SET edges = ? WHERE number = ?", (edges.tobytes(), text))

    def settle(self, texts: Sequence[int], weights: dict[tuple[int, int], int]) -> None:
        """Note what *texts* have to do with the others, of which none waits any more; in the open transaction."""
        rows: dict[int, list[tuple[int, int]]] = {}
        for (one, other), weight in weights.items():
            rows.setdefault(one, []).append((other, weight))
            rows.setdefault(other, []).append((one, weight))
        for text, new in rows.items():
            self._set_edges(text, np.concatenate([self.edges(text), np.array(new, EDGE)]))
        touched = [(number,) for number in {*texts, *rows}]
        self.db.executemany("INSERT OR IGNORE INTO loose_texts VALUES (?)", touched)
        self.db.executemany("UPDATE texts SET waiting = NULL WHERE number = ?", [(number,) for number in texts])


def _listed(numbers: Sequence[int]) -> str:
    return str(list(numbers))


def _isin(
    values: npt.NDArray[np.unsignedinteger[Any]], known: npt.NDArray[np.unsignedinteger[Any]]
) -> npt.NDArray[np.bool_]:
    """Return which of *values* are in *known*, which is sorted."""
    if not len(known):
        return np.zeros(len(values), bool)
    at = known.searchsorted(values)
    at[at == len(known)] = 0
    same: npt.NDArray[np.bool_] = known[at] == values
    return same
