"""Where a crawl may go: which URLs and which addresses are refused.

A site names hosts freely, in links and redirects, and its name server may answer with any address. So a URL is judged
by what it says, and every connection again by the address that is really connected. Private networks, this machine and
addresses that only stand for such ones are reached only where a person named them with `--allow-host HOST:PORT`.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urldefrag, urljoin, urlsplit

from w3lib.url import safe_url_string

from archive.errors import UsageError
from crawler.errors import Refused

Address = IPv4Address | IPv6Address

MAX_URL_CHARACTERS = 8_000
"""RFC 9110, section 4.1, asks everyone to take at least 8,000; longer ones are loops or attacks."""

DEFAULT_PORTS = {"http": 80, "https": 443}

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""RFC 9110, section 15.4: the statuses whose Location is to be followed."""

_LOCALHOST = (IPv4Address("127.0.0.1"), IPv6Address("::1"))

_REFUSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds serve credentials
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
"""IANA's special-purpose registry for IPv4, but for the parts that are globally reachable."""

_GLOBAL_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments; Teredo, a part of it, is judged by what it embeds
        "2001:db8::/32",
        "3fff::/20",
    )
)
"""IANA's special-purpose registry for IPv6 within global unicast; everything outside of that is refused as a whole."""

_MAPPED = IPv6Network("::ffff:0:0/96")
_LAST_32_BITS = (
    _MAPPED,
    IPv6Network("::/96"),  # IPv4-compatible
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated, RFC 2765
    IPv6Network("64:ff9b::/96"),  # NAT64, RFC 6052
)
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})

_CONTROL_OR_SPACE = re.compile(r"[\x00-\x20\x7f\\]")
_AUTHORITY_END = re.compile(r"[/?#]")
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The addresses and names that a person let pass, each with its port."""

    addresses: frozenset[tuple[Address, int]] = frozenset()
    names: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> AllowedHosts:
        """Return what `--allow-host HOST:PORT` options say; IPv6 stands in brackets, a name allows what it resolves to.

        Raises UsageError for a text that is not HOST:PORT.

        >>> AllowedHosts.parse(["127.0.0.1:8000"]).allows(IPv4Address("127.0.0.1"), 8000)
        True
        """
        addresses, names = _parsed(tuple(texts))
        return cls(addresses, names)

    def allows(self, address: Address, port: int) -> bool:
        """Whether exactly this address and port was named."""
        return (_unmapped(address), port) in self.addresses

    def allows_name(self, host: str, port: int) -> bool:
        """Whether this name and port was named, so that whatever it resolves to may be connected."""
        return (host.lower().rstrip("."), port) in self.names


@lru_cache(maxsize=4)
def _parsed(texts: tuple[str, ...]) -> tuple[frozenset[tuple[Address, int]], frozenset[tuple[str, int]]]:
    """Return the addresses and names that *texts* allow: the same for every site of a process, read once."""
    addresses: set[tuple[Address, int]] = set()
    names: set[tuple[str, int]] = set()
    for text in texts:
        host, port = _host_and_port(text)
        address = literal_address(host)
        if address is not None:
            addresses.add((_unmapped(address), port))
            continue
        names.add((host, port))
        if _is_localhost(host):
            addresses.update((known, port) for known in _LOCALHOST)
    return frozenset(addresses), frozenset(names)


def _host_and_port(text: str) -> tuple[str, int]:
    mistake = f"--allow-host {text!r} is not HOST:PORT; write it like 127.0.0.1:8000 or [::1]:8000"
    host, colon, port = text.strip().rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise UsageError(mistake)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise UsageError(mistake)
    try:
        return _ascii_host(host), int(port)
    except Refused as error:
        raise UsageError(mistake) from error


def check_url(url: str, allowed: AllowedHosts) -> tuple[str, int]:
    """Return (host, port) of a URL that may be asked for, the host in lower case and ASCII.

    Raises Refused for anything but an http or https URL of a plausible host without user name, and for hosts that are
    spelt-out addresses which `check_address` refuses.

    >>> check_url("https://Docs.example/a?b", AllowedHosts())
    ('docs.example', 443)
    """
    if len(url) > MAX_URL_CHARACTERS:
        raise Refused(f"a URL of {len(url):,} characters is not fetched; look where it comes from", "url_too_long")
    if _CONTROL_OR_SPACE.search(url):
        raise Refused(f"{url!r} holds spaces or control characters; percent-encode them", "url_invalid")
    return _checked_origin(origin_of(url), allowed)


def origin_of(url: str) -> str:
    """Return scheme, user name, host and port of *url* as written: everything before the path.

    >>> origin_of("https://docs.example:8443/a/b?c")
    'https://docs.example:8443'
    """
    end = _AUTHORITY_END.search(url, url.find("://") + 3)
    return url[: end.start()] if end else url


@lru_cache(maxsize=1024)  # a crawl asks for thousands of pages of one origin
def _checked_origin(origin: str, allowed: AllowedHosts) -> tuple[str, int]:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError as error:
        raise Refused(f"{origin!r} is not valid ({error}); correct the URL", "url_invalid") from error
    if parts.scheme not in DEFAULT_PORTS or not origin.lower().startswith(parts.scheme + "://"):
        raise Refused(f"{origin!r} is neither http nor https; only these are fetched", "scheme_refused")
    if "@" in parts.netloc:
        raise Refused(f"{_without_userinfo(origin)!r} had a user name in it; leave it out", "userinfo_refused")
    if port == 0:
        raise Refused(f"{origin!r} has port 0; correct it", "url_invalid")
    host = _ascii_host(parts.hostname or "")
    port = port or DEFAULT_PORTS[parts.scheme]
    if not allowed.allows_name(host, port):
        _check_literal(host, port, allowed)
    return host, port


def _without_userinfo(url: str) -> str:
    return re.sub(r"//[^/?#]*@", "//", url, count=1)


def _check_literal(host: str, port: int, allowed: AllowedHosts) -> None:
    if _is_localhost(host):
        if not any(allowed.allows(address, port) for address in _LOCALHOST):
            raise _refused(host, port, "this machine")
        return
    address = literal_address(host)
    if address is not None:
        check_address(address, port, allowed)


def check_address(address: str | Address, port: int, allowed: AllowedHosts) -> None:
    """Raise Refused unless *address* is public or was allowed with exactly this *port*.

    An address that only carries another one (IPv4-mapped, 6to4, Teredo, NAT64) is judged by the one it carries.
    """
    if isinstance(address, str):
        try:
            address = ip_address(address.partition("%")[0])
        except ValueError as error:
            raise Refused(f"{address!r} is no IP address; nothing is connected", "address_refused") from error
    if not is_public(address) and not allowed.allows(address, port):
        raise _refused(str(address), port, "a private or special address")


def _refused(host: str, port: int, what: str) -> Refused:
    shown = f"[{host}]" if ":" in host else host
    return Refused(
        f"{shown}:{port} is {what} and is not fetched; if you mean it, add --allow-host {shown}:{port}",
        "address_refused",
    )


def is_public(address: Address) -> bool:
    """Return whether *address*, and each address it embeds, is globally reachable unicast.

    >>> [is_public(ip_address(text)) for text in ("93.184.216.34", "10.0.0.1", "64:ff9b::a00:1", "2606:4700::1111")]
    [True, False, False, True]
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_4)
    embedded = _embedded(address)
    if any(address in network for network in (*_LAST_32_BITS, _TEREDO)):
        return all(is_public(inner) for inner in embedded)
    if address not in _GLOBAL_6 or any(address in network for network in _REFUSED_6):
        return False
    return all(is_public(inner) for inner in embedded)


