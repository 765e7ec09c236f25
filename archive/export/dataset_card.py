"""The card of an exported data set: what it holds, where that comes from, how it was chosen."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from archive.asking.plain import plain
from archive.clock import instant_text
from archive.export.contents import Contents

_SIZES = (10**3, 10**4, 10**5, 10**6, 10**7, 10**8, 10**9, 10**10, 10**11, 10**12)
_SIZE_NAMES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")

LANGUAGE_SHARE = 0.01
"""Of the texts in scripts that tell, so many must be of a language for the card to name it."""

_SCRIPTS = {"ja": (r"[\p{Hiragana}\p{Katakana}]", 0.05), "ko": (r"\p{Hangul}", 0.1), "zh": (r"\p{Han}", 0.1)}
"""Language -> characters that tell it, and what share of a text they must be; the first that fits counts. A Latin
letter tells no language."""

_NOT_YAML = re.compile("[\x7f-\x84\x86-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
"""What JSON writes as it is and YAML does not read (https://yaml.org/spec/1.2.2/#51-character-set)."""


@dataclass(slots=True)
class Counted:
    """What was counted while the documents were written."""

    left_out: int
    """Exact copies."""
    with_copies: int
    """Documents kept that had any."""
    documents: int = 0
    without_text: int = 0
    data_bytes: int = 0
    """Before compression."""
    stored_bytes: int = 0
    shards: int = 0
    sites: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    first_fetched: datetime | None = None
    last_fetched: datetime | None = None

    def add(self, table: pa.Table) -> None:
        """Count the documents of *table*, which has all fields."""
        self.documents += table.num_rows
        self.without_text += table["text_digest"].null_count
        self.data_bytes += table.nbytes
        self.sites.update(table["site"].to_pylist())
        self.languages.update(_languages(table["preview_text"]))
        bounds = pc.min_max(table["fetched_at"]).as_py()
        if bounds["min"] is not None:
            self.first_fetched = min(self.first_fetched or bounds["min"], bounds["min"])
            self.last_fetched = max(self.last_fetched or bounds["max"], bounds["max"])


def _languages(texts: pa.ChunkedArray) -> Counter[str]:
    """Return how many texts are in which language, as far as their script tells."""
    found: Counter[str] = Counter()
    texts = pc.drop_null(texts)
    for language, (characters, share) in _SCRIPTS.items():
        told = pc.count_substring_regex(texts, characters)
        enough = pc.greater(pc.cast(told, pa.float64()), pc.multiply(pc.utf8_length(texts), share))
        found[language] = pc.sum(enough).as_py() or 0
        texts = texts.filter(pc.invert(enough))
    return found


def card(contents: Contents, schema: pa.Schema, counted: Counted) -> str:
    """Return the card, Markdown behind the YAML that `datasets` and the Hub read."""
    front = "\n".join(_front(contents, schema, counted))
    return f"---\n{front}\n---\n\n{_body(contents, schema, counted)}"


def yaml_text(text: str) -> str:
    r"""Return *text* as YAML has it between double quotes.

    >>> yaml_text('a: "b"\x7f')
    '"a: \\"b\\"\\u007f"'
    """
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found.group()):04x}", orjson.dumps(text).decode())


def _front(contents: Contents, schema: pa.Schema, counted: Counted) -> Iterator[str]:
    yield f"pretty_name: {yaml_text(f'Documents of {contents.archive}')}"
    languages = _named_languages(counted)
    if languages:
        yield "language:"
        yield from (f"- {language}" for language in languages)
    yield "license: unknown"
    yield "size_categories:"
    yield f"- {size_category(counted.documents)}"
    yield "tags:"
    yield "- docarchive"
    yield "configs:"
    yield "- config_name: default"
    yield "  data_files:"
    yield "  - split: train"
    yield "    path: data/train-*.parquet"
    yield "dataset_info:"
    yield "  config_name: default"
    yield "  features:"  # as YAML on one line: what JSON writes of such names and types is YAML
    for column in schema:
        yield f"  - {json.dumps({'name': column.name, **_feature(column.type)})}"
    yield "  splits:"
    yield "  - name: train"
    yield f"    num_bytes: {counted.data_bytes}"
    yield f"    num_examples: {counted.documents}"
    yield f"  download_size: {counted.stored_bytes}"
    yield f"  dataset_size: {counted.data_bytes}"


