"""Texts as words: folded, searched, weighed, quoted and compared."""
