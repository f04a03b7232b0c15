"""Other inputs: another resolution, another batch."""

from __future__ import annotations

from typing import ClassVar

from costmodel.algebra.dimension import Dim
from costmodel.algebra.text import to_text
from costmodel.errors import RewriteError
from costmodel.network.bind import bind, free_symbols, with_batch
from costmodel.transform.base import Plan, Scaling, Sizes
from costmodel.transform.edits import same_shape
from costmodel.transform.graph import Graph


class Resolution(Scaling):
    """The network on images of another size: its inputs' axes behind the channels.

    `size` is one size or a size for each axis: 160, 192x160. Every layer stays; linear layers on flattened maps have
    another number of inputs, and so of weights. The outputs keep their first two axes, those without maps all. A layer
    with a fixed size, such as an embedding of positions, makes the network refuse.
    """

    name: ClassVar[str] = "resolution"
    keeps_shapes: ClassVar[bool] = False
    size: Sizes

    def plan(self, graph: Graph) -> Plan:
        """The inputs with other sizes."""
        network = graph.network
        rank = max((len(shape) for shape in network.inputs.values()), default=0)
        if rank < 3:
            raise RewriteError(f"{network.name}: none of its inputs has spatial axes")
        sizes = self.size * (rank - 2) if len(self.size) == 1 else self.size
        if len(sizes) != rank - 2:
            raise RewriteError(f"{network.name}: a resolution has {rank - 2} axes (got {len(sizes)})")
        known = free_symbols(network)
        bound = {
            to_text(size): new
            for shape in network.inputs.values()
            for size, new in zip(shape[2:], sizes if len(shape) == rank else (), strict=False)
            if to_text(size) in known
        }
        changed = bind(network, bound) if bound else network
        inputs = {name: (*shape[:2], *sizes) if len(shape) == rank else shape for name, shape in changed.inputs.items()}
        if all(same_shape(shape, inputs[name]) for name, shape in network.inputs.items()):
            raise RewriteError(f"{network.name}: its resolution is {'x'.join(map(str, sizes))} already")
        return Plan(network=type(network)(**{**dict(changed), "inputs": inputs}))


class Batch(Scaling):
    """The network on so many inputs at a time; its weights stay as they are."""

    name: ClassVar[str] = "batch"
    keeps_shapes: ClassVar[bool] = False
    keeps_outputs: ClassVar[bool] = False
    size: Dim

    def plan(self, graph: Graph) -> Plan:
        """The network with another batch."""
        changed = with_batch(graph.network, self.size)
        if changed.inputs == graph.network.inputs:
            raise RewriteError(f"{graph.network.name}: its batch is {self.size} already")
        return Plan(network=changed)
