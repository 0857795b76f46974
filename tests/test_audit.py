"""The public site, audited from outside: figures of all its kinds of pages, drawn at random."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from audit import FLOAT8, audit, claims_by_kind, draw, fault

DRAWS = 150


def test_figures_drawn_from_all_pages_are_true(public_site, family):
    drawn, wrong = audit(public_site, family, seed=0, draws=DRAWS)
    assert not wrong
    assert len(drawn) >= DRAWS


def test_the_audit_finds_a_changed_figure(public_site, family):
    for claim in draw(claims_by_kind(public_site, family), seed=1, draws=24):
        digit = next(place for place, sign in enumerate(claim.printed) if sign.isdigit())
        other = "7" if claim.printed[digit] != "7" else "3"
        changed = claim.printed[:digit] + other + claim.printed[digit + 1 :]
        assert fault(claim._replace(printed=changed)), claim


@pytest.mark.slow
def test_the_audit_imports_nothing_of_the_program():
    code = "import sys, audit; sys.exit('generator' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=True)


def test_its_floats_of_8_bits_are_those_of_torch():
    codes = torch.arange(256, dtype=torch.uint8)
    np.testing.assert_array_equal(FLOAT8, codes.view(torch.float8_e4m3fn).double().numpy())
