"""A network on the meta device -> the memory that a forward pass takes, without weights."""
