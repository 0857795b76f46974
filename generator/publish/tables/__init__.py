"""Columns as data, cells, and files to download."""
