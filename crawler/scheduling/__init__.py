"""When sites are due, and many of them crawled at once by a few processes."""
