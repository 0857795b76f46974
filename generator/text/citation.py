"""The program -> how to cite it."""

DESCRIPTION = (
    "Parameters, blocks and cost of diffusion networks, and distances, lineage and merges of "
    "checkpoints, measured exactly."
)
BIBTEX = """@software{{diffusion_atlas,
  title   = {{Diffusion Atlas: measured numbers about diffusion models}},
  author  = {{{{The Diffusion Atlas contributors}}}},
  version = {{{version}}},
  license = {{MIT}},
}}"""


def bibtex(version: str) -> str:
    """A BibTeX entry for a version of the program."""
    return BIBTEX.format(version=version)
