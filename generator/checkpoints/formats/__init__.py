"""Path -> index of the tensors in its files; nothing is executed."""
