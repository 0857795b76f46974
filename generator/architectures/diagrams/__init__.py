"""A network -> its diagrams, as SVG and DOT."""
