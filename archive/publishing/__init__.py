"""How runs become visible: judged, published, held, accepted, imported, renumbered, read again."""
