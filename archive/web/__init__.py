"""The archive as a web page that is only read."""
