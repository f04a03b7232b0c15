"""Peak activation memory: which tensors are alive at each step of the execution order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from costmodel.algebra import Dim, maximum, product, total

if TYPE_CHECKING:
    from costmodel.network.graph import Network


class PeakMemory(NamedTuple):
    """The worst moment of an execution order."""

    elements: Dim
    """Elements of activations alive at that moment; an unevaluated maximum where sizes are symbols."""
    node: str | None
    """The node that runs then; None where sizes are symbols."""


def peak_memory(network: Network, *, in_place: bool = True) -> PeakMemory:
    """The largest sum of activations alive while one node runs, over the network's execution order.

    A tensor lives from the step that writes it to the last that reads it; inputs live from the start, outputs to
    the end. Views have no memory of their own. With `in_place`, activations and dropout overwrite their input
    where nothing reads it later. Stored tensors lie with the weights. Workspaces of kernels are not included.
    """
    live = liveness(network, in_place=in_place)
    if not live:
        return PeakMemory(total(map(product, network.inputs.values())), None)
    if all(isinstance(elements, int) for _, elements in live):
        node, elements = max(live, key=lambda moment: moment[1])
        return PeakMemory(elements, node)
    return PeakMemory(maximum(*(elements for _, elements in live)), None)


def liveness(network: Network, *, in_place: bool = True) -> list[tuple[str, Dim]]:
    """(node, elements of activations alive while it runs), in execution order."""
    buffers = _buffers(network, in_place=in_place)
    sizes: dict[str, Dim] = {}
    for name, shape in network.shapes.items():
        sizes.setdefault(buffers[name], product(shape))
    last = _last_uses(network, buffers)
    stored = _stored(network)
    alive = {buffers[name]: None for name in network.inputs}
    moments = []
    for index, step in enumerate(network.steps):
        alive.update(dict.fromkeys(buffers[name] for name in step.outputs if buffers[name] not in stored))
        moments.append((step.node.name, total(sizes[buffer] for buffer in alive)))
        for name in {buffers[tensor] for tensor in (*step.inputs, *step.outputs)}:
            if last[name] <= index:
                alive.pop(name, None)
    return moments


def _buffers(network: Network, *, in_place: bool) -> dict[str, str]:
    """The memory that each tensor lies in, named after the tensor that was first in it."""
    last_read = dict.fromkeys(network.outputs, len(network.steps))
    for index, step in enumerate(network.steps):
        for name in step.inputs:
            last_read[name] = max(index, last_read.get(name, index))
    buffers = {name: name for name in network.inputs}
    stored = _stored(network)
    needed_until = {name: last_read.get(name, -1) for name in network.inputs}
    for index, step in enumerate(network.steps):
        layer = step.node.layer
        source = buffers[step.inputs[0]] if step.inputs else None
        may_overwrite = in_place and layer.in_place and source not in stored
        overwrites = may_overwrite and source is not None and needed_until[source] <= index
        for name in step.outputs:
            buffer = buffers[name] = source if source is not None and (layer.view or overwrites) else name
            needed_until[buffer] = max(needed_until.get(buffer, -1), last_read.get(name, -1))
    return buffers


def _stored(network: Network) -> set[str]:
    """The tensors that lie with the weights, which nothing may overwrite."""
    return {name for step in network.steps if step.node.layer.stored for name in step.outputs}


def _last_uses(network: Network, buffers: dict[str, str]) -> dict[str, int]:
    """The last step at which each memory is read or written."""
    last = {buffers[name]: 0 for name in network.inputs}
    for index, step in enumerate(network.steps):
        for name in (*step.inputs, *step.outputs):
            last[buffers[name]] = index
    for name in network.outputs:
        last[buffers[name]] = len(network.steps)
    return last
