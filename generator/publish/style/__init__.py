"""Escaping, markup and templates."""
