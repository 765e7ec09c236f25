"""One request after the other: which may go out, when, and how its answer gets into WARC."""