def _feature(kind: pa.DataType) -> Mapping[str, Any]:
    """Return a column's type as a card names it.

    >>> _feature(pa.list_(pa.string()))
    {'list': 'string'}
    """
    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        return {"list": inner.get("struct") or inner.get("dtype") or [inner]}
    if pa.types.is_struct(kind):
        return {"struct": [{"name": each.name, **_feature(each.type)} for each in kind]}
    return {"dtype": str(kind).replace("date32[day]", "date32").replace("double", "float64")}


def _named_languages(counted: Counted) -> list[str]:
    told = counted.languages.total()
    return sorted(name for name, number in counted.languages.items() if number and number >= LANGUAGE_SHARE * told)


def size_category(documents: int) -> str:
    """Return how the Hub calls a data set of so many rows.

    >>> size_category(0), size_category(1000), size_category(123_456)
    ('n<1K', '1K<n<10K', '100K<n<1M')
    """
    for position, size in enumerate(_SIZES):
        if documents < size:
            return f"{_SIZE_NAMES[position - 1]}<n<{_SIZE_NAMES[position]}" if position else "n<1K"
    return "n>1T"


def _body(contents: Contents, schema: pa.Schema, counted: Counted) -> str:
    without = f", {counted.without_text:,} of them without a text" if "preview_text" in schema.names else ""
    files = "1 Parquet file" if counted.shards == 1 else f"{counted.shards:,} Parquet files"
    return _BODY.format(
        archive=_cell(contents.archive),
        how_many=f"{counted.documents:,} document{'' if counted.documents == 1 else 's'}{without}, in {files}",
        fetched=_fetched(counted),
        made=f"{instant_text(contents.made_at)} by docarchive {version('docarchive')}",
        sites="\n".join(f"| {_cell(site)} | {number:,} |" for site, number in sorted(counted.sites.items())),
        asked=orjson.dumps(plain(contents.selection), option=orjson.OPT_INDENT_2).decode(),
        with_copies=f"{counted.with_copies:,}",
        left_out="1 copy is" if counted.left_out == 1 else f"{counted.left_out:,} copies are",
        columns="\n".join(f"| `{column.name}` | {_kind(column.type)} |" for column in schema),
    )


def _fetched(counted: Counted) -> str:
    if counted.first_fetched is None or counted.last_fetched is None:
        return ""
    return f"Fetched from {instant_text(counted.first_fetched)} to {instant_text(counted.last_fetched)}. "


_BODY = """\
# Documents of {archive}

{how_many}.

```python
from datasets import load_dataset

documents = load_dataset("PATH/OF/THIS/FOLDER", split="train")
```

## Where this comes from

Each row is what one page of a document-listing site stated of a document. The page was captured as it was received and
read by the program named in `reader`: `url` is the page, `fetched_at` when it was received, `capture` its WARC record
in the archive {archive}, `payload_digest` the digest of its bytes, `provenance` where on it each value stood.
{fetched}Made {made}.

| site | documents |
|---|---|
{sites}

`preview_text` is the text on the page: often the beginning of a document, not all of it. `preview_pages` and
`preview_share` say how much it is where the page said so. Nothing was translated, shortened or filtered by quality.
`language` above is what the texts' script tells: texts in Latin letters may be in any language.

**Rights.** The documents are their authors' and publishers'. Whether they may be used is for you to find out: this card
grants nothing.

## How the documents were chosen

The newest version of each document that this selection found:

```json
{asked}
```

Exact copies are removed: {left_out} left out, of {with_copies} texts that several documents had. The document that
was seen first is kept, and its column `copies` says where the others stand. Copies have the same `text_digest`: one
text, whatever its white space and the width of its characters. Texts that are alike and not the same are all here, and
so are documents without a text.

## Columns

| column | type |
|---|---|
{columns}

None means that the page stated nothing, or nothing readable: then the column ending in `_text` has what was printed.
`other_labels` and `provenance` are lists of `key` and `value`.
"""


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_kind(kind.value_type)}"
    if pa.types.is_struct(kind):
        return f"({', '.join(each.name for each in kind)})"
    return f"`{kind}`"


def _cell(text: str) -> str:
    """Return *text* as code in Markdown, on one line."""
    return f"`{' '.join(text.replace('`', ' ').replace('|', ' ').split())}`"
