"""A network as a sequence of calls of PyTorch, one after another as eager code makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from costmodel.errors import CostModelError, UnsupportedError
from costmodel.interop.torch.writing import elementwise, products, shaping, windows
from costmodel.interop.torch.writing.making import MAKERS, Function, Making, WeightsOf, numbers
from costmodel.layers.composite import Composite
from costmodel.network import Network
from costmodel.network.parts import PlacedPart, parts_of

FAMILIES = (elementwise, products, shaping, windows)
"""The modules that register the layer kinds."""


class Call(NamedTuple):
    """One call: what it reads, what it makes, and what nothing needs afterwards."""

    function: Function
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    done_with: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Program:
    """The calls of a network, with its weights in them; tensors are let go of after their last use."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    calls: tuple[Call, ...]

    def __call__(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The outputs for these inputs."""
        tensors: dict[str, Any] = dict(zip(self.inputs, inputs, strict=True))
        with torch.inference_mode():
            for function, reads, makes, done_with in self.calls:
                made = function(*[tensors[name] for name in reads])
                if len(makes) == 1:
                    tensors[makes[0]] = made
                else:
                    tensors.update(zip(makes, made, strict=True))
                for name in done_with:
                    del tensors[name]
        return tuple(tensors[name] for name in self.outputs)


def program(network: Network, weights: WeightsOf) -> Program:
    """The calls of a network; see `costmodel.interop.torch.writing.to_torch`."""
    parts = list(_parts(network))
    kept = {*network.inputs, *network.outputs}
    last = {name: index for index, (_, part) in enumerate(parts) for name in part.inputs}
    readers = Counter(name for _, part in parts for name in part.inputs)
    views = {name for _, part in parts if part.is_view or part.layer.stored for name in (*part.inputs, *part.outputs)}
    calls = []
    for index, (prefix, part) in enumerate(parts):
        first = part.inputs[0] if part.inputs else ""
        is_last = bool(first) and readers[first] == 1 and first not in kept | views
        try:
            numbers_of = [numbers(shape) for shape in (*part.input_shapes, *part.output_shapes)]
            if part.layer.kind not in MAKERS or not numbers_of:
                raise UnsupportedError(f"no call of PyTorch stands for the layer kind {part.layer.kind!r}")
            function = MAKERS[part.layer.kind](Making(part, prefix, weights, is_last))
        except CostModelError as problem:
            raise type(problem)(f"{network.name}, {part.name}: {problem}") from None
        unread = [name for name in part.outputs if name not in last]
        done = dict.fromkeys(name for name in (*part.inputs, *unread) if last.get(name, index) == index)
        calls.append(Call(function, part.inputs, part.outputs, tuple(name for name in done if name not in kept)))
    return Program(tuple(network.inputs), network.outputs, tuple(calls))


def _parts(network: Network) -> Iterator[tuple[str, PlacedPart]]:
    """The layers with the prefix of their weights' names; a composite as its parts, where no call stands for it."""
    for step in network.steps:
        node, inputs, outputs, input_shapes, output_shapes, _ = step
        owner = node.shares or node.name
        if isinstance(node.layer, Composite) and node.layer.kind not in MAKERS:
            yield from ((f"{owner}.step{index}", part) for index, part in enumerate(parts_of(step)))
        else:
            yield owner, PlacedPart(node.name, node.name, node.layer, inputs, outputs, input_shapes, output_shapes)
