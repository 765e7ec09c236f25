"""URLs: our normal form, and links made absolute."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlencode, urljoin, urlsplit, urlunsplit

SESSION_PARAMETERS = frozenset(
    {"jsessionid", "phpsessid", "aspsessionid", "asp.net_sessionid",
     "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "gclid", "fbclid", "spm"}
)  # fmt: skip
"""Query parameters that say who asks, not what for."""
TOKEN_PARAMETERS = frozenset({"sessionid", "session_id", "sid", "zenid"})
"""Those that do so where their value is a token; `sid=7` is the seventh section of many a site."""
_TOKEN = re.compile(r"[0-9A-Za-z_\-]{16,}")

_JSESSIONID = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_PLAIN = re.compile(r"https?://[a-z0-9.\-]+(?::\d+)?/[A-Za-z0-9/_.~\-]*\Z")
_SIMPLE_FOLDER = re.compile(r"https?://[a-z0-9.\-]+(?::[0-9]+)?((?:/[A-Za-z0-9_.~%\-]+)*/)(?=[^/?#\s]*(?:[?#]|\Z))")
_SIMPLE_RELATIVE = re.compile(
    r"[A-Za-z0-9_~\-][A-Za-z0-9_.~%\-]*(?:/[A-Za-z0-9_.~%\-]+)*/?(?:\?[A-Za-z0-9_.~%=&+\-]+)?"
)
"""A page's folder and a link to a file below it of which nothing has to be put in order when they are joined."""

_SAFE_PATH = "/:@!$&'()*+,;=~-._%"
LONG_SEGMENT = 12
"""Characters from which on a part of a path with a digit in it is an id or a title."""

LONGEST_ENDING = 5
_SLASHES_OF_ONE = 3
"""Slashes of a URL whose path has one folder."""
_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(r"[0-9a-f]{8,}|\d+")
DEFAULT_PORTS = {"http": 80, "https": 443}


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """Return *text* with control characters as a URL has them.

    >>> printable("a\\x00b")
    'a%00b'
    """
    return text if text.isprintable() else _CONTROLS.sub(lambda control: f"%{ord(control[0]):02X}", text)


def unquoted(text: str) -> str:
    """Return *text* with its percent-encoding undone, but for control characters, which are part of no name.

    >>> unquoted("r%C3%A9sum%C3%A9%0D%0A.pdf")
    'résumé%0D%0A.pdf'
    """
    return printable(unquote(text))


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """Return our normal form of *url*: two URLs of one page have the same.

    Host in lower case, the scheme's own port, fragment, session and tracking parameters dropped, query sorted,
    percent-encoding normalised. What is no URL is returned as it is.

    >>> canonical_url("HTTP://Docs.Example:80/a?b=2&a=1&utm_source=x#top")
    'http://docs.example/a?a=1&b=2'
    """
    if _PLAIN.match(url) and ":80/" not in url and ":443/" not in url and "/." not in url:
        return url
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        return url
    host = parts.hostname.rstrip(".")
    host = f"[{host}]" if ":" in host else host
    netloc = host if port is None or port == DEFAULT_PORTS[scheme] else f"{host}:{port}"
    path = _JSESSIONID.sub("", parts.path) or "/"
    path = quote(unquote_to_bytes(path.replace("%2F", "%252F").replace("%2f", "%252F")), safe=_SAFE_PATH).replace(
        "%252F", "%2F"
    )
    given = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    pairs = [(name, value) for name, value in given if not is_session(name.lower(), value)]
    query = urlencode(sorted(pairs), errors="surrogateescape") if pairs else ""
    return urlunsplit((scheme, netloc, path, query, ""))


def is_session(name: str, value: str) -> bool:
    """Whether a query parameter, its name in lower case, says who asks instead of what for."""
    return name in SESSION_PARAMETERS or (name in TOKEN_PARAMETERS and _TOKEN.fullmatch(value) is not None)


def site_of(url: str) -> str:
    """Return the host of *url*, with its port where that is not the scheme's own."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "unknown"
    host = parts.hostname or parts.scheme or "unknown"
    return host if port is None or port == DEFAULT_PORTS.get(parts.scheme) else f"{host}:{port}"


def path_match(pattern: str | None, url: str) -> re.Match[str] | None:
    """Return where a profile's *pattern* matches the path, with query, of *url*; None without either."""
    if not pattern:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return re.search(pattern, f"{parts.path}?{parts.query}" if parts.query else parts.path)


