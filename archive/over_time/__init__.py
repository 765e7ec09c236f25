"""What the archive said when: versions of a document, changes since a cursor."""
