"""What holds for every network under every set of rules."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from costmodel import Network
from costmodel.latency import FusionRules, Join, find_rules, lower, rule_names
from costmodel.layers import Composite
from tests.network.graphs import networks

KINDS = (
    "batch_norm", "relu", "tanh", "add", "multiply", "concat", "softmax", "max_pool2d", "permute", "split", "linear",
)  # fmt: skip
PATTERNS = (
    "silu",
    "padded_pool",
    {"operations": ["a = conv2d(x)", "y = add(a, z)"]},
    {"operations": ["a = conv2d|relu(x)", "b = conv2d|relu(x)", "y = multiply|add(a, b)"]},
    {"operations": ["a = relu|tanh(x)", "y = softmax|conv2d|linear(a)"]},
    {"operations": ["a = relu(x)", "b = tanh(a)", "y = add(a, b)"], "becomes": "mish"},
    {"operations": ["a = max_pool2d(x)", "y = concat(a, z)"]},
)
HEADS = ("conv", "depthwise", "grouped", "linear", "elementwise", "copy", "pool", "add", "softmax")


@st.composite
def joins(draw: DrawFn) -> Join:
    folds = draw(st.booleans())
    allowed = ("batch_norm", "multiply", "add") if folds else KINDS
    return Join(
        kinds=tuple(draw(st.lists(st.sampled_from(allowed), min_size=1, max_size=3, unique=True))),
        to=tuple(draw(st.lists(st.sampled_from(HEADS), min_size=1, max_size=4, unique=True))),
        operand=draw(st.sampled_from(["any", "computed", "stored"])),
        folds=folds,
        repeat=draw(st.booleans()),
    )


@st.composite
def some_rules(draw: DrawFn) -> FusionRules:
    """Rules that no runtime need have."""
    if draw(st.booleans()):
        return find_rules(draw(st.sampled_from(rule_names())))
    moved = draw(st.lists(st.sampled_from(["split", "reshape", "permute", "concat"]), max_size=3, unique=True))
    cut = draw(st.integers(0, len(moved)))
    return FusionRules.model_validate(
        {
            "name": "drawn",
            "patterns": draw(st.lists(st.sampled_from(PATTERNS), max_size=3)),
            "joins": draw(st.lists(joins(), max_size=3)),
            "free": moved[:cut],
            "copies": moved[cut:],
            "strided": draw(st.booleans()),
            "folds_constants": draw(st.booleans()),
            "merges_equal": draw(st.booleans()),
            "layout": draw(st.sampled_from([None, find_rules("onnxruntime").layout])),
        }
    )


@given(networks(), some_rules())
def test_the_multiply_accumulates_are_those_of_the_network(network: Network, rules: FusionRules) -> None:
    assert sum(kernel.macs for kernel in lower(network, rules=rules)) == network.cost().macs


@given(networks(), some_rules())
def test_a_node_is_in_one_kernel_or_free(network: Network, rules: FusionRules) -> None:
    """A composite layer is as many as it has parts, what moves elements may be free."""
    kernels = lower(network, rules=rules)
    times = Counter(node for kernel in kernels for node in kernel.nodes)
    several = {step.node.name for step in network.steps if isinstance(step.node.layer, Composite)}
    assert all(count == 1 for node, count in times.items() if node not in several)
    free = {step.node.layer.kind for step in network.steps if step.node.name not in times}
    assert free <= {"identity", "dropout", "reshape", "split", "permute", *rules.free}
    assert free.isdisjoint(rules.copies)


@given(networks(), some_rules())
def test_nothing_is_computed_or_stored_more_than_without_rules(network: Network, rules: FusionRules) -> None:
    found, whole = lower(network, rules=rules), lower(network, rules="unfused")
    for quantity in ("other", "transcendentals", "weight_bytes"):
        assert sum(getattr(kernel, quantity) for kernel in found) <= sum(getattr(kernel, quantity) for kernel in whole)


@pytest.mark.parametrize("rules", ["fused", "tensorrt"])
@given(network=networks())
def test_bytes_only_fall_where_views_are_free(rules: str, network: Network) -> None:
    found, whole = lower(network, rules=rules), lower(network, rules="unfused")
    assert sum(kernel.traffic_bytes for kernel in found) <= sum(kernel.traffic_bytes for kernel in whole)


@given(networks(), some_rules())
def test_what_joined_reads_is_a_part_of_what_is_read(network: Network, rules: FusionRules) -> None:
    for kernel in lower(network, rules=rules):
        assert 0 <= kernel.joined_input_bytes <= kernel.input_bytes
        assert bool(kernel.joined) or kernel.joined_input_bytes == 0
        assert kernel.activation is None or kernel.activation in kernel.joined


@given(networks())
def test_kernels_run_once_what_they_read_is_there(network: Network) -> None:
    """Under any rules, every node that another reads is in a kernel before, or in the same."""
    for rules in rule_names():
        ready: set[str] = set(network.inputs)
        inputs = {step.node.name: step.node.inputs for step in network.steps}
        free = set(inputs) - {node for kernel in lower(network, rules=rules) for node in kernel.nodes}
        for kernel in lower(network, rules=rules):
            read = {name for node in kernel.nodes for name in sources(inputs, node, free)}
            assert read <= ready | set(kernel.nodes)
            ready.update(kernel.nodes)


def sources(inputs: dict[str, tuple[str, ...]], node: str, free: set[str]) -> set[str]:
    """The inputs and nodes of kernels that a node reads, through what is free."""
    found = set()
    for name in inputs[node]:
        source = name.partition(":")[0]
        found |= sources(inputs, source, free) if source in free else {source}
    return found
