"""Every tensor of an ONNX model as the reader sees it."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from costmodel.interop.onnx import read_model
from costmodel.interop.onnx.graph import Walker
from costmodel.interop.value import Shape
from costmodel.network import Network


def walked(model: Any, sizes: Mapping[str, object] | None = None) -> tuple[Network, dict[str, Shape]]:
    """The network of a model, and the shape of each of its tensors by its name in the file."""
    shapes: dict[str, Shape] = {}
    walk = Walker.walk

    def recorded(self: Walker, graph: Any, values: Any) -> None:
        walk(self, graph, values)
        shapes.update((name, value.shape) for name, value in values.items())

    with patch.object(Walker, "walk", recorded):
        return read_model(model, "model", sizes=sizes), shapes
