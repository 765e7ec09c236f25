"""Questions about documents: which ones, in which order, with what beside them."""
