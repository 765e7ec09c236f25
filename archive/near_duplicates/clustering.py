"""Which texts are copies of one work, from what pulls pairs of them together and pushes others apart."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence


def clusters(texts: Sequence[bytes], weights: Mapping[tuple[int, int], int]) -> list[list[int]]:
    """Divide *texts* (digests) into clusters, as numbers of the texts; the order in which they come does not matter.

    *weights*: (number, number) -> what pulls the two together (above 0) or pushes them apart. The two groups that pull
    most become one, until no two pull any more: greedy additive edge contraction (Keuper and others, ICCV 2015).
    """
    by_digest = sorted(range(len(texts)), key=lambda number: texts[number])
    rank = {number: place for place, number in enumerate(by_digest)}
    near: list[dict[int, int]] = [{} for _ in texts]
    for (one, other), pull in weights.items():
        a, b = rank[one], rank[other]
        near[a][b] = near[b][a] = pull
    heap = [(-pull, a, b) for a, row in enumerate(near) for b, pull in row.items() if a < b and pull > 0]
    heapq.heapify(heap)
    members = [[place] for place in range(len(texts))]
    while heap:
        pull, a, b = heapq.heappop(heap)
        if near[a].get(b) != -pull:
            continue  # it was another group then
        for other, more in near[b].items():
            if other == a:
                continue
            del near[other][b]
            both = near[a].get(other, 0) + more
            near[a][other] = near[other][a] = both
            if both > 0:
                heapq.heappush(heap, (-both, min(a, other), max(a, other)))
        del near[a][b]
        near[b] = {}
        members[a] += members[b]
        members[b] = []
    return [sorted(by_digest[place] for place in group) for group in members if group]
