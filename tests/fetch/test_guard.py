"""No spelling and no embedding of a private address gets past the guard."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from crawler.errors import Refused
from crawler.fetching.guard import (
    MAX_URL_CHARACTERS,
    AllowedHosts,
    check_address,
    check_url,
    is_public,
    literal_address,
    origin_of,
    redirect_target,
)

NOBODY = AllowedHosts()

PRIVATE = st.one_of(
    st.integers(0x7F000000, 0x7FFFFFFF),
    st.integers(0x0A000000, 0x0AFFFFFF),
    st.integers(0xAC100000, 0xAC1FFFFF),
    st.integers(0xC0A80000, 0xC0A8FFFF),
    st.integers(0xA9FE0000, 0xA9FEFFFF),
    st.integers(0x64400000, 0x647FFFFF),
    st.integers(0xC6120000, 0xC613FFFF),
    st.integers(0xE0000000, 0xFFFFFFFF),
    st.integers(0x00000000, 0x00FFFFFF),
).map(IPv4Address)
PUBLIC = st.sampled_from(["8.8.8.8", "93.184.216.34", "223.5.5.5", "1.1.1.1"]).map(IPv4Address)


def spellings(address: IPv4Address) -> list[str]:
    """Every way to write an IPv4 address that a resolver takes."""
    number = int(address)
    a, b, c, d = address.packed
    return [
        str(address),
        f"{address}.",
        str(number),
        f"0x{number:x}",
        f"0X{number:08X}",
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"0x{a:x}.0{b:o}.{c}.{d}",
        f"[::ffff:{address}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        f"[2001:0:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        f"[2001::{~number >> 16 & 0xFFFF:x}:{~number & 0xFFFF:x}]",
        f"[2606:4700::5efe:{number >> 16:x}:{number & 0xFFFF:x}]",
    ]


@given(address=PRIVATE, which=st.integers(0, 15), port=st.integers(1, 65535))
def test_no_spelling_of_a_private_address_passes(address: IPv4Address, which: int, port: int) -> None:
    with pytest.raises(Refused):
        check_url(f"http://{spellings(address)[which]}:{port}/", NOBODY)


@given(address=PUBLIC, which=st.integers(0, 8))
def test_public_addresses_pass(address: IPv4Address, which: int) -> None:
    check_url(f"http://{spellings(address)[which]}/", NOBODY)


@given(number=st.integers(0, 2**128 - 1))
def test_ipv6_outside_global_unicast_is_refused(number: int) -> None:
    address = IPv6Address(number)
    carrier = any(address in network for network in CARRIERS)
    if is_public(address) and not carrier:
        assert number >> 125 == 1
        assert address.is_global or address in SIX_TO_FOUR


SIX_TO_FOUR = ip_network("2002::/16")
CARRIERS = [ip_network(text) for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "2001::/32")]


@given(number=st.integers(0, 2**32 - 1))
def test_ipv4_agrees_with_the_standard_library(number: int) -> None:
    """It knows the same registry; ours is stricter where a range is global on paper but no web server is in it."""
    address = IPv4Address(number)
    if is_public(address):
        assert address.is_global and not address.is_multicast


@pytest.mark.parametrize(
    "text",
    [
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "100::1",
        "2001:db8::1",
        "2001:2::1",
        "2001:20::1",
        "3fff::1",
        "5f00::1",
        "64:ff9b:1::1",
        "4000::1",
    ],
)
def test_special_ipv6(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["2606:4700::1111", "2001:4860:4860::8888", "2400:3200::1", "64:ff9b::808:808"])
def test_public_ipv6(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://docs.example/", "scheme_refused"),
        ("file:///etc/passwd", "scheme_refused"),
        ("javascript:alert(1)", "scheme_refused"),
        ("http:docs.example/", "scheme_refused"),
        ("docs.example/", "scheme_refused"),
        ("", "scheme_refused"),
        ("http:///a", "url_invalid"),
        ("http://?a", "url_invalid"),
        ("http://me:secret@docs.example/", "userinfo_refused"),
        ("http://docs.example@127.0.0.1/", "userinfo_refused"),
        ("http://docs.example:99999/", "url_invalid"),
        ("http://docs.example:0/", "url_invalid"),
        ("http://docs.example:x/", "url_invalid"),
        ("http://docs example/", "url_invalid"),
        ("http://docs.example\\@127.0.0.1/", "url_invalid"),
        ("http://docs.example/\r\nHost: x", "url_invalid"),
        ("http://docs..example/", "url_invalid"),
        ("http://-/", "url_invalid"),
        ("http://%6c%6f%63alhost/", "url_invalid"),
        ("http://[::1/", "url_invalid"),
        ("http://[fe80::1%25eth0]/", "url_invalid"),
        ("http://1.2.3.4.5/", "url_invalid"),
        ("http://256.256.256.256/", "url_invalid"),
        ("http://docs.example/" + "a" * MAX_URL_CHARACTERS, "url_too_long"),
        ("http://localhost/", "address_refused"),
        ("http://LOCALHOST./", "address_refused"),
        ("http://a.b.localhost/", "address_refused"),
        ("http://０ｘ7f000001/", "address_refused"),
        ("http://127。0。0。1/", "address_refused"),
        ("http://①②⑦.0.0.1/", "address_refused"),
    ],
)
def test_refused_urls(url: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        check_url(url, NOBODY)
    assert caught.value.reason == reason
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://docs.example", ("docs.example", 80)),
        ("HTTPS://Docs.Example.:8443/a?b#c", ("docs.example", 8443)),
        ("http://under_score.example/", ("under_score.example", 80)),
        ("http://文库.example/甲", ("xn--dxtr8m.example", 80)),
        ("http://docs.example/@x", ("docs.example", 80)),
        ("http://docs.example?q=http://127.0.0.1/", ("docs.example", 80)),
        ("http://[2606:4700::1111]/", ("2606:4700::1111", 80)),
    ],
)
def test_plain_urls(url: str, expected: tuple[str, int]) -> None:
    assert check_url(url, NOBODY) == expected


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_url_makes_the_guard_fail_otherwise(host: str, rest: str) -> None:
    for url in (host, f"http://{host}", f"http://{host}/{rest}", f"https://{host}:{rest}"):
        try:
            name, port = check_url(url, NOBODY)
        except Refused:
            continue
        assert name and 0 < port < 65536
        assert origin_of(url) == url[: len(origin_of(url))]


class TestAllowed:
    ALLOWED = AllowedHosts.parse(["127.0.0.1:8000", "[::1]:8001", "10.1.2.3:80", "docs.lan:8002"])

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:8000/",
            "http://127.1:8000/",
            "http://[::ffff:127.0.0.1]:8000/",
            "http://localhost:8000/",
            "http://localhost:8001/",
            "http://[::1]:8001/",
            "http://10.1.2.3/",
            "http://DOCS.lan:8002/",
        ],
    )
    def test_named_ones_pass(self, url: str) -> None:
        check_url(url, self.ALLOWED)

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:8001/",
            "http://127.0.0.2:8000/",
            "https://127.0.0.1/",
            "http://10.1.2.3:8080/",
            "http://[::1]:8000/",
        ],
    )
    def test_others_do_not(self, url: str) -> None:
        with pytest.raises(Refused):
            check_url(url, self.ALLOWED)

    def test_a_name_lets_pass_what_it_is_asked_for_only(self) -> None:
        assert self.ALLOWED.allows_name("docs.lan", 8002)
        assert not self.ALLOWED.allows_name("docs.lan", 80)
        assert not self.ALLOWED.allows_name("a.docs.lan", 8002)

    def test_localhost_means_this_machine(self) -> None:
        allowed = AllowedHosts.parse(["localhost:8000"])
        check_address("127.0.0.1", 8000, allowed)
        check_address("::1", 8000, allowed)
        with pytest.raises(Refused):
            check_address("127.0.0.2", 8000, allowed)

    @pytest.mark.parametrize(
        "text", ["", "127.0.0.1", "127.0.0.1:", ":80", "::1:80", "a:b", "x:0", "x:70000", "http://x:80", "a b:80"]
    )
    def test_what_is_not_host_and_port(self, text: str) -> None:
        with pytest.raises(UsageError, match="HOST:PORT"):
            AllowedHosts.parse([text])


def test_scope_of_a_link_local_address_does_not_hide_it() -> None:
    with pytest.raises(Refused):
        check_address("fe80::1%eth0", 80, NOBODY)


def test_nonsense_is_no_address() -> None:
    with pytest.raises(Refused):
        check_address("docs.example", 80, NOBODY)
    assert literal_address("docs.example") is None


BASE = "http://docs.example/a/b?c=1"


@pytest.mark.parametrize(
    ("status", "location", "expected"),
    [
        (301, b"/x", "http://docs.example/x"),
        (302, b"x?y#z", "http://docs.example/a/x?y"),
        (303, b"//other.example/", "http://other.example/"),
        (307, b"https://docs.example/a", "https://docs.example/a"),
        (308, " /x ", "http://docs.example/x"),
        (302, b"?c=2", "http://docs.example/a/b?c=2"),
        (302, "/甲".encode(), "http://docs.example/%E7%94%B2"),
        (302, b"/\xe9", "http://docs.example/%C3%A9"),
        (302, b"http://169.254.169.254/", "http://169.254.169.254/"),  # refused when it is asked for
        (302, b"", None),
        (302, None, None),
        (300, b"/x", None),
        (304, b"/x", None),
        (200, b"/x", None),
        (302, b"javascript:alert(1)", None),
        (302, b"ftp://docs.example/", None),
        (302, b"http://[bad/", None),
        (302, b"/" + b"a" * 9000, None),
    ],
)
def test_redirect_target(status: int, location: bytes | str | None, expected: str | None) -> None:
    assert redirect_target(status, location, BASE) == expected


@given(st.binary(max_size=80))
def test_any_location_is_no_target_or_a_http_url(location: bytes) -> None:
    target = redirect_target(302, location, BASE)
    assert target is None or urlsplit(target).scheme in ("http", "https")
