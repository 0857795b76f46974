"""Catalogue -> the results that are stale -> `data/`, one result at a time.

A result is fresh if its record is whole and was made from the same inputs, by the same version of
the analysis. Each result is written as soon as it is made: whoever stops the run loses the results
under way and nothing else.
"""

# What can be measured, in this order: each has its folder in `data/`, and its module here.
KINDS = ("architectures", "checkpoints", "groups", "pairs", "embeddings")
