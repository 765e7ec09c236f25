"""Which families there are."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.families.family import Family
from simulator.families.huiwen import Huiwen

FAMILY_CLASSES: Mapping[str, type[Family]] = {one.name: one for one in (Huiwen,)}
