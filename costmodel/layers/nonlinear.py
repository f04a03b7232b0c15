"""Further activations: smooth ones, piecewise ones, and those with learnable slopes."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import FiniteFloat, model_validator

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.activation import BRANCHES, Activation
from costmodel.layers.base import Flag, Shape, Shapes
from costmodel.layers.elementwise import one_per_element, three_per_element, two_per_element
from costmodel.layers.formulas import Formulas


def one_for_each_bound(e: Value, u: Value) -> Value:
    """One for each element and each bound that is given."""
    return u * e


class Clip(Activation):
    """min(max(x, `min`), `max`): one comparison for each element and each bound that is given.

    >>> Clip(min=0, max=6).cost((1, 32, 112, 112)).ledger.comparisons
    802816
    """

    kind: Literal["clip"] = "clip"
    min: FiniteFloat | None = None
    max: FiniteFloat | None = None
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_for_each_bound)
    source: ClassVar[str] = "definition"

    @model_validator(mode="after")
    def _a_bound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs either 'min' or 'max', or both")
        return self

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(outputs[0]), "u": (self.min is not None) + (self.max is not None)}


class Threshold(Activation):
    """x where it is above a threshold, else a fixed value: one comparison for each element.

    >>> Threshold().cost((1, 10)).ledger.comparisons
    10
    """

    kind: Literal["threshold"] = "threshold"
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_per_element)
    source: ClassVar[str] = "Konda, Memisevic and Krueger, arXiv 1402.3337 (thresholded rectifier)"


def prelu_params(c: Value) -> Value:
    """A slope for each channel; c is 1 where all share one."""
    return c


class PReLU(Activation):
    """x or slope x, by the sign of x, with learnable slopes: one, or one for each channel.

    Shapes: any, or with `per_channel` (n, c, ...). One comparison and one multiplication for each element.

    >>> PReLU(per_channel=True).cost((1, 64, 7, 7)).params
    64
    """

    kind: Literal["prelu"] = "prelu"
    per_channel: Flag = False
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=one_per_element, multiplications=one_per_element, params=prelu_params
    )
    assumptions: ClassVar[tuple[str, ...]] = BRANCHES
    source: ClassVar[str] = "He et al., Delving deep into rectifiers, arXiv 1502.01852, equation 1"

    def output_shape(self, inputs: Shapes) -> Shape:
        return self.channelled(inputs[0]) if self.per_channel else inputs[0]

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(outputs[0]), "c": outputs[0][1] if self.per_channel else 1}


class SELU(Activation):
    """scale (x or alpha (exp(x) - 1), by the sign of x) with fixed scale and alpha.

    A comparison, an exponential, an addition and two multiplications for each element.

    >>> SELU().cost((1, 10)).ledger.multiplications
    20
    """

    kind: Literal["selu"] = "selu"
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=one_per_element,
        transcendentals=one_per_element,
        additions=one_per_element,
        multiplications=two_per_element,
    )
    assumptions: ClassVar[tuple[str, ...]] = BRANCHES
    source: ClassVar[str] = "Klambauer et al., Self-normalizing neural networks, arXiv 1706.02515, equation 2"


class CELU(Activation):
    """x or alpha (exp(x / alpha) - 1), by the sign of x; booked as `selu` is, x / alpha being a multiplication."""

    kind: Literal["celu"] = "celu"
    formulas: ClassVar[Formulas] = SELU.formulas
    assumptions: ClassVar[tuple[str, ...]] = (*BRANCHES, "constants are multiplied, never divided by")
    source: ClassVar[str] = "Barron, Continuously differentiable exponential linear units, arXiv 1704.07483"


class Softplus(Activation):
    """log(1 + exp(x)): two transcendental functions and an addition for each element.

    >>> Softplus().cost((1, 10)).ledger.transcendentals
    20
    """

    kind: Literal["softplus"] = "softplus"
    formulas: ClassVar[Formulas] = Formulas(transcendentals=two_per_element, additions=one_per_element)
    source: ClassVar[str] = "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 3.10"


class LogSigmoid(Activation):
    """log(1 / (1 + exp(-x))) = -log(1 + exp(-x)): booked as `softplus` is, changes of sign not."""

    kind: Literal["log_sigmoid"] = "log_sigmoid"
    formulas: ClassVar[Formulas] = Softplus.formulas
    assumptions: ClassVar[tuple[str, ...]] = ("changes of sign are not booked",)
    source: ClassVar[str] = "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 3.10"


class Softsign(Activation):
    """x / (1 + |x|): a comparison, an addition and a division for each element.

    >>> Softsign().cost((1, 10)).ledger.comparisons
    10
    """

    kind: Literal["softsign"] = "softsign"
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=one_per_element, additions=one_per_element, divisions=one_per_element
    )
    source: ClassVar[str] = "Glorot and Bengio, Understanding the difficulty of training, 2010, section 3"


class Mish(Activation):
    """x tanh(log(1 + exp(x))): three transcendental functions, an addition and a multiplication for each element.

    >>> Mish().cost((1, 10)).ledger.transcendentals
    30
    """

    kind: Literal["mish"] = "mish"
    formulas: ClassVar[Formulas] = Formulas(
        transcendentals=three_per_element, additions=one_per_element, multiplications=one_per_element
    )
    source: ClassVar[str] = "Misra, Mish, arXiv 1908.08681, equation 1"
