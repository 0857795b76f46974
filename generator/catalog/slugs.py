"""Name of a checkpoint -> an id that is safe and unique as a file name and in an address."""

import hashlib
import re
import unicodedata
from collections.abc import Collection

from generator.catalog.entries import ID_PATTERN, RESERVED_IDS

# Ids have at most 64 characters; the digits of the hash and its hyphen need 9.
LONGEST = 48
DIGITS = 8


def slug(name: str, taken: Collection[str] = ()) -> str:
    """An id for `name` that is not in `taken`.

    A name that is a valid id stays as it is. Any other is reduced to lower-case letters, digits and
    hyphens plus digits of its SHA-256, so that names that differ only in case or in removed
    characters get different ids. The same name always gets the same id.
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:LONGEST].strip("-")
    reserved = words in RESERVED_IDS or not re.match(ID_PATTERN, words)
    if words == name and not reserved and words not in taken:
        return words
    number = 0
    while True:
        text = name if not number else f"{name}\0{number}"
        digits = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:DIGITS]
        candidate = f"{words or 'checkpoint'}-{digits}"
        if candidate not in taken:
            return candidate
        number += 1
