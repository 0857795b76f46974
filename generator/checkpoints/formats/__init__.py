"""A path -> an index of the tensors that lie there, executing nothing."""
