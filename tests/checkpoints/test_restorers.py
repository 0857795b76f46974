"""Networks that enlarge, restore, complete or interpolate pictures, or find things in them.

Names are those by which their repositories and spandrel know them.
"""

import pytest
from weight_indexes import index_of

from generator.checkpoints.identify.contents import identify

SWIN = "conv_first.weight layers.0.residual_group.blocks.0.norm1.weight"
ATTENTION = "layers.0.residual_group.blocks.0.attn"
NAMES = {
    "hat": f"{SWIN} layers.0.residual_group.blocks.0.conv_block.cab.0.weight conv_last.weight",
    "srformer": f"{SWIN} {ATTENTION}.aligned_relative_position_index",
    "swin2sr": f"{SWIN} {ATTENTION}.logit_scale patch_embed.proj.weight",
    "swinir": f"{SWIN} {ATTENTION}.relative_position_index",
    "grl": "conv_first.weight norm_start.weight norm_end.weight "
    "layers.0.blocks.0.attn.window_attn.attn_transform.logit_scale",
    "rgt": "conv_first.weight before_RG.1.weight layers.0.blocks.0.norm1.weight "
    "layers.0.blocks.0.attn.attns.0.rpe_biases",
    "dat": "conv_first.weight before_RG.1.weight layers.0.blocks.0.norm1.weight",
    "craft": "conv_first.weight layers.0.residual_group.hf_blocks.0.attn.temperature",
    "spsr": "f_HR_conv1.0.weight model.0.weight model.1.sub.0.RDB1.conv1.0.weight",
    "mm-realsr": "conv_first.weight body.0.rdb1.conv1.weight de_net.conv_first.0.weight",
    "rrdb": "conv_first.weight conv_body.weight body.0.rdb1.conv1.weight",
    "rcan": "head.0.weight body.0.body.0.body.0.weight body.0.body.0.body.3.conv_du.0.weight",
    "femasr": "multiscale_encoder.in_conv.weight before_quant_group.0.weight out_conv.weight",
    "restoreformer": "quantize.embedding.weight encoder.conv_in.weight quant_conv.weight "
    "encoder.down.0.block.0.norm1.weight encoder.down.5.block.0.norm1.weight",
    "fbcnn": "m_head.weight m_down1.0.res.0.weight m_body_encoder.0.res.0.weight "
    "qf_pred.0.res.0.weight m_tail.weight",
    "drunet": "m_head.weight m_down1.0.res.0.weight m_body.0.res.0.weight m_tail.weight",
    "uformer": "input_proj.proj.0.weight encoderlayer_0.blocks.0.norm1.weight "
    "decoderlayer_0.blocks.0.norm1.weight",
    "kbnet": "intro.weight encoders.0.0.attgamma middle_blks.0.w ending.weight",
    "nafnet": "intro.weight ending.weight middle_blks.0.conv1.weight",
    "ditn": "sft.weight UFONE.0.ITLs.0.attn.temperature upsample.0.weight",
    "ddcolor": "refine_net.0.0.weight_orig encoder.arch.downsample_layers.0.0.weight",
    "safmn": "to_feat.weight feats.0.safm.mfr.0.weight to_img.0.weight",
    "aura-sr": "mid_attn.layers.0.0.to_out.weight final_res_block.block1.proj.weights",
    "fdat": "conv_first.weight groups.0.blocks.0.attn.bias groups.0.blocks.0.inter.cg.1.weight "
    "groups.0.blocks.0.ffn.fc1.weight",
    "moesr": "in_to_dim.weight blocks.0.blocks.0.gamma blocks.0.blocks.0.norm.weight",
    "rtmosr": "body.0.fc1.alpha to_img.0.alpha to_img.0.conv1.k0",
    "seemore": "conv_1.weight upsampler.0.weight body.0.local_block.norm_1.weight",
    "sudo-span-plus": "feats.0.sk.weight feats.1.block_1.c1_r.sk.weight feats.1.conv_cat.weight",
    "swift-srgan": "initial.cnn.depthwise.weight final_conv.pointwise.weight",
    "rife": "module.block0.conv0.0.0.weight module.block0.lastconv.0.weight "
    "module.block1.conv0.0.0.weight",
    "lama": "generator.model.1.bn_l.running_mean generator.model.1.ffc.convl2l.weight",
    "mat": "synthesis.first_stage.conv_first.conv.resample_filter",
    "birefnet": "bb.patch_embed.proj.weight squeeze_module.0.conv_in.weight "
    "decoder.decoder_block4.conv_in.weight decoder.conv_out1.0.weight",
    "u2net": "stage1.rebnconvin.conv_s1.weight stage2.rebnconvin.conv_s1.weight outconv.weight",
    "depth-anything": "pretrained.patch_embed.proj.weight depth_head.scratch.layer1_rn.weight",
    "midas": "pretrained.model.patch_embed.proj.weight scratch.refinenet1.out_conv.weight",
    "hed": "netVggOne.0.weight netVggTwo.1.weight netScoreOne.weight",
    "openpose": "conv1_1.weight Mconv1_stage2_L1.weight",
    "lineart": "model0.1.weight model1.0.weight model2.0.conv_block.1.weight",
    "retinaface": "body.conv1.weight fpn.output1.0.weight ssh1.conv3X3.0.weight",
    "wav2vec2": "wav2vec2.feature_extractor.conv_layers.0.conv.weight "
    "wav2vec2.encoder.layers.0.attention.q_proj.weight",
}


@pytest.mark.parametrize("network", NAMES)
def test_a_network_is_told_by_its_names(network):
    contents = identify(index_of(dict.fromkeys(NAMES[network].split(), (8, 8, 3, 3))))
    assert [part.network for part in contents.components] == [network]
    assert contents.kind not in ("", "checkpoint")
    assert contents.architecture == ""


@pytest.mark.parametrize(
    "names",
    [
        # A segmentation network and an autoencoder of nobody: both have encoders and decoders.
        "encoder.conv_in.weight decoder.mask.weight decoder.conv_out.weight",
        "encoder.layers.0.self_attn.out.weight classifier.weight",
    ],
)
def test_a_network_is_no_part_of_a_pipeline_because_it_has_an_encoder(names):
    contents = identify(index_of(dict.fromkeys(names.split(), (8, 8))))
    assert (contents.kind, contents.architecture, contents.missing) == ("", "", ())


@pytest.mark.parametrize("prefix", ["vae.", "first_stage_model."])
def test_what_a_file_says_of_its_parts_counts(prefix):
    names = (f"{prefix}encoder.conv_in.weight", f"{prefix}decoder.unheard_of.weight")
    assert identify(index_of(dict.fromkeys(names, (8, 8)))).kind == "vae"
