"""Metadata of a file -> entries in groups, shortened to a size that a page can show."""

import re
from collections.abc import Mapping

from generator.records import MetadataEntry

# The first pattern that matches a key names its group.
GROUPS = (
    ("merge recipe", re.compile(r"sd_merge|merge_recipe|recipe|sdxl_merge", re.IGNORECASE)),
    (
        "training",
        re.compile(r"^(ss_|sshs_|ot_|lora_|training|epoch|global_step|step$)", re.IGNORECASE),
    ),
    ("model card", re.compile(r"^(modelspec\.|title|author|license|description)", re.IGNORECASE)),
    ("workflow", re.compile(r"^(prompt|workflow|comfy)", re.IGNORECASE)),
)
LONGEST_KEY = 200
# Bucket counts of training images and tag frequencies can be megabytes long.
LONGEST_TEXT = 16_384
# Of a picture (`modelspec.thumbnail`), its type.
PICTURE, LONGEST_PICTURE = "data:image/", 24


def describe_metadata(metadata: Mapping[str, str]) -> tuple[MetadataEntry, ...]:
    """The entries, sorted by group and key. Texts come from the file: hostile until escaped."""
    entries = [
        MetadataEntry(
            group=next((group for group, pattern in GROUPS if pattern.search(key)), "other"),
            key=key[:LONGEST_KEY],
            text=text[: LONGEST_PICTURE if text.startswith(PICTURE) else LONGEST_TEXT],
            length=len(text),
        )
        for key, text in metadata.items()
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.group, entry.key, entry.text)))
