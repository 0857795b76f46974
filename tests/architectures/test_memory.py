"""Simulated memory against real runs on the CPU, torch's own tracker, and arithmetic."""

from itertools import starmap

import pytest
import torch
from narrow_networks import NETWORKS, aura_flow, flux, on_meta, pixart, sd3
from torch import nn
from torch.distributed._tools.mem_tracker import MemTracker

from generator.architectures.memory.growth import (
    Size,
    areas_of,
    measure_growth,
    measure_straight_or_bent,
    of_images,
)
from generator.architectures.memory.live import Event, counting, tensors_in
from generator.architectures.memory.passes import Pass, simulate
from generator.architectures.memory.replay import reserved_bytes

MIB = 2**20


def tensor_bytes(value):
    if isinstance(value, torch.Tensor):
        return value.untyped_storage().nbytes()
    inner = value.values() if isinstance(value, dict) else value
    return sum(map(tensor_bytes, inner)) if isinstance(value, dict | tuple) else 0


def profiled_peak(network, inputs):
    """The most bytes of torch's allocator during a real call, beyond those before it."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.no_grad(), torch.profiler.profile(activities=activities, profile_memory=True) as run:
        network(**inputs)
    live = peak = 0
    events = [event for event in run.profiler.kineto_results.events() if event.name() == "[memory]"]
    for event in sorted(events, key=lambda event: event.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    return peak


def simulated(make, attention):
    network, inputs = make()
    network, given = network.eval().to("meta"), on_meta(inputs)
    return simulate(network, lambda: network(**given), given, attention)


@pytest.mark.parametrize("make", NETWORKS)
def test_simulation_equals_a_real_run(make):
    torch.manual_seed(0)
    network, inputs = make()
    real = profiled_peak(network.eval(), inputs)
    told = simulated(make, "fused")
    assert told.peak - tensor_bytes(inputs) == pytest.approx(real, rel=0.005)


def test_the_page_tells_how_many_networks_agree(templates):
    page = (templates / "memory-check.md").read_text(encoding="utf-8")
    assert "real runs of eight small networks agree with this within 0.5 %" in page
    assert len(NETWORKS) == 8


@pytest.mark.parametrize("make", [sd3, flux, pixart, aura_flow])
def test_stored_scores_equal_torchs_own_tracker(make):
    network, inputs = make()
    network, given = network.eval().to("meta"), on_meta(inputs)
    tracker = MemTracker()
    tracker.track_external(network, *tensors_in(given))
    with torch.no_grad(), tracker:
        network(**given)
    (peak,) = tracker.get_tracker_snapshot("peak").values()
    sizes = {str(kind).rpartition(".")[2]: size for kind, size in peak.items()}
    told = simulated(make, "math").peak
    assert told == pytest.approx(sizes["ACT"] + sizes["OTH"], rel=0.001)


class Residual(nn.Module):
    """A block that hands one input through and returns two views of one tensor."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(64, 128)

    def forward(self, hidden, kept):
        first, second = self.linear(hidden).chunk(2, dim=-1)
        return hidden + first * second, kept


