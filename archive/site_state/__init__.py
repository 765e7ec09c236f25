"""What is kept of one site while its runs are at work: its state file, its lease, what is staged and not published."""
