"""Sounds to embeddings and labels."""
