"""The six Delta tables: their columns, how rows become a file, which files a reader should read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.json as pa_json
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from archive import durable
from archive.clock import instant_text
from archive.errors import DamagedFile
from archive.layout import TABLES, YOUNGER_TABLES, Layout
from archive.published import delta_log
from archive.site_state.names import present_names

_INSTANT = pa.timestamp("us", "UTC")
_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_COUNTERS = pa.map_(_TEXT, pa.int64())

MEMBERS = pa.struct(
    [
        ("seen_from", pa.list_(_INSTANT)),
        ("seen_until", pa.list_(_INSTANT)),
        ("capture", pa.list_(_TEXT)),
        ("reader", pa.list_(_TEXT)),
        ("run_id", pa.list_(_TEXT)),
        ("counters", pa.list_(_COUNTERS)),
    ]
)
"""Of an interval that a compaction made: the sightings it stands for, as lists of one length (`intervals.py`)."""

SCHEMAS: Mapping[str, pa.Schema] = {
    "versions": pa.schema(
        [
            ("site", _TEXT),
            ("doc_id", _TEXT),
            ("url", _TEXT),
            ("canonical_url", _TEXT),
            ("title", _TEXT),
            ("title_text", _TEXT),
            ("size_bytes", pa.int64()),
            ("size_text", _TEXT),
            ("pages", pa.int64()),
            ("pages_text", _TEXT),
            ("format", _TEXT),
            ("format_text", _TEXT),
            ("published_on", _TEXT),
            ("published_text", _TEXT),
            ("published_from", pa.date32()),
            ("published_until", pa.date32()),
            ("tags", _TEXTS),
            ("issuer", _TEXT),
            ("document_number", _TEXT),
            ("other_labels", pa.map_(_TEXT, _TEXTS)),
            ("preview_text", _TEXT),
            ("preview_pages", pa.int64()),
            ("preview_share", pa.float64()),
            ("text_digest", _TEXT),
            ("related_urls", _TEXTS),
            ("flags", _TEXTS),
            ("fetched_at", _INSTANT),
            ("run_id", _TEXT),
            ("capture", _TEXT),
            ("payload_digest", _TEXT),
            ("reader", _TEXT),
            ("provenance", pa.map_(_TEXT, _TEXT)),
            ("content_digest", _TEXT),
            ("previous_reread_digest", _TEXT),
        ]
    ),
    "sightings": pa.schema(
        [
            ("site", _TEXT),
            ("doc_id", _TEXT),
            ("content_digest", _TEXT),
            ("seen_from", _INSTANT),
            ("seen_until", _INSTANT),
            ("capture", _TEXT),
            ("reader", _TEXT),
            ("run_id", _TEXT),
            ("counters", _COUNTERS),
            ("members", MEMBERS),
        ]
    ),
    "captures": pa.schema(
        [
            ("capture", _TEXT),
            ("site", _TEXT),
            ("url", _TEXT),
            ("canonical_url", _TEXT),
            ("fetched_at", _INSTANT),
            ("http_status", pa.int32()),
            ("content_type", _TEXT),
            ("record_type", _TEXT),
            ("refers_to", _TEXT),
            ("payload_digest", _TEXT),
            ("payload_bytes", pa.int64()),
            ("warc_file", _TEXT),
            ("warc_offset", pa.int64()),
            ("warc_length", pa.int64()),
            ("page_type", _TEXT),
            ("reason", _TEXT),
            ("doc_id", _TEXT),
            ("run_id", _TEXT),
            ("reader", _TEXT),
        ]
    ),
    "runs": pa.schema(
        [
            ("run_id", _TEXT),
            ("run_seq", pa.int64()),
            ("site", _TEXT),
            ("event", _TEXT),
            ("at", _INSTANT),
            ("reader", _TEXT),
            ("started_at", _INSTANT),
            ("finished_at", _INSTANT),
            ("parts", pa.int64()),
            ("counts", pa.map_(_TEXT, pa.int64())),
            ("files", pa.map_(_TEXT, _TEXT)),
            ("options", _TEXT),
            ("reason", _TEXT),
            ("previous_digest", _TEXT),
            ("digest", _TEXT),
        ]
    ),
    "decisions": pa.schema(
        [
            ("run_id", _TEXT),
            ("site", _TEXT),
            ("doc_id", _TEXT),
            ("kind", _TEXT),
            ("value", _TEXT),
            ("reason", _TEXT),
            ("at", _INSTANT),
            ("evidence", _TEXT),
        ]
    ),
    "works": pa.schema(
        [
            ("run_id", _TEXT),
            ("site", _TEXT),
            ("doc_id", _TEXT),
            ("work_id", _TEXT),
            ("previous_work_id", _TEXT),
            ("kind", _TEXT),
            ("at", _INSTANT),
            ("pairs_version", _TEXT),
            ("evidence", _TEXT),
        ]
    ),
}
"""Columns of each table. Absent is null; instants are UTC to the microsecond."""

BATCH_ROWS = 250
"""Rows in memory as Arrow at a time: 1,000 records with their texts would take 100 MB more."""

PART_DIGEST_KEY = b"docarchive.part_digest"
"""Parquet metadata key: digest of the frozen part a file was written from."""

COMPACTED = "compacted-"
"""What the names of files begin with that a compaction wrote; run ids begin with a date."""


_DAYS = frozenset(field.name for schema in SCHEMAS.values() for field in schema if pa.types.is_date(field.type))
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The Parquet files of each table at one moment, such that no run is seen in part."""

    files: Mapping[str, tuple[str, ...]]
    """Table -> paths of its files: as text, for an archive of many runs has many thousands."""
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Former name -> present name of the sites that were renamed."""


class OpenTables:
    """The tables of one archive as they are now: each log is loaded once and read on from there.

    Loading a log anew costs more with every run that was ever published. Where it is another log by now, as the tables
    were rebuilt, or what comes next was cleaned away, it is loaded anew all the same: the entry that was read last
    tells.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._loaded: dict[str, DeltaTable] = {}
        self._last_entries: dict[str, delta_log.EntryIdentity | None] = {}

    def newest(self, name: str) -> DeltaTable:
        """Return table *name* as it stands now, made empty if it is not there yet.

        Raises DamagedFile when its log cannot be read.
        """
        try:
            return self._read_on(name)
        except TableNotFoundError:
            folder = self.layout.table(name)
            _expect_nothing(self.layout, folder)
            self._loaded[name] = _created(folder, name)
        return self._loaded[name]

    def relative_files(self) -> set[str]:
        """Return the files of all tables as they stand now, as the ledger names them: relative to the archive."""
        above = len(f"{self.layout.root}/")
        return {path[above:] for paths in self.snapshot().files.values() for path in paths}

    def moved_on(self, name: str) -> bool:
        """Whether something was committed to table *name* since it was last looked at."""
        before = self._loaded[name].version()
        return self._read_on(name).version() != before

    def snapshot(self) -> Snapshot:
        """Return the files to read now.

        `runs` is looked at first: a run committed meanwhile is then unknown, and its rows are invisible, instead of
        being known with rows missing. Where the ledger moved on meanwhile all is looked at again: a compaction notes
        in the ledger what it puts in the place of other files before it does. Raises DamagedFile for a table that
        cannot be read, and for one that is gone.
        """
        files = self._files()
        if "runs" in self._loaded and self.moved_on("runs"):
            files = self._files()
        return Snapshot(files, present_names(self.layout))

    def _files(self) -> dict[str, tuple[str, ...]]:
        files: dict[str, tuple[str, ...]] = {}
        for name in TABLES:
            folder = self.layout.table(name)
            try:
                uris = self._read_on(name).file_uris()
            except TableNotFoundError:
                _expect_nothing(self.layout, folder, published=bool(files.get("runs")) and name not in YOUNGER_TABLES)
                uris = []
            # deltalake percent-encodes the folder's name in some answers and not in others; our files lie flat in it.
            files[name] = tuple(sorted(f"{folder}/{uri.rsplit('/', 1)[-1]}" for uri in uris))
        return files

    def _read_on(self, name: str) -> DeltaTable:
        folder = self.layout.table(name)
        table = self._loaded.get(name)
        try:
            if table is not None and self._goes_on(name, table):
                table.update_incremental()
            else:
                table = self._loaded[name] = DeltaTable(str(folder))
            self._last_entries[name] = delta_log.entry_identity(folder, table.version())
        except TableNotFoundError:
            raise
        except (OSError, ValueError, DeltaError) as error:
            raise _unreadable(folder, error) from error
        return table

    def _goes_on(self, name: str, table: DeltaTable) -> bool:
        """Whether the log is still the one that was read, and has what comes next: entries are deleted oldest first."""
        last = self._last_entries.get(name)
        return last is not None and last == delta_log.entry_identity(self.layout.table(name), table.version())


