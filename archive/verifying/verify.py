"""Whether every file of an archive is there, whole, and in accord with the others."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from archive.errors import NotFound
from archive.layout import IMPORT_FOLDER, TABLES, YOUNGER_TABLES, Layout, read_marker, site_folder
from archive.published import ledger
from archive.published.table_files import TableFiles, is_only_of_maintenance
from archive.published.tables import COMPACTED, Snapshot
from archive.publishing.publish import file_digest
from archive.record import VERSION_FIELDS, text_digest
from archive.site_state.names import present_names
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.rows import dicts
from archive.verifying.finding import DAMAGE, Finding, damaged_table, damaged_warc, note
from archive.verifying.verify_text_index import check_text_index
from archive.verifying.verify_warc import check_open_file, check_warc, is_open, limited

__all__ = ["Finding", "verify"]

REBUILT = "rebuilt"
"""Flag of a record whose values today's reader restored: they may differ from what its content digest was made of."""

BATCH_ROWS = 500
"""Rows with their texts held at a time."""

WARC_FILES_AHEAD = 500
"""WARC files whose captures are looked for at a time."""

_CAPTURE_COLUMNS = ["capture", "warc_file", "warc_offset", "warc_length", "record_type", "payload_digest"]

MAX_EXAMPLES = 3
"""Of rows that break the same rule."""


def verify(
    layout: Layout, *, quick: bool = False, since: str | None = None, site: str | None = None
) -> Iterator[Finding]:
    """Yield what is wrong, or worth knowing, with the files of an archive; nothing for a sound one.

    *quick*: existence, sizes and the chain of runs alone. *since*: only files that this run and later ones wrote.
    *site*: only files of this site (and of imports). The chain is always followed whole. Raises NotFound for a run
    that is not in the ledger.
    """
    yield from _Verification(layout, quick, site).run(since)


