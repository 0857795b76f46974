"""Columns of tables -> their titles, the help shown on hover, and why a value is missing.

Each table is a dictionary: key of a column -> (title, help).
"""

from collections.abc import Mapping

from generator.text.words import begun, component_title

Words = dict[str, tuple[str, str]]

NO_WEIGHTS = "it holds no weights"
NO_INPUT = "not among the inputs of this network"
NO_ELEMENTS = "it has no elements"
NO_COSINE = "one of the two is zero"
NO_SHARE = "nothing differs, or nothing could be compared"
NOT_COMPARABLE = "not comparable"
NOT_IN_BOTH = "not in both, or not comparable"
NO_ANOMALIES = "none were found"
NO_NETWORK = "none that is known is like it"
NO_LAYOUT = "its keys are those of no known layout"

NETWORKS: Words = {
    "name": ("Network", "As people call it; links to its page"),
    "family": (
        "Family",
        "UNet, diffusion transformer (DiT), or one that joins text and image (MMDiT)",
    ),
    "parameters": ("Parameters", "Elements of all parameter tensors, as diffusers counts them"),
    "mbw_blocks": ("MBW blocks", "Blocks that merge-block-weighted tools number, REST apart"),
    "flops": (
        "FLOPs per step",
        "Floating-point operations of one call of the denoiser by its pipeline at the default image"
        " size, guidance included; a multiply-add is two",
    ),
    "flops_per_sample": (
        "FLOPs per sample",
        "The same divided by the batch: what guidance does not double",
    ),
    "flops_per_parameter": (
        "FLOPs per parameter",
        "FLOPs per sample divided by the parameters: how much work each parameter does in one step,"
        " large where weights serve many positions",
    ),
    "image": ("Image", "Default width × height of the pipeline"),
    "batch": ("Batch", "Samples in one call: 2 under classifier-free guidance, 1 without"),
    "text_tokens": (
        "Text tokens",
        "Length of the text embeddings that the pipeline gives, all encoders together",
    ),
    "weights": ("Weights", "All parameters in float16, in gigabytes of 10⁹ bytes"),
    "attention_share": ("Attention", "Share of the parameters of kinds attn1 and attn2"),
    "feed_forward_share": ("Feed-forward", "Share of the parameters of kind ff"),
    "norm_share": (
        "Norm",
        "Share of the parameters of kind norm: in transformers mostly the projections that modulate"
        " each block by the timestep (adaptive layer norm)",
    ),
    "convolution_share": ("Convolution", "Share of the parameters of kind conv"),
    "half_blocks": ("Blocks with half", "The fewest MBW blocks that hold half of the parameters"),
    "tensors": ("Tensors", "Number of parameter tensors"),
    "torchinfo_shared": (
        "torchinfo, shared activations",
        "Parameters as torchinfo counted them while diffusers shared its activation modules",
    ),
    "forward_backward": (
        "Forward/backward",
        "torchinfo's size of all activations at the published inputs, float16",
    ),
    "total": (
        "Total",
        "torchinfo's inputs, activations and parameters at the published inputs; the published"
        " table calls this GB",
    ),
    "mult_adds": (
        "torchinfo mult-adds",
        "torchinfo's own figure at the published inputs; meaningless for transformers",
    ),
    "latent": (
        "Latent input",
        "Shape of the latent image that the pipeline gives to the denoiser",
    ),
    "class_name": ("Class", "The denoiser's class in diffusers"),
    "pipeline_class": ("Pipeline", "The diffusers pipeline whose inputs were intercepted"),
    "id": ("id", "Part of the file names in data/"),
}
CHECKPOINTS: Words = {
    "name": ("Checkpoint", "Name of the file or folder; links to its page"),
    "architecture": (
        "Architecture",
        "Network of the denoiser; 'near' one whose keys it does not have exactly",
    ),
    "size": ("Size", "All files of the checkpoint together"),
    "parameters": ("Parameters", "Elements of all weights; counters and tables are none"),
    "dtypes": ("dtype", "Dtypes of the weights"),
    "autov2": ("AutoV2", "First 10 digits of the file's SHA-256, as web UIs show it"),
    "components": ("Components", "Parts that the checkpoint holds"),
    "anomalies": (
        "Anomalies",
        "Things about it that its user should know; they are listed on its page",
    ),
    "anomaly_codes": (
        "Kinds of anomalies",
        "Codes of the anomalies; the page Methods explains each",
    ),
    "format": ("Format", "Format of the files"),
    "tensors": ("Tensors", "Number of tensors in the files"),
    "autov1": (
        "AutoV1",
        "First 8 digits of the SHA-256 of the 64 KiB from byte 1,048,576 on; different files may"
        " share it",
    ),
    "autov3": (
        "AutoV3",
        "First 12 digits of the SHA-256 of a safetensors file without its header",
    ),
    "sha256": ("SHA-256", "SHA-256 of the whole file"),
    "id": ("id", "Part of the file names in data/"),
}
COMPONENTS: Words = {
    "name": ("Component", "Part of the model"),
    "network": (
        "Network",
        "Known network whose weights it has; 'near' one that it is not exactly",
    ),
    "layout": ("Layout", "How the file names the keys"),
    "tensors": ("Tensors", "Weights, counters and tables under their canonical names"),
    "parameters": ("Parameters", "Elements of all weights"),
    "nbytes": ("Size", "Bytes of all tensors"),
    "dtypes": ("dtype", "Dtypes of the weights"),
    "norm": ("Norm", "Euclidean norm of all weights together"),
    "blake3": ("BLAKE3", "Of name, dtype, shape and values of every weight"),
}
FILES: Words = {
    "name": ("File", "Its name, or its path inside the folder"),
    "size": ("Size", "Bytes of the file"),
    "autov1": ("AutoV1", "First 8 digits of the SHA-256 of the 64 KiB from 1 MiB on"),
    "autov2": ("AutoV2", "First 10 digits of the SHA-256"),
    "autov3": (
        "AutoV3",
        "First 12 digits of the SHA-256 of a safetensors file without its header",
    ),
    "sha256": ("SHA-256", "Of the whole file"),
}
PLACES: Words = {
    "component": ("Component", "Part of the model"),
    "block": ("Block", "MBW block; REST is what lies outside all"),
    "kind": ("Kind", "What the parameter does"),
    "shape": ("Shape", "Sizes; a scalar has none"),
}
PARAMETERS: Words = {
    **PLACES,
    "name": ("Tensor", "Path of the parameter in the network"),
    "parameters": ("Parameters", "Elements of the tensor"),
}
TENSORS: Words = {
    **PLACES,
    "name": ("Tensor", "Its canonical name, the one diffusers uses"),
    "dtype": ("dtype", "How the file holds its values"),
    "norm": ("Norm", "Euclidean norm"),
    "mean": ("Mean", "Arithmetic mean"),
    "std": ("Std", "Population standard deviation"),
    "minimum": ("Minimum", "The least value"),
    "maximum": ("Maximum", "The greatest value"),
    "fraction_bits": ("Fraction bits", "Stored bits of the significand that any value uses"),
}
DISTANCES: Words = {
    **PLACES,
    "name": ("Tensor", "Its canonical name, the one diffusers uses"),
    "elements": ("Elements", "Numbers in the tensor"),
    "l2": ("L2", "Square root of the sum of squared differences"),
    "rms": ("RMS", "L2 over the square root of the number of elements"),
    "l1": ("L1", "Sum of absolute differences"),
    "l0": ("L0", "Number of elements that differ"),
    "differing": ("Differing", "Elements that differ, of all"),
    "cosine": ("Cosine", "Cosine of the angle between the two, as vectors"),
    "identical": ("Identical", "The same dtype and bytes"),
}
VERDICTS: Words = {
    "verdict": ("Verdict", "What the two have in common, or why nothing could be compared"),
    "tensors": ("Tensors", "Tensors that both have in equal shape"),
    "differing": ("Differing", "Tensors that differ in at least one element"),
    "elements": ("Weights", "Numbers in these tensors"),
}
PARTS: Words = {
    "tensors": ("Tensors", "Tensors that were compared"),
    "elements": ("Weights", "Numbers in these tensors"),
    "size_share": ("Share of weights", "Weights of the part, of all compared of the component"),
    "distance_share": ("Share of squared L2", "Squared L2 of the part, of that of the component"),
}
ATTENTION: Words = {
    "attention": ("Tensors of", "Self-attention, cross-attention, and the rest"),
    "tensors": ("Tensors", "Tensors that were compared"),
    "zeros": ("Exactly 0", "Tensors of which no value differs"),
}
PAIRS: Words = {
    "name": ("Pair", "Its name in the catalogue; links to its page"),
    "a": ("A", "The first checkpoint"),
    "b": ("B", "The second checkpoint"),
    "differs": (
        "What differs",
        "Components whose weights differ by more than rounding; else what sets the two apart",
    ),
    **{
        f"{component}_{measure}": (f"{begun(component_title(component))}, {title}", help_)
        for component in ("denoiser", "text_encoder", "vae")
        for measure, title, help_ in (
            ("l2", "L2", "Square root of the sum of squared differences, over the weights in both"),
            ("rms", "RMS", "L2 over the square root of the number of weights"),
            ("cosine", "cosine", "Cosine of the angle between the two, as vectors"),
        )
    },
    "shared": ("Tensors in both", "Names that both checkpoints have"),
    "differing": ("Differing", "Tensors in both that differ in at least one element"),
    "only_a": ("Only in A", "Names that only the first has"),
    "only_b": ("Only in B", "Names that only the second has"),
    "shape_mismatch": ("Different shapes", "Names in both whose shapes differ"),
    "dtype_difference": ("Different dtypes", "Names in both whose dtypes differ"),
    "id": ("id", "Part of the file names in data/"),
}


def of_members(bases: Mapping[str, str]) -> Words:
    """The members of a group; `bases` are the names of those that distances are from, by
    component."""
    return {
        "member": ("Checkpoint", "Name of the file or folder"),
        "number": ("No.", "Number of the checkpoint in the figures"),
        **{
            f"{name}_l2": (begun(component_title(name)), f"L2 distance from {base}")
            for name, base in bases.items()
        },
    }


def of_history(component: str) -> Words:
    """A known history, and what was found from one component."""
    return {
        "member": ("Checkpoint", "Member of the group"),
        "truth": ("Truth", "How it was made"),
        "found": (
            f"Found from the {component_title(component)} alone",
            "What the program found, given only the weights",
        ),
        "right": ("Right", "Whether the true origin was found"),
    }
