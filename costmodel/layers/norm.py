"""Normalization layers, as they run at inference."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import divides, exact_div, product
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.elementwise import Elementwise, one_per_element, two_per_element
from costmodel.layers.formulas import Formula, Formulas


def batch_norm_params(c: Value, a: Value) -> Value:
    """A scale and a shift for each channel."""
    return 2 * a * c


def batch_norm_buffers(c: Value) -> Value:
    """A running mean and a running variance for each channel."""
    return 2 * c


class BatchNorm(Elementwise):
    """y = scale x + shift for each channel, with the running statistics folded into scale and shift.

    Shapes: (n, c, ...) -> the same. One multiplication and one addition for each element.

    >>> BatchNorm().cost((1, 64, 112, 112)).params
    128
    """

    kind: Literal["batch_norm"] = "batch_norm"
    affine: Flag = True
    formulas: ClassVar[Formulas] = Formulas(
        multiplications=one_per_element, additions=one_per_element, params=batch_norm_params, buffers=batch_norm_buffers
    )
    source: ClassVar[str] = "Ioffe and Szegedy, arXiv 1502.03167, algorithm 2"
    assumptions: ClassVar[tuple[str, ...]] = (
        "inference: running statistics are constants, folded with the scale and the shift beforehand",
        "params are scale and shift; running mean and variance are buffers",
    )

    def output_shape(self, inputs: Shapes) -> Shape:
        return self.channelled(inputs[0])

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        x = outputs[0]
        return {"e": product(x), "c": x[1], "a": int(self.affine)}


def normalize_additions(m: Value, f: Value, a: Value) -> Value:
    """f - 1 for the mean, f to subtract it, f - 1 for the variance, 1 for epsilon; f for the shift."""
    return m * (3 * f - 1 + a * f)


def normalize_multiplications(m: Value, f: Value, a: Value) -> Value:
    """f squares, f times the reciprocal deviation; f for the scale."""
    return m * (2 * f + a * f)


def normalize_divisions(m: Value) -> Value:
    """The mean, the variance, and the reciprocal of the deviation."""
    return 3 * m


def normalize_roots(m: Value) -> Value:
    """One square root for each group."""
    return m


def _normalization(params: Formula) -> Formulas:
    return Formulas(
        additions=normalize_additions,
        multiplications=normalize_multiplications,
        divisions=normalize_divisions,
        transcendentals=normalize_roots,
        params=params,
    )


STATISTICS = ("mean and variance are computed from the input, in two passes over each group of f elements",)


def layer_norm_params(f: Value, a: Value) -> Value:
    """A scale and a shift for each normalized element."""
    return 2 * a * f


class _LastAxes(Layer):
    """What normalizes the last `dims` axes together: m times f elements."""

    dims: Dim = 1
    affine: Flag = True

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        if not isinstance(self.dims, int) or self.dims > len(x):
            self.refuse(f"'dims' must be at most the input's {len(x)} axes (got {self.dims})")
        return x

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        (x,) = inputs
        return {"m": product(x[: -self.dims]), "f": product(x[-self.dims :]), "a": int(self.affine)}


class LayerNorm(_LastAxes):
    """(x - mean) / sqrt(variance + epsilon), scaled and shifted, over the last `dims` axes.

    Shapes: the output has the shape of the input; f is the product of the last axes, m of the others.

    >>> LayerNorm().cost((1, 197, 768)).params
    1536
    """

    kind: Literal["layer_norm"] = "layer_norm"
    formulas: ClassVar[Formulas] = _normalization(layer_norm_params)
    source: ClassVar[str] = "Ba, Kiros and Hinton, arXiv 1607.06450"
    assumptions: ClassVar[tuple[str, ...]] = STATISTICS


def rms_additions(m: Value, f: Value) -> Value:
    """f - 1 for the mean of the squares, 1 for epsilon."""
    return m * f


def rms_divisions(m: Value) -> Value:
    """The mean of the squares, and the reciprocal of its root."""
    return 2 * m


def rms_params(f: Value, a: Value) -> Value:
    """A scale for each normalized element."""
    return a * f


class RMSNorm(_LastAxes):
    """x / sqrt(mean(x^2) + epsilon), scaled, over the last `dims` axes.

    Shapes: the output has the shape of the input; f is the product of the last axes, m of the others.

    >>> RMSNorm().cost((1, 16, 4096)).params
    4096
    """

    kind: Literal["rms_norm"] = "rms_norm"
    formulas: ClassVar[Formulas] = Formulas(
        additions=rms_additions,
        multiplications=normalize_multiplications,
        divisions=rms_divisions,
        transcendentals=normalize_roots,
        params=rms_params,
    )
    source: ClassVar[str] = "Zhang and Sennrich, Root mean square layer normalization, arXiv 1910.07467, equation 4"
    assumptions: ClassVar[tuple[str, ...]] = ("the root mean square is computed from the input, over f elements",)


class GroupNorm(Layer):
    """The channels of each image in g groups, each normalized over its channels and positions.

    Shapes: (n, c, ...) -> the same; f = c / g x positions, m = n g.

    >>> GroupNorm(groups=2).cost((1, 8, 4, 4)).ledger.transcendentals
    2
    """

    kind: Literal["group_norm"] = "group_norm"
    groups: Dim
    affine: Flag = True
    formulas: ClassVar[Formulas] = _normalization(batch_norm_params)
    source: ClassVar[str] = "Wu and He, arXiv 1803.08494"
    assumptions: ClassVar[tuple[str, ...]] = STATISTICS

    def output_shape(self, inputs: Shapes) -> Shape:
        x = self.channelled(inputs[0])
        c = x[1]
        if not divides(self.groups, c):
            self.refuse(f"'groups' (={self.groups}) must divide the channels (={c})")
        return x

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c, *sizes = inputs[0]
        f = exact_div(c, self.groups) * product(sizes)
        return {"m": n * self.groups, "f": f, "c": c, "a": int(self.affine)}


class InstanceNorm(Layer):
    """Each channel of each image normalized over its positions: `group_norm` with g = c.

    Shapes: (n, c, ...) -> the same.

    >>> InstanceNorm().cost((2, 3, 4, 4)).ledger.divisions
    18
    """

    kind: Literal["instance_norm"] = "instance_norm"
    affine: Flag = False
    formulas: ClassVar[Formulas] = _normalization(batch_norm_params)
    source: ClassVar[str] = "Ulyanov, Vedaldi and Lempitsky, arXiv 1607.08022"
    assumptions: ClassVar[tuple[str, ...]] = STATISTICS

    def output_shape(self, inputs: Shapes) -> Shape:
        return self.channelled(inputs[0], spatial=True)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c, *sizes = inputs[0]
        return {"m": n * c, "f": product(sizes), "c": c, "a": int(self.affine)}


def response_additions(e: Value, z: Value) -> Value:
    """z - 1 in the window across channels, and the constant k."""
    return e * z


class LocalResponseNorm(Elementwise):
    """x / (k + alpha sum of x^2 over z neighbouring channels)^beta.

    Shapes: (n, c, ...) -> the same. For each element: a square and the factor alpha, z additions, a power and
    a division.

    >>> LocalResponseNorm(size=5).cost((1, 96, 55, 55)).ledger.divisions
    290400
    """

    kind: Literal["local_response_norm"] = "local_response_norm"
    size: Dim = 5
    formulas: ClassVar[Formulas] = Formulas(
        multiplications=two_per_element,
        additions=response_additions,
        transcendentals=one_per_element,
        divisions=one_per_element,
    )
    source: ClassVar[str] = "Krizhevsky, Sutskever and Hinton, ImageNet classification, 2012, section 3.3"
    assumptions: ClassVar[tuple[str, ...]] = (
        "every window is booked in full, channels beyond the first and the last included",
        "the square of an element is computed once and shared by its neighbours' windows",
    )

    def output_shape(self, inputs: Shapes) -> Shape:
        return self.channelled(inputs[0])

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(outputs[0]), "z": self.size}
