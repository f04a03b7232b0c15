"""The channels of every tensor of a network as sums of its layers' widths, found step by step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from costmodel.algebra import Dim, equal, exact_div
from costmodel.errors import ShapeError
from costmodel.layers import Concat, Reshape
from costmodel.layers.axes import axis_of
from costmodel.network import Network, Step
from costmodel.transform.channels import CONSTANT, Form, Widths, added, times

NOT_MEANT: Final = "it is not selected"
_WIDTHS: Final = ("out_channels", "out_features")
_DIVISORS: Final = ("groups", "sections", "heads")


class Sized(NamedTuple):
    """An axis of a tensor, and its size as a sum of widths."""

    axis: int
    form: Form


class Traced:
    """The widths of a network's layers, and where each stands in the layer's fields."""

    def __init__(self) -> None:
        self.widths = Widths()
        self.tensors: dict[str, Sized] = {}
        self._fields: dict[str, dict[str, Form]] = {}

    def fields(self, new: Mapping[str, Dim]) -> dict[str, dict[str, Dim]]:
        """The fields that say how wide each layer is, with their new values."""
        return {
            name: {field: self.widths.size(form, new) for field, form in forms.items()}
            for name, forms in self._fields.items()
        }

    def wide(self, step: Step, field: str, *, is_meant: bool) -> None:
        """A layer that says how many channels it writes."""
        node, shape, layer = step.node, step.output_shapes[0], step.node.layer
        axis = 1 if field == "out_channels" else len(shape) - 1
        read = self.tensors.get(step.inputs[0])
        if read is not None and read.axis != axis:
            self.widths.fix(read.form, f"{node.name} reads another axis than its channels")
        groups = getattr(layer, "groups", 1)
        ratio = _ratio(shape[axis], step.input_shapes[0][axis])
        if read is not None and not equal(groups, 1) and equal(groups, step.input_shapes[0][axis]):
            form = times(read.form, ratio)  # depthwise, written as a grouped convolution
            self._fields[node.name] = {"groups": read.form, field: form}
        else:
            form = self.widths.add(node.name, getattr(layer, field))
            self._fields[node.name] = {field: form}
            self.widths.divide(form, groups)
            if read is not None:
                self.widths.divide(read.form, groups)
            if not is_meant:
                self.widths.fix(form, NOT_MEANT)
            if node.shares is not None:
                self.widths.equate(form, self._fields[node.shares][field], f"it shares the weights of {node.shares}")
        self.tensors[step.outputs[0]] = Sized(axis, form)

    def passing(self, step: Step, read: Sequence[tuple[int, Sized]]) -> None:
        """A layer that takes the channels that come: what it makes of twice as many says how."""
        layer: Any = step.node.layer
        for divisor in (getattr(layer, name, None) for name in _DIVISORS):
            for _, sized in read if divisor is not None else ():
                self.widths.divide(sized.form, divisor)
        if isinstance(layer, Concat):
            axis = axis_of(layer, layer.axis, step.input_shapes[0])
            if all(sized.axis == axis for _, sized in read):
                known = dict(read)
                parts = [
                    known[index].form if index in known else {CONSTANT: shape[axis]}
                    for index, shape in enumerate(step.input_shapes)
                ]
                self.tensors[step.outputs[0]] = Sized(axis, added(parts))
                return
        self._through(step, read)

    def _through(self, step: Step, read: Sequence[tuple[int, Sized]]) -> None:
        """A layer of which all inputs have the same channels."""
        sizes = [step.input_shapes[index][sized.axis] for index, sized in read]
        axes = _doubled(step, read) if all(equal(size, sizes[0]) for size in sizes) else None
        if axes is None:
            for _, sized in read:
                self.widths.fix(sized.form, f"{step.node.name} takes its channels for a fixed number")
            return
        first, *others = (sized.form for _, sized in read)
        for other in others:
            self.widths.equate(first, other, f"{step.node.name} needs the same of another layer")
        for name, shape, axis in zip(step.outputs, step.output_shapes, axes, strict=True):
            if axis is not None:
                self.tensors[name] = Sized(axis, times(first, _ratio(shape[axis], sizes[0])))


def trace(network: Network, meant: Collection[str]) -> Traced:
    """The widths of a network of which those of the layers that are meant may change, and the outputs' may not."""
    traced = Traced()
    for step in network.steps:
        field = next((field for field in _WIDTHS if getattr(step.node.layer, field, None) is not None), None)
        read = [(index, traced.tensors[name]) for index, name in enumerate(step.inputs) if name in traced.tensors]
        if field is not None:
            traced.wide(step, field, is_meant=step.node.name in meant)
        elif read:
            traced.passing(step, read)
    for name in network.outputs:
        if name in traced.tensors:
            traced.widths.fix(traced.tensors[name].form, "its channels are those of the network's output")
    for sized in traced.tensors.values():
        traced.widths.divide(sized.form, 1)
    return traced


def _doubled(step: Step, read: Sequence[tuple[int, Sized]]) -> list[int | None] | None:
    """The axis of each output that doubles with the channels, None for one that does not change.

    None in all where the layer takes no other channels, or makes something else of them.
    """
    shapes = [list(shape) for shape in step.input_shapes]
    for index, sized in read:
        shapes[index][sized.axis] *= 2
    try:
        outputs = step.node.layer.infer(tuple(map(tuple, shapes)))
    except ShapeError:
        return None
    axes: list[int | None] = []
    for before, after in zip(step.output_shapes, outputs, strict=True):
        changed = [axis for axis, pair in enumerate(zip(before, after, strict=True)) if not equal(*pair)]
        if len(changed) > 1 or any(not equal(2 * before[axis], after[axis]) for axis in changed):
            return None
        axes.append(changed[0] if changed else None)
    is_flat = len(step.output_shapes[0]) == 2 and axes[0] == 1
    return axes if is_flat or not isinstance(step.node.layer, Reshape) else None


def _ratio(one: Dim, other: Dim) -> Dim:
    """How many times the other a size is, exactly."""
    if isinstance(one, int) and isinstance(other, int):
        return Fraction(one, other)
    ratio = exact_div(one, other)
    return int(ratio) if ratio.is_Integer else ratio
