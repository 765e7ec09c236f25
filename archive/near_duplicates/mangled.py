"""Finds out which documents are mangled, by which table, and keeps it beside the index.

Documents are judged whose text changed, or whose work has twice as many copies as when they were, so that one of many
copies is judged a few times in its life; some others of the work bear witness. All are judged where there is much more
to learn from than when what is known of Chinese was learned last. Killed at any moment, the next finds the same
documents still to be done.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from archive import durable
from archive.near_duplicates import mangled_learning
from archive.near_duplicates.garbage import is_garbage
from archive.near_duplicates.known_texts import KnownTexts
from archive.near_duplicates.lexicon import BESIDE_2, Hits, Integers, Lexicon
from archive.near_duplicates.manglement import Judged, Manglement
from archive.near_duplicates.pairs import LEARNED, Pair, PairTable
from archive.near_duplicates.store import Document, Store
from archive.snapshot import mangled_rows
from archive.snapshot.duckdb_session import Session

SAMPLE = 2_000
"""Documents to learn from: twice as many make the scores no better."""

GROWN = 4
"""So many times as many documents as when it was learned last, and it is learned anew."""

WITNESSES = 2
"""Other copies that a document is judged beside, those with the longest texts: four make the scores no better."""

STEP = 1_000
"""Documents whose words are in memory at a time: some 8 KB each."""

READ_AT_ONCE = 5_000
"""Documents whose places are in memory at a time."""

CLUSTERS = 200
"""Clusters looked up at a time."""

CHARACTERS = 20_000
"""Of a text that are looked at, from the beginning."""

AT_ONCE = 2_000_000
"""Characters whose words are looked for at a time."""

LEVELS = (*mangled_learning.KEPT_LEVELS, BESIDE_2)

MANGLED = 0.5
"""Score from which on a table is named."""

NAMED = 1.0
"""So much more likely, as a logarithm, a table must be than what was learned alone, which may belong to any."""

ROW = np.dtype(
    [("number", "<i4"), ("content", "<i8"), ("table", "i1"), ("score", "<f4"), ("garbage", "?"), ("copies", "<i4")]
)


def assess(session: Session, store: Store, pairs: PairTable) -> int:
    """Judge the documents that wait for it; return how many were looked at."""
    folder = store.folder / mangled_rows.FOLDER
    durable.make_folder(folder)
    (documents,) = store.db.execute("SELECT count(*) FROM documents").fetchone()
    known = mangled_learning.read(folder / "learned.npz", pairs)
    is_new = known is None or documents >= GROWN * known[1]
    if not is_new and not store.has_loose_documents:
        return 0
    with _Texts(session, store, all_documents=is_new) as texts:
        judge, suspects = _learned(pairs, store, texts) if known is None or is_new else (known[0], [])
        done = [_judged(judge, step, texts) for step in _steps(store, _clusters(store, loose=not is_new), whole=is_new)]
    found = np.concatenate([np.zeros(0, ROW), *done])
    _Kept(store, judge.lexicon).put(found)
    with store.transaction():
        store.note_judged(zip(found["number"].tolist(), found["copies"].tolist(), strict=True))
    if is_new:
        # Last: until it is there all are looked at.
        mangled_learning.write(folder / "learned.npz", judge, pairs, suspects, documents)
    return len(found)


class _Texts:
    """Reads the beginnings of documents' texts.

    All of an archive's are wanted work by work, and lie in the tables as they were published: they are read once, and
    wait in a file without a name.
    """

    def __init__(self, session: Session, store: Store, *, all_documents: bool) -> None:
        self._store = store
        self._known = KnownTexts(session, store)
        self._file = TemporaryFile(dir=store.folder) if all_documents else None  # noqa: SIM115 (closed by __exit__)
        self._ends: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._starts = self._ends

    def __enter__(self) -> _Texts:
        if self._file is not None:
            with durable.translated(self._store.folder):
                self._read_all(self._file)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def _read_all(self, file: IO[bytes]) -> None:
        (last,) = self._store.db.execute("SELECT coalesce(max(number), 0) FROM documents").fetchone()
        self._starts, self._ends = np.zeros(last + 1, np.int64), np.zeros(last + 1, np.int64)
        at = 0
        for some in self._store.by_place(READ_AT_ONCE):
            for document, text in self._known.read(some):
                written = file.write(text[:CHARACTERS].encode("utf-8", "surrogatepass"))
                self._starts[document.number], self._ends[document.number] = at, at + written
                at += written
        file.flush()

    def of(self, documents: Sequence[Document]) -> list[str]:
        """Return the beginning of each document's text; "" of one that is gone."""
        if self._file is not None:
            return [self._at(self._file, document.number) for document in documents]
        found = {document.number: text[:CHARACTERS] for document, text in self._known.read(documents)}
        return [found.get(document.number, "") for document in documents]

    def _at(self, file: IO[bytes], number: int) -> str:
        start, end = int(self._starts[number]), int(self._ends[number])
        return os.pread(file.fileno(), end - start, start).decode("utf-8", "surrogatepass")


