"""Telling a person: how each site is, what a run was like, who has to be called."""
