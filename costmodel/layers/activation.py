"""Activations: element by element, and softmax over an axis."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import FiniteFloat

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.axes import AlongAxis
from costmodel.layers.base import Shapes
from costmodel.layers.elementwise import Elementwise, one_per_element, two_per_element
from costmodel.layers.formulas import Formulas
from costmodel.layers.reduce import each, folds

BRANCHES = ("every element is booked as if it took the costlier branch",)


class Activation(Elementwise):
    """An activation: a function of one element, which an inference runtime computes in place."""

    in_place: ClassVar[bool] = True


class ReLU(Activation):
    """max(x, 0): one comparison for each element.

    >>> ReLU().cost((1, 64, 56, 56)).ledger.comparisons
    200704
    """

    kind: Literal["relu"] = "relu"
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_per_element)
    source: ClassVar[str] = "Nair and Hinton, Rectified linear units, ICML 2010"


class ReLU6(Activation):
    """min(max(x, 0), 6): two comparisons for each element.

    >>> ReLU6().cost((1, 32, 112, 112)).ledger.comparisons
    802816
    """

    kind: Literal["relu6"] = "relu6"
    formulas: ClassVar[Formulas] = Formulas(comparisons=two_per_element)
    source: ClassVar[str] = "Howard et al., MobileNets, arXiv 1704.04861 (authors' code)"


class LeakyReLU(Activation):
    """x or slope x, by the sign of x: one comparison and one multiplication for each element.

    >>> LeakyReLU(slope=0.1).cost((1, 10)).ledger.multiplications
    10
    """

    kind: Literal["leaky_relu"] = "leaky_relu"
    slope: FiniteFloat = 0.01
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_per_element, multiplications=one_per_element)
    assumptions: ClassVar[tuple[str, ...]] = BRANCHES
    source: ClassVar[str] = "Maas, Hannun and Ng, Rectifier nonlinearities, 2013"


class ELU(Activation):
    """x or alpha (exp(x) - 1), by the sign of x: a comparison, an exponential, an addition, a multiplication.

    >>> ELU().cost((1, 10)).ledger.transcendentals
    10
    """

    kind: Literal["elu"] = "elu"
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=one_per_element,
        transcendentals=one_per_element,
        additions=one_per_element,
        multiplications=one_per_element,
    )
    assumptions: ClassVar[tuple[str, ...]] = BRANCHES
    source: ClassVar[str] = "Clevert, Unterthiner and Hochreiter, arXiv 1511.07289"


class Tanh(Activation):
    """tanh(x): one transcendental function for each element.

    >>> Tanh().cost((1, 10)).ledger.transcendentals
    10
    """

    kind: Literal["tanh"] = "tanh"
    formulas: ClassVar[Formulas] = Formulas(transcendentals=one_per_element)
    source: ClassVar[str] = "LeCun et al., Efficient BackProp, 1998"


class Sigmoid(Activation):
    """1 / (1 + exp(-x)): an exponential, an addition and a division for each element.

    >>> Sigmoid().cost((1, 10)).ledger.divisions
    10
    """

    kind: Literal["sigmoid"] = "sigmoid"
    formulas: ClassVar[Formulas] = Formulas(
        transcendentals=one_per_element, additions=one_per_element, divisions=one_per_element
    )
    source: ClassVar[str] = "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 3.10"
    assumptions: ClassVar[tuple[str, ...]] = ("the change of sign is not booked",)


class SiLU(Activation):
    """x sigmoid(x) (swish): a sigmoid and a multiplication for each element.

    >>> SiLU().cost((1, 10)).ledger.multiplications
    10
    """

    kind: Literal["silu"] = "silu"
    formulas: ClassVar[Formulas] = Formulas(
        transcendentals=one_per_element,
        additions=one_per_element,
        divisions=one_per_element,
        multiplications=one_per_element,
    )
    source: ClassVar[str] = "Ramachandran, Zoph and Le, arXiv 1710.05941"
    assumptions: ClassVar[tuple[str, ...]] = ("the change of sign is not booked",)


def gelu_multiplications(e: Value, j: Value) -> Value:
    """x/sqrt 2, x/2 and their product; the cubic of the tanh form takes three more."""
    return (3 + 3 * j) * e


def gelu_additions(e: Value, j: Value) -> Value:
    """1 + erf; the tanh form adds the cubic term."""
    return (1 + j) * e


class GELU(Activation):
    """x (1 + erf(x / sqrt 2)) / 2, or with approximation="tanh" x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.

    An error function (or tanh), three (six) multiplications and one (two) additions for each element.

    >>> GELU(approximation="tanh").cost((1, 10)).ledger.multiplications
    60
    """

    kind: Literal["gelu"] = "gelu"
    approximation: Literal["none", "tanh"] = "none"
    formulas: ClassVar[Formulas] = Formulas(
        transcendentals=one_per_element, multiplications=gelu_multiplications, additions=gelu_additions
    )
    source: ClassVar[str] = "Hendrycks and Gimpel, arXiv 1606.08415"
    assumptions: ClassVar[tuple[str, ...]] = ("constants are multiplied, never divided by",)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(outputs[0]), "j": int(self.approximation == "tanh")}


class HardSigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6: an addition, two comparisons and a multiplication for each element.

    >>> HardSigmoid().cost((1, 10)).ledger.comparisons
    20
    """

    kind: Literal["hard_sigmoid"] = "hard_sigmoid"
    formulas: ClassVar[Formulas] = Formulas(
        additions=one_per_element, comparisons=two_per_element, multiplications=one_per_element
    )
    source: ClassVar[str] = "Howard et al., Searching for MobileNetV3, arXiv 1905.02244, section 5.2"
    assumptions: ClassVar[tuple[str, ...]] = ("the division by 6 is a multiplication by 1/6",)


