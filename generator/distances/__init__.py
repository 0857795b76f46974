"""Distances of checkpoints: pairs tensor by tensor, and matrices in one pass."""
