"""What classes of diffusers are that are no denoisers, by their module and by their name alone."""

import diffusers
import pytest

from generator.architectures.network import DENOISER_MODULES, DENOISERS_ELSEWHERE
from generator.networks.other_kinds import OTHER_KINDS, kind_of_module, kind_of_name

# Class name -> module, of all that diffusers makes from a config.
MODULES = {
    name: found.__module__
    for name in dir(diffusers)
    if isinstance(found := getattr(diffusers, name, None), type) and hasattr(found, "from_config")
}
DENOISERS = {
    name
    for name, module in MODULES.items()
    if name in DENOISERS_ELSEWHERE or module.startswith(DENOISER_MODULES)
}


def test_no_denoiser_is_taken_for_another_kind_by_its_name():
    assert len(DENOISERS) > 60
    assert [name for name in sorted(DENOISERS) if kind_of_name(name)] == []


@pytest.mark.parametrize("kind", OTHER_KINDS, ids=lambda kind: kind.told)
def test_a_name_tells_what_the_module_does(kind):
    here = [name for name, module in MODULES.items() if module.startswith(kind.module)]
    told = [kind_of_name(name) for name in here]
    assert set(told) <= {kind, None}
    # Most, and all that people meet.
    assert told.count(kind) > len(told) / 2


def test_a_module_that_nobody_knows_is_of_another_kind():
    assert kind_of_module("diffusers.guiders.x").told == "another kind of network"