class HardSwish(Activation):
    """x hard_sigmoid(x): an addition, two comparisons and two multiplications for each element.

    >>> HardSwish().cost((1, 10)).ledger.multiplications
    20
    """

    kind: Literal["hard_swish"] = "hard_swish"
    formulas: ClassVar[Formulas] = Formulas(
        additions=one_per_element, comparisons=two_per_element, multiplications=two_per_element
    )
    source: ClassVar[str] = "Howard et al., Searching for MobileNetV3, arXiv 1905.02244, section 5.2"
    assumptions: ClassVar[tuple[str, ...]] = ("the division by 6 is a multiplication by 1/6",)


def softmax_additions(m: Value, f: Value) -> Value:
    """f subtractions of the largest value, and f - 1 additions for the sum."""
    return m * (2 * f - 1)


class Softmax(AlongAxis):
    """exp(x - max x) / sum exp(x - max x) over one axis of f elements, m times.

    Shapes: the output has the shape of the input.

    >>> Softmax().cost((1, 1000)).ledger.transcendentals
    1000
    """

    kind: Literal["softmax"] = "softmax"
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=folds,
        additions=softmax_additions,
        transcendentals=each,
        divisions=each,
    )
    source: ClassVar[str] = "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 4.1 (the stable form)"


def log_softmax_additions(m: Value, f: Value) -> Value:
    """f subtractions of the largest value, f - 1 additions for the sum, f subtractions of its logarithm."""
    return m * (3 * f - 1)


def log_softmax_transcendentals(m: Value, f: Value) -> Value:
    """An exponential for each element, and the logarithm of their sum."""
    return m * (f + 1)


class LogSoftmax(AlongAxis):
    """x - max x - log sum exp(x - max x) over one axis of f elements, m times.

    Shapes: the output has the shape of the input.

    >>> LogSoftmax().cost((1, 1000)).ledger.transcendentals
    1001
    """

    kind: Literal["log_softmax"] = "log_softmax"
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=folds,
        additions=log_softmax_additions,
        transcendentals=log_softmax_transcendentals,
    )
    source: ClassVar[str] = Softmax.source
