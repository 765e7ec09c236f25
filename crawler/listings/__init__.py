"""Listings of a site: what they showed, how far they were walked, which page comes next."""
