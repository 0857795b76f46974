"""Catalogue -> the results that are stale -> `data/`, one result at a time.

A result is fresh if its record is intact and was made from the same inputs by the same version of
the analysis. Each result is written as soon as it is made, so stopping a run loses only the results
in progress.
"""

# The kinds of results, in the order of measuring: each has a folder in `data/` and a module here.
KINDS = ("components", "architectures", "memory", "checkpoints", "groups", "pairs", "embeddings")
