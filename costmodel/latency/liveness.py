"""Which tensors are alive while a kernel runs: what is computed within a kernel takes no memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from costmodel.algebra import Dim, product
from costmodel.latency.kernels import Kernel
from costmodel.network import Network
from costmodel.network.memory import Moment
from costmodel.network.parts import PlacedPart, placed_parts


def kernel_moments(network: Network, kernels: Sequence[Kernel]) -> tuple[Moment, ...]:
    """For each kernel in turn, the elements of every tensor that is alive while it runs.

    A tensor lives from the kernel that writes it to the last that reads it; inputs live from the start, outputs to
    the end. A kernel's inputs and output lie side by side, but where it is an activation by itself, which overwrites
    an input that nothing reads later. A kernel that only copies a tensor into another order has the copy beside it.
    Stored tensors lie with the weights. Buffers that a kernel needs for itself (im2col, Winograd's transforms, padding)
    are not counted.

    >>> from costmodel import zoo
    >>> from costmodel.latency import lower
    >>> net = zoo.mobilenet_v2()
    >>> first = kernel_moments(net, lower(net))[0]
    >>> first.node, first.sizes  # 3 x 224 x 224 and 32 x 112 x 112
    ('conv1', [150528, 401408])
    """
    tensors = _Tensors(network, kernels)
    alive = {tensors.buffer[name]: None for name in network.inputs}
    moments = []
    for index, kernel in enumerate(kernels):
        alive.update(dict.fromkeys((*tensors.read[index], *tensors.written[index])))
        alive.pop(tensors.overwritten[index], None)
        sizes = [tensors.sizes[buffer] for buffer in alive]
        if not tensors.written[index]:
            sizes.append(product(kernel.output_shape))
        moments.append(Moment(kernel.name, sizes))
        alive = {buffer: None for buffer in alive if tensors.last_read.get(buffer, -1) > index}
    return tuple(moments)


class _Tensors:
    """The buffers of a network that runs as kernels: their sizes, who reads and writes them, and until when."""

    def __init__(self, network: Network, kernels: Sequence[Kernel]) -> None:
        self.kernels = kernels
        self.buffer: dict[str, str] = {name: name for name in network.inputs}
        self.sizes: dict[str, Dim] = {name: product(shape) for name, shape in network.inputs.items()}
        self.read: list[list[str]] = [[] for _ in kernels]
        self.written: list[list[str]] = [[] for _ in kernels]
        self.overwritten: list[str] = ["" for _ in kernels]
        self._stored: set[str] = set()
        self._writer: dict[str, int] = {}
        self._by_name = {kernel.name: index for index, kernel in enumerate(kernels)}
        owners = Counter(node for kernel in kernels for node in kernel.nodes)
        self._by_node = {
            node: index for index, kernel in enumerate(kernels) for node in kernel.nodes if owners[node] == 1
        }
        for part in placed_parts(network.steps):
            self._place(part)
        self.last_read = {name: index for index, names in enumerate(self.read) for name in names}
        self.last_read.update({self.buffer[name]: len(kernels) for name in network.outputs})
        for index in range(len(kernels)):
            self._settle(index)

    def _place(self, part: PlacedPart) -> None:
        """Note what a part reads and writes, as a part of its kernel; a view writes nothing."""
        index = self._kernel_of(part)
        if index is None and len(part.inputs) > 1:
            index = self._last_writer(part)
        if part.layer.stored:
            self._stored.update(part.outputs)
        source = self.buffer[part.inputs[0]] if part.inputs else ""
        joined = part.layer.in_place and index is not None and self._writer.get(source) == index
        if part.inputs and (part.is_view or index is None or joined):
            self.buffer.update(dict.fromkeys(part.outputs, source))
            return
        self.buffer.update((name, name) for name in part.outputs)
        self.sizes.update((name, product(shape)) for name, shape in zip(part.outputs, part.output_shapes, strict=True))
        if index is not None:
            self.read[index] += [name for each in part.inputs if (name := self.buffer[each]) not in self._stored]
            self.written[index] += part.outputs
            self._writer.update(dict.fromkeys(part.outputs, index))

    def _last_writer(self, part: PlacedPart) -> int | None:
        """Of the kernels that write what a part reads, the last: what is no kernel is done then, at the latest."""
        writers = [self._writer.get(self.buffer[name]) for name in part.inputs]
        return max((each for each in writers if each is not None), default=None)

    def _kernel_of(self, part: PlacedPart) -> int | None:
        """The kernel that a part runs in: that of its name or its node, or of what it reads; None where in none."""
        if part.name in self._by_name:
            return self._by_name[part.name]
        if part.node in self._by_node:
            return self._by_node[part.node]
        writers = (self._writer.get(self.buffer[name]) for name in part.inputs)
        return next((each for each in writers if each is not None and part.node in self.kernels[each].nodes), None)

    def _settle(self, index: int) -> None:
        """Leave out of a kernel what stays within it, and let an activation by itself overwrite its input."""
        inside = {name for name in self.written[index] if self.last_read.get(name, index) <= index}
        used = inside & set(self.read[index])
        self.written[index] = [name for name in self.written[index] if name not in used]
        self.read[index] = [name for name in self.read[index] if name not in used]
        overwrites = self.kernels[index].layer.in_place and len(self.written[index]) == len(self.read[index]) == 1
        if overwrites and self.last_read[self.read[index][0]] == index:
            self.overwritten[index] = self.read[index][0]
