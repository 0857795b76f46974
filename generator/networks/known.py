"""`networks.toml` -> the known networks of weight files, with their canonical keys.

A network is recognised by its keys, and networks with the same keys by landmarks: a few tensors
whose shapes differ between them and show changes (nine input channels: an inpainting model).
"""

from generator.networks.key_patterns import expand
from generator.networks.tables import read_table
from generator.records import Record


class Network(Record):
    """One network: `class_name` is the diffusers class whose block rules apply, if any.

    `label` is its full name, `title` the usual one, if that is shorter. `optional` names may be
    absent. `copies` are allowed but do not count as weights: fixed tables, tied copies, unused
    layers. `landmarks` are shapes by name.
    """

    id: str
    component: str
    label: str
    names: str
    landmarks: dict[str, tuple[int, ...]]
    title: str = ""
    class_name: str = ""
    optional: str = ""
    copies: str = ""

    def required(self) -> frozenset[str]:
        """All names that must be present."""
        return frozenset(expand(self.names, TABLES.parts))

    def allowed(self) -> frozenset[str]:
        """All further names that may be present."""
        return frozenset(expand(f"{self.optional} {self.copies}", TABLES.parts))

    def not_weights(self) -> frozenset[str]:
        """The names that do not count as weights."""
        return frozenset(expand(self.copies, TABLES.parts))


class Tables(Record):
    """The file: networks, and parts that several of them share; see `key_patterns`."""

    parts: dict[str, str]
    networks: tuple[Network, ...]


TABLES = read_table("networks", "networks.toml", Tables)
NETWORKS = {network.id: network for network in TABLES.networks}
