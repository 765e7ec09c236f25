"""How the documents of a selection are spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from archive.archive import Archive
from archive.errors import UsageError
from archive.layout import create
from tests.archive.conftest import WrittenArchive, hour, record

DAY = {"published_from": date(2023, 4, 16), "published_until": date(2023, 4, 16)}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    written = WrittenArchive(create(tmp_path_factory.mktemp("filled") / "data"))
    first = [
        record("1", "计生甲", format="pdf", tags=("计生", "长效"), published_on="2023-04-16", **DAY),
        record("2", "计生乙", format="docx", tags=("计生",), published_on="2023"),
        record("3", "丙", format="pdf", flags=("truncated",), site="register", published_on="2019-01"),
        record("4", "丁"),
    ]
    written.run("r1", *first, at=hour(1))
    written.run("r2", record("2", "计生乙", at=hour(2), format="ppt", published_on="2024"), at=hour(2))
    with written.open() as opened:
        yield opened


def test_newest_versions_are_counted(opened: Archive) -> None:
    assert opened.facets() == {
        "site": [("huiwen", 3), ("register", 1)],
        "doc_format": [("pdf", 2), ("ppt", 1)],
        "year": [("2024", 1), ("2023", 1), ("2019", 1)],
        "tag": [("计生", 1), ("长效", 1)],
        "flag": [("truncated", 1)],
    }


@pytest.mark.parametrize(
    "keywords",
    [
        {"search": "计生"},
        {"where": "pages IS NULL", "limit": 1},
        {"site": "register"},
        {"doc_format": ["pdf", "ppt"], "sort": "published"},
        {"as_of": hour(1)},
        {"search": "没有"},
    ],
)
def test_they_are_those_of_the_records(opened: Archive, keywords: dict[str, object]) -> None:
    rows = opened.records(**{**keywords, "limit": 0}).to_list()
    found = opened.facets("site,tag", **keywords)
    assert dict(found["site"]) == Counter(row["site"] for row in rows)
    assert dict(found["tag"]) == Counter(tag for row in rows for tag in row["tags"] or ())
    assert list(found) == ["site", "tag"]


def test_only_the_most_frequent(opened: Archive) -> None:
    assert opened.facets(["doc_format"], most=1) == {"doc_format": [("pdf", 2)]}
    assert opened.facets(["doc_format"], most=0) == {"doc_format": [("pdf", 2), ("ppt", 1)]}
    with pytest.raises(UsageError, match="no facet 'nosuch'; choose among site"):
        opened.facets("nosuch")


def test_an_empty_archive_has_no_values(written: WrittenArchive) -> None:
    with Archive.open(written.layout.root) as opened:
        assert opened.facets() == {"site": [], "doc_format": [], "year": [], "tag": [], "flag": []}
