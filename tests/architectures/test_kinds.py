"""Kinds of parameters whose paths tell nothing, by the classes of their modules."""

from torch import nn

from generator.architectures.kinds import parameter_kinds
from generator.networks.kinds import kind_of


class StrangeCrossAttention(nn.Linear):
    pass


class StrangeAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 2)
        self.b = nn.LayerNorm(2)


class StrangeFeedForwardGated(StrangeAttention):
    pass


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = StrangeAttention()
        self.two = StrangeCrossAttention(2, 2)
        self.three = StrangeFeedForwardGated()
        self.four = nn.Conv2d(1, 1, 1)
        self.five = nn.GroupNorm(1, 1)
        self.six = nn.Embedding(2, 2)
        self.seven = nn.Linear(2, 2)
        self.attn = nn.ModuleDict({"norm1": nn.Linear(2, 2)})
        self.eight = nn.Parameter()


def test_classes_tell_what_names_do_not():
    found = parameter_kinds(Whole())
    told = {name.partition(".")[0]: kind for name, kind in found.items()}
    assert told == {
        "one": "attn1",
        "two": "attn2",
        "three": "ff",
        "four": "conv",
        "five": "norm",
        "six": "emb",
        "seven": "other",
        "attn": "norm",
        "eight": "other",
    }
    assert len({found["one.a.weight"], found["one.b.bias"]}) == 1


def test_names_come_before_classes():
    found = parameter_kinds(nn.Sequential(nn.ModuleDict({"ff": nn.Conv2d(1, 1, 1)})))
    assert set(found.values()) == {kind_of("0.ff.weight")} == {"ff"}
