"""WARC files: what a site sent and what we published, as records written, recovered, indexed and read."""
