"""The parts of an ONNX model that is being written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from costmodel.algebra.text import to_text
from costmodel.interop.onnx.writing.types import FLOAT, input_type
from costmodel.network import Network
from costmodel.network.graph import Shape

Weights = Literal["random", "absent"] | Callable[[str, tuple[int, ...]], Any]
"""Where weights come from; a function gives those of a name, the node's and their role with a point, and a shape."""


@dataclass(eq=False)
class Parts:
    """The parts of an ONNX model so far."""

    network: Network
    weights: Weights
    random: np.random.Generator
    nodes: list[Any] = field(default_factory=list)
    initializers: list[Any] = field(default_factory=list)
    functions: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """The ONNX name of each tensor of the network."""
    types: dict[str, int] = field(default_factory=dict)
    owned: dict[tuple[str, str], str] = field(default_factory=dict)
    """The stored tensor of each node and role."""
    by_shape: dict[tuple[int, ...], list[str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for name in self.network.inputs:
            self.names[name] = name
            self.taken.add(name)
            self.types[name] = input_type(self.network, name)

    def declared(self, tensor: str) -> Any:
        """An input or output of the network with its type and shape."""
        from onnx import helper

        return helper.make_tensor_value_info(self.names[tensor], self.types[tensor], _dims(self.network.shapes[tensor]))

    def fresh(self, name: str) -> str:
        """The name, numbered where it is taken."""
        found, count = name, 1
        while found in self.taken:
            count += 1
            found = f"{name}_{count}"
        self.taken.add(found)
        return found

    def store(self, name: str, array: Any) -> str:
        """A stored tensor with these elements."""
        from onnx import numpy_helper

        unique = self.fresh(name)
        self.initializers.append(numpy_helper.from_array(np.asarray(array), unique))
        return unique

    def store_weight(self, name: str, shape: tuple[int, ...]) -> str:
        """A stored tensor of given or random numbers, or one whose numbers are absent."""
        from onnx import TensorProto

        if callable(self.weights):
            return self.store(name, self.weights(name, shape))
        if self.weights == "random":
            return self.store(name, (self.random.standard_normal(shape) * 0.02).astype(np.float32))
        unique = self.fresh(name)
        tensor = TensorProto(name=unique, dims=shape, data_type=FLOAT, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="weights.bin")
        self.initializers.append(tensor)
        return unique


def _dims(shape: Shape) -> list[int | str]:
    return [size if isinstance(size, int) else to_text(size) for size in shape]
