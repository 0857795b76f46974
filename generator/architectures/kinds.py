"""Network -> the kind of each of its parameters, by name or by the classes of its modules."""

from torch import nn

from generator.networks.kinds import CLASS_KIND_RULES, OTHER, kind_of


def parameter_kinds(module: nn.Module) -> dict[str, str]:
    """Kind of every parameter by its path; the names decide where they tell one."""
    classes = {"": ""}
    for path, child in module.named_modules():
        if path:
            classes[path] = f"{classes[path.rpartition('.')[0]]}.{type(child).__name__}"
    return {
        path: kind if kind != OTHER else kind_of(f"{classes[owner]}.", CLASS_KIND_RULES)
        for path, _ in module.named_parameters()
        for owner, kind in [(path.rpartition(".")[0], kind_of(path))]
    }
