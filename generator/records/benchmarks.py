"""What `make bench` measured, and on which machine."""

from typing import ClassVar, Literal

from generator.records.base import Record, ResultRecord


class Figure(Record, frozen=True, kw_only=True):
    """One measured figure."""

    name: str
    value: float
    unit: str


class Machine(Record, frozen=True, kw_only=True):
    """The machine of a bench; `cores` are those it could use, `memory` is in bytes."""

    system: str
    processor: str
    cores: int
    memory: int
    python: str


class Bench(Record, frozen=True, kw_only=True):
    """The figures of one bench."""

    machine: Machine
    figures: tuple[Figure, ...]


class Benchmarks(ResultRecord, frozen=True, kw_only=True):
    """All benches, by name: `data/benchmarks.json`.

    The one result that depends on the machine that made it, and says so.
    """

    ID: ClassVar[str] = "benchmarks"

    benches: dict[str, Bench]
    schema: Literal[1] = 1
