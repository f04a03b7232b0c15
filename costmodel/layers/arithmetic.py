"""Operations on several tensors, element by element, of which axes of size 1 are repeated."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes
from costmodel.layers.broadcast import broadcast
from costmodel.layers.elementwise import one_per_element
from costmodel.layers.formulas import Formulas


def one_less_per_element(t: Value, e: Value) -> Value:
    """Joining t values takes t - 1 operations, for each output element."""
    return (t - 1) * e


class _Broadcast(Layer):
    """An operation on t inputs, element by element, of which axes of size 1 are repeated."""

    inputs: ClassVar[int | tuple[int, ...] | None] = 2
    source: ClassVar[str] = "definition"
    assumptions: ClassVar[tuple[str, ...]] = ("inputs of size 1 along an axis are repeated before they are joined",)

    def output_shape(self, inputs: Shapes) -> Shape:
        return broadcast(self, inputs)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"t": len(inputs), "e": product(outputs[0])}


class Add(_Broadcast):
    """The sum of t inputs, element by element; inputs of size 1 along an axis are repeated.

    >>> Add().cost((1, 64, 56, 56), (1, 64, 56, 56)).ledger.additions
    200704
    """

    kind: Literal["add"] = "add"
    inputs: ClassVar[int | None] = None
    formulas: ClassVar[Formulas] = Formulas(additions=one_less_per_element)
    source: ClassVar[str] = "He et al., arXiv 1512.03385, equation 1"


class Subtract(_Broadcast):
    """a - b: one addition for each element of the output; shapes as in `add`.

    >>> Subtract().cost((8, 3), (3,)).ledger.additions
    24
    """

    kind: Literal["subtract"] = "subtract"
    formulas: ClassVar[Formulas] = Formulas(additions=one_per_element)


class Multiply(_Broadcast):
    """The product of t inputs, element by element; inputs of size 1 along an axis are repeated.

    >>> Multiply().cost((1, 64, 56, 56), (1, 64, 1, 1)).ledger.multiplications
    200704
    """

    kind: Literal["multiply"] = "multiply"
    inputs: ClassVar[int | None] = None
    formulas: ClassVar[Formulas] = Formulas(multiplications=one_less_per_element)
    source: ClassVar[str] = "Hu, Shen and Sun, Squeeze-and-excitation, arXiv 1709.01507, equation 4"


class Divide(_Broadcast):
    """a / b, exact or rounded to an integer: one division for each element of the output; shapes as in `add`.

    >>> Divide().cost((8, 3), ()).ledger.divisions
    24
    """

    kind: Literal["divide"] = "divide"
    formulas: ClassVar[Formulas] = Formulas(divisions=one_per_element)
    assumptions: ClassVar[tuple[str, ...]] = (
        *_Broadcast.assumptions,
        "the quotient of integers is one division, its rounding included",
    )


class Maximum(_Broadcast):
    """The largest of t inputs, element by element: t - 1 comparisons for each element; shapes as in `add`.

    >>> Maximum().cost((8, 3), (1, 3), (8, 1)).ledger.comparisons
    48
    """

    kind: Literal["maximum"] = "maximum"
    inputs: ClassVar[int | None] = None
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_less_per_element)


class Minimum(_Broadcast):
    """The smallest of t inputs, element by element: t - 1 comparisons for each element; shapes as in `add`.

    >>> Minimum().cost((8, 3), (3,)).ledger.comparisons
    24
    """

    kind: Literal["minimum"] = "minimum"
    inputs: ClassVar[int | None] = None
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_less_per_element)


class Power(_Broadcast):
    """a to the power of b: one transcendental function for each element of the output; shapes as in `add`.

    A fixed exponent may be cheaper: see `square`, `sqrt`, `reciprocal`.

    >>> Power().cost((8, 3), ()).ledger.transcendentals
    24
    """

    kind: Literal["power"] = "power"
    formulas: ClassVar[Formulas] = Formulas(transcendentals=one_per_element)


class Atan2(_Broadcast):
    """The angle of the point (b, a): one transcendental function for each element of the output; shapes as in `add`.

    >>> Atan2().cost((8, 3), (3,)).ledger.transcendentals
    24
    """

    kind: Literal["atan2"] = "atan2"
    formulas: ClassVar[Formulas] = Formulas(transcendentals=one_per_element)


class Modulo(_Broadcast):
    """The remainder of a / b: one division for each element of the output; shapes as in `add`.

    >>> Modulo().cost((8, 3), ()).ledger.divisions
    24
    """

    kind: Literal["modulo"] = "modulo"
    formulas: ClassVar[Formulas] = Formulas(divisions=one_per_element)
    assumptions: ClassVar[tuple[str, ...]] = (
        *_Broadcast.assumptions,
        "a remainder is booked as the division that it is left over from",
    )


class Compare(_Broadcast):
    """Whether a = b, a < b ...: one comparison for each element of the output; shapes as in `add`.

    >>> Compare(operator="lt").cost((8, 8), (8, 1)).ledger.comparisons
    64
    """

    kind: Literal["compare"] = "compare"
    operator: Literal["eq", "ne", "lt", "le", "gt", "ge"] = "eq"
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_per_element)


class Logical(_Broadcast):
    """and, or, xor, not of truth values or of bits, and shifts of bits; shapes as in `add`.

    One comparison for each element of the output; `not` takes one input, the others two.

    >>> Logical(operator="and").cost((8, 8), (8, 1)).ledger.comparisons
    64
    """

    kind: Literal["logical"] = "logical"
    operator: Literal["and", "or", "xor", "not", "shift_left", "shift_right"] = "and"
    inputs: ClassVar[tuple[int, ...]] = (1, 2)
    formulas: ClassVar[Formulas] = Formulas(comparisons=one_per_element)
    assumptions: ClassVar[tuple[str, ...]] = (
        *_Broadcast.assumptions,
        "an operation on bits or truth values is booked as a comparison, for which the ledger has no entry of its own",
    )

    def check_inputs(self, inputs: Shapes) -> None:
        expected = 1 if self.operator == "not" else 2
        if len(inputs) != expected:
            self.refuse(f"takes {expected} input{'s'[: expected - 1]} for {self.operator!r} (got {len(inputs)})")


class Where(_Broadcast):
    """a where the condition holds, b elsewhere: a copy, no operation; shapes as in `add`.

    Inputs: the condition, a, b.

    >>> Where().cost((8, 8), (1, 12, 8, 8), ()).output_shapes
    ((1, 12, 8, 8),)
    """

    kind: Literal["where"] = "where"
    inputs: ClassVar[int | None] = 3
    formulas: ClassVar[Formulas] = Formulas(free="elements are copied by a condition that was computed before")
