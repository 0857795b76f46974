"""A text or image encoder on the meta device -> the memory of encoding a prompt or a picture."""

from typing import Any

import torch

from generator.architectures.memory.growth import (
    Design,
    Size,
    measure_growth,
    of_tokens,
)
from generator.architectures.memory.passes import Pass, Simulator, Untyped
from generator.records.memory import PassMemory

# Encoders without a limit are checked at lengths that pipelines use.
LONGEST = 512
# Classes of which pipelines take the last output only; of the others they take hidden states.
LAST_OUTPUT = ("T5EncoderModel", "UMT5EncoderModel", "BertModel")
# Of language models, ChatGLM calls a mask with four axes otherwise.
MASKS = {"ChatGLMModel": "full_attention_mask"}
ENCODERS = (*LAST_OUTPUT, "CLIPTextModel", "CLIPTextModelWithProjection")


def measure_text_pass(encoder: Untyped) -> dict[str, PassMemory]:
    """Memory of encoding prompts, by tokens, without padding."""
    limit = getattr(encoder.config, "max_position_embeddings", None) or LONGEST
    longest = min(limit, LONGEST)
    design = of_tokens((longest // 4, longest, 3 * longest // 4))
    simulator = Simulator(encoder)
    class_name = type(encoder).__name__
    options: dict[str, Any] = {}
    if class_name not in LAST_OUTPUT:
        options["output_hidden_states"] = True

    def run(size: Size) -> Pass:
        n, length = size.samples, int(size.area)
        inputs = {"input_ids": torch.zeros(n, length, dtype=torch.int64, device="meta")}
        if class_name not in ENCODERS:
            # Language models read the values of a mask with two axes, but take one with four as is.
            shape = (n, 1, length, length)
            inputs[MASKS.get(class_name, "attention_mask")] = torch.ones(
                shape, dtype=torch.bool, device="meta"
            )
            options["use_cache"] = False
        return simulator.run(lambda: encoder(**inputs, **options), inputs)

    return {"encode": measure_growth(run, design)}


def measure_image_pass(encoder: Untyped) -> dict[str, PassMemory]:
    """Memory of encoding pictures of the encoder's size."""
    side = encoder.config.image_size
    dtype = next(encoder.parameters()).dtype
    simulator = Simulator(encoder)
    fitted = tuple(Size(n, 1) for n in (1, 2))

    def run(size: Size) -> Pass:
        pixels = torch.empty(size.samples, 3, side, side, dtype=dtype, device="meta")
        return simulator.run(
            lambda: encoder(pixel_values=pixels, output_hidden_states=True), [pixels]
        )

    design = Design(("base_mib", "mib_per_sample"), fitted, Size(3, 1))
    return {"encode": measure_growth(run, design)}
