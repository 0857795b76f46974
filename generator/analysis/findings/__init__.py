"""What the figures of a group or a pair say, as codes with fields."""
