"""What a site's profile may say, and how a mistake in one is told."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from crawler.errors import ProfileError
from crawler.fetching.url_pattern import check_pattern
from crawler.profile import (
    PACKAGED,
    PROFILE_KEYS,
    SiteProfile,
    find_profiles,
    load_profile,
    profile_by_name,
    profile_for_url,
)

WHOLE = r"""
# docs: an invented site.
name = "docs"
start_urls = ["https://www.docs.example/list/1.html"]
hosts = ["www.docs.example", "docs.example:8443"]
former_hosts = ["old.docs.example"]
former_names = ["papers"]
labels = {pages = "总页数"}
document_url = '^/doc/(?P<id>[0-9]+)\.html$'
listing_url = '^/list/'
item_url = "https://www.docs.example/doc?id={docId}"
listing = {url = "https://www.docs.example/search", form = {page = "{page}"}, first_page = 0}
attachments = "first"
follow_related = true
follow_listings = true
max_depth = 100
headers = {Referer = "https://www.docs.example/"}
cookies = {session = "abc123"}
proxy = "http://proxy.example:3128"
tls_strict = false
delay_seconds = 2
concurrency = 2
encoding = "GBK"
day_first = true
revisit_budget = 500
schedule = "daily"
timezone = "Asia/Shanghai"
jitter = "30m"
"""


def write(folder: Path, text: str, name: str = "docs") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, WHOLE))
    assert profile.hosts == ("www.docs.example", "docs.example:8443")
    assert profile.delay_seconds == 2.0
    assert profile.encoding == "gbk"
    assert profile.cookies["session"] == "abc123"
    hints = profile.hints()
    assert (hints.labels["pages"], hints.encoding, hints.day_first) == ("总页数", "gbk", True)
    assert profile.listing is not None
    assert profile.start_urls[-1] == profile.listing.first()
    assert {key for key in PROFILE_KEYS if key + " =" not in WHOLE} == {"platform"}


def test_a_profile_cannot_be_changed(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, WHOLE))
    with pytest.raises(FrozenInstanceError):
        profile.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        profile.headers["X"] = "y"  # type: ignore[index]


def test_hosts_are_those_of_the_start_urls_unless_named(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, 'start_urls = ["http://Docs.example:80/a", "http://b.example:81/"]'))
    assert profile.hosts == ("docs.example", "b.example:81")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("colour = 1", "unknown key 'colour'", id="unknown key"),
        pytest.param('robots = "ignore"', "unknown key 'robots'", id="robots are always obeyed"),
        pytest.param('name = "other"', "name = 'other'", id="name is not the file's"),
        pytest.param('start_urls = "https://a.example/"', "list of texts", id="text for a list"),
        pytest.param('start_urls = ["ftp://a.example/"]', "whole URLs", id="scheme"),
        pytest.param('start_urls = ["https://user:pw@a.example/"]', "whole URLs", id="user name in a URL"),
        pytest.param('start_urls = ["https://a.example:99999/"]', "whole URLs", id="port"),
        pytest.param(
            'start_urls = ["https://a.example/"]\nhosts = ["b.example"]', 'add "a.example"', id="host left out"
        ),
        pytest.param('hosts = ["https://a.example"]', "without scheme", id="host with scheme"),
        pytest.param('headers = {"X-A" = "1\\r\\nHost: evil"}', "one line", id="newline in a header"),
        pytest.param('headers = {"X A" = "1"}', "header names", id="space in a header name"),
        pytest.param('headers = {Host = "evil.example"}', "leave out Host", id="header that is ours"),
        pytest.param('cookies = {a = "1; b=2"}', "semicolons", id="two cookies in one"),
        pytest.param('proxy = "socks5://a.example:1080"', "http://HOST:PORT", id="proxy scheme"),
        pytest.param('tls_strict = "no"', "true or false", id="text for a truth value"),
        pytest.param("delay_seconds = -1", "number from 0", id="negative delay"),
        pytest.param("delay_seconds = nan", "number from 0", id="delay that is no number"),
        pytest.param("delay_seconds = true", "number from 0", id="truth value for a number"),
        pytest.param("concurrency = 1000", "from 1 to 16", id="too many requests at once"),
        pytest.param("max_depth = 1.5", "whole number", id="half a page"),
        pytest.param('encoding = "klingon"', "encoding that Python knows", id="encoding"),
        pytest.param('encoding = "base64"', "text encoding", id="encoding of bytes"),
        pytest.param('labels = {colour = "颜色"}', "record fields", id="label of no field"),
        pytest.param('platform = "no-such"', "platform = 'no-such'", id="platform"),
        pytest.param('schedule = "sometimes"', "hourly, daily", id="schedule"),
        pytest.param("document_url = '/doc/(a+)+$'", "repeat inside a repeat", id="catastrophic pattern"),
        pytest.param("document_url = '/doc/('", "can read", id="broken pattern"),
        pytest.param("x = [", "not valid TOML", id="no TOML"),
        pytest.param("x = " + "[" * 5000, "not valid TOML", id="deep nesting"),
    ],
)
def test_a_mistake_names_the_file_and_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ProfileError) as error:
        load_profile(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)
    assert "\n" not in str(error.value).strip()
    assert error.value.exit_code == 2


def test_a_profile_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "docs.toml"
    path.write_bytes("名 = 1".encode("gbk"))
    with pytest.raises(ProfileError, match="UTF-8"):
        load_profile(path)
    with pytest.raises(ProfileError, match="cannot be read"):
        load_profile(tmp_path / "absent.toml")


def test_packaged_profiles_are_sound_and_open_with_what_a_maintainer_needs() -> None:
    names = {path.stem for path in PACKAGED.glob("*.toml")}
    assert names >= {"huiwen", "renrendoc", "docplayer", "govuk", "dspace"}
    assert set(find_profiles()) == names
    for path in PACKAGED.glob("*.toml"):
        comment = "".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
        assert f"# {path.stem}: " in comment
        assert "Last checked: " in comment


def test_a_users_profile_goes_before_a_packaged_one(tmp_path: Path) -> None:
    path = write(tmp_path, 'start_urls = ["http://mirror.example/"]', name="huiwen")
    profiles = find_profiles(tmp_path)
    assert profiles["huiwen"].file == path
    assert "govuk" in profiles
    with pytest.raises(ProfileError, match="not there"):
        find_profiles(tmp_path / "absent")


def test_a_profile_is_found_by_former_names_and_hosts(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    profiles = find_profiles(tmp_path)
    assert profile_by_name("papers", profiles) is profiles["docs"]
    assert profile_by_name("nothing", profiles) is None
    for url in ("https://WWW.docs.example/x", "https://docs.example:8443/", "http://old.docs.example/y"):
        assert profile_for_url(url, profiles) is profiles["docs"]
    assert profile_for_url("https://docs.example/", profiles) is None


def test_a_bare_profile_is_polite() -> None:
    profile = SiteProfile(name="docs")
    assert profile.tls_strict
    assert profile.delay_seconds is None
    assert profile.concurrency is None
    assert not profile.follow_related


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:a*)*$",
        r"(?:a|aa)+$",
        r"(?:a?){64}(?:b+)*",
        r"(?:(?:a{1,9}){1,9}){1,9}x",
        r"(a)\1",
        r".*.*.*.*.*x",
        r"(?:[a-z]+){9}x",
        "a" * 501,
        r"a{99999999999}",
    ],
)
def test_patterns_that_may_take_forever_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="write"):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^/doc/(?P<id>[0-9]+)[.]html$",
        r"^/(?:paper|doc)/(?P<id>\d{1,12})\.html(?:\?.*)?$",
        r"^/[a-z]+_\d+_\d+_0_0_\d+\.html$",
        r"(?!/list/)/.+/(?P<id>[A-F0-9]{32})",
        r"^(?:/[a-z]{2})?/handle/(?P<id>[0-9.]+/[0-9]+)$",
    ],
)
def test_patterns_that_sites_need_are_taken(pattern: str) -> None:
    check_pattern(pattern)
