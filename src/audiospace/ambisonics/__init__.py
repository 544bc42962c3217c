"""Mathematics of first-order sound fields, on arrays of shape (..., 4, samples)."""
