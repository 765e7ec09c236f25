"""Finds anew the clusters of texts whose edges changed."""

from __future__ import annotations

from archive.near_duplicates.clustering import clusters
from archive.near_duplicates.store import Store

STEP = 5_000
"""Texts whose clusters are found in one step, at least where there are so many."""


def regroup_loose(store: Store) -> int:
    """Take one step: find the clusters of some texts anew; return of how many, 0 when nothing is loose."""
    done: set[int] = set()
    rows = store.db.execute("SELECT number FROM loose_texts ORDER BY number LIMIT ?", (STEP,)).fetchall()
    if not rows:
        return 0
    with store.transaction():
        for (text,) in rows:
            if text not in done and len(done) < STEP:
                done |= _regroup(store, text)
        store.db.executemany("DELETE FROM loose_texts WHERE number = ?", [(number,) for number in done])
    return len(done)


def _regroup(store: Store, text: int) -> set[int]:
    """Find the clusters among all texts that pulls connect with *text*; return those texts."""
    pulls, digests = _connected(store, text)
    numbers = list(pulls)
    place = {number: at for at, number in enumerate(numbers)}
    weights = {
        (place[one], place[other]): weight
        for one, row in pulls.items()
        for other, weight in row.items()
        if one < other and other in place
    }
    before = store.clusters_of_texts(numbers)
    changed: set[int] = set()
    for group in clusters([digests[number] for number in numbers], weights):
        members = [numbers[at] for at in group]
        cluster = min(members)
        if any(before[number] != cluster for number in members):
            changed.update(members)
            store.db.executemany(
                "UPDATE texts SET cluster = ? WHERE number = ?", [(cluster, number) for number in members]
            )
    # Whoever shared a cluster with one that left it is touched as well, though its own did not change.
    touched = changed | {number for number in numbers if before[number] in {before[each] for each in changed}}
    store.loosen_documents(document.number for document in store.documents_of_texts(sorted(touched)))
    return set(numbers)


def _connected(store: Store, text: int) -> tuple[dict[int, dict[int, int]], dict[int, bytes]]:
    """Return text -> (text -> weight) of all that pulls connect, and their digests."""
    pulls: dict[int, dict[int, int]] = {}
    digests: dict[int, bytes] = {}
    looked_at = [text]
    while looked_at:
        number = looked_at.pop()
        if number in pulls:
            continue
        edges = store.edges(number)
        pulls[number] = dict(zip(edges["text"].tolist(), edges["weight"].tolist(), strict=True))
        row = store.db.execute("SELECT digest FROM texts WHERE number = ?", (number,)).fetchone()
        digests[number] = bytes(row[0])
        looked_at += [other for other, weight in pulls[number].items() if weight > 0]
    return pulls, digests
