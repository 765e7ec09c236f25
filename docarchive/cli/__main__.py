"""`python -m docarchive.cli` is the `docarchive` command."""

from docarchive.cli import main

main()
