"""FLOPs of the records against closed formulas of attention, projections and feed-forward layers.

Written from the papers and configs: widths, depths and numbers of tokens are typed by hand. What is
left out (embeddings, modulation of one vector a sample, the last layer) is below one per cent.
"""

import pytest
from sites import REPOSITORY

from generator.records import Architecture, store


def linear(tokens: int, width: int, out: int) -> int:
    """A multiply-add counts as two."""
    return 2 * tokens * width * out


def attention(queries: int, keys: int, width: int) -> int:
    """Scores and their product with the values."""
    return 4 * queries * keys * width


def self_attention(tokens: int, width: int) -> int:
    return 4 * linear(tokens, width, width) + attention(tokens, tokens, width)


def cross_attention(tokens: int, others: int, width: int, width_of_others: int = 0) -> int:
    projections = 2 * linear(tokens, width, width)
    keys_and_values = 2 * linear(others, width_of_others or width, width)
    return projections + keys_and_values + attention(tokens, others, width)


def feed_forward(tokens: int, width: int, inner: int = 0, matrices: int = 2) -> int:
    """Two matrices, or three with a gate."""
    return matrices * linear(tokens, width, inner or 4 * width)


def joint(tokens: int, width: int) -> int:
    """A block of one stream, or of two streams with joint attention: the same work per token."""
    return self_attention(tokens, width) + feed_forward(tokens, width)


def crossed(tokens: int, others: int, width: int, inner: int = 0) -> int:
    """A block of self-attention, cross-attention and feed-forward."""
    return (
        self_attention(tokens, width)
        + cross_attention(tokens, others, width)
        + feed_forward(tokens, width, inner)
    )


def sd3() -> int:
    """24 blocks; the last has no text stream after its attention."""
    image, text, width = 4096, 77 + 256, 1536
    unused = linear(text, width, width) + feed_forward(text, width)
    return 24 * joint(image + text, width) - unused


def z_image() -> int:
    """30 blocks on both streams and two on each, with gated feed-forward layers of 8/3."""
    image, text, width = 4096, 512, 3840
    streams = 30 * [image + text] + 2 * [image] + 2 * [text]
    return sum(self_attention(n, width) + feed_forward(n, width, 10240, 3) for n in streams)


def wan_i2v() -> int:
    """The image's 257 tokens have keys and values of their own in each block."""
    image, text, width = 21 * 30 * 52, 512, 5120
    clip = 2 * linear(257, width, width) + attention(image, 257, width)
    return 40 * (crossed(image, text, width, 13824) + clip)


def auraflow() -> int:
    """Eight register tokens join the text; feed-forward layers are gated, of 8/3."""
    tokens, width = 4096 + 256 + 8, 3072
    return 36 * (self_attention(tokens, width) + feed_forward(tokens, width, 8192, 3))


# id -> FLOPs of one sample, and samples in a call.
BY_HAND = {
    # 1024 / 16 patches on a side and 512 tokens of text; a single-stream block does as much work.
    "flux": (57 * joint(4096 + 512, 3072), 1),
    "flux-schnell": (57 * joint(4096 + 512, 3072), 1),
    # The reference doubles the image tokens.
    "flux-kontext": (57 * joint(2 * 4096 + 512, 3072), 1),
    "chroma": (57 * joint(4096 + 512, 3072), 1),
    # 24 heads of 96.
    "bria-32": (36 * joint(4096 + 128, 2304), 2),
    "qwen-image": (60 * joint(4096 + 512, 3072), 1),
    "sd3": (sd3(), 2),
    "auraflow": (auraflow(), 2),
    "cogview4": (28 * joint(4096 + 1024, 4096), 1),
    "z-image": (z_image(), 2),
    # Each of DiT's blocks has its own modulation, six widths from one vector.
    "dit-xl-2-256": (28 * (joint(256, 1152) + linear(1, 1152, 6 * 1152)), 2),
    "pixart-sigma": (28 * crossed(4096, 300, 1152), 2),
    # 81 frames are 21; 480 x 832 pixels are 60 x 104 latents, 30 x 52 patches.
    "wan21-t2v-14b": (40 * crossed(21 * 30 * 52, 512, 5120, 13824), 1),
    "wan21-t2v-13b": (30 * crossed(21 * 30 * 52, 512, 1536, 8960), 1),
    "wan21-i2v-14b": (wan_i2v(), 1),
    # 49 frames are 13; 480 x 720 pixels are 30 x 45 patches.
    "cogvideox-5b": (42 * joint(13 * 30 * 45 + 226, 3072), 2),
    # 129 frames are 33; 720 x 1280 pixels are 45 x 80 patches.
    "hunyuan-video": (60 * joint(33 * 45 * 80 + 256, 3072), 1),
    # 161 frames are 21; 512 x 704 pixels are 16 x 22 latents.
    "ltx-video-2b": (28 * crossed(21 * 16 * 22, 128, 2048), 2),
    # 121 frames are 31; 512 x 768 pixels are 32 x 48 patches.
    "kandinsky5-lite-t2v": (32 * crossed(31 * 32 * 48, 512, 1792, 7168), 1),
}


@pytest.mark.parametrize("identity", BY_HAND)
def test_flops_are_those_of_the_formula(identity):
    path = REPOSITORY / "data" / "architectures" / f"{identity}.json"
    record = store.read_result(path, Architecture)
    each, samples = BY_HAND[identity]
    assert record.pipeline.flops == pytest.approx(each * samples, rel=0.01)


def test_the_formulas_cover_many_classes():
    records = (
        store.read_result(REPOSITORY / "data" / "architectures" / f"{identity}.json", Architecture)
        for identity in BY_HAND
    )
    assert len({record.class_name for record in records}) >= 10
