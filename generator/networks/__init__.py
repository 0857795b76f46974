"""Known networks as tables, without torch: families, blocks, key layouts, keys."""
