"""Records -> numbers derived from them: totals, shares, counts of equal components."""