def _embedded(address: IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that *address* stands for."""
    number = int(address)
    found = []
    if any(address in network for network in _LAST_32_BITS):
        found.append(IPv4Address(number & 0xFFFFFFFF))
    if address in _SIX_TO_FOUR:
        found.append(IPv4Address(number >> 80 & 0xFFFFFFFF))
    if address in _TEREDO:
        found.append(IPv4Address(number >> 64 & 0xFFFFFFFF))
        found.append(IPv4Address(~number & 0xFFFFFFFF))
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        found.append(IPv4Address(number & 0xFFFFFFFF))
    return found


def _unmapped(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address in _MAPPED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def literal_address(host: str) -> Address | None:
    """Return the address that *host* spells out in any way a resolver understands, or None for a name.

    Resolvers take 127.1, 0x7f.1, 017700000001 and 2130706433 for 127.0.0.1.

    >>> literal_address("0x7f000001"), literal_address("docs.example")
    (IPv4Address('127.0.0.1'), None)
    """
    host = host.removeprefix("[").removesuffix("]")
    if ":" in host:
        try:
            return ip_address(host.partition("%")[0])
        except ValueError as error:
            raise Refused(f"{host!r} is no IPv6 address; correct it", "url_invalid") from error
    host = host.rstrip(".").lower()
    if not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError as error:
        # The URL standard takes a host whose last label is a number for an address; so no name of that kind exists.
        raise Refused(f"{host!r} is neither an address nor a host name; correct it", "url_invalid") from error


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _ascii_host(host: str) -> str:
    """Return *host* in lower case, IDNA-encoded, without the root's dot.

    Raises Refused for what can be no host.
    """
    if ":" in host:
        literal_address(host)
        if "%" in host:
            raise Refused(f"{host!r} names a network interface; leave that out", "url_invalid")
        return host.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise Refused(f"{host!r} cannot be a host name; correct it", "url_invalid") from error
    name = host.lower().removesuffix(".")
    if not _HOST_NAME.fullmatch(name):
        raise Refused(f"{host!r} cannot be a host name; correct it", "url_invalid")
    return name


def redirect_target(status: int, location: bytes | str | None, url: str) -> str | None:
    """Return the absolute URL, without fragment, that a response to *url* redirects to, or None.

    None also where Location is missing, broken, too long or leads out of http and https. The target is not yet checked
    for where it leads: it comes through `check_url` and the address check as any other URL.

    >>> redirect_target(302, b"/b c", "http://docs.example/a"), redirect_target(200, b"/b", "http://docs.example/a")
    ('http://docs.example/b%20c', None)
    """
    if status not in REDIRECTS or not location:
        return None
    text = location if isinstance(location, str) else _header_text(location)
    if len(text) > MAX_URL_CHARACTERS:
        return None
    try:
        target = urldefrag(safe_url_string(urljoin(url, text.strip()))).url
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or len(target) > MAX_URL_CHARACTERS:
        return None
    return target


def _header_text(value: bytes) -> str:
    """Return a header's value as text: browsers take Location for UTF-8 where it is, else for Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
