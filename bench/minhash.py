"""The peer: MinHash of character 5-grams, 9 bands of 13, whatever meets in a band is one cluster (Jaccard about .8)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

GRAM, BANDS, ROWS = 5, 9, 13
_PRIME = np.uint64((1 << 61) - 1)


def clusters(texts: Sequence[str]) -> list[int]:
    """Return the number of each text's cluster."""
    random = np.random.default_rng(1)
    factors, terms = (random.integers(1, 1 << 31, BANDS * ROWS, dtype=np.uint64) for _ in range(2))
    parent = list(range(len(texts)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    first: dict[tuple[int, bytes], int] = {}
    for number, text in enumerate(texts):
        codes = np.frombuffer("".join(text.split()).encode("utf-32-le"), np.uint32).astype(np.uint64)
        if len(codes) < GRAM:
            continue
        grams = np.zeros(len(codes) - GRAM + 1, np.uint64)
        for offset in range(GRAM):
            grams = grams * np.uint64(1_099_511_628_211) + codes[offset : len(grams) + offset]
        grams = np.unique(grams) & np.uint64(0xFFFFFFFF)
        least = np.array(
            [((grams * factor + term) % _PRIME).min() for factor, term in zip(factors, terms, strict=True)]
        )
        for band in range(BANDS):
            key = (band, least[band * ROWS : (band + 1) * ROWS].tobytes())
            parent[root(number)] = root(first.setdefault(key, number))
    return [root(number) for number in range(len(texts))]
