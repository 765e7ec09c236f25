"""Which families there are."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.families.docplayer import Docplayer
from simulator.families.dspace import Dspace
from simulator.families.family import Family
from simulator.families.govuk import Govuk
from simulator.families.huiwen import Huiwen
from simulator.families.renrendoc import Renrendoc

FAMILY_CLASSES: Mapping[str, type[Family]] = {one.name: one for one in (Huiwen, Renrendoc, Docplayer, Govuk, Dspace)}
