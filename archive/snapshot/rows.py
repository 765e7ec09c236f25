"""Answers: rows that are fetched when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from archive.errors import UsageError

if TYPE_CHECKING:
    import polars


class Answer(Protocol):
    """Where the rows come from."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names, in order."""

    @property
    def total(self) -> int:
        """How many rows there are before the limit."""

    @property
    def length(self) -> int:
        """How many rows there are."""

    def batches(self) -> Iterator[pa.RecordBatch | pa.Table]:
        """Yield the rows in order, from the first; at least one batch, so that the columns' types are known."""


class Rows:
    """The rows of an answer: iterable (each a dict), `len()`, and whole as Arrow, pandas or Polars.

    Nothing is fetched before it is asked for; iterating twice fetches twice. In the dicts absent values are None,
    instants are aware UTC, maps are dicts.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return self._answer.columns

    @property
    def total(self) -> int:
        """How many rows there are before the limit."""
        return self._answer.total

    def __len__(self) -> int:
        return self._answer.length

    def __bool__(self) -> bool:
        return len(self) > 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self.batches():
            yield from dicts(batch)

    def __repr__(self) -> str:
        return f"Rows({', '.join(self.columns)})"

    def batches(self) -> Iterator[pa.RecordBatch | pa.Table]:
        """Yield the rows as Arrow data, some thousand at a time, without ever holding all; at least one batch."""
        return self._answer.batches()

    def to_list(self) -> list[dict[str, Any]]:
        """Return all rows as dicts."""
        return list(self)

    def arrow(self) -> pa.Table:
        """Return all rows as an Arrow table."""
        tables = [b if isinstance(b, pa.Table) else pa.Table.from_batches([b]) for b in self.batches()]
        filled = [table for table in tables if table.num_rows]
        return pa.concat_tables(filled or tables[:1])

    def df(self) -> Any:
        """Return all rows as a pandas data frame (`pip install pandas`)."""
        return self.arrow().to_pandas()

    def pl(self) -> polars.DataFrame:
        """Return all rows as a Polars data frame (`pip install polars`)."""
        import polars

        frame = polars.from_arrow(self.arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame


def dicts(batch: pa.RecordBatch | pa.Table) -> Iterator[dict[str, Any]]:
    """Yield each row as a dict; maps as dicts (Arrow gives lists of pairs)."""
    maps = [f.name for f in batch.schema if pa.types.is_map(f.type)]
    try:
        rows = batch.to_pylist()
    except (OverflowError, ValueError) as error:
        raise UsageError(_unheld(batch)) from error
    for row in rows:
        for name in maps:
            if row[name] is not None:
                row[name] = dict(row[name])
        yield row


def _unheld(batch: pa.RecordBatch | pa.Table) -> str:
    """Return the sentence on the columns of which Python cannot hold a value: an infinite day, the year 290000."""
    names = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.to_pylist()
        except (OverflowError, ValueError):
            names.append(name)
    return f"column {', '.join(names)} has a value that is out of range here; write it as text: column::VARCHAR"


def first_row(table: pa.Table) -> Mapping[str, Any] | None:
    """Return the first row as a dict, None of an empty table."""
    return next(dicts(table), None)