@dataclass
class _Verification:
    layout: Layout
    quick: bool
    site: str | None
    ledger_rows: list[dict[str, Any]] = field(default_factory=list)
    listed: dict[str, dict[str, int]] = field(default_factory=dict)
    """Table -> path relative to the archive -> size, of the files its log names."""
    tables_damaged: bool = False
    unfinished: set[str] = field(default_factory=set)
    """Runs that a state file still goes on with."""
    _warc_names: list[str] = field(default_factory=list)
    _ahead: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """WARC file -> its captures in files of compactions, read a group of WARC files at a time."""

    def run(self, since: str | None) -> Iterator[Finding]:
        read_marker(self.layout.root)
        for name in TABLES:
            yield from self._noting(self._read_log(name))
        yield from self._noting(self._read_ledger())
        self._check_site_is_known()
        chosen = self._chosen_rows(since)
        yield from self._noting(self._check_chain())
        digests = {path: digest for row in chosen for path, digest in dict(row["files"] or ()).items()}
        told = TableFiles.of(self.ledger_rows)
        yield from self._noting(self._check_listed(digests, told, everything=since is None and self.site is None))
        yield from self._check_table_files(digests)
        yield from self._check_warcs(digests, chosen, everything=since is None)
        if not self.quick:
            yield from self._check_rows(chosen, everything=since is None)
        if since is None:
            yield from self._check_states()
            yield from self._leftovers(told)
            if self.site is None:
                yield from check_text_index(self.layout, quick=self.quick)

    def _noting(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        for finding in findings:
            self.tables_damaged |= finding.severity == DAMAGE
            yield finding

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.layout.root))

    # The tables' logs and the ledger

    def _read_log(self, name: str) -> Iterator[Finding]:
        folder = self.layout.table(name)
        self.listed[name] = {}
        if not (folder / "_delta_log").is_dir():
            if folder.is_dir() and any(folder.glob("*.parquet")):
                yield damaged_table(self._relative(folder), "the table's log is missing")
            elif name in YOUNGER_TABLES:
                return
            elif any(self.listed.values()) or (name == "runs" and self._has_other_logs()):
                yield damaged_table(self._relative(folder), "the table is missing")  # the first event makes all of them
            elif name == "runs" and not folder.parent.is_dir() and any(self.layout.root.glob("tables.*")):
                yield damaged_table(self._relative(folder.parent), "the tables were being rebuilt and are not whole")
            return
        try:
            actions = pa.table(DeltaTable(str(folder)).get_add_actions(flatten=True))
        except (OSError, ValueError, DeltaError) as error:
            yield damaged_table(self._relative(folder / "_delta_log"), f"it cannot be read ({_first_line(error)})")
            return
        for path, size in zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True):
            self.listed[name][self._relative(folder / path)] = size

    def _has_other_logs(self) -> bool:
        return any((self.layout.table(name) / "_delta_log").is_dir() for name in TABLES)

    def _read_ledger(self) -> Iterator[Finding]:
        for path in self.listed.get("runs", {}):
            try:
                self.ledger_rows += dicts(pq.read_table(self.layout.root / path, partitioning=None))
            except FileNotFoundError:
                pass  # told with the files
            except (OSError, pa.ArrowInvalid) as error:
                yield damaged_table(path, f"it cannot be read ({_first_line(error)})")
        self.ledger_rows.sort(key=lambda row: row["run_seq"])

    def _check_chain(self) -> Iterator[Finding]:
        folder = self._relative(self.layout.table("runs"))
        expected, digest = 1, None
        for row in self.ledger_rows:
            if row["run_seq"] != expected:
                missing = f"row {expected}" + (f" to {row['run_seq'] - 1}" if row["run_seq"] - expected > 1 else "")
                yield damaged_table(folder, f"{missing} of the ledger is missing or there twice")
            elif row["previous_digest"] != digest:
                yield damaged_table(folder, f"row {expected} of the ledger does not follow on the row before it")
            if ledger.row_digest(row) != row["digest"]:
                yield damaged_table(
                    folder, f"row {row['run_seq']} of the ledger ({row['run_id']}) is not what was written"
                )
            expected, digest = row["run_seq"] + 1, row["digest"]

    def _check_site_is_known(self) -> None:
        site = self.site
        if site is None or any(row["site"] == site for row in self.ledger_rows):
            return
        if not self.layout.warc_folder(site).is_dir() and not self.layout.state(site).exists():
            raise NotFound(f"no site {site} in this archive; list its sites with: docarchive runs")

    def _chosen_rows(self, since: str | None) -> list[dict[str, Any]]:
        rows = self.ledger_rows
        if since is not None:
            first = next((row["run_seq"] for row in rows if row["run_id"] == since), None)
            if first is None:
                raise NotFound(f"no run {since} in the ledger; list runs with: docarchive runs")
            rows = [row for row in rows if row["run_seq"] >= first]
        return [row for row in rows if self.site is None or row["site"] in (self.site, None)]

    # Files

    def _check_listed(self, digests: Mapping[str, str], told: TableFiles, *, everything: bool) -> Iterator[Finding]:
        """What ledger and logs say of each other."""
        listed = {path for files in self.listed.values() for path in files}
        lost = told.lost(listed)
        for path in digests:
            forgotten = path.startswith("tables/") and path not in told.published and path not in told.replacements
            if path in lost or (forgotten and path not in listed and not _is_compacted(path)):
                yield damaged_table(path, "the ledger says that this file was published, the table's log does not")
        for path in sorted(told.doubled(listed)):
            yield damaged_table(path, "its rows are in another file of the table, too: readers see them twice")
        if not everything:
            return
        visible = {row["run_id"] for row in self.ledger_rows if row["event"] in ledger.HAS_PARTS}
        for path in sorted(listed - digests.keys()):
            if path.startswith("tables/runs/"):
                continue
            run_id = _run_of(path)
            if run_id in visible or _is_compacted(path):
                yield damaged_table(path, "the ledger does not know this file")
            else:
                yield note(path, "it belongs to a run that was not published", "its rows are not visible")

    def _check_table_files(self, digests: Mapping[str, str]) -> Iterator[Finding]:
        for name in TABLES:
            for path, size in self.listed[name].items():
                if name != "runs" and self.site is not None and path not in digests:
                    continue
                yield from self._noting(self._check_table_file(path, size, digests.get(path)))

    def _check_table_file(self, path: str, size: int, digest: str | None) -> Iterator[Finding]:
        file = self.layout.root / path
        if not file.is_file():
            yield damaged_table(path, "it is missing")
        elif file.stat().st_size != size:
            yield damaged_table(path, f"it has {file.stat().st_size:,} bytes instead of {size:,}")
        elif not self.quick and digest is not None and file_digest(file) != digest:
            yield damaged_table(path, "its content is not what the ledger says was written")

    def _check_warcs(
        self, digests: Mapping[str, str], chosen: list[dict[str, Any]], *, everything: bool
    ) -> Iterator[Finding]:
        runs = {row["run_id"] for row in chosen}
        there: set[str] = set()
        self._warc_names = sorted(self._relative(path) for path in self.layout.warc.glob("*/*.warc.gz"))
        for path in sorted(self.layout.warc.glob("*/*.warc.gz*")):
            if self.site is not None and path.parent.name not in (site_folder(self.site), IMPORT_FOLDER):
                continue
            name = self._relative(path)
            run_id = _run_of(name)
            if not everything and run_id not in runs:
                continue
            there.add(name)
            if is_open(path):
                yield check_open_file(self.layout, path)
            elif path.name.endswith(".warc.gz"):
                yield from self._check_warc(path, name, digests.get(name))
        for name in digests:
            if name.startswith("warc/") and name not in there and not (self.layout.root / name).exists():
                yield damaged_warc(name, "it is missing")

    def _check_warc(self, path: Path, name: str, digest: str | None) -> Iterator[Finding]:
        if self.quick:
            end = max((row["warc_offset"] + row["warc_length"] for row in self._captures_in(name)), default=0)
            if path.stat().st_size < end:
                yield damaged_warc(name, f"it has {path.stat().st_size:,} bytes, captures reach to {end:,}")
            return
        found = False
        for finding in check_warc(self.layout, path, self._captures_in(name)):
            found = True
            yield finding
        if digest is not None and not found and file_digest(path) != digest:
            yield damaged_warc(name, "every record is whole, but it is not the file that the ledger names")

    def _captures_in(self, warc_file: str) -> Iterator[dict[str, Any]]:
        """The rows of `captures` that point into a WARC file: its run wrote them, or a compaction kept them."""
        yield from self._compacted_captures(warc_file)
        for path in self._captures_of_runs.get(_run_of(warc_file) or "", ()):
            for batch in _batches(self.layout.root / path, _CAPTURE_COLUMNS):
                yield from (row for row in batch.to_pylist() if row["warc_file"] == warc_file)

    @cached_property
    def _captures_of_runs(self) -> dict[str, list[str]]:
        files: dict[str, list[str]] = {}
        for path in self.listed["captures"]:
            if _PART.search(path):
                files.setdefault(_run_of(path) or "", []).append(path)
        return files

    def _compacted_captures(self, warc_file: str) -> list[dict[str, Any]]:
        """Those in files of a compaction, which are sorted so that a group of WARC files is quickly found in them.

        WARC files are asked for in the order of their names.
        """
        if warc_file not in self._ahead:
            at = bisect_left(self._warc_names, warc_file)
            names = self._warc_names[at : at + WARC_FILES_AHEAD]
            self._ahead = {name: [] for name in (warc_file, *names)}
            wanted = [("warc_file", "in", list(self._ahead))]
            for path in self.listed["captures"]:
                if not _PART.search(path):
                    for row in _filtered(self.layout.root / path, _CAPTURE_COLUMNS, wanted):
                        self._ahead[row["warc_file"]].append(row)
        return self._ahead.pop(warc_file)

    # Rows

    def _check_rows(self, chosen: list[dict[str, Any]], *, everything: bool) -> Iterator[Finding]:
        if self.tables_damaged:
            return
        runs = {row["run_id"] for row in chosen}
        for path in self.listed["versions"]:
            if everything or not _PART.search(path) or _run_of(path) in runs:
                yield from limited(self._check_versions(path), damaged_table(path, "and more of the same kind"))
        files = {n: tuple(f"{self.layout.root}/{path}" for path in sorted(self.listed[n])) for n in TABLES}
        session = Session(Snapshot(files, present_names(self.layout)))
        try:
            yield from self._check_references(session)
        finally:
            session.close()

    def _check_versions(self, path: str) -> Iterator[Finding]:
        columns = ["site", "doc_id", "preview_text", "content_digest", "flags", *VERSION_FIELDS]
        for batch in _batches(self.layout.root / path, columns):
            for row in dicts(batch):
                if self.site is not None and row["site"] != self.site:
                    continue
                if text_digest(row["preview_text"]) != row["text_digest"]:
                    yield damaged_table(path, f"the text of {row['site']}/{row['doc_id']} does not have its digest")
                elif REBUILT not in row["flags"] and _content_digest(row) != row["content_digest"]:
                    yield damaged_table(path, f"the fields of {row['site']}/{row['doc_id']} do not have their digest")

    def _check_references(self, session: Session) -> Iterator[Finding]:
        for table, problem, sql in _REFERENCES:
            found = arrow(
                session.connection, f"SELECT what, count(*) OVER () AS number FROM ({sql}) LIMIT {MAX_EXAMPLES}"
            )
            if found.num_rows:
                number, examples = found["number"][0].as_py(), ", ".join(map(str, found["what"].to_pylist()))
                yield damaged_table(self._relative(self.layout.table(table)), f"{number:,} {problem}: {examples}")

    # State and leftovers

    def _check_states(self) -> Iterator[Finding]:
        for site in self.layout.sites_with_state():
            findings = list(self._check_state(site))  # all are read: each may hold an unfinished run
            if self.site is None or site == self.site:
                yield from findings

    def _check_state(self, site: str) -> Iterator[Finding]:
        path = self.layout.state(site)

        def damaged(problem: str) -> Finding:
            return Finding(
                severity=DAMAGE,
                file=self._relative(path),
                problem=problem,
                remedy="move it away, then make it again; its queue and what was not yet published are fetched again",
                command=f"docarchive rebuild state {site}",
            )

        try:
            database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        except sqlite3.Error as error:
            yield damaged(f"it cannot be opened ({error})")
            return
        try:
            check = "quick_check" if self.quick else "integrity_check"
            answer = database.execute(f"PRAGMA {check}(1)").fetchone()[0]
            if answer != "ok":
                yield damaged(f"SQLite finds it damaged ({answer})")
                return
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
                self.unfinished.update(row[0] for row in database.execute("SELECT run_id FROM runs"))
            for name, end in database.execute(
                "SELECT warc_file, max(warc_offset + warc_length) FROM staged WHERE warc_file IS NOT NULL GROUP BY 1"
                if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'staged'").fetchone()
                else "SELECT NULL, 0 WHERE 0"
            ):
                if self._warc_size(name) < end:
                    yield note(
                        self._relative(path),
                        f"staged pages reach past the end of {name}",
                        "the next run fetches them again",
                    )
        except sqlite3.Error as error:
            yield damaged(f"SQLite cannot read it ({error})")
        finally:
            database.close()

    def _warc_size(self, name: str) -> int:
        for path in (self.layout.root / name, self.layout.root / f"{name}.open"):
            if path.exists():
                return path.stat().st_size
        return 0

    def _leftovers(self, told: TableFiles) -> Iterator[Finding]:
        ended = {row["run_id"] for row in self.ledger_rows}
        listed = {path for files in self.listed.values() for path in files}
        pending = {each.file for each in told.pending(listed)}
        for name in TABLES:
            for path in sorted(self.layout.table(name).glob("*.parquet")):
                file = self._relative(path)
                if file in listed or file in told.replaced:  # what was replaced stays for a while, for readers
                    continue
                if file in pending:
                    yield note(file, "a maintenance was killed before this file was in use", "the next one goes on")
                elif _is_compacted(file) or (name == "runs" and is_only_of_maintenance(path)):
                    yield note(file, "no log names it: a killed maintenance left it", "the next one deletes it")
                elif (run_id := _run_of(file)) in self.unfinished:
                    yield note(file, "no log names it: a publish was killed", "the next run of the site finishes it")
                elif run_id is None or run_id in ended or name == "works":
                    yield note(file, "no log names it: a killed publish left it", "it may be deleted")
                else:
                    yield damaged_table(file, "no log names it and no run is unfinished: the table's log lost its end")
        for path in sorted(self.layout.root.glob("**/.*.tmp")):
            yield note(self._relative(path), "a killed process left it", "it may be deleted")


