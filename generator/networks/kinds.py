"""The path of a parameter, or the classes it lies in -> its kind: what it does."""

import re
from collections.abc import Sequence

# Of what neither names nor classes tell.
OTHER = "other"
KINDS = ("attn1", "attn2", "ff", "norm", "proj", "emb", "conv", OTHER)

# Kinds by patterns of paths: the first pattern found anywhere decides.
KindRules = Sequence[tuple[str, re.Pattern[str]]]


def _rules(*rules: tuple[str, str]) -> KindRules:
    return tuple((kind, re.compile(pattern)) for kind, pattern in rules)


KIND_RULES = _rules(
    # Single blocks of FLUX.2: each of these matrices serves attention and feed-forward at once.
    ("proj", r"\.to_qkv_mlp_proj\.|single_transformer_blocks\.\d+\.attn\.to_out\.(weight|bias)$"),
    ("attn2", r"\.(audio_)?attn2\.|\.cross_attn\.|\.cross_attention\.|^face_adapter\."),
    # LTX-2: between its two streams.
    ("attn2", r"\.(audio_to_video|video_to_audio)_attn\."),
    # Kandinsky 3: the first attention of a stage is over the picture, the others over the text.
    ("attn2", r"\.attentions\.[1-9]\d*\.attention\."),
    ("attn1", r"\.(audio_)?attn1\.|\.attn\.|\.self_attn\.|\.self_attention\.|\.attention\."),
    ("attn1", r"\.attentions\.\d+\.(group_norm|norm_cross|to_\w+|add_\w+)\."),
    ("ff", r"\.(audio_)?ff(_\w+)?\.|\.ffn\.|\.feed_forward\."),
    ("ff", r"(?<!_embedder)\.((img|txt|proj)_)?mlp\."),
    # Stable Cascade's residual blocks, and PRX's, whose layers lie in the block itself.
    ("ff", r"\.channelwise\.|^blocks\.\d+\.(gate|up|down)_proj\."),
    ("emb", r"^time_|\.time_emb_proj\.|^pos_embed|^register_tokens|^\w*embed|\.\w+_embedder\."),
    ("emb", r"^\w*adaln|\.time_pos_embed\.|^(txt|img|vector)_in\.|^\w*caption_projection"),
    ("emb", r"^(global|timestep|crossattn|cross_attention)_proj|^encoder_hid|^clip_"),
    # Chroma makes the modulations of all its blocks here.
    ("emb", r"^distilled_guidance_layer"),
    ("emb", r"\.mapper(_\w+)?\."),
    ("norm", r"norm|modulation|_mod\.|scale_shift"),
    ("proj", r"(\.|^)(audio_)?proj_(in|out)(_\d+)?\.|\.skip_linear\.|\.kv_mapper\."),
    ("conv", r"conv"),
)
# The same for the autoencoder and the text encoders.
COMPANION_KIND_RULES = _rules(
    ("attn1", r"\.self_attn\.|\.SelfAttention\.|\.attentions\."),
    ("ff", r"\.mlp\.|\.DenseReluDense\."),
    ("emb", r"\.embeddings\.|^shared\."),
    ("norm", r"norm"),
    ("proj", r"^text_projection\."),
    ("conv", r"conv"),
)
# Where the path does not tell: the classes of the modules that hold a parameter, outermost first.
CLASS_KIND_RULES = _rules(
    ("attn2", r"CrossAttention\."),
    ("attn1", r"(Attention|Attn)\."),
    ("ff", r"(FeedForward\w*|MLP|Mlp|FFN)\."),
    ("emb", r"Embed\w*\."),
    ("norm", r"Norm\w*\."),
    ("conv", r"\.Conv\w*\."),
)


def kind_of(path: str, rules: KindRules = KIND_RULES) -> str:
    """Kind (`attn1`, `attn2`, `ff`, `norm`, `proj`, `emb`, `conv`, `other`) of a parameter path."""
    return next((kind for kind, pattern in rules if pattern.search(path)), OTHER)
