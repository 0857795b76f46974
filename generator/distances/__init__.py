"""How far apart checkpoints are: pairs tensor by tensor, and matrices read in one pass."""
