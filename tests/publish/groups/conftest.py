"""Groups to draw: the committed one, and published distances of 118 checkpoints."""

import pytest
from made_groups import published_group

from generator.publish.figures.groups.prepared import Prepared, prepare
from generator.publish.reading.checkpoints import read_checkpoints
from generator.publish.reading.groups import Measured, read_groups


@pytest.fixture(scope="session")
def demo(committed) -> Prepared:
    (measured,) = [one for one in read_groups(committed) if one.group.id == "demo"]
    return prepare(measured, read_checkpoints(committed)[0])


@pytest.fixture(scope="session")
def large(published) -> Prepared:
    group, sums = published_group(published / "matrices", "pony1")
    return prepare(Measured(group=group, sums=sums), ())


@pytest.fixture(params=["demo", "large"])
def prepared(request) -> Prepared:
    return request.getfixturevalue(request.param)
