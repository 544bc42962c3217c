"""Systems times clips, as numbers with n and intervals."""
