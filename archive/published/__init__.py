"""What is published: the Delta tables, the ledger of runs over them, and the views that make them readable."""
