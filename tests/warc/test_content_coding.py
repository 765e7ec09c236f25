"""A body is decoded as far as it goes, and what went wrong is said."""

from __future__ import annotations

import gzip
import random
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.warc.content_coding import (
    DAMAGED,
    MAX_CODINGS,
    TOO_LARGE,
    TRUNCATED,
    UNKNOWN,
    WRONG,
    Decoded,
    decode_content,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = "".join(random.Random(3).choices("计划生育证明文件<p>大小 0123456789", k=30_000)).encode()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip ", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}
coder = pytest.mark.parametrize(("name", "pack"), CODERS.values(), ids=CODERS)


@coder
def test_whole(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert decode_content(pack(TEXT), name) == Decoded(TEXT)
    assert decode_content(pack(TEXT), name, len(TEXT)) == Decoded(TEXT)
    assert decode_content(pack(b""), name) == Decoded(b"")


@coder
def test_too_large(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert decode_content(pack(TEXT), name, len(TEXT) - 1) == Decoded(TEXT[:-1], (TOO_LARGE,))
    bomb = decode_content(pack(b"\0" * 8_000_000), name, 1_000_000)
    assert (len(bomb.body), bomb.flags) == (1_000_000, (TOO_LARGE,))


@coder
def test_truncated(name: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    decoded = decode_content(packed[: len(packed) // 2], name)
    assert decoded.flags == (TRUNCATED,)
    assert TEXT.startswith(decoded.body)
    # A zstd block comes out whole or not at all; this text is one of 128 KiB.
    assert len(decoded.body) > len(TEXT) // 4 or name == "zstd"


@coder
def test_damaged(name: str, pack: Callable[[bytes], bytes]) -> None:
    packed = bytearray(pack(TEXT))
    packed[len(packed) * 3 // 4 :] = random.Random(5).randbytes(len(packed) // 4 + 1)
    decoded = decode_content(bytes(packed), name)
    # A bare deflate stream has no checksum: random bits may read as its end.
    assert decoded.flags in ((DAMAGED,), (TRUNCATED,)) or pack is raw_deflate
    assert decoded.body[: len(TEXT) // 2] == TEXT[: len(TEXT) // 2] or name == "zstd"


@coder
def test_claimed_but_not_so(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert decode_content(b"<!DOCTYPE html><p>plain", name) == Decoded(b"<!DOCTYPE html><p>plain", (WRONG,))


@coder
@settings(max_examples=30, deadline=None)
@given(body=st.binary(max_size=300), cut=st.integers(0, 300))
def test_never_raises(name: str, pack: Callable[[bytes], bytes], body: bytes, cut: int) -> None:
    decode_content(body, name)
    decode_content(pack(TEXT)[:cut] + body, name)


def test_members_in_a_row() -> None:
    two = gzip.compress(b"one ") + gzip.compress(b"two")
    assert decode_content(two, "gzip") == Decoded(b"one two")
    assert decode_content(two + b"\0\0 padding", "gzip") == Decoded(b"one two")
    assert decode_content(two, "gzip", 5) == Decoded(b"one t", (TOO_LARGE,))
    assert decode_content(gzip.compress(b"") * 5000, "gzip").flags == (TOO_LARGE,)
    assert decode_content(zstd.compress(b"one ") + zstd.compress(b"two"), "zstd") == Decoded(b"one two")


@pytest.mark.parametrize("claim", [None, "", "identity", " , identity"])
def test_no_coding(claim: str | None) -> None:
    assert decode_content(b"body", claim) == Decoded(b"body")


@pytest.mark.parametrize("claim", ["compress", "gzip, exi", "甲", ", ".join(["gzip"] * (MAX_CODINGS + 1))])
def test_unknown(claim: str) -> None:
    assert decode_content(b"body", claim) == Decoded(b"body", (UNKNOWN,))


def test_stacked() -> None:
    assert decode_content(gzip.compress(brotli.compress(TEXT)), "br, gzip") == Decoded(TEXT)
    half = gzip.compress(zlib.compress(TEXT))[:20_000]
    assert decode_content(half, "deflate, gzip").flags == (TRUNCATED,)
