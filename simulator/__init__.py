"""A document site on 127.0.0.1 that lives by a script and a clock: for trying a crawler on, and for tests.

    with running(SimulatorOptions(documents=600)) as site:
        crawl(site.start_urls)
        assert archive == site.truth()

Every document follows from (seed, number) alone; view counts, tokens and related links differ at each answer.
`python -m simulator --help` and `docarchive simulate` start one by hand.
"""

from simulator.errors import BadOptions, BadScript, DidNotStart, PortTaken, SimulatorError
from simulator.options import FAMILIES, SimulatorOptions
from simulator.running import RunningSite, run, running

__all__ = [
    "FAMILIES",
    "BadOptions",
    "BadScript",
    "DidNotStart",
    "PortTaken",
    "RunningSite",
    "SimulatorError",
    "SimulatorOptions",
    "run",
    "running",
]
