"""Loaded records -> figures."""