def snapshot(layout: Layout) -> Snapshot:
    """Return the files to read now (see `OpenTables.snapshot`)."""
    return OpenTables(layout).snapshot()


def _created(folder: Path, name: str) -> DeltaTable:
    durable.make_folder(folder)
    try:
        table = DeltaTable.create(str(folder), SCHEMAS[name], mode="ignore", configuration=delta_log.CONFIGURATION)
    except (OSError, ValueError, DeltaError) as error:
        raise _unreadable(folder, error) from error
    delta_log.make_durable(folder, 0)
    return table


def _unreadable(folder: Path, error: Exception) -> DamagedFile:
    first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DamagedFile(f"the log of table {folder} cannot be read ({first_line}); run: docarchive verify")


def _expect_nothing(layout: Layout, folder: Path, *, published: bool = False) -> None:
    """Raise DamagedFile if the table in *folder* was there once: an archive that lost one must not look empty.

    The first publish makes `runs`, then the others, before it writes a row (*published*: there are some).
    """
    if next(folder.glob("*.parquet"), None) is not None:
        raise DamagedFile(
            f"table {folder} has lost its log (_delta_log); restore it, or run: docarchive rebuild tables"
        )
    if not folder.parent.exists() and next(layout.root.glob("tables.*"), None) is not None:
        raise DamagedFile(
            f"the tables of {layout.root} were being rebuilt and are not whole; run: docarchive rebuild tables"
        )
    has_others = any((layout.table(name) / "_delta_log").is_dir() for name in TABLES if name != "runs")
    if published or (folder.name == "runs" and has_others):
        raise DamagedFile(f"table {folder} is gone; restore it, or run: docarchive rebuild tables")


