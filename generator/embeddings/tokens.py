"""Prompts -> CLIP's token numbers, cut to the 77 positions of its text encoders."""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from transformers import CLIPTokenizer

from generator.embeddings.special_tokens import END, PLACES
from generator.embeddings.vocabulary import clip_vocabulary
from generator.records.arrays import Counts


class Tokens(NamedTuple):
    """N prompts as tokens.

    `numbers` (N, 77, int64) are `START`, the tokens of the text, `END`, then padding. `ends` (N,)
    is the position of the first `END`, whose hidden state represents the prompt. `lengths` (N,) is
    the number of tokens of the whole text, with `START` and `END`; above 77, the text was cut.
    """

    numbers: Counts
    ends: Counts
    lengths: Counts


def tokenize(texts: Sequence[str], padding: int) -> Tokens:
    """Tokens as transformers' `CLIPTokenizer` gives them with truncation and padding to 77.

    `padding` is the number of the token after the end, in which Stable Diffusion's text encoders
    differ. It also changes texts that contain it: where 0 is the padding, every "!" is token 0;
    elsewhere it is a token of its own or part of one.
    """
    numbers: NDArray[np.int64] = np.full((len(texts), PLACES), padding, np.int64)
    ends = np.zeros(len(texts), np.int64)
    lengths = np.zeros(len(texts), np.int64)
    for row, whole in enumerate(clip_tokenizer(padding)(list(texts))["input_ids"] if texts else []):
        lengths[row] = len(whole)
        kept = whole if len(whole) <= PLACES else [*whole[: PLACES - 1], END]
        numbers[row, : len(kept)] = kept
        # A text may contain the end token.
        ends[row] = kept.index(END)
    return Tokens(numbers, ends, lengths)


@functools.cache
def clip_tokenizer(padding: int) -> CLIPTokenizer:
    """transformers' tokenizer with the vocabulary of an installed package; no download.

    Its padding token is special, so it is found in a text before any other token.
    """
    vocabulary = clip_vocabulary()
    # transformers declares strings but passes them on to `tokenizers`, which also takes pairs.
    merges: list[Any] = list(vocabulary.merges)
    token = next(token for token, number in vocabulary.numbers.items() if number == padding)
    return CLIPTokenizer(vocab=vocabulary.numbers, merges=merges, pad_token=token)
