"""Archived pages read again with today's reader, compared, and published as a run."""
