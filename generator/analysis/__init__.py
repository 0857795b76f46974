"""Pairwise sums -> arrangement, identity, lineage, recipes, findings."""
