"""Distances that others published -> groups like those measured here, as far as they go."""
