"""Whether profiles get in each other's way: two that claim one name or one host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from crawler.profile import SiteProfile


def conflicts(profiles: Mapping[str, SiteProfile]) -> Iterator[tuple[str, str]]:
    """Yield (profile's name, what is wrong and what to do) for each that claims what another one has."""
    former: dict[str, list[str]] = defaultdict(list)
    hosts: dict[str, list[str]] = defaultdict(list)
    for profile in profiles.values():
        for name in profile.former_names:
            former[name].append(profile.name)
            if name in profiles and name != profile.name:
                yield (
                    profile.name,
                    f"former_names has {name!r}, which is a profile of its own; rename or remove {profiles[name].file}",
                )
        for host in profile.all_hosts():
            hosts[host].append(profile.name)
    for what, claims in (("former_names", former), ("hosts", hosts)):
        for claimed, names in claims.items():
            for name in names[1:]:
                yield name, f"{what} has {claimed!r}, which {names[0]} claims as well; leave it to one of them"