def write_parquet(path: Path, name: str, rows: Iterable[Mapping[str, Any]], *, part_digest: str | None = None) -> None:
    """Write *rows* of table *name* to *path*, whole and durable, or not at all.

    Instants and days may be given as such or as ISO text; columns that a row lacks are null, maps empty.
    """
    schema = SCHEMAS[name]
    if part_digest is not None:
        schema = schema.with_metadata({PART_DIGEST_KEY: part_digest.encode()})
    waiting = iter(rows)
    batches = iter(lambda: list(islice(waiting, BATCH_ROWS)), [])
    _write(path, schema, (_table(name, batch).replace_schema_metadata(schema.metadata) for batch in batches))


def write_groups(path: Path, name: str, groups: Iterable[pa.Table]) -> None:
    """Write Arrow tables of table *name*, each a row group, to *path*, whole and durable, or not at all."""
    _write(path, SCHEMAS[name], groups)


def _write(path: Path, schema: pa.Schema, groups: Iterable[pa.Table]) -> None:
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd", version="2.6") as writer:
        for group in groups:
            writer.write_table(group)
    durable.write_file(path, sink.getvalue().to_pybytes())


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return *rows* as an Arrow table.

    By way of JSON lines, which Arrow parses itself: from Python objects it would first import pandas, where that is
    installed, to see whether they are its series (50 MB, 0.4 s).
    """
    schema = SCHEMAS[name]
    maps = {field.name: field.type for field in schema if pa.types.is_map(field.type)}
    pairs = {n: pa.list_(pa.struct([("key", t.key_type), ("value", t.item_type)])) for n, t in maps.items()}
    lines = b"\n".join(_json_line(row, schema, maps) for row in rows)
    table = pa_json.read_json(
        pa.BufferReader(lines),
        read_options=pa_json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=pa_json.ParseOptions(
            explicit_schema=pa.schema([(f.name, pairs.get(f.name, f.type)) for f in schema if f.type != MEMBERS]),
            unexpected_field_behavior="error",
        ),
    )
    columns = []
    for field in schema:
        if field.type == MEMBERS:  # what is published are single sightings
            columns.append(pa.nulls(table.num_rows, MEMBERS))
            continue
        column = table.column(field.name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0)
        if field.name in maps:
            keys, values = column.values.field(0), column.values.field(1)
            column = pa.MapArray.from_arrays(column.offsets, keys, values, type=field.type)
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=schema)


def _json_line(row: Mapping[str, Any], schema: pa.Schema, maps: Mapping[str, Any]) -> bytes:
    values: dict[str, Any] = {}
    for name in schema.names:
        value = row.get(name)
        if name == "members":
            continue
        if name in maps:
            value = [{"key": k, "value": v} for k, v in value.items()] if value else []
        elif name in _DAYS and value is not None:
            value = ((date.fromisoformat(value) if isinstance(value, str) else value) - _EPOCH).days
        values[name] = value
    return orjson.dumps(values, default=_json_value, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _json_value(value: Any) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    raise TypeError(f"a table holds no {type(value).__name__}")


def part_digest_of(path: Path) -> str | None:
    """Return the part digest a Parquet file was written with, or None."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid) as error:
        raise DamagedFile(f"{path} cannot be read as Parquet ({error}); run: docarchive verify") from error
    digest = metadata.get(PART_DIGEST_KEY)
    return digest.decode() if digest is not None else None
