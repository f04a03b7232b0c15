"""The staged family: MobileNetV2 where nothing is chosen, EfficientNetV2's and MnasNet's blocks, and its parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Network, parse, zoo
from costmodel.errors import SpecError, UnknownNameError
from costmodel.layers import Conv2d
from costmodel.zoo.family import Choice
from costmodel.zoo.staged import STRIDES

FAMILY = zoo.staged
DEVICES = ("pixel-1", "raspberry-pi-4", "stm32h743")


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    """Values of all parameters, narrow stages and equal neighbours among them."""
    values: dict[str, Any] = {"batch": draw(st.integers(1, 3)), "classes": 10}
    for name, (kind, _) in FAMILY.parameters.items():
        if isinstance(kind, Choice):
            values[name] = draw(st.sampled_from(kind.values))
        elif name[0] in "de" and name[1:].isdecimal():
            values[name] = draw(st.integers(1, 3))
        elif name == "resolution":
            values[name] = draw(st.integers(1, 200))
        elif name not in values:
            values[name] = draw(st.one_of(st.integers(1, 20), st.sampled_from([32, 64, 100])))
    return values


def parts_of(values: dict[str, Any]) -> list[tuple[int, Network]]:
    """How often each part is in the network, and the part."""
    found = []
    for part in FAMILY.parts:
        times = parse(part.times)
        count = (
            times
            if isinstance(times, int)
            else int(times.subs({each: values[each.name] for each in times.free_symbols}))
        )
        found.append((count, part.build(**{name: values[name] for name in part.parameters})))
    return [(count, network) for count, network in found if count]


def test_the_defaults_are_mobilenet_v2() -> None:
    ours, theirs = FAMILY(), zoo.mobilenet_v2()
    assert [node.layer for node in ours.nodes] == [node.layer for node in theirs.nodes]
    assert ours.cost().params == 3_504_872  # Sandler et al., table 4: 3.4 M; torchvision's model to the integer


def test_a_separable_block_is_an_inverted_one_without_expansion() -> None:
    # MnasNet, figure 7: its SepConv is a depthwise convolution and a linear 1x1.
    assert FAMILY(t3="separable").nodes == FAMILY(e3=1).nodes


def test_a_fused_block_is_efficientnet_v2_s_first_stages() -> None:
    # EfficientNetV2-S, table 4: a 3x3 stem of 24 channels and two blocks Fused-MBConv1 of 24, then four Fused-MBConv4
    # of 48. A fused block of c channels expanded by e has 9 c e c + e c c' weights, and those of its two batch-norms.
    net = FAMILY(stem=24, w1=24, d1=2, e1=1, t1="fused", w2=48, d2=4, e2=4, t2="fused")
    params = {node.name: node.params for node in net.cost().nodes}
    of_stage = {
        stage: sum(count for name, count in params.items() if name.startswith(f"stage{stage}.")) for stage in (1, 2)
    }
    assert of_stage[1] == 2 * (9 * 24 * 24 + 2 * 24)
    first = 9 * 24 * 96 + 2 * 96 + 96 * 48 + 2 * 48
    other = 9 * 48 * 192 + 2 * 192 + 192 * 48 + 2 * 48
    assert of_stage[2] == first + 3 * other


def test_a_conv_block_is_one_dense_convolution() -> None:
    net = FAMILY(t4="conv", k4=5, d4=2)
    layers = [node.layer for node in net.nodes if node.name.startswith("stage4.")]
    convolutions = [layer for layer in layers if isinstance(layer, Conv2d)]
    assert [(layer.kernel, layer.stride) for layer in convolutions] == [((5, 5), (2, 2)), ((5, 5), (1, 1))]
    assert {layer.kind for layer in layers} == {"conv2d", "batch_norm", "relu6", "add"}


def test_only_the_first_block_of_a_stage_has_no_shortcut() -> None:
    net = FAMILY(w1=32, d1=3, d5=2, w5=64, t5="fused")
    added = {node.name for node in net.nodes if node.layer.kind == "add"}
    assert {"stage1.1.add", "stage1.2.add", "stage5.1.add"} <= added
    assert not {"stage1.0.add", "stage5.0.add"} & added


@given(values=choices())
def test_the_parts_of_a_network_add_up_to_it(values: dict[str, Any]) -> None:
    whole, parts = FAMILY(**values).cost(), [(count, net.cost()) for count, net in parts_of(values)]
    for name in ("macs", "flops", "params", "buffers", "weight_bytes", "input_bytes", "output_bytes"):
        assert sum(count * getattr(cost, name) for count, cost in parts) == getattr(whole, name), name
    given_ = sum(count * cost.input_elements for count, cost in parts[1:])
    assert sum(count * cost.activations for count, cost in parts) - given_ == whole.activations
    assert max(cost.peak_memory_bytes for _, cost in parts) == whole.peak_memory_bytes


@given(values=choices(), device=st.sampled_from(DEVICES))
def test_the_times_of_the_parts_add_up(values: dict[str, Any], device: str) -> None:
    whole = FAMILY(**values).latency(device)
    parts = [(count, net.latency(device)) for count, net in parts_of(values)]
    assert sum(count * part.latency_s for count, part in parts) == pytest.approx(whole.latency_s, rel=1e-12)
    assert sum(count * part.energy.total_j for count, part in parts if part.energy) == pytest.approx(
        whole.energy.total_j if whole.energy else 0, rel=1e-12
    )
    peaks = [part.memory.activation_bytes for _, part in parts if part.memory]
    assert whole.memory is not None
    assert max(peaks) == whole.memory.activation_bytes


def test_stages_stride_as_mobilenet_v2() -> None:
    net = FAMILY(resolution=224)
    last = {name: shape for name, shape in net.shapes.items() if name.endswith(".project.batch_norm")}
    sizes = [last[f"stage{stage}.0.project.batch_norm"][2] for stage in range(1, len(STRIDES) + 1)]
    assert sizes == [112, 56, 28, 14, 14, 7, 7]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"k1": 4}, "staged: parameter 'k1' must be one of 3, 5, 7 (got 4)"),
        ({"d2": "d"}, "staged: parameter 'd2' must be a positive integer of at most 64 (got 'd')"),
        ({"e7": 65}, "staged: parameter 'e7' must be a positive integer of at most 64 (got 65)"),
        ({"t3": "dense"}, "staged: parameter 't3' must be one of inverted, fused, separable, conv (got 'dense')"),
        ({"w4": 0}, "staged: parameter 'w4' must be a positive integer or an expression of one (got 0)"),
    ],
)
def test_a_choice_out_of_range_gets_one_sentence(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        FAMILY(**parameters)
    assert str(caught.value) == sentence


def test_there_is_no_eighth_stage() -> None:
    with pytest.raises(UnknownNameError, match=r"^there is no parameter of staged named 'w8'; the nearest are"):
        FAMILY(w8=320)


def test_a_variant_fixes_and_defaults_the_choices_of_stages() -> None:
    narrow = zoo.Family("narrow", FAMILY.build, FAMILY.source, fixed={"w1": 8}, defaults={"w2": 16}, more=FAMILY.more)
    assert "w1" not in narrow.parameters
    assert narrow.parameters["w2"][1] == 16
    assert narrow().nodes == FAMILY(w1=8, w2=16).nodes
