"""The bytes that a network's weights are stored in, as a runtime stores them: batch-norms folded, biases wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from costmodel.algebra import Dim, total
from costmodel.counting import bytes_of
from costmodel.counting.datatypes import bits_of
from costmodel.latency.kernels import Kernel
from costmodel.layers.formulas import parameters
from costmodel.network import Network, Step

BIAS_TYPE: Final = "int32"
"""What biases are stored in where weights are integers of fewer bits: what their products are added up in."""


def stored_bytes(network: Network, kernels: Sequence[Kernel], weight_type: str) -> Dim:
    """Bytes of a network's weights, each stored once.

    bytes = weights x size of the weight type + biases x size of the bias type, which is 32 bits for weights of integers
    with fewer bits, and else the weight type. A batch-norm that joined a kernel leaves one bias for each channel.
    Lookup tables count whole. Not counted: scales and zero points of quantization, and a file's description of the
    graph.

    Source: TensorFlow Lite 8-bit quantization specification (biases in int32).

    >>> from costmodel import zoo
    >>> from costmodel.latency import lower
    >>> net = zoo.mobilenet_v1()
    >>> stored_bytes(net, lower(net), "int8")  # 4,209,088 weights and 11,944 biases
    4256864
    """
    own = {node.name: node.params + node.buffers for node in network.cost().nodes}
    biases = {step.node.name: _biases(step) for step in network.steps if own[step.node.name] != 0}
    kinds = {step.node.name: step.node.layer.kind for step in network.steps}
    for head, channels, batch_norm in _folded(kernels, kinds, own):
        own[batch_norm] = biases[batch_norm] = 0
        if not biases.get(head, 0):
            own[head] += channels
            biases[head] = channels
    elements, wide = total(own.values()), total(biases.values())
    if not _is_short_integer(weight_type):
        return bytes_of(elements, weight_type)
    return bytes_of(elements - wide, weight_type) + bytes_of(wide, BIAS_TYPE)


def _folded(kernels: Sequence[Kernel], kinds: dict[str, str], own: dict[str, Dim]) -> Iterator[tuple[str, Dim, str]]:
    """(node, channels, batch-norm) for every batch-norm that joined a kernel, with the node whose weights it scales."""
    for kernel in kernels:
        head = kernel.nodes[0] if kernel.nodes else ""
        for name in kernel.nodes[1:]:
            if kinds[name] != "batch_norm":
                head = name if own[name] != 0 else head
            elif kinds[head] != "batch_norm":
                yield head, kernel.output_shape[1], name


def _biases(step: Step) -> Dim:
    """A node's own biases: what its parameters have more with b = 1 than with b = 0."""
    if not step.symbols.get("b"):
        return 0
    formula = step.node.layer.formulas.formula("params")
    names = parameters(formula)
    with_biases, without = (formula(*({**step.symbols, "b": b}[name] for name in names)) for b in (1, 0))
    biases = with_biases - without
    return 0 if step.node.borrowed_elements == biases else biases


def _is_short_integer(data_type: str) -> bool:
    """Whether elements are integers of fewer bits than their biases."""
    return "int" in data_type and bits_of(data_type) < bits_of(BIAS_TYPE)
