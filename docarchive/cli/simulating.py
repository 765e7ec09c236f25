"""`simulate`: the simulated document site."""
