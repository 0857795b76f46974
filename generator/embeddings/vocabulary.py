"""An installed package with CLIP's vocabulary -> the vocabulary and its merges, byte for byte.

The package shows tokens as text only, which loses incomplete UTF-8 characters. These bytes are
recovered by decoding the token between bytes that complete it. Merges follow from the tokens: the
two parts of a token are the result of the earlier merges.
"""

import functools
from collections.abc import Iterator
from typing import NamedTuple

from instant_clip_tokenizer import Tokenizer

from generator.embeddings.special_tokens import END, END_TEXT, START, START_TEXT
from generator.errors import UsageError

BYTES = 256
# Marks the end of a word in a token.
WORD_END = "</w>"
REPLACED = "\ufffd"

# Bytes that complete a part of a character: bytes before it, and bytes after it. After these leads,
# every continuation byte is valid (RFC 3629, section 4); 0x90 and 0xA0 are valid after any lead,
# except for 0x80 after 0xF4 and 0x9F after 0xED.
LEADS = (b"", b"\xc3", b"\xe1", b"\xe1\x80", b"\xf1", b"\xf1\x80", b"\xf1\x80\x80")
TAILS = tuple(bytes([first]) + b"\x80" * more for more in (0, 1, 2) for first in (0x80, 0x90, 0xA0))


class Vocabulary(NamedTuple):
    """Tokens as `tokenizers` writes them (a character per byte), by number, and their merges."""

    numbers: dict[str, int]
    merges: tuple[tuple[str, str], ...]


@functools.cache
def clip_vocabulary() -> Vocabulary:
    """CLIP's 49,408 tokens (Radford et al. 2021) and their 48,894 merges.

    Raises:
        UsageError: the installed package has another vocabulary.
    """
    package = Tokenizer()
    characters_of = byte_characters()
    order = list(characters_of)
    tokens = list(characters_of.values())
    tokens += [f"{token}{WORD_END}" for token in tokens]
    merges: list[tuple[str, str]] = []
    ranks: dict[tuple[str, str], int] = {}
    for number in range(2 * BYTES, START):
        raw, ends = _read(package, number, order)
        characters = [characters_of[byte] for byte in raw]
        if ends:
            characters[-1] += WORD_END
        parts = _merge(characters, ranks)
        if len(parts) != 2:
            reason = f"token {number} of its vocabulary is not made of two others"
            raise UsageError("instant-clip-tokenizer", reason, "Install the version in constraints")
        pair = (parts[0], parts[1])
        ranks[pair] = len(merges)
        merges.append(pair)
        tokens.append("".join(pair))
    tokens += [START_TEXT, END_TEXT]
    numbers = {token: number for number, token in enumerate(tokens)}
    if len(numbers) != END + 1:
        reason = "its vocabulary has tokens twice"
        raise UsageError("instant-clip-tokenizer", reason, "Install the version in constraints")
    return Vocabulary(numbers, tuple(merges))


def byte_characters() -> dict[int, str]:
    """Byte -> its printable character, in order of the tokens.

    As in GPT-2's byte-level BPE (Radford et al. 2019): printable bytes of Latin-1 stand for
    themselves, the others are numbered from U+0100 on.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(BYTES) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(0x100 + place) for place, byte in enumerate(others)
    }


def _read(package: Tokenizer, number: int, order: list[int]) -> tuple[bytes, bool]:
    """The bytes of a token, and whether it ends a word."""
    text = package.decode([number])
    # The end of a word is shown as a space, which no token contains.
    ends = text.endswith(" ")
    if REPLACED not in text:
        return text.removesuffix(" ").encode(), ends
    for lead, tail in _surroundings(ends):
        around = [order.index(byte) for byte in lead], [order.index(byte) for byte in tail]
        whole = package.decode([*around[0], number, *around[1]])
        if REPLACED not in whole:
            raw = whole.removesuffix(" ").encode()
            return raw[len(lead) : len(raw) - len(tail)], ends
    # The replacement character itself.
    return text.removesuffix(" ").encode(), ends


def _surroundings(ends: bool) -> Iterator[tuple[bytes, bytes]]:
    """Bytes to try around a token, the shortest first. Words end with complete characters."""
    for lead in LEADS:
        yield lead, b""
        if not ends:
            for tail in TAILS:
                yield lead, tail


def _merge(parts: list[str], ranks: dict[tuple[str, str], int]) -> list[str]:
    """Byte-pair encoding: join the pair of the lowest rank until none is left."""
    unknown = len(ranks)
    while len(parts) > 2:
        rank, place = min(
            (ranks.get((parts[place], parts[place + 1]), unknown), place)
            for place in range(len(parts) - 1)
        )
        if rank == unknown:
            break
        parts = [*parts[:place], parts[place] + parts[place + 1], *parts[place + 2 :]]
    return parts
