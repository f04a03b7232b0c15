"""Peak activation memory: which tensors are alive at each step of the execution order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from costmodel.algebra import Dim, maximum, product, total
from costmodel.network.parts import PlacedPart, placed_parts

if TYPE_CHECKING:
    from costmodel.network.graph import Network


class PeakMemory(NamedTuple):
    """The worst moment of an execution order."""

    elements: Dim
    """Elements of activations alive at that moment; an unevaluated maximum where sizes are symbols."""
    node: str | None
    """The node that runs then; None where sizes are symbols."""


class Moment(NamedTuple):
    """While a part or a kernel runs: its name, and the sizes of what is alive."""

    node: str
    sizes: list[Dim]


def peak_memory(network: Network, *, in_place: bool = True) -> PeakMemory:
    """The largest sum of activations alive while one node runs, over the network's execution order.

    A tensor lives from the step that writes it to the last that reads it; inputs live from the start, outputs to
    the end. Views have no memory of their own. With `in_place`, activations and dropout overwrite their input
    where nothing reads it later. A composite layer runs part by part. Stored tensors lie with the weights. Workspaces
    of kernels are not included.
    """
    return worst(_moments(network, in_place=in_place), total(map(product, network.inputs.values())))


def worst(moments: Sequence[Moment], otherwise: Dim = 0) -> PeakMemory:
    """The moment with the most elements alive; `otherwise` where there is none."""
    if not moments:
        return PeakMemory(otherwise, None)
    if all(isinstance(size, int) for moment in moments for size in moment.sizes):
        largest = max(moments, key=lambda moment: sum(moment.sizes))
        return PeakMemory(sum(largest.sizes), largest.node)
    return PeakMemory(maximum(*_largest(moment.sizes for moment in moments)), None)


def liveness(network: Network, *, in_place: bool = True) -> list[tuple[str, Dim]]:
    """(node, elements of activations alive while it runs), in execution order; of a composite node for each part."""
    return [(moment.node, total(moment.sizes)) for moment in _moments(network, in_place=in_place)]


def _moments(network: Network, *, in_place: bool) -> list[Moment]:
    """The moments of a forward pass, in order."""
    parts = tuple(placed_parts(network.steps))
    stored = {name for part in parts if part.layer.stored for name in part.outputs}
    buffers = _buffers(network, parts, stored, in_place=in_place)
    sizes: dict[str, Dim] = {name: product(shape) for name, shape in network.inputs.items()}
    for part in parts:
        for name, shape in zip(part.outputs, part.output_shapes, strict=True):
            if buffers[name] == name:
                sizes[name] = product(shape)
    last = _last_uses(network, parts, buffers)
    alive = {buffers[name]: None for name in network.inputs}
    moments = []
    for index, part in enumerate(parts):
        alive.update(dict.fromkeys(buffers[name] for name in part.outputs if buffers[name] not in stored))
        moments.append(Moment(part.node, [sizes[buffer] for buffer in alive]))
        for name in {buffers[tensor] for tensor in (*part.inputs, *part.outputs)}:
            if last[name] <= index:
                alive.pop(name, None)
    return moments


def _largest(moments: Iterable[Sequence[Dim]]) -> list[Dim]:
    """The sums of sizes of which no other is certainly at least as large, for all values of the symbols.

    A size is a number times a part with symbols, which is positive as the size is: of two sums of the same parts, the
    one with the larger numbers is larger.
    """
    sums = dict.fromkeys(frozenset(_by_part(sizes).items()) for sizes in moments)
    kept: list[dict[Dim, Dim]] = []
    for one in sorted(map(dict, sums), key=lambda each: -sum(each.values())):
        if not any(all(other.get(part, 0) >= number for part, number in one.items()) for other in kept):
            kept.append(one)
    return [total(number * part for part, number in each.items()) for each in kept]


def _by_part(sizes: Iterable[Dim]) -> dict[Dim, Dim]:
    """The sum of some sizes: the number of each part with symbols, and under 1 that of the rest."""
    numbers: dict[Dim, Dim] = defaultdict(int)
    for size in sizes:
        number, part = (size, 1) if isinstance(size, int) else size.as_coeff_Mul()
        numbers[part] += number
    return numbers


def _buffers(network: Network, parts: Sequence[PlacedPart], stored: set[str], *, in_place: bool) -> dict[str, str]:
    """The memory that each tensor lies in, named after the tensor that was first in it."""
    last_read = dict.fromkeys(network.outputs, len(parts))
    for index, part in enumerate(parts):
        for name in part.inputs:
            last_read[name] = max(index, last_read.get(name, index))
    buffers = {name: name for name in network.inputs}
    needed_until = {name: last_read.get(name, -1) for name in network.inputs}
    for index, part in enumerate(parts):
        source = buffers[part.inputs[0]] if part.inputs else None
        may_overwrite = in_place and part.layer.in_place and source not in stored
        overwrites = may_overwrite and source is not None and needed_until[source] <= index
        is_same = source is not None and (overwrites or part.is_view)
        for name in part.outputs:
            buffer = buffers[name] = source if is_same and source is not None else name
            needed_until[buffer] = max(needed_until.get(buffer, -1), last_read.get(name, -1))
    return buffers


def _last_uses(network: Network, parts: Sequence[PlacedPart], buffers: dict[str, str]) -> dict[str, int]:
    """The last part at which each memory is read or written."""
    last = {buffers[name]: 0 for name in network.inputs}
    for index, part in enumerate(parts):
        for name in (*part.inputs, *part.outputs):
            last[buffers[name]] = index
    for name in network.outputs:
        last[buffers[name]] = len(parts)
    return last
