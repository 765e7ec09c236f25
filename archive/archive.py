"""The archive as readers ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from archive.asking.copies import exact_copies
from archive.asking.facets import MOST_VALUES, check_facets, facets
from archive.asking.query import QueryAnswer, TableAnswer, check_condition, named
from archive.asking.selected import SelectedDocuments
from archive.asking.work_members import work_members
from archive.clock import Clock, SystemClock
from archive.errors import NotFound, UsageError
from archive.layout import Layout, open_layout
from archive.over_time.changes import Changes, changes, check_causes, check_fields
from archive.over_time.cursor import Cursor
from archive.over_time.history import check_fields as named_fields
from archive.over_time.history import histories, history
from archive.published import tables
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.rows import Rows, first_row
from archive.snapshot.scope import NOW, Moment, ledger_row
from archive.snapshot.selection import ANSWER_FIELDS, Selection, selection
from archive.text_index import AskedTexts
from archive.warc.reading import Position, StoredRecord, read_capture, scan
from archive.words.like_original import like_original
from archive.words.text_query import TextQuery

if TYPE_CHECKING:
    from archive.verifying.verify import Finding


class Archive:
    """An archive opened for reading, as it is at the moment of opening; a run published later is seen by opening again.

    >>> with Archive.open("data") as archive:                    # doctest: +SKIP
    ...     for row in archive.search("计生", site="huiwen", limit=3):
    ...         print(row["doc_id"], row["title"])
    """

    def __init__(self, layout: Layout, session: Session) -> None:
        self.layout = layout
        self._session = session

    @classmethod
    def open(cls, path: str | Path) -> Archive:
        """Open the archive in folder *path*. Raises NotAnArchive where there is none, or a newer one."""
        layout = open_layout(Path(path))
        texts = AskedTexts(layout)  # before the tables, so that it knows no more than they do
        session = Session(tables.snapshot(layout))
        session.texts = texts
        session.layout = layout
        return cls(layout, session)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of memory and files; answers not yet read are lost."""
        self._session.close()

    def records(self, **keywords: Any) -> Rows:
        """Return the newest version of each document that the selection finds (`archive.snapshot.selection.selection`).

        By default the last fetched come first.
        """
        return self._select(selection(**keywords))

    def search(self, text: str, **keywords: Any) -> Rows:
        """Return the documents whose title, tags or preview text answer *text*, the most relevant first.

        Space = AND, `"..."` phrase, `-word` without, `OR`. Whatever is asked for is found, in the middle of words as
        well; width, case and script (traditional, simplified) matter only with `exact=True`. With `like_original=True`
        what stands in the place of a word in mangled texts answers too.
        """
        return self._select(selection(search=text, **keywords))

    def facets(
        self, names: str | Sequence[str] | None = None, *, most: int = MOST_VALUES, **keywords: Any
    ) -> dict[str, list[tuple[str, int]]]:
        """Return how the documents of a selection are spread: facet -> (value, documents), the most frequent first.

        *names* are among site, doc_format, year, tag, flag; None: all. *most*: so many values of each (0: all).
        *keywords* are those of `records`; a limit does not count.
        """
        asked = check_facets(names)
        chosen = self._checked(selection(**{**keywords, "limit": None, "sort": None}))
        return facets(SelectedDocuments(self._session, chosen), asked, most)

    def export(
        self,
        path: str | Path,
        format: str | None = None,
        *,
        overwrite: bool = False,
        clock: Clock | None = None,
        tell: Callable[[str], None] | None = None,
        shard_bytes: int | None = None,
        **keywords: Any,
    ) -> int:
        """Write the documents of a selection to *path* and return how many; all of them without a `limit`.

        *format* is one of `archive.export.FORMATS`; None: what the ending of *path* says. *clock* says when the file
        is made. *tell* is given a sentence on what the file does not hold as the archive does. *shard_bytes*: how
        large, before compression, a file of `datasets` becomes, a folder without exact copies. The file or folder is
        there when it is whole, or not at all; one that is there already is replaced only with *overwrite*.
        Raises UsageError, MachineTrouble.
        """
        # What one verb alone needs would cost each question a tenth of its time.
        from archive.export import FOLDERS, NEED_ALL_FIELDS, Contents, captured, check_path, format_of, write

        form = format_of(Path(path), format)
        if shard_bytes is not None and (form not in FOLDERS or shard_bytes < 1):
            raise UsageError(f"a size of at least one byte is for {', '.join(FOLDERS)}; the other forms are one file")
        target = check_path(Path(path), form, overwrite)
        if target.exists() and target.is_relative_to(self.layout.root.resolve()):
            raise UsageError(f"{target} belongs to the archive; write to a file outside of it")
        chosen = self._checked(selection(**keywords))

        def narrow(fields: Sequence[str]) -> Rows:
            return Rows(SelectedDocuments(self._session, replace(chosen, fields=tuple(fields))))

        contents = Contents(
            rows=narrow(ANSWER_FIELDS if form in NEED_ALL_FIELDS else chosen.fields),
            fields=chosen.fields,
            narrow=narrow,
            archive=self.layout.root.name,
            selection={name: value for name, value in keywords.items() if value is not None},
            made_at=(clock or SystemClock()).now(),
            captured=lambda captures: captured(self._session, self.layout, captures),
            histories=lambda documents: histories(self._session, documents, self._moment(chosen)),
            tell=tell or (lambda sentence: None),
            shard_bytes=shard_bytes,
        )
        return write(contents, form, target)

    @property
    def session(self) -> Session:
        """The tables as this archive reads them, for who shares one between threads."""
        return self._session

    def _select(self, chosen: Selection) -> Rows:
        return Rows(SelectedDocuments(self._session, self._checked(chosen)))

    def _checked(self, chosen: Selection) -> Selection:
        """Return the selection with sites as they are called now. Raises UsageError for a condition that is none."""
        if chosen.sites is not None:
            chosen = replace(chosen, sites=tuple(dict.fromkeys(map(self._present, chosen.sites))))
        if chosen.where is not None:
            check_condition(self._session.connection, chosen.where)
        if chosen.search is not None and chosen.like_original:
            chosen = replace(chosen, search=like_original(chosen.search, self._word_tables))
        return chosen

    def word_pairs(self) -> list[tuple[str, str]]:
        """Return the words that sites put for others (original, replacement), as texts are compared under them."""
        return [pair for pairs in self._word_tables.values() for pair in pairs]

    def work_members(self, work_id: str) -> list[dict[str, Any]]:
        """Return the copies of a work, the earliest first (`archive.asking.work_members.work_members`)."""
        return work_members(self._session, work_id)

    @cached_property
    def _word_tables(self) -> dict[str, list[tuple[str, str]]]:
        from archive.near_duplicates.pairs_in_force import pairs_in_force

        tables: dict[str, list[tuple[str, str]]] = {}
        for pair in pairs_in_force(self._session).pairs:
            for name in pair.tables:
                tables.setdefault(name, []).append((pair.original, pair.replacement))
        return tables

    def words(self, **keywords: Any) -> TextQuery | None:
        """Return the words that a selection searches for, as `archive.words.snippet` marks them; None: none."""
        return self._checked(selection(**keywords)).search

    def get(self, site: str, doc_id: str, **keywords: Any) -> dict[str, Any] | None:
        """Return the newest version of one document as a dict, None where the archive has no such document.

        *keywords* are `as_of` and `as_published`.
        """
        _check_text("site", site)
        _check_text("doc_id", doc_id)
        chosen = selection(**keywords)
        return next(iter(Rows(SelectedDocuments(self._session, chosen, document=(self._present(site), doc_id)))), None)

    def get_by_url(self, url: str, **keywords: Any) -> dict[str, Any] | None:
        """Return the newest version of the document that has this URL, as fetched or in our normal form, or None.

        *keywords* are those of `get`.
        """
        _check_text("url", url)
        found = arrow(
            self._session.connection,
            "SELECT site, doc_id FROM raw_versions SEMI JOIN visible_runs USING (run_id) "
            "WHERE url = $url OR canonical_url = $url ORDER BY fetched_at DESC LIMIT 1",
            {"url": url},
        )
        row = first_row(found)
        return self.get(row["site"], row["doc_id"], **keywords) if row else None

    def copies(self, site: str, doc_id: str) -> list[dict[str, Any]]:
        """Return the other documents that have this one's text now, on whatever site (`archive.asking.copies`)."""
        row = self.get(site, doc_id)
        return self.copies_of(row) if row is not None else []

    def copies_of(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the `copies` of a document of which the row is there already."""
        return exact_copies(self._session, row)

    def history(
        self, site: str, doc_id: str, *, field: str | Sequence[str] | None = None, text: bool = False, **keywords: Any
    ) -> list[dict[str, Any]]:
        """Return the versions of one document, oldest first, with what changed and why (`archive.over_time.history`).

        *field*: only what changed of this, or these. *text*: what changed in the text, word by word. *keywords* are
        `as_of` and `as_published`.
        """
        _check_text("site", site)
        _check_text("doc_id", doc_id)
        moment = self._moment(selection(**keywords))
        fields = named_fields(field)
        return history(self._session, self._present(site), doc_id, moment, fields=fields, text=text)

    def changes(
        self,
        since: str | date | Cursor | None = None,
        *,
        cause: str | Sequence[str] | None = None,
        fields: Sequence[str] | None = None,
        **keywords: Any,
    ) -> Changes:
        """Return what was added, changed, withdrawn and returned behind *since*, in the order of the ledger.

        *since* is a cursor (`Changes.cursor`), a run's id, an instant or a day; None: from the beginning. A run that
        was accepted late stands where it became visible. Each change is told once, and the changes up to one cursor
        and those behind it are those of both together. *cause* names `site`, `reader`, `import`; without it, versions
        that only a better reader made are left out. *fields* are `archive.over_time.changes.CHANGE_FIELDS` and those
        of the record. Further keywords are those of `records`: of documents that match now, or, with `as_published`,
        then; `sort` and `as_of` are not among them. What a takedown hides is not told.
        """
        chosen = self._checked(selection(**keywords))
        for name in ("as_of", "sort"):
            if keywords.get(name) is not None:
                raise UsageError(f"changes are told in the order of the ledger; leave out {name}")
        last_seq = self._moment(chosen).last_seq
        columns, causes = check_fields(fields), check_causes(cause)
        return changes(self._session, chosen, since, causes=causes, columns=columns, last_seq=last_seq)

    def _present(self, site: str) -> str:
        """Return what *site* is called now."""
        return self._session.snapshot.names.get(site, site)

    def _moment(self, chosen: Selection) -> Moment:
        if chosen.as_of is None and chosen.as_published is None:
            return NOW
        published = chosen.as_published
        return Moment(chosen.as_of, ledger_row(self._session, published) if published is not None else None)

    def query(self, sql: str, params: Mapping[str, Any] | Sequence[Any] | None = None) -> Rows:
        """Return the answer to one SELECT over `documents`, `versions`, `sightings`, `runs`, `captures`.

        *params* are values of `$name` or `?` in it. It can write nothing and read nothing else. Raises UsageError.
        """
        return Rows(QueryAnswer(self._session, sql, named(params)))

    def duplicates(self) -> Rows:
        """Return the works that several documents are copies of, those with the most first.

        Each row has `work_id`, `copies`, `sites`, `title` (of the copy seen first), `first_seen`, `last_seen`. The
        copies themselves: `archive.records(where="work_id = '...'")`.
        """
        sql = (
            "SELECT work_id, count(*) AS copies, count(DISTINCT site) AS sites, "
            "arg_min(title, (first_seen, site, doc_id)) AS title, min(first_seen) AS first_seen, "
            "max(last_seen) AS last_seen FROM documents GROUP BY work_id HAVING count(*) > 1 "
            "ORDER BY copies DESC, work_id"
        )
        self._session.make_views()
        return Rows(TableAnswer(self._session, sql))

    def restored(self, site: str, doc_id: str, **keywords: Any) -> dict[str, Any] | None:
        """Return what the text of one document likely was before a site put words of its own into it, or None.

        `restored_text`; `spans`, each with `start`, `end`, `text` (as stored), `restored` (None: it cannot be told,
        `alternatives` says what it may have been), `confidence`, `source` (copy, context, rule); `mangled_by`,
        `mangled_score`. *keywords* are those of `get`. Raises UsageError where copies were never looked for.
        """
        row = self.get(site, doc_id, **keywords)
        return self.restored_rows([row])[0] if row is not None else None

    def restored_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the same as `restored` for rows of `records` that have all fields: many cost little more than one."""
        from archive.near_duplicates.restoring import restored

        return restored(self, rows)

    def runs(self) -> Rows:
        """Return the ledger, an event a row, in order."""
        return Rows(TableAnswer(self._session, "SELECT * FROM runs ORDER BY run_seq"))

    def coverage(self, site: str | None = None) -> Rows:
        """Return how much of each listing is here, by the last published run that walked it; of one site or of all.

        Each row has `site`, `listing`, `advertised_total`, `seen`, `captured`, `missing`, `why` (a list of {"reason",
        "documents", "samples"}), `standing` (complete, unproven, incomplete) and `reason`. Every run's rows are in the
        view `coverage`.
        """
        given = {"site": self._present(site)} if site is not None else {}
        sql = (
            f"SELECT * FROM coverage {'WHERE site = $site' if given else ''} "
            "QUALIFY row_number() OVER (PARTITION BY site, listing ORDER BY run_seq DESC) = 1 ORDER BY site, listing"
        )
        return Rows(TableAnswer(self._session, sql, given))

    def captures(self, site: str | None = None, url: str | None = None) -> Rows:
        """Return the published captures, the oldest first; of one site, or of one URL (as fetched or normal form)."""
        conditions = {"site": "site = $site", "url": "(url = $url OR canonical_url = $url)"}
        given = {name: value for name, value in (("site", site), ("url", url)) if value is not None}
        where = " AND ".join(conditions[name] for name in given) or "true"
        if site is not None:
            given["site"] = self._present(site)
        sql = f"SELECT * FROM captures WHERE {where} ORDER BY fetched_at, capture"
        return Rows(TableAnswer(self._session, sql, given))

    def body(self, capture: str) -> bytes:
        """Return the body of a capture (WARC-Record-ID, with or without < >), content decoding done.

        Of a revisit it is the body it stands for. Raises NotFound, or DamagedFile where the WARC file is.
        """
        return self.stored(capture).body().body

    def stored(self, capture: str) -> StoredRecord:
        """Return the WARC record of a capture, headers and all; of a revisit with its original. Raises as `body`."""
        _check_text("capture", capture)
        name = capture if capture.startswith("<") else f"<{capture}>"
        position = self._position(name)
        if position is not None:
            return read_capture(self.layout, *position, find=self._position)
        for record in self._imported(name):
            return record
        raise NotFound(f"no capture {capture} in this archive; list captures with: docarchive query 'FROM captures'")

    def _position(self, capture: str) -> Position | None:
        row = first_row(
            arrow(
                self._session.connection,
                "SELECT warc_file, warc_offset, warc_length FROM captures WHERE capture = $capture LIMIT 1",
                {"capture": capture},
            )
        )
        return Position(row["warc_file"], row["warc_offset"], row["warc_length"]) if row else None

    def _imported(self, capture: str) -> Iterator[StoredRecord]:
        """An import has no captures: its file stands in its run's WARC file as a resource."""
        found = arrow(
            self._session.connection,
            "SELECT files FROM runs WHERE event = 'import' AND run_id IN ("
            "SELECT run_id FROM raw_versions WHERE capture = $capture)",
            {"capture": capture},
        )
        for row in found.to_pylist():
            for file, _ in row["files"] or ():
                if file.endswith(".warc.gz"):
                    yield from (r for r in scan(self.layout.root / file, file) if r.capture == capture)

    def verify(self, *, quick: bool = False, since: str | None = None, site: str | None = None) -> Iterator[Finding]:
        """Yield what is wrong with the archive's files (`archive.verifying.verify.verify`).

        *quick*: without reading the files whole. *since*: what a run and the ones behind it wrote. *site*: only of this
        one.
        """
        from archive.verifying.verify import verify

        return verify(self.layout, quick=quick, since=since, site=site)


def _check_text(name: str, value: object) -> None:
    """Raise UsageError for what is no text: an ID that is a number would be found nowhere."""
    if not isinstance(value, str):
        raise UsageError(f"{name}={value!r} is no text; write it as one" + (f": {str(value)!r}" if value else ""))
