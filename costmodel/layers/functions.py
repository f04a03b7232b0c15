"""Functions of one element: powers, exponentials, angles, rounding, tests."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.layers.elementwise import Elementwise, one_per_element, two_per_element
from costmodel.layers.formulas import Formulas


class _Transcendental(Elementwise):
    """A function that is booked as one transcendental for each element."""

    formulas: ClassVar[Formulas] = Formulas(transcendentals=one_per_element)
    source: ClassVar[str] = "Abramowitz and Stegun, Handbook of Mathematical Functions, chapters 4 and 7"


class Sqrt(_Transcendental):
    """The square root: one transcendental function for each element.

    >>> Sqrt().cost((2, 5)).ledger.transcendentals
    10
    """

    kind: Literal["sqrt"] = "sqrt"


class Exp(_Transcendental):
    """e^x, booked as `sqrt` is."""

    kind: Literal["exp"] = "exp"


class Log(_Transcendental):
    """The logarithm of x, to any base, booked as `sqrt` is."""

    kind: Literal["log"] = "log"


class Log1p(_Transcendental):
    """log(1 + x) as one function, booked as `sqrt` is."""

    kind: Literal["log1p"] = "log1p"


class Expm1(_Transcendental):
    """e^x - 1 as one function, booked as `sqrt` is."""

    kind: Literal["expm1"] = "expm1"


class Sin(_Transcendental):
    """sin(x), booked as `sqrt` is."""

    kind: Literal["sin"] = "sin"


class Cos(_Transcendental):
    """cos(x), booked as `sqrt` is."""

    kind: Literal["cos"] = "cos"


class Tan(_Transcendental):
    """tan(x), booked as `sqrt` is."""

    kind: Literal["tan"] = "tan"


class Asin(_Transcendental):
    """The inverse of `sin`, booked as `sqrt` is."""

    kind: Literal["asin"] = "asin"


class Acos(_Transcendental):
    """The inverse of `cos`, booked as `sqrt` is."""

    kind: Literal["acos"] = "acos"


class Atan(_Transcendental):
    """The inverse of `tan`, booked as `sqrt` is."""

    kind: Literal["atan"] = "atan"


class Sinh(_Transcendental):
    """sinh(x), booked as `sqrt` is."""

    kind: Literal["sinh"] = "sinh"


class Cosh(_Transcendental):
    """cosh(x), booked as `sqrt` is."""

    kind: Literal["cosh"] = "cosh"


class Asinh(_Transcendental):
    """The inverse of `sinh`, booked as `sqrt` is."""

    kind: Literal["asinh"] = "asinh"


class Acosh(_Transcendental):
    """The inverse of `cosh`, booked as `sqrt` is."""

    kind: Literal["acosh"] = "acosh"


class Atanh(_Transcendental):
    """The inverse of `tanh`, booked as `sqrt` is."""

    kind: Literal["atanh"] = "atanh"


class Erf(_Transcendental):
    """The error function, booked as `sqrt` is."""

    kind: Literal["erf"] = "erf"


class Rsqrt(_Transcendental):
    """1 / sqrt(x): one transcendental function and one division for each element.

    >>> Rsqrt().cost((2, 5)).ledger.divisions
    10
    """

    kind: Literal["rsqrt"] = "rsqrt"
    formulas: ClassVar[Formulas] = Formulas(transcendentals=one_per_element, divisions=one_per_element)


class Reciprocal(Elementwise):
    """1 / x: one division for each element.

    >>> Reciprocal().cost((2, 5)).ledger.divisions
    10
    """

    kind: Literal["reciprocal"] = "reciprocal"
    formulas: ClassVar[Formulas] = Formulas(divisions=one_per_element)
    source: ClassVar[str] = "definition"


class Square(Elementwise):
    """x^2: one multiplication for each element.

    >>> Square().cost((2, 5)).ledger.multiplications
    10
    """

    kind: Literal["square"] = "square"
    formulas: ClassVar[Formulas] = Formulas(multiplications=one_per_element)
    source: ClassVar[str] = "definition"


class Negate(Elementwise):
    """-x: a change of sign, which is no operation of the ledger.

    >>> Negate().cost((2, 5)).output_shapes
    ((2, 5),)
    """

    kind: Literal["negate"] = "negate"
    formulas: ClassVar[Formulas] = Formulas(free="a change of sign is not booked")
    source: ClassVar[str] = "definition"


class _Compared(Elementwise):
    """A function that chooses by one comparison for each element."""

    formulas: ClassVar[Formulas] = Formulas(comparisons=one_per_element)
    source: ClassVar[str] = "definition"


class Absolute(_Compared):
    """x or -x, by the sign of x: one comparison for each element.

    >>> Absolute().cost((2, 5)).ledger.comparisons
    10
    """

    kind: Literal["absolute"] = "absolute"
    assumptions: ClassVar[tuple[str, ...]] = ("the change of sign is not booked",)


class Sign(_Compared):
    """-1, 0 or 1, by the sign of x: two comparisons for each element.

    >>> Sign().cost((2, 5)).ledger.comparisons
    20
    """

    kind: Literal["sign"] = "sign"
    formulas: ClassVar[Formulas] = Formulas(comparisons=two_per_element)


class _Rounding(_Compared):
    """An integer beside x."""

    assumptions: ClassVar[tuple[str, ...]] = (
        "choosing between the integers on both sides of an element is booked as one comparison",
    )


class Floor(_Rounding):
    """The largest integer not above x: one comparison for each element.

    >>> Floor().cost((2, 5)).ledger.comparisons
    10
    """

    kind: Literal["floor"] = "floor"


class Ceil(_Rounding):
    """The smallest integer not below x, booked as `floor` is."""

    kind: Literal["ceil"] = "ceil"


class Round(_Rounding):
    """The nearest integer to x, booked as `floor` is."""

    kind: Literal["round"] = "round"


class Truncate(_Rounding):
    """x without its fraction, booked as `floor` is."""

    kind: Literal["truncate"] = "truncate"


class NumberTest(_Compared):
    """Whether x is no number (`nan`), infinite (`inf`) or finite: one comparison for each element.

    >>> NumberTest(of="nan").cost((2, 5)).ledger.comparisons
    10
    """

    kind: Literal["number_test"] = "number_test"
    of: Literal["nan", "inf", "finite"] = "nan"