class Seen(NamedTuple):
    """A document that is looked at."""

    cluster: int
    copies: int
    """Documents of the cluster."""
    document: Document
    is_due: bool
    """False: it only bears witness."""


Step = list[Seen]
"""Clusters and their documents, those of one cluster side by side."""


def _clusters(store: Store, *, loose: bool) -> Iterator[int]:
    """Yield the clusters with any document to be done; of a document without a text its number below 0."""
    source = "loose_documents w JOIN documents d ON d.number = w.number" if loose else "documents d"
    rows = store.db.execute(
        f"SELECT DISTINCT coalesce(t.cluster, -d.number) FROM {source} LEFT JOIN texts t ON t.number = d.text "
        "ORDER BY 1"
    )
    yield from (int(row[0]) for row in rows)


def _steps(store: Store, clusters: Iterator[int], *, whole: bool) -> Iterator[Step]:
    """Yield the documents of *clusters* that are due, with their witnesses, about `STEP` at a time; *whole*: all."""
    step: Step = []
    while some := list(islice(clusters, CLUSTERS)):
        for cluster in _documents(store, some, whole=whole):
            for seen in _chosen(store, cluster):
                if len(step) >= STEP and (seen.cluster != step[-1].cluster or len(step) >= 2 * STEP):
                    yield step
                    step = []
                step.append(seen)
    if step:
        yield step


def _documents(store: Store, clusters: Sequence[int], *, whole: bool) -> list[Step]:
    """Return the documents cluster by cluster; *whole*: all are due."""
    texts = store.texts_clustered_with([cluster for cluster in clusters if cluster > 0])
    of_text = store.clusters_of_texts(texts)
    found: dict[int, list[Document]] = {}
    for document in store.documents_of_texts(texts):
        if document.text is not None:
            found.setdefault(of_text[document.text], []).append(document)
    alone = store.documents_by_number([-cluster for cluster in clusters if cluster < 0])
    found |= {-document.number: [document] for document in alone}
    return [
        [Seen(cluster, len(copies), each, whole or _is_due(each, len(copies))) for each in copies]
        for cluster, copies in sorted(found.items())
    ]


def _is_due(document: Document, copies: int) -> bool:
    return not copies / 2 < document.judged < 2 * copies


def _chosen(store: Store, cluster: Step) -> Step:
    """Return who of a cluster is due, and some others to bear witness."""
    due = [seen for seen in cluster if seen.is_due]
    others = [seen for seen in cluster if not seen.is_due]
    if not due:
        return []
    if len(others) > WITNESSES:
        keys = store.key_counts([seen.document.text for seen in others if seen.document.text is not None])
        others.sort(key=lambda seen: (-keys[seen.document.text or 0][0], seen.document.number))
    return [*due, *others[:WITNESSES]]


def find_words(lexicon: Lexicon, texts: Sequence[str], levels: Sequence[int]) -> Hits:
    """Return where words of the lexicon stand in *texts*, so many of which are looked at at a time."""
    found: list[Hits] = []
    first = characters = 0
    for number, text in enumerate(texts):
        characters += len(text)
        if characters >= AT_ONCE or number + 1 == len(texts):
            found.append(lexicon.find(texts[first : number + 1], levels).behind(first))
            first, characters = number + 1, 0
    return Hits.joined(found) if found else lexicon.find([""], levels)


def _groups(step: Step) -> Integers:
    return np.array([seen.cluster for seen in step], np.int64)


def _learned(pairs: PairTable, store: Store, texts: _Texts) -> tuple[Manglement, list[Pair]]:
    """Learn from whole clusters, chosen by chance, but always the same ones; return which pairs are new as well."""
    chosen = store.db.execute(
        "SELECT number FROM texts WHERE cluster = number ORDER BY (number * 2654435761) & 4294967295 LIMIT ?", (SAMPLE,)
    )
    sample: Step = []
    read: list[str] = []
    for step in _steps(store, iter([int(row[0]) for row in chosen.fetchall()]), whole=True):
        sample += step
        read += texts.of([seen.document for seen in step])
        if len(sample) >= SAMPLE:
            break
    groups = _groups(sample)
    works = (
        [(seen.document.site, text) for seen, text in work]
        for _, work in groupby(zip(sample, read, strict=True), key=lambda each: each[0].cluster)
    )
    suspects = mangled_learning.suspected(pairs, works)
    lexicon = Lexicon(PairTable((*pairs.pairs, *suspects)))
    hits = find_words(lexicon, read, LEVELS)
    return mangled_learning.learned(lexicon, hits, groups, len(sample)), suspects


