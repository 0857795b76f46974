"""What was measured -> the numbers that follow from it: totals, shares, what is the same."""
