"""Figures of prompt maps."""