_PART = re.compile(r"-\d{5,}-(?:versions|sightings|captures|decisions|works)\.parquet$")
"""The name a publish gives: RUN-PART-TABLE.parquet."""

_NAME = re.compile(r"(?P<run>.+?)-(?:\d+-\d{5,}\.warc\.gz(?:\.open)?|(?:[0-9a-f]{8}-)?\d{5,}-[a-z]+\.parquet)$")


def _run_of(path: str) -> str | None:
    """Return the run whose id begins the file's name, None where the name is not one a run gives."""
    match = _NAME.fullmatch(path.rsplit("/", 1)[-1])
    return match["run"] if match else None


def _batches(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file; none where it cannot be read, which is told with the files."""
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=list(dict.fromkeys(columns)))
    except (OSError, pa.ArrowInvalid):
        return


def _filtered(path: Path, columns: list[str], wanted: list[tuple[str, str, Any]]) -> list[dict[str, Any]]:
    """The rows that *wanted* is true of; none where the file cannot be read, which is told with the files."""
    try:
        return list(dicts(pq.read_table(path, columns=columns, filters=wanted, partitioning=None)))
    except (OSError, pa.ArrowInvalid):
        return []


def _is_compacted(path: str) -> bool:
    return path.rsplit("/", 1)[-1].startswith(COMPACTED)


def _content_digest(row: Mapping[str, Any]) -> str:
    values = {name: row[name] for name in VERSION_FIELDS}
    return "sha256:" + hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


_REFERENCES = (
    (
        "sightings",
        "documents were seen with a content that no version holds",
        """SELECT site || '/' || doc_id AS what FROM sightings
        ANTI JOIN (SELECT site, doc_id, content_digest FROM raw_versions SEMI JOIN visible_runs USING (run_id))
        USING (site, doc_id, content_digest)""",
    ),
    (
        "versions",
        "versions name a capture that is not there",
        """SELECT site || '/' || doc_id AS what FROM raw_versions v SEMI JOIN visible_runs USING (run_id)
        ANTI JOIN raw_captures USING (capture)
        WHERE v.capture IS NOT NULL AND v.run_id NOT IN (SELECT run_id FROM raw_runs WHERE event = 'import')""",
    ),
    (
        "captures",
        "captures repeat one that is not there",
        """SELECT c.capture AS what FROM captures c
        WHERE c.refers_to IS NOT NULL AND c.refers_to NOT IN (SELECT capture FROM raw_captures)""",
    ),
    (
        "captures",
        "captures are there twice",
        "SELECT capture AS what FROM captures GROUP BY capture HAVING count(*) > 1",
    ),
)
"""Table, what is wrong, and the rows that show it."""