class Stack(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.blocks = nn.ModuleList(kind() for _ in range(6))

    def forward(self, hidden):
        kept = hidden * 2
        for block in self.blocks:
            hidden, kept = block(hidden, kept)
        return hidden + kept


def events_of(module, hidden):
    with counting(module.parameters()) as counter:
        counter.hold([hidden])
        module(hidden)
    return counter


@pytest.mark.parametrize(("count", "segments"), [(1, 1), (3, 1), (4, 2), (7, 3)])
def test_three_small_blocks_of_600_kib_share_a_segment_of_2_mib(count, segments):
    sizes = [600 * 1024] * count
    assert reserved_bytes(starmap(Event, enumerate(sizes))) == segments * 2 * MIB


def test_replayed_blocks_leave_the_events_of_real_ones():
    with torch.device("meta"):
        module, hidden = Stack(Residual), torch.empty(32, 64)
    plain = events_of(module, hidden)
    told = simulate(module, lambda: module(hidden), [hidden])
    assert [size for _, size in told.events] == [size for _, size in plain.events]
    assert told.peak == plain.peak + 32 * 64 * 4
    # 32 x 64 float32: what is kept, the input, its linear layer, the product and the sum.
    assert plain.peak == 32 * 64 * 4 * 6


class Remembering(Residual):
    """A block that keeps a tensor, so that no other call is like its first."""

    def forward(self, hidden, kept):
        self.seen = hidden + 1
        return super().forward(hidden, kept)


def test_a_block_that_keeps_something_is_run_each_time():
    with torch.device("meta"):
        module, hidden = Stack(Remembering), torch.empty(32, 64)
    plain = events_of(Stack(Remembering).to("meta"), hidden)
    assert simulate(module, lambda: module(hidden), [hidden]).peak == plain.peak + 32 * 64 * 4


class Replacing(nn.Module):
    """A network that puts a new buffer in the place of its old one in each call."""

    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.empty(4096))

    def forward(self, hidden):
        self.table = self.table * 2
        return [hidden + place for place in range(20)]


def test_a_replaced_buffer_hides_no_tensor_at_its_address():
    with torch.device("meta"):
        module, hidden = Replacing(), torch.empty(4096)
    for _ in range(20):
        told = simulate(module, lambda: module(hidden), [hidden])
        # The input, the new buffer, and twenty results of 16 KiB.
        assert told.peak == 22 * 4096 * 4


def test_a_convolution_needs_a_copy_of_its_input_and_output():
    with torch.device("meta"):
        wide, point = nn.Conv2d(4, 8, 3, padding=1), nn.Conv2d(4, 8, 1)
        single, grouped = (nn.Conv2d(4, 8, 3, padding=1, groups=groups) for groups in (4, 2))
        image = torch.empty(1, 4, 64, 64)
    in_bytes, out_bytes = 4 * 64 * 64 * 4, 8 * 64 * 64 * 4
    copies = in_bytes + out_bytes
    for module, workspace in ((wide, copies), (grouped, copies), (point, 0), (single, 0)):
        told = simulate(module, lambda module=module: module(image), [image])
        assert told.peak == in_bytes + out_bytes
        assert told.peak_with_workspace == told.peak + workspace


def test_an_allocator_reserves_segments():
    # Two of 600 KiB share a segment of 2 MiB; 4 MiB come from 20 MiB, where 12 MiB fit, too; once
    # those are free again, 12 MiB need no new segment, but 30 MiB do.
    events = [Event(1, 600 * 1024), Event(2, 600 * 1024), Event(3, 4 * MIB), Event(4, 12 * MIB)]
    assert reserved_bytes(events) == 22 * MIB
    freed = [*events, Event(4, -12 * MIB), Event(5, 12 * MIB), Event(6, 30 * MIB + 512)]
    assert reserved_bytes(freed) == (22 + 32) * MIB


def test_a_large_allocation_gets_a_segment_of_its_own():
    assert reserved_bytes([Event(1, 11 * MIB)]) == 12 * MIB
    assert reserved_bytes([Event(1, 9 * MIB)]) == 20 * MIB


@pytest.mark.parametrize(("squared", "bent"), [(0, False), (16, True)])
def test_what_grows_with_the_square_is_fitted_with_it(squared, bent):
    """A known sum of MiB: 3 + n (2 + 100 a + 16 a^2)."""

    def known(size):
        mib = 3 + size.samples * (2 + 100 * size.area + squared * size.area**2)
        count = round(mib * MIB)
        return Pass(count, count, (Event(1, count),))

    design = of_images(areas_of((512, 2048, 1536)))
    live = measure_straight_or_bent(known, design, Size(1, 1.0)).live
    assert live.residual < 1e-6
    assert live.mib_per_unit2 == pytest.approx(squared, abs=1e-4)
    assert live.mib_per_unit == pytest.approx(100, abs=1e-3)
    straight = measure_growth(known, design).live
    assert (straight.residual > 0.01) is bent
