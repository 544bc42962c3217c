"""Files to arrays and back; the only package that touches containers and codecs."""
