"""Strides: where a view of a tensor lies in memory, and whether another shape of it is a view too."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim, equal, product
from costmodel.latency.kernels import kernel_class
from costmodel.latency.steps import Op
from costmodel.layers.base import Shape

RESTRIDED: Final = frozenset({"permute", "expand"})
"""Kinds that only change strides."""


class Strides:
    """The strides of every tensor that does not lie as its shape says, where a framework knows them.

    What an elementwise operation writes lies as its input does, and so does what attention writes; what any other
    kernel writes lies as its shape says.
    """

    def __init__(self) -> None:
        self._strides: dict[str, Shape] = {}

    def is_copied(self, op: Op) -> bool:
        """Whether an operation that only reshapes must copy, because its input's strides do not allow it."""
        if op.inputs[0] not in self._strides or len(op.outputs) > 1 or op.kind in {"slice", *RESTRIDED}:
            return False
        return reshaped(op.input_shapes[0], self._strides[op.inputs[0]], op.output_shapes[0]) is None

    def view(self, op: Op) -> None:
        """Note where the outputs of a view lie."""
        shape, result = op.input_shapes[0], op.output_shapes[0]
        strides = self._strides.get(op.inputs[0])
        found: Shape | None
        if op.kind == "permute":
            found = tuple((strides or contiguous(shape))[axis] for axis in op.layer.model_dump()["axes"])
        elif op.kind == "expand":
            found = expanded(shape, strides or contiguous(shape), result)
        elif op.kind in {"slice", "split"}:
            found = strides or contiguous(shape)
        else:
            found = None if strides is None else reshaped(shape, strides, result)
        if found is not None:
            self._strides.update(dict.fromkeys(op.outputs, found))

    def write(self, op: Op) -> None:
        """Note where the output of a kernel lies."""
        if not op.inputs or op.inputs[0] not in self._strides or op.input_shapes[0] != op.output_shapes[0]:
            return
        if op.kind == "attention" or kernel_class(op.layer, op.input_shapes, op.ledger) == "elementwise":
            found = dense(op.output_shapes[0], self._strides[op.inputs[0]])
            if found is not None:
                self._strides[op.outputs[0]] = found

    def copied(self, op: Op) -> tuple[tuple[str, Shape], ...]:
        """The tensors that a product of matrices copies, because they are no row of matrices in memory."""
        if op.kind != "matmul":
            return ()
        return tuple(
            (name, shape)
            for name, shape in zip(op.inputs, op.input_shapes, strict=True)
            if len(shape) > 3 and name in self._strides and not self._is_row_of_matrices(name, shape)
        )

    def _is_row_of_matrices(self, name: str, shape: Shape) -> bool:
        return reshaped(shape, self._strides[name], (product(shape[:-2]), *shape[-2:])) is not None


def contiguous(shape: Shape) -> Shape:
    """The strides of a tensor that lies as its shape says.

    >>> contiguous((2, 3, 4))
    (12, 4, 1)
    """
    strides: list[Dim] = []
    size: Dim = 1
    for length in reversed(shape):
        strides.append(size)
        size = size * length
    return tuple(reversed(strides))


def dense(shape: Shape, strides: Shape) -> Shape | None:
    """The strides of a tensor whose axes follow each other as those of another; None where sizes are symbols.

    >>> dense((3, 2), (1, 9))
    (1, 3)
    """
    if not all(isinstance(stride, int) for stride in strides):
        return None
    order = sorted(range(len(shape)), key=lambda axis: -strides[axis])
    found = dict(zip(order, contiguous(tuple(shape[axis] for axis in order)), strict=True))
    return tuple(found[axis] for axis in range(len(shape)))


def expanded(shape: Shape, strides: Shape, result: Shape) -> Shape:
    """The strides of a tensor that is repeated to another shape: 0 along the axes that are repeated."""
    new = len(result) - len(shape)
    return (0,) * new + tuple(
        0 if equal(before, 1) and not equal(after, 1) else stride
        for before, stride, after in zip(shape, strides, result[new:], strict=True)
    )


def reshaped(shape: Shape, strides: Shape, result: Shape) -> Shape | None:
    """The strides of a tensor under another shape of the same elements, None where it would have to be copied.

    Axes that follow each other in memory are one run, and each run must be a product of axes of the result. Source:
    PyTorch documentation, torch.Tensor.view.

    >>> reshaped((2, 3, 4), (12, 4, 1), (6, 4))
    (4, 1)
    >>> reshaped((3, 2), (1, 3), (6,)) is None
    True
    """
    axes = [(length, stride) for length, stride in zip(shape, strides, strict=True) if not equal(length, 1)]
    found: list[Dim] = []
    left = list(result)
    while axes:
        run, base = axes.pop()
        while axes and equal(axes[-1][1], run * base):
            run = run * axes.pop()[0]
        size: Dim = 1
        while not equal(size, run) or (left and equal(left[-1], 1)):
            if not left:
                return None
            found.append(size * base)
            size = size * left.pop()
    return (*(0 for _ in left), *reversed(found))
