"""What keeps an archive of many runs quick: small files become large ones, and nothing is left over."""
