"""The command that saves golden pages: it writes a case to be reviewed, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import workshop

HTML = "<html><body><h1>水库安全检查情况汇报</h1><p>页数：12页</p><p>上传时间：2020-01-02</p></body></html>"


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "page.html").write_text(HTML, encoding="utf-8")
    monkeypatch.setattr(workshop, "PAGES", tmp_path / "pages")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "pages"


def test_a_page_becomes_a_case_that_waits_for_a_person(pages: Path) -> None:
    words = ["page.html", "docs/gone", "--url", "https://docs.example/doc/1.html", "--http-status", "404"]
    assert workshop.main([*words, "--fetched-at", "2024-05-06T07:08:09Z"]) == 0
    assert (pages / "docs/gone/page.html").read_text(encoding="utf-8") == HTML
    expected = json.loads((pages / "docs/gone/expected.json").read_text(encoding="utf-8"))
    assert expected == {"reviewed": False, "page_type": "other"}
    assert workshop.read_case(pages / "docs/gone").reason == "http_404"


@pytest.mark.parametrize(
    ("case", "more"),
    [
        ("../case", []),
        ("docs/..", []),
        ("/docs/case", []),
        ("case", []),
        ("docs/case", ["--fetched-at", "yesterday"]),
        ("docs/case", ["--fetched-at", "2024-05-06"]),
    ],
)
def test_what_cannot_be_saved_leaves_nothing(pages: Path, case: str, more: list[str]) -> None:
    with pytest.raises(SystemExit):
        workshop.main(["page.html", case, "--url", "https://docs.example/doc/1.html", *more])
    assert [path.name for path in pages.parent.iterdir()] == ["page.html"]


def test_a_page_that_the_reader_fails_on_leaves_nothing(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(workshop, "read_page", failing)
    with pytest.raises(RecursionError):
        workshop.main(["page.html", "docs/case", "--url", "https://docs.example/doc/1.html"])
    assert not (pages / "docs/case").exists()
