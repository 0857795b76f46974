"""The catalogue: read, check, add."""
