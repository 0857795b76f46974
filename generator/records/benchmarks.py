"""Figures of `make bench`, and the machine they were measured on."""

from typing import ClassVar, Literal

from generator.records.base import Record, ResultRecord


class Measurement(Record):
    """One measured figure."""

    name: str
    value: float
    unit: str


class Machine(Record):
    """The machine of a bench; `cores` is the number of usable cores, `memory` is in bytes."""

    system: str
    processor: str
    cores: int
    memory: int
    python: str


class Bench(Record):
    """The figures of one bench."""

    machine: Machine
    figures: tuple[Measurement, ...]


class Benchmarks(ResultRecord):
    """All benches, by name: `data/benchmarks.json`.

    The only result that depends on the machine.
    """

    ID: ClassVar[str] = "benchmarks"

    benches: dict[str, Bench]
    schema: Literal[1] = 1
