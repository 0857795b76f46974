"""What a network is: config -> module on the meta device -> counts, blocks, diagrams."""
