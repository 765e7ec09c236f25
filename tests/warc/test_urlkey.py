"""The keys are those of the surt library, by which pywb looks pages up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.cdxj import urlkey

# Answers of surt 0.3.1, as pywb 2.10 calls it; bench/replay_pywb.py compares many more.
KNOWN = {
    "http://127.0.0.1:8080/A/B?x=1": "1,0,0,127:8080)/a/b?x=1",
    "http://www2.example.com/": "com,example)/",
    "http://example.com": "com,example)/",
    "https://example.com:443/a/../b//c/?b=2&a=1&": "com,example)/b/c?&a=1&b=2",
    "https://example.com:80/": "com,example:80)/",
    "http://example.com/%E4%B8%AD?q=%2525": "com,example)/%e4%b8%ad?q=%25",
    "http://[::1]:8080/x": "::1:8080)/x",
    "http://例子.cn/中?A=中": "cn,xn--fsqu00a)/%e4%b8%ad?a=%e4%b8%ad",
    "urn:uuid:1": "urn:uuid:1",
    "http://example.com/a%20b#f": "com,example)/a%20b",
    "http://u:p@Example.com./;jsessionid=0123456789ABCDEF0123456789ABCDEF?sid=0123456789ABCDEF0123456789ABCDEF&x": (
        "com,example)/;jsessionid=0123456789abcdef0123456789abcdef?x"
    ),
    "http://example.com/?": "com,example)/",
    "http://example.com/(abcdefghijklmnopqrstuvwx)/X.aspx?a=1": "com,example)/x.aspx?a=1",
    "http://example.com/../x": "com,example)/../x",
    "http://example.com/a/": "com,example)/a",
}


@pytest.mark.parametrize(("url", "key"), KNOWN.items(), ids=KNOWN)
def test_known_keys(url: str, key: str) -> None:
    assert urlkey(url) == key


@given(st.text(max_size=80))
def test_a_key_never_breaks_its_line(text: str) -> None:
    for url in (text, "http://a.example/" + text, "http://" + text):
        key = urlkey(url)
        assert key.isascii()
        assert not set(key) & set(" \r\n\t\0")