class Base:
    """What a page's links are relative to."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            parts = urlsplit(url)
            self.netloc = parts.netloc
            self._origin = f"{parts.scheme}://{parts.netloc}"
        except ValueError:
            self.netloc, self._origin = "", ""

    @cached_property
    def _folder(self) -> str | None:
        """What stands before a simple relative link; None where the page's own path has to be put in order first."""
        folder = _SIMPLE_FOLDER.match(self.url)
        return folder[0] if folder is not None and "/." not in folder[1] else None

    def absolute(self, href: str | None) -> str | None:
        """Return *href* as an absolute http URL without fragment, None where it is none.

        >>> Base("http://a.example/x/y").absolute("../z#t")
        'http://a.example/z'
        """
        href = href.strip() if href else ""
        if href[:1] == "/" and href[1:2] != "/" and "/." not in href and self._origin:  # most links, 20 times faster
            return self._origin + (href if "#" not in href else href.partition("#")[0])
        if href[:7] == "http://" or href[:8] == "https://":
            return href if "#" not in href else href.partition("#")[0]
        if _SIMPLE_RELATIVE.fullmatch(href) and "/." not in href and self._folder is not None:
            return self._folder + href
        if not href or href[0] == "#" or href[:11].lower() == "javascript:" or href[:7].lower() == "mailto:":
            return None
        try:
            url = urljoin(self.url, href).partition("#")[0]
        except ValueError:
            return None
        return url if url[:7].lower() == "http://" or url[:8].lower() == "https://" else None


def shape(url: str) -> str:
    """Return what the absolute URLs of one kind of page have in common: numbers, names and query values left out.

    >>> shape("http://a.example/doc/953365.html"), shape("http://a.example/list?page=2&q=x")
    ('a.example/doc/*.html', 'a.example/*?page&q')
    """
    path, _, query = url.partition("?")
    folders, slash, file = path.rpartition("/")
    if folders.endswith("/"):  # http://host
        return file
    if file:
        _, dot, ending = file.partition(";")[0].rpartition(".")
        file = "*" + dot + ending if dot and len(ending) <= LONGEST_ENDING and not ending.isdecimal() else "*"
    elif folders.count("/") > _SLASHES_OF_ONE:  # /reports/a-title/
        folders, file = folders.rpartition("/")[0], "*/"
    return _folder_shape(folders) + slash + file + _query_shape(query)


def _query_shape(query: str) -> str:
    if not query:
        return ""
    if "=" not in query and _DIGIT.search(query):  # the document's own name: /show_public_doc?2007cv0006-180-0
        return "?0"
    return "?" + "&".join(sorted(pair.partition("=")[0] for pair in query.split("&")))


@lru_cache(maxsize=4096)
def _folder_shape(folders: str) -> str:
    host, slash, rest = folders.partition("//")[2].partition("/")
    return host + slash + "/".join(_segment_shape(segment) for segment in rest.split("/"))


def _segment_shape(segment: str) -> str:
    """An id such as a UUID, or a title with a number, is one thing."""
    if len(segment) >= LONG_SEGMENT and _DIGIT.search(segment):
        return "0"
    return _NUMBERS.sub("0", segment)


@lru_cache(maxsize=4096)
def is_sister(kind: str, netloc: str) -> bool:
    """Whether links of a shape lead to another host of the same site: m.docs.example and www.docs.example."""
    host = kind.partition("/")[0]
    return host != netloc and site_name(host) == site_name(netloc)


def site_name(netloc: str) -> str:
    """Return what the hosts of one site share: the name before the public suffix, and it.

    >>> site_name("m.docs.example"), site_name("www.docs.gov.cn"), site_name("127.0.0.1:80")
    ('docs.example', 'docs.gov.cn', '127.0.0.1:80')
    """
    labels = netloc.split(".")
    if len(labels) < 3 or labels[-1][:1].isdecimal():
        return netloc
    has_second = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if has_second else labels[-2:])


_SECOND_LEVEL = frozenset(("com", "co", "gov", "edu", "org", "net", "ac", "go", "gob", "gouv", "gc", "nhs", "ne", "or"))
