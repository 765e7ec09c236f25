"""One snapshot of the tables, opened to be asked: its session, the part that is looked at, what a question is about."""
