"""The lines of `atlas matrix`: what is not compared stands beside the distances, not only below."""

from generator.records import reasons
from generator.records.matrices import ComponentDistances, Excluded, Matrix
from generator.text.report import describe_matrix


def lines(*tensors):
    reason = reasons.NotUnpacked(quantisation="svdquant")
    left = [
        Excluded(checkpoint=one, tensor=each, reason=reason) for one in "ab" for each in tensors
    ]
    zeros = ((0.0, 0.0), (0.0, 0.0))
    matrix = Matrix(
        members=("a", "b"),
        components={"denoiser": ComponentDistances(l2=zeros, identical=((None, None),) * 2)},
        blocks={},
        excluded=tuple(left),
    )
    return list(describe_matrix(matrix))


def test_the_number_of_tensors_that_are_not_compared_is_beside_the_metric():
    told = lines("denoiser/a.weight", "denoiser/b.weight", "vae/c.weight")
    assert "denoiser, L2, without 2 tensors that are not comparable" in told
    assert "denoiser, L2" in lines("vae/c.weight")
