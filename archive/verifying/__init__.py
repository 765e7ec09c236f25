"""Whether every file of an archive is there, whole, and in accord with the others."""
