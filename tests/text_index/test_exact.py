"""Whatever is asked is answered as if every text had been looked through: by the index, beside it and without it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.archive import Archive
from archive.errors import UsageError
from archive.layout import create
from archive.record import DocumentRecord
from archive.snapshot.selection import selection
from archive.text_index import catch_up
from archive.text_index.asking import TextAnswer
from archive.words.folding import fold
from tests.archive.conftest import WrittenArchive, hour, record
from tests.text_index.conftest import expected

pytestmark = pytest.mark.usefixtures("never_brought")

LETTERS = (
    "计生长效長門门机后後裏里干乾"  # both scripts
    "aAbＡｂé1１㎏①ﬁß"  # width, case, what folds to more
    ".,，。:：\"'\\-()（） \u3000\t\n\r\x0c\x0b\x00_*?[]^~"  # whatever may mean something to an engine
    "e\u0301ｶﾞ가ㄱ⽇日㈱ﷺ"  # what joins its neighbour, what is taken apart
    "𠀀𪚥😀👨‍👩‍👧\ufdd0\ufdef\ufffd\ue000\U0010ffff"  # beyond the plane, and for own use
)
texts = st.text(st.sampled_from(LETTERS), max_size=14)
documents = st.tuples(texts, st.lists(texts, max_size=2), texts)


def _records(drawn: list[tuple[str, list[str], str]]) -> list[DocumentRecord]:
    return [
        record(str(n), title or "-", tags=tuple(tags), preview_text=text or None, at=hour(n))
        for n, (title, tags, text) in enumerate(drawn)
    ]


@st.composite
def questions(draw: st.DrawFn, drawn: list[tuple[str, list[str], str]]) -> str:
    """Pieces of the texts themselves, with `-` and OR between."""
    sources = [part for d in drawn for part in (d[0], *d[1], d[2]) if part] or ["甲"]
    words = []
    for _ in range(draw(st.integers(1, 3))):
        source = draw(st.sampled_from(sources))
        start = draw(st.integers(0, len(source) - 1))
        piece = source[start : start + draw(st.integers(1, 5))].replace('"', "")
        words.append(draw(st.sampled_from(["", "", "-"])) + f'"{piece}"')
    return draw(st.sampled_from([" ", " OR "])).join(words)


@pytest.fixture(scope="module")
def folders() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def check_pieces(folders: Path, drawn: list[tuple[str, list[str], str]], indexed: int, data: st.DataObject) -> None:
    """Some documents are in the index, the others it does not know yet; some of those it knows have changed."""
    records = _records(drawn)
    archive = WrittenArchive(create(Path(tempfile.mkdtemp(dir=folders)) / "data"))
    if records[:indexed]:
        before = [record(r.doc_id, r.title or "", preview_text="旧文", at=hour(-1)) for r in records[:1]]
        archive.run("r0", *before, at=hour(0))
        archive.run("r1", *records[1:indexed], at=hour(1))
        catch_up(archive.layout)
    archive.run("r2", *records[:1], *records[max(indexed, 1) :], at=hour(2))
    with archive.open() as opened:
        for number in range(8):
            question, exact = data.draw(questions(drawn)), number % 4 == 3
            try:
                wanted = expected(records, question, exact=exact)
            except UsageError:
                continue
            if records[:indexed]:
                answer = _answer(opened, question, exact)
                assert {doc_id for _, doc_id, _ in answer.all()} == wanted, (question, exact)
                assert answer.total == len(wanted)
                assert {each.doc_id for each in answer.first(50)} == wanted
            if number in (2, 3):
                assert {row["doc_id"] for row in opened.search(question, exact=exact)} == wanted, (question, exact)
            if number in (6, 7):
                then = opened.search(question, exact=exact, as_published="r2", fields="doc_id")
                assert {row["doc_id"] for row in then} == wanted, (question, exact)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(documents, min_size=1, max_size=7), st.integers(0, 7), st.data())
def test_any_piece_of_any_text(
    folders: Path, drawn: list[tuple[str, list[str], str]], indexed: int, data: st.DataObject
) -> None:
    check_pieces(folders, drawn, indexed, data)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(documents, min_size=1, max_size=7), st.integers(0, 7), st.data())
def test_any_piece_of_any_text_again_and_again(
    folders: Path, drawn: list[tuple[str, list[str], str]], indexed: int, data: st.DataObject
) -> None:
    check_pieces(folders, drawn, indexed, data)


def _answer(opened: Archive, question: str, exact: bool) -> TextAnswer:
    assert opened._session.texts is not None
    answer = opened._session.texts.answer(opened._session, selection(search=question, exact=exact))
    assert answer is not None
    return answer


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(LETTERS), max_size=20))
def test_folding_can_be_followed_back(text: str) -> None:
    from archive.words.folding import folded_with_origins

    folded, origins = folded_with_origins(text)
    assert folded == fold(text)
    assert len(origins) == len(folded) + 1
    assert origins == sorted(origins)
    assert fold(folded) == folded
