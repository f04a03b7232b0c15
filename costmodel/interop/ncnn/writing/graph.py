"""A network as an ncnn model: batch norms folded, activations fused, as its converters do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from costmodel.errors import CostModelError, UnsupportedError
from costmodel.interop.ncnn.writing.model import Lines, NcnnModel
from costmodel.interop.ncnn.writing.piece import WRITERS, Norm, Piece, WeightsOf, blob_shape, sizes
from costmodel.layers.composite import Composite
from costmodel.network import Network
from costmodel.network.graph import Step
from costmodel.network.parts import PlacedPart, parts_of

HEADS: Final = frozenset({"conv2d", "pointwise_conv2d", "depthwise_conv2d", "conv_transpose2d", "linear"})
"""What ncnn's converters fold batch norms into, and fuse activations into."""
FUSED: Final = frozenset({"relu", "relu6", "leaky_relu", "sigmoid", "mish", "hard_swish", "clip"})
"""The activations that ncnnoptimize fuses."""
Named = tuple[str, PlacedPart]
"""A layer, and in front of it the prefix of its weights' names."""
ALIASES: Final = frozenset({"identity", "dropout"})


def to_ncnn(network: Network, weights: WeightsOf) -> NcnnModel:
    """The network as a .param text and its weights; `weights` gives those of a name and a shape.

    What ncnn's own converters leave out or join is left out or joined here: dropout, batch norm behind a convolution,
    activations that a convolution computes itself. Raises `UnsupportedError` for what ncnn has no layer for, a batch
    above all, and `SpecError` for a size that is a symbol.

    >>> import numpy as np
    >>> from costmodel import zoo
    >>> model = to_ncnn(zoo.lenet_5(), lambda name, shape: np.zeros(shape, np.float32))
    >>> print(model.param.splitlines()[3])
    Convolution conv1 1 1 image conv1 0=20 1=5 11=5 2=1 12=1 3=1 13=1 4=0 15=0 14=0 16=0 5=1 6=500
    """
    return _Graph(network, weights).model()


@dataclass(eq=False)
class _Graph:
    """The translation of one network."""

    network: Network
    weights: WeightsOf
    lines: Lines = field(default_factory=Lines)
    blobs: dict[str, str] = field(default_factory=dict)
    """The blob of each tensor."""
    next: dict[str, Named] = field(default_factory=dict)
    """The layer that alone reads a tensor, as its first input."""
    flat: set[str] = field(default_factory=set)
    """Blobs of one axis that are maps of one element in our network."""

    def model(self) -> NcnnModel:
        """The finished model."""
        for name, shape in self.network.inputs.items():
            (self.blobs[name],) = self.lines.add("Input", name, [], sizes(self._shape(name, shape)))
        parts = list(self._parts())
        readers = Counter(name for _, part in parts for name in part.inputs)
        readers.update(self.network.outputs)
        self.next = {each[1].inputs[0]: each for each in parts if each[1].inputs and readers[each[1].inputs[0]] == 1}
        fused: set[str] = set()
        for prefix, part in parts:
            if part.name not in fused:
                followers = self._followers(part)
                fused.update(follower.name for _, follower in followers)
                self._write(prefix, part, followers)
        inputs = {self.blobs[name] for name in self.network.inputs}
        outputs = [
            self.lines.add("Noop", f"{name}_output", [self.blobs[name]])[0]
            if self.blobs[name] in inputs or readers[name] > 1 else self.blobs[name]
            for name in self.network.outputs
        ]  # fmt: skip
        names = tuple(self.blobs[name] for name in self.network.inputs)
        return NcnnModel(self.lines.text(), b"".join(self.lines.weights), names, tuple(outputs))

    def _parts(self) -> Iterator[Named]:
        """The layers with the prefix of their weights' names; a composite that nothing writes as its parts."""
        for step in self.network.steps:
            owner = step.node.shares or step.node.name
            if isinstance(step.node.layer, Composite) and step.node.layer.kind not in WRITERS:
                yield from ((f"{owner}.step{index}", part) for index, part in enumerate(parts_of(step)))
            else:
                yield owner, whole(step)

    def _followers(self, part: PlacedPart) -> list[Named]:
        """The batch norm and the activation that join the layer, those that are there."""
        found: list[Named] = []
        if part.layer.kind not in HEADS or (part.layer.kind == "linear" and len(part.input_shapes[0]) > 2):
            return found
        for kinds in (frozenset({"batch_norm"}), FUSED):
            following = self.next.get((found[-1][1] if found else part).outputs[0])
            if following is not None and following[1].layer.kind in kinds:
                found.append(following)
        return found

    def _write(self, prefix: str, part: PlacedPart, followers: Sequence[Named]) -> None:
        """Add the lines of one layer, and of what is fused into it."""
        kind = part.layer.kind
        if kind in ALIASES:
            self.blobs[part.outputs[0]] = self.blobs[part.inputs[0]]
            return
        try:
            if kind not in WRITERS:
                raise UnsupportedError(f"no layer of ncnn stands for the layer kind {kind!r}")
            piece = Piece(self.lines, part, prefix, self.weights, [self.blobs[name] for name in part.inputs], self.flat)
            for name, follower in followers:
                if follower.layer.kind == "batch_norm":
                    piece.norm = Norm(name, dict(follower.layer)["affine"])
                else:
                    piece.activation = follower.layer
            written = WRITERS[kind](piece)
        except CostModelError as problem:
            raise type(problem)(f"{self.network.name}, {part.name}: {problem}") from None
        outputs = (written,) if isinstance(written, str) else tuple(written)
        names = followers[-1][1].outputs if followers else part.outputs
        self.blobs.update(zip(names, outputs, strict=True))
        if piece.makes_flat:
            self.flat.update(outputs)

    def _shape(self, name: str, shape: tuple[object, ...]) -> tuple[int, ...]:
        try:
            return blob_shape(shape)
        except CostModelError as problem:
            raise type(problem)(f"{self.network.name}, {name}: {problem}") from None


def whole(step: Step) -> PlacedPart:
    """A node as one part, whatever it consists of."""
    node, inputs, outputs, input_shapes, output_shapes, _ = step
    return PlacedPart(node.name, node.name, node.layer, inputs, outputs, input_shapes, output_shapes)
