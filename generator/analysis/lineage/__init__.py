"""What distances mean: what is the same, who descends from whom, what was merged from what."""
