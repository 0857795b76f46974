"""Codes of anomalies -> what each means for a checkpoint's user, and the sentence about one
checkpoint."""

from generator.networks.tables import read_table
from generator.records import Record


class AnomalyText(Record):
    """`meaning` holds for any checkpoint; `sentence` is filled with the fields of one anomaly.
    `title` is set if the code does not read as a title."""

    meaning: str
    sentence: str
    title: str = ""


# The most serious first.
ANOMALIES = read_table("text", "anomalies.toml", dict[str, AnomalyText])


def anomaly_title(code: str) -> str:
    """The code of an anomaly in words: `Other shapes`."""
    return ANOMALIES[code].title or code.replace("_", " ").capitalize()
