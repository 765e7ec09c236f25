"""What can go wrong with a simulated site; every message names the next action.

SimulatorError
  PortTaken        the port asked for is in use
  BadScript        the script of events does not say what it should
  BadOptions       two options contradict each other, or one is out of range
  DidNotStart      the site's process ended before it answered
"""

from __future__ import annotations


class SimulatorError(Exception):
    """An error with one clear sentence that names the next action."""


class PortTaken(SimulatorError):
    """The port asked for is in use by another program."""


class BadScript(SimulatorError):
    """A line of the script of events cannot be read."""


class BadOptions(SimulatorError):
    """An option is out of range, or two contradict each other."""


class DidNotStart(SimulatorError):
    """The site's process ended before it said where it listens."""
