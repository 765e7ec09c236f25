"""How much memory this process may take, whatever it is asked."""

from __future__ import annotations

import resource

MOST_BYTES = 6 << 30
"""Three times what DuckDB is given. Its own limit does not bound what one call of a function makes: without a bound the
machine would swap, or kill the process. Files that are mapped, as those of the text index, do not count."""


def bound_memory(most: int = MOST_BYTES) -> None:
    """Let this process take at most *most* bytes of data: what needs more fails with a sentence, all else goes on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bounds = [bound for bound in (soft, hard, most) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), hard))
