"""Known pages asked for again: how often each changes, what a visit is worth, what is gone."""
