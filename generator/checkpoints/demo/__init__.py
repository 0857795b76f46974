"""A small family of checkpoints with a known history."""
