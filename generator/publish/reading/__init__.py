"""`data/` -> loaded and checked records for the pages."""
