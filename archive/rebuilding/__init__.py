"""What is derived made again: tables from the WARC files, a site's state from the tables."""
