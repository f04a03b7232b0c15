"""Layers that treat every element alike."""

from __future__ import annotations

from typing import Any, Final

from costmodel.errors import UnsupportedError
from costmodel.interop.ncnn.writing.model import Number
from costmodel.interop.ncnn.writing.piece import Piece, writes

PLAIN: Final[dict[str, tuple[str, dict[int, Number]]]] = {
    "relu": ("ReLU", {}),
    "relu6": ("Clip", {0: 0.0, 1: 6.0}),
    "tanh": ("TanH", {}),
    "sigmoid": ("Sigmoid", {}),
    "silu": ("Swish", {}),
    "hard_sigmoid": ("HardSigmoid", {0: 1 / 6, 1: 0.5}),
    "hard_swish": ("HardSwish", {0: 1 / 6, 1: 0.5}),
    "elu": ("ELU", {0: 1.0}),
    "celu": ("CELU", {0: 1.0}),
    "selu": ("SELU", {}),
    "mish": ("Mish", {}),
    "softplus": ("Softplus", {}),
    "erf": ("Erf", {}),
}
"""The ncnn layer that is the kind, and its parameters."""
UNARY: Final = {
    "absolute": 0, "negate": 1, "floor": 2, "ceil": 3, "square": 4, "sqrt": 5, "rsqrt": 6, "exp": 7, "log": 8,
    "sin": 9, "cos": 10, "tan": 11, "asin": 12, "acos": 13, "atan": 14, "reciprocal": 15, "round": 18, "truncate": 19,
}  # fmt: skip
"""The operation of UnaryOp."""
BINARY: Final = {
    "add": 0, "subtract": 1, "multiply": 2, "divide": 3, "maximum": 4, "minimum": 5, "power": 6, "atan2": 10,
}  # fmt: skip
"""The operation of BinaryOp."""
ELTWISE: Final = {"multiply": 0, "add": 1, "maximum": 2}
"""The operation of Eltwise, which takes several blobs of one shape."""


def _alike(piece: Piece, kind: str, parameters: dict[int, Any]) -> str:
    """A layer whose output has the axes of its input."""
    piece.makes_flat = piece.blobs[0] in piece.flat
    return piece.add(kind, parameters)


@writes(*PLAIN)
def plain(piece: Piece) -> str:
    """The layer itself."""
    return _alike(piece, *PLAIN[piece.layer.kind])


@writes(*UNARY)
def unary(piece: Piece) -> str:
    """A function of each element."""
    return _alike(piece, "UnaryOp", {0: UNARY[piece.layer.kind]})


@writes("leaky_relu")
def leaky_relu(piece: Piece) -> str:
    """x or a slope times x."""
    return _alike(piece, "ReLU", {0: float(piece.field["slope"])})


@writes("clip")
def clip(piece: Piece) -> str:
    """The nearest value between bounds."""
    bounds = {key: piece.field[name] for key, name in ((0, "min"), (1, "max")) if piece.field[name] is not None}
    return _alike(piece, "Clip", {key: float(value) for key, value in bounds.items()})


@writes("gelu")
def gelu(piece: Piece) -> str:
    """x times the normal distribution's integral up to x, or its approximation by tanh."""
    return _alike(piece, "GELU", {0: int(piece.field["approximation"] == "tanh")})


@writes("softmax")
def softmax(piece: Piece) -> str:
    """Exponentials that add up to one along an axis; 1 tells the layer from that of old files."""
    return piece.add("Softmax", {0: piece.axis(piece.field["axis"]), 1: 1}, inputs=[piece.image()])


@writes(*BINARY)
def binary(piece: Piece) -> str:
    """An operation on two blobs, or on several of one shape."""
    kind, shapes = piece.layer.kind, piece.part.input_shapes
    if len(shapes) == 1:
        return _alike(piece, "Noop", {})
    if len({len(shape) for shape in shapes}) > 1:
        raise UnsupportedError(
            f"ncnn lines up shorter blobs in a way of its own; give the inputs of {kind} equal ranks"
        )
    is_flat = [blob in piece.flat for blob in piece.blobs]
    piece.makes_flat = all(is_flat)
    blobs = piece.blobs if all(is_flat) else [piece.image(place) for place in range(len(piece.blobs))]
    if len(blobs) == 2:
        return piece.add("BinaryOp", {0: BINARY[kind]}, inputs=blobs)
    if kind not in ELTWISE or len(set(shapes)) > 1:
        raise UnsupportedError(f"ncnn has no {kind} of {len(shapes)} blobs of different shapes")
    return piece.add("Eltwise", {0: ELTWISE[kind]}, inputs=blobs)


REDUCTIONS: Final = {
    "reduce_sum": 0, "reduce_mean": 3, "reduce_max": 4, "reduce_min": 5, "reduce_prod": 6, "reduce_l1": 7,
    "reduce_l2": 8,
}  # fmt: skip
"""The operation of Reduction."""


@writes(*REDUCTIONS)
def reduction(piece: Piece) -> str:
    """A fold along axes, of which the batch is none."""
    if piece.field["axes"] is None:
        raise UnsupportedError("ncnn folds no batch; name the axes")
    axes = [piece.axis(axis) for axis in piece.field["axes"]]
    kept = int(piece.field["keepdims"])
    return piece.add(
        "Reduction", {0: REDUCTIONS[piece.layer.kind], 1: 0, 3: axes, 4: kept, 5: 1}, inputs=[piece.image()]
    )
