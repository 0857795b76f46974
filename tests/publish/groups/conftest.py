"""Groups to draw: the committed one, and published distances of 118 checkpoints."""

import pytest
from made_groups import published_group

from generator.publish.figures.groups.prepared import Prepared, prepare
from generator.publish.reading.checkpoints import CHECKPOINTS
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import Loaded, read_all


@pytest.fixture(scope="session")
def demo(committed) -> Prepared:
    (measured,) = [one for one in read_all(committed, GROUPS) if one.id == "demo"]
    return prepare(measured, read_all(committed, CHECKPOINTS))


@pytest.fixture(scope="session")
def large(published) -> Prepared:
    group, sums = published_group(published / "matrices", "pony1")
    return prepare(Loaded(group, sums, {}), ())


@pytest.fixture(scope="module", params=["demo", pytest.param("large", marks=pytest.mark.slow)])
def prepared(request) -> Prepared:
    return request.getfixturevalue(request.param)
