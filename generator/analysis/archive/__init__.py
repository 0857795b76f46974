"""Distances that others published -> groups like measured ones, as far as the data allow."""
