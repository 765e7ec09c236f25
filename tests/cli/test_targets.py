"""What `crawl SITE_OR_URL` means, and what is refused before anything is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import ArchiveError, UsageError
from archive.layout import create
from crawler.permission import check_allowed, check_contact
from docarchive.targets import resolve

PROFILE = """
start_urls = ["https://www.docs.example/list/1.html"]
former_hosts = ["old.docs.example"]
former_names = ["papers"]
"""


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    folder = tmp_path / "sites"
    folder.mkdir()
    (folder / "docs.toml").write_text(PROFILE, encoding="utf-8")
    (folder / "bare.toml").write_text('hosts = ["bare.example"]', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("words", "start", "site", "profile", "start_urls"),
    [
        pytest.param("docs", (), "docs", "docs", ("https://www.docs.example/list/1.html",), id="name"),
        pytest.param("papers", (), "docs", "docs", ("https://www.docs.example/list/1.html",), id="former name"),
        pytest.param("docs", ("http://127.0.0.1:1/",), "docs", "docs", ("http://127.0.0.1:1/",), id="mirror"),
        pytest.param(
            "https://WWW.docs.example/x", (), "docs", "docs", ("https://WWW.docs.example/x",), id="URL of a profile"
        ),
        pytest.param("http://old.docs.example/", (), "docs", "docs", ("http://old.docs.example/",), id="former host"),
        pytest.param(
            "http://other.example:81/a", (), "other.example:81", None, ("http://other.example:81/a",), id="URL"
        ),
    ],
)
def test_resolution(
    sites: Path, words: str, start: tuple[str, ...], site: str, profile: str | None, start_urls: tuple[str, ...]
) -> None:
    target = resolve(words, start, sites)
    assert (target.site, target.profile and target.profile.name, target.start_urls) == (site, profile, start_urls)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("doc", "did you mean 'docs'"),
        ("docs.example", "https://docs.example"),
        ("nothing-like-it", "docarchive sites"),
        ("bare", "no start_urls"),
        ("ftp://docs.example/", "no URL of a web page"),
        ("http:///list", "no URL of a web page"),
        ("http://docs.example:99999/", "no URL that can be fetched"),
    ],
)
def test_what_is_no_site_is_told_what_to_write(sites: Path, words: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        resolve(words, (), sites)


@pytest.mark.parametrize(
    ("url", "contact", "allowed", "said"),
    [
        pytest.param("https://docs.example/", None, (), "contact", id="public host without contact"),
        pytest.param("http://127.0.0.1:8000/", "a@b.example", (), "--allow-host 127.0.0.1:8000", id="loopback"),
        pytest.param("http://10.0.0.1/", "a@b.example", ("10.0.0.1:81",), "--allow-host 10.0.0.1:80", id="port"),
        pytest.param("http://[::1]:80/", None, (), "--allow-host", id="loopback, IPv6"),
        pytest.param("https://docs.example/", "nobody", (), "neither a mail address", id="contact that is none"),
        pytest.param("http://127.0.0.1:1/", None, ("127.0.0.1",), "HOST:PORT", id="allowed host without port"),
    ],
)
def test_refused(
    tmp_path: Path, sites: Path, url: str, contact: str | None, allowed: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ArchiveError, match=said) as error:
        check_allowed(resolve(url, (), sites).start_urls, tmp_path / "data", contact, allowed)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("url", "contact", "allowed"),
    [
        ("https://docs.example/", "mailto:a@b.example", ()),
        ("https://docs.example/", "https://b.example/about", ()),
        ("http://127.0.0.1:8000/", None, ("127.0.0.1:8000",)),
        ("http://localhost:8000/", None, ("localhost:8000",)),
        ("http://docs.internal:8000/", None, ("docs.internal:8000",)),
    ],
)
def test_allowed(tmp_path: Path, sites: Path, url: str, contact: str | None, allowed: tuple[str, ...]) -> None:
    check_allowed(resolve(url, (), sites).start_urls, tmp_path / "data", contact, allowed)


def test_a_demo_archive_takes_no_real_documents(tmp_path: Path, sites: Path) -> None:
    create(tmp_path / "demo", demo=True)
    with pytest.raises(UsageError, match="demo archive"):
        check_allowed(resolve("docs", (), sites).start_urls, tmp_path / "demo", "a@b.example", ())
    check_allowed(resolve("http://127.0.0.1:1/", (), sites).start_urls, tmp_path / "demo", None, ("127.0.0.1:1",))


@pytest.mark.parametrize("contact", ["", "me", "a@b", "a@b.c\r\nX: y", "我@例.example", "http://a b/"])
def test_contacts_that_fit_no_user_agent(contact: str) -> None:
    with pytest.raises(UsageError, match="contact"):
        check_contact(contact)
