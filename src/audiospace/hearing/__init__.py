"""Sounds to embeddings and labels."""

from audiospace.hearing.embedder import Heard, SoundEmbedder, WordEmbedder
from audiospace.hearing.registry import EMBEDDERS, load_embedder

__all__ = ["EMBEDDERS", "Heard", "SoundEmbedder", "WordEmbedder", "load_embedder"]
