"""Where a command works, and in which order the places are asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import UsageError
from docarchive.configuration import TEMPLATE, load_configuration


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOCARCHIVE_DIR", raising=False)
    monkeypatch.delenv("DOCARCHIVE_CONFIG", raising=False)


def test_without_anything_the_archive_is_data() -> None:
    found = load_configuration()
    assert (found.archive, found.sites, found.contact) == (Path("data"), None, None)


def test_the_archive_is_the_command_lines_then_the_environments_then_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("docarchive.toml").write_text('archive = "one"\ncontact = "me@example.org"', encoding="utf-8")
    assert load_configuration().archive == Path("one")
    monkeypatch.setenv("DOCARCHIVE_DIR", "two")
    assert load_configuration().archive == Path("two")
    assert load_configuration(Path("three")).archive == Path("three")
    assert load_configuration(Path("three")).contact == "me@example.org"


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "mine.toml").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.setenv("DOCARCHIVE_CONFIG", str(folder / "mine.toml"))
    found = load_configuration()
    assert (found.archive, found.sites) == (folder, folder / "sites")


def test_the_file_that_init_put_into_the_archive_is_found(tmp_path: Path) -> None:
    for folder in (tmp_path / "data", tmp_path / "other"):
        folder.mkdir()
        (folder / "docarchive.toml").write_text(f'contact = "{folder.name}@example.org"', encoding="utf-8")
    assert load_configuration().contact == "data@example.org"
    assert load_configuration(Path("other")).contact == "other@example.org"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('colour = "red"', "unknown key 'colour'"),
        ("contact = 5", "contact must be a text"),
        ('contact = "a\\nb"', "contact must be a text"),
        ("contact", "cannot be read"),
    ],
)
def test_a_mistake_names_file_and_key(text: str, said: str) -> None:
    Path("docarchive.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said) as error:
        load_configuration()
    assert "docarchive.toml" in str(error.value)


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCARCHIVE_CONFIG", "absent.toml")
    with pytest.raises(UsageError, match="DOCARCHIVE_CONFIG"):
        load_configuration()
