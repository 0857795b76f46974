"""The catalogue: read, checked, and added to."""
