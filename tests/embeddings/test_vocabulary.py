"""CLIP's vocabulary out of a package, against the package and published token numbers."""

import random
import unicodedata

import pytest
from instant_clip_tokenizer import Tokenizer
from transformers import CLIPTokenizer

from generator.embeddings import vocabulary
from generator.embeddings.special_tokens import END, PLACES, START
from generator.embeddings.tokens import clip_tokenizer, tokenize
from generator.embeddings.vocabulary import byte_characters, clip_vocabulary
from generator.errors import UsageError


def ids(text):
    """What is between start and end."""
    return clip_tokenizer(END)(text)["input_ids"][1:-1]


def test_published_token_numbers():
    """As the vocabulary's own project, openai/CLIP, prints them."""
    assert tokenize(["a photo of a cat"], 0).numbers[0, :8].tolist() == [
        *(49406, 320, 1125, 539, 320, 2368, 49407, 0)
    ]


def test_first_and_last_merges():
    """Of `bpe_simple_vocab_16e6.txt`: its first lines, and the last of its 48,894."""
    merges = clip_vocabulary().merges
    assert merges[:5] == (("i", "n"), ("t", "h"), ("a", "n"), ("r", "e"), ("a", "r"))
    assert (len(merges), merges[-1]) == (48894, ("jeky", "ll</w>"))


def test_every_token_is_what_the_package_says():
    """Bytes of every token, ends of words included, as the package shows them."""
    package = Tokenizer()
    raw = {character: byte for byte, character in byte_characters().items()}
    for token, number in clip_vocabulary().numbers.items():
        if number in (START, END):
            continue
        text = bytes(raw[c] for c in token.removesuffix("</w>")).decode(errors="replace")
        expected = text + " " * token.endswith("</w>")
        assert package.decode([number]) == expected, number


def test_every_whole_token_is_found_again():
    """Merges in the right order: each word of the vocabulary is one token, in both tokenizers."""
    package = Tokenizer()
    raw = {character: byte for byte, character in byte_characters().items()}
    checked = 0
    for token, number in clip_vocabulary().numbers.items():
        if not token.endswith("</w>"):
            continue
        try:
            text = bytes(raw[c] for c in token.removesuffix("</w>")).decode()
        except UnicodeDecodeError:
            continue
        if package.encode(text) == [number] and unicodedata.normalize("NFC", text) == text:
            assert ids(text) == [number], text
            checked += 1
    assert checked > 33_000


@pytest.mark.parametrize(
    "text",
    [
        "It's a DOG'S life, they'll say",
        "it’s",
        "ﬁne ﬂow",
        "İstanbul ẞ ǅ",
        "日本語 café 한글 ﷺ",
        "👨‍👩‍👧 😀 \ufffd",
        "1234 １２ ½ ²",
        "((masterpiece:1.2)), [a|b], long_hair, <lora:x:1>",
        "tabs\tand\nlines\r\n  and   spaces\u00a0\u2028\u200b",
        "\x00\x07",
        "",
    ],
)
def test_odd_text_as_the_package_reads_it(text):
    assert ids(text) == Tokenizer().encode(text)


def test_random_text_as_the_package_reads_it():
    """Letters of many scripts; Greek's final sigma and decomposed text are told apart below."""
    rng = random.Random(0)
    package = Tokenizer()
    scripts = ["aZ09 _-'", "éßøĀ ž", "дЖЁ ", "あア漢字", "עב", "😀🐈✨", "ไทย"]
    for _ in range(300):
        text = "".join(rng.choice(rng.choice(scripts)) for _ in range(30))
        if unicodedata.normalize("NFC", text) == text:
            assert ids(text) == package.encode(text), text


@pytest.mark.parametrize(
    ("text", "same"),
    [("e\u0301cole", "école"), ("ΣΑΣ", "σασ"), ("don\u0301t", "dońt")],
)
def test_where_the_package_parts_from_transformers(text, same):
    """transformers composes characters, and lowers Σ without regard to its place."""
    assert ids(text) == ids(same)
    assert ids(text) != Tokenizer().encode(text)


def test_special_tokens_spelled_out_are_tokens():
    """As transformers has it; the end of the prompt is then the first of them."""
    tokens = tokenize(["<|endoftext|> cat"], 0)
    assert tokens.numbers[0, :4].tolist() == [START, END, 2368, END]
    assert tokens.ends[0] == 1


@pytest.mark.parametrize("padding", [END, 0])
def test_padding_and_truncation(padding):
    tokens = tokenize(["cat", "", "cat " * 75, "cat " * 76, "cat " * 500], padding)
    assert tokens.numbers.shape == (5, PLACES)
    assert tokens.lengths.tolist() == [3, 2, 77, 78, 502]
    assert tokens.ends.tolist() == [2, 1, 76, 76, 76]
    assert (tokens.numbers[0, 3:] == padding).all()
    assert tokens.numbers[4].tolist() == [START, *[2368] * 75, END]


@pytest.mark.parametrize("padding", [END, 0])
def test_as_transformers_pads_and_truncates(padding):
    texts = ["cat", "", "a photo of a cat " * 30, "Σ é <|endoftext|> x", "dog " * 75]
    texts += ["hello!", "masterpiece!! cat", "!", "wow!!! " * 40, "(a:1.2)!, b", "a!</w>!b"]
    padded = CLIPTokenizer(
        vocab=clip_vocabulary().numbers,
        merges=list(clip_vocabulary().merges),
        pad_token={END: "<|endoftext|>", 0: "!"}[padding],
    )
    rows = padded(texts, padding="max_length", truncation=True, max_length=PLACES)["input_ids"]
    tokens = tokenize(texts, padding)
    assert tokens.numbers.tolist() == rows
    assert tokens.lengths.tolist() == [len(row) for row in padded(texts)["input_ids"]]


@pytest.mark.parametrize(
    ("text", "padded_with_end", "padded_with_0"),
    [
        ("hello!", [3306, 256], [3306, 0]),
        ("masterpiece!! cat", [12066, 748, 2368], [12066, 0, 0, 2368]),
        ("!", [256], [0]),
    ],
)
def test_the_padding_token_in_a_text(text, padded_with_end, padded_with_0):
    """As the released tokenizers of SD1, and of SD2 and SDXL's second encoder, print them."""
    for padding, expected in ((END, padded_with_end), (0, padded_with_0)):
        tokens = tokenize([text], padding)
        assert tokens.lengths[0] == tokens.ends[0] + 1 == len(expected) + 2
        assert tokens.numbers[0, : tokens.lengths[0]].tolist() == [START, *expected, END]


def test_another_vocabulary_is_refused(monkeypatch):
    class Other:
        def decode(self, _numbers):
            return "ab"

    monkeypatch.setattr(vocabulary, "Tokenizer", Other)
    with pytest.raises(UsageError, match="vocabulary"):
        clip_vocabulary.__wrapped__()