def _judged(judge: Manglement, step: Step, texts: _Texts) -> npt.NDArray[np.void]:
    """Return the rows of those of *step* that are due."""
    read = texts.of([seen.document for seen in step])
    _, judged = judge.likely_words(find_words(judge.lexicon, read, LEVELS), _groups(step), len(step))
    rows = np.zeros(len(step), ROW)
    rows["number"] = [seen.document.number for seen in step]
    rows["content"] = [seen.document.content for seen in step]
    rows["table"] = named_tables(judge.lexicon, judged)
    rows["score"] = judged.scores
    rows["garbage"] = [seen.is_due and is_garbage(text) for seen, text in zip(step, read, strict=True)]
    rows["copies"] = [seen.copies for seen in step]
    return rows[[seen.is_due for seen in step]]


def named_tables(lexicon: Lexicon, judged: Judged) -> Integers:
    """Return which table (of `lexicon.tables`) each text was mangled by, -1 where it likely was not."""
    learned = lexicon.tables.index(LEARNED)
    logs = judged.table_logs
    best = logs.argmax(0)
    best = np.where(logs.max(0) - logs[learned] < NAMED, learned, best)
    return np.asarray(np.where(judged.scores >= MANGLED, best, -1))


class _Kept:
    """The rows in the files beside the index."""

    def __init__(self, store: Store, lexicon: Lexicon) -> None:
        self._store = store
        self._tables = lexicon.tables
        self._folder = store.folder / mangled_rows.FOLDER

    def put(self, rows: npt.NDArray[np.void]) -> None:
        """Put *rows* in the place of those of the same documents."""
        _, first = np.unique(rows["number"], return_index=True)
        rows = rows[first]
        files = mangled_rows.bucket_files(self._folder)
        buckets = rows["number"] // mangled_rows.BUCKET
        for bucket in np.unique(buckets).tolist():
            new = self._write(bucket, files.get(bucket), rows[buckets == bucket])
            durable.point("duplicates-mangled")
            for path in self._folder.glob(f"{bucket:06d}-*.parquet"):
                if path.name < new.name:
                    durable.unlink(path)

    def _write(self, bucket: int, old: Path | None, rows: npt.NDArray[np.void]) -> Path:
        turn = 1 if old is None else int(old.stem.partition("-")[2]) + 1
        table = self._table(bucket, rows)
        if old is not None:
            try:
                before = pq.read_table(old, schema=mangled_rows.SCHEMA)
            except (OSError, pa.ArrowException):
                before = mangled_rows.SCHEMA.empty_table()  # damaged: its documents are NULL until they change
            kept = ~np.isin(before["number"].to_numpy(), rows["number"])
            table = pa.concat_tables([before.filter(pa.array(kept)), table]).sort_by("number")
        data = io.BytesIO()
        pq.write_table(table, data, compression="zstd", compression_level=9)
        new = self._folder / f"{bucket:06d}-{turn:08d}.parquet"
        durable.write_file(new, data.getvalue())
        return new

    def _table(self, bucket: int, rows: npt.NDArray[np.void]) -> pa.Table:
        names = self._names(bucket)
        rows = rows[np.isin(rows["number"], np.array(list(names), np.int32))]
        sites, doc_ids = (
            zip(*(names[number] for number in rows["number"].tolist()), strict=True) if len(rows) else ((), ())
        )
        columns = [
            pa.array(rows["number"]),
            pa.array(sites, pa.string()),
            pa.array(doc_ids, pa.string()),
            pa.array(rows["content"]),
            pa.array([None if at < 0 else self._tables[at] for at in rows["table"].tolist()], pa.string()),
            pa.array(rows["score"]),
            pa.array(rows["garbage"]),
        ]
        return pa.table(columns, schema=mangled_rows.SCHEMA)

    def _names(self, bucket: int) -> Mapping[int, tuple[str, str]]:
        first = bucket * mangled_rows.BUCKET
        rows = self._store.db.execute(
            "SELECT d.number, s.site, d.doc_id FROM documents d JOIN sites s ON s.number = d.site "
            "WHERE d.number >= ? AND d.number < ?",
            (first, first + mangled_rows.BUCKET),
        )
        return {int(number): (site, doc_id) for number, site, doc_id in rows}
