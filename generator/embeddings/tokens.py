"""Prompts -> CLIP's token numbers, cut to the 77 that its text encoders have places for."""

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

    `numbers` (N, 77, int64) start with `START`, hold `END` behind the last token of the text, and
    from there on padding. `ends` (N,) is the place of the first `END`, whose hidden state stands
    for the prompt. `lengths` (N,) counts the tokens of the whole text, `START` and `END`
    included; where it is more than 77, the text was cut.
    """

    numbers: Counts
    ends: Counts
    lengths: Counts


def tokenize(texts: Sequence[str], padding: int) -> Tokens:
    """Tokens as transformers' `CLIPTokenizer` gives them with truncation and padding to 77.

    `padding` is the number of the token behind the end: the text encoders of Stable Diffusion
    differ in it. That changes the sequence behind the text, and the text where it spells the token
    out: "!" is number 0 where 0 is the padding, and a token of its own, or part of one, elsewhere.
    """
    numbers: NDArray[np.int64] = np.full((len(texts), PLACES), padding, np.int64)
    ends = np.zeros(len(texts), np.int64)
    lengths = np.zeros(len(texts), np.int64)
    for row, whole in enumerate(clip_tokenizer(padding)(list(texts))["input_ids"] if texts else []):
        lengths[row] = len(whole)
        kept = whole if len(whole) <= PLACES else [*whole[: PLACES - 1], END]
        numbers[row, : len(kept)] = kept
        # A text may spell out the end token.
        ends[row] = kept.index(END)
    return Tokens(numbers, ends, lengths)


@functools.cache
def clip_tokenizer(padding: int) -> CLIPTokenizer:
    """transformers' own tokenizer, over the vocabulary that a package carries: no hub is asked.

    Its padding token is special, and so is found in a text before anything else is.
    """
    vocabulary = clip_vocabulary()
    # transformers declares strings, and hands pairs on to `tokenizers`, which takes both.
    merges: list[Any] = list(vocabulary.merges)
    token = next(token for token, number in vocabulary.numbers.items() if number == padding)
    return CLIPTokenizer(vocab=vocabulary.numbers, merges=merges, pad_token=token)
