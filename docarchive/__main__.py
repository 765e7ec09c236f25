"""`python -m docarchive` is the `docarchive` command."""

from docarchive.cli import main

main()
