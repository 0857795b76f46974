"""The program -> how to cite it."""

BIBTEX = """@software{{diffusion_atlas,
  title   = {{Diffusion Atlas: measured numbers about diffusion models}},
  author  = {{{{The Diffusion Atlas contributors}}}},
  version = {{{version}}},
  license = {{MIT}},
}}"""


def bibtex(version: str) -> str:
    """A BibTeX entry for a version of the program."""
    return BIBTEX.format(version=version)
