"""Groups in `data/` -> figures, specifications, downloads and contexts of their pages."""
