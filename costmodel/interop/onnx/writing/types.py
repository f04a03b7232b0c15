"""Types of elements: networks of ours have none, ONNX models do."""

from __future__ import annotations

from typing import Final

from costmodel.network import Network
from costmodel.network.graph import Step

FLOAT: Final = 1
INTEGER: Final = 7
BOOLEAN: Final = 9
INTEGER_INPUTS: Final = {
    "embedding": (0,), "gather": (1,), "gather_elements": (1,), "gather_nd": (1,), "scatter_elements": (1,),
    "scatter_nd": (1,), "one_hot": (0,),
}  # fmt: skip
"""Which inputs of a kind are indices."""
BOOLEAN_INPUTS: Final = {"where": (0,), "logical": (0, 1)}
"""Which inputs of a kind are conditions."""
_TYPES: Final = {"compare": BOOLEAN, "logical": BOOLEAN, "number_test": BOOLEAN, "argmax": INTEGER, "embedding": FLOAT,
                 "one_hot": FLOAT}  # fmt: skip
"""The element types of outputs that differ from the first input's."""


def wanted_type(step: Step, place: int) -> int:
    """The type of elements that a node takes at a place."""
    kind = step.node.layer.kind
    if place in INTEGER_INPUTS.get(kind, ()):
        return INTEGER
    is_shift = getattr(step.node.layer, "operator", "").startswith("shift")
    return BOOLEAN if place in BOOLEAN_INPUTS.get(kind, ()) and not is_shift else FLOAT


def input_type(network: Network, name: str) -> int:
    """The type of an input: what the first node that reads it, and wants no numbers, wants."""
    wanted = (
        wanted_type(step, place) for step in network.steps for place, tensor in enumerate(step.inputs) if tensor == name
    )
    return next((each for each in wanted if each != FLOAT), FLOAT)


def output_types(step: Step, inputs: list[int]) -> list[int]:
    """The types of a node's outputs, by those of its inputs."""
    kind = step.node.layer.kind
    first = inputs[1] if kind == "where" else _TYPES.get(kind, inputs[0] if inputs else FLOAT)
    rest = INTEGER if kind in ("top_k", "sort") else first
    return [first, *[rest] * (len(step.outputs) - 1)]
