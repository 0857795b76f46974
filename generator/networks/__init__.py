"""What is known of each network, as tables, without torch: families, blocks, key layouts, names."""
