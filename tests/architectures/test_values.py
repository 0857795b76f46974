"""Forward passes that read values: on the meta device they cost what they cost with weights."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from generator.architectures.arguments import make_arguments
from generator.architectures.counts import count_flops
from generator.architectures.network import build_network, quiet_libraries
from generator.architectures.values import known_values
from generator.networks.calls import find_pipeline, pipeline_call
from generator.records import PipelineSettings

# Narrow networks of the classes that read lengths of masks, positions or the experts of tokens.
TINY = {
    "Lumina2Transformer2DModel": {
        "hidden_size": 96,
        "num_layers": 1,
        "num_attention_heads": 4,
        "num_kv_heads": 2,
        "axes_dim_rope": [8, 8, 8],
        "cap_feat_dim": 32,
    },
    "OmniGenTransformer2DModel": {
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "time_step_dim": 32,
        "rope_scaling": {"short_factor": [1.0] * 16, "long_factor": [1.0] * 16, "type": "su"},
    },
    "HiDreamImageTransformer2DModel": {
        "patch_size": 2,
        "in_channels": 4,
        "out_channels": 4,
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 32,
        "num_attention_heads": 2,
        "caption_channels": [32, 32],
        "text_emb_dim": 16,
        "num_routed_experts": 3,
        "num_activated_experts": 2,
        "axes_dims_rope": [16, 8, 8],
        "max_resolution": [32, 32],
        "llama_layers": [0, 1],
    },
    "HunyuanImageTransformer2DModel": {
        "in_channels": 4,
        "num_attention_heads": 2,
        "attention_head_dim": 16,
        "num_layers": 1,
        "num_single_layers": 1,
        "num_refiner_layers": 1,
        "patch_size": [1, 1],
        "rope_axes_dim": [8, 8],
        "text_embed_dim": 32,
        "text_embed_2_dim": 16,
    },
    "HunyuanVideo15Transformer3DModel": {
        "in_channels": 9,
        "out_channels": 4,
        "num_attention_heads": 2,
        "attention_head_dim": 16,
        "num_layers": 1,
        "num_refiner_layers": 1,
        "rope_axes_dim": [4, 6, 6],
        "text_embed_dim": 32,
        "text_embed_2_dim": 16,
        "image_embed_dim": 24,
    },
    "MochiTransformer3DModel": {
        "num_attention_heads": 2,
        "attention_head_dim": 16,
        "num_layers": 2,
        "pooled_projection_dim": 16,
        "in_channels": 4,
        "text_embed_dim": 32,
        "time_embed_dim": 8,
    },
}


def with_weights(value):
    """The same inputs with values on the CPU: floats are random."""
    if isinstance(value, torch.Tensor):
        return torch.rand(value.shape) if value.dtype.is_floating_point else value.cpu()
    if isinstance(value, list):
        return [with_weights(each) for each in value]
    return value


@pytest.mark.parametrize("class_name", TINY)
def test_flops_without_weights_are_those_of_a_real_pass(class_name):
    config = {"_class_name": class_name, **TINY[class_name]}
    with quiet_libraries():
        network = build_network(config, class_name)
        spec = find_pipeline(network.family, network.config, None)
        settings = PipelineSettings(height=128, width=128, frames=5 if "3D" in class_name else None)
        call = pipeline_call(network.family, spec, network.config, settings)
        arguments = make_arguments(network, call.inputs, call.symbols)
        without = count_flops(network, arguments)
        real = type(network.module).from_config(config).eval()
        # torch counts nothing for its fused attention on the CPU.
        math = sdpa_kernel(SDPBackend.MATH)
        with FlopCounterMode(display=False) as counter, torch.no_grad(), math:
            inputs = {name: with_weights(value) for name, value in arguments.items()}
            # A real device takes numbers of steps as floats only.
            steps = "timestep" if "timestep" in inputs else "timesteps"
            inputs[steps] = inputs[steps].float()
            real(**inputs)
    assert without == counter.get_total_flops() > 0


def test_what_is_made_from_weights_has_no_values():
    with known_values():
        mask = torch.ones(4, dtype=torch.bool, device="meta")
        hidden = torch.zeros(4, 2, device="meta")
        assert int(mask.sum()) == 4
        assert hidden[mask].shape == (4, 2)
        with pytest.raises(RuntimeError, match="meta"):
            (hidden * mask[:, None]).sum().item()


def test_experts_are_chosen_evenly():
    with known_values():
        _, chosen = torch.topk(torch.zeros(6, 3, device="meta"), k=2)
        assert chosen.flatten().bincount().tolist() == [4, 4, 4]
