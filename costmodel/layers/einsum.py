"""Sums of products over indices, as Einstein's notation writes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, Field

from costmodel.algebra import equal, product, total
from costmodel.algebra.text import to_text
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Product, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas

MAX_LENGTH = 500
_ELLIPSIS = "..."
_TERM = re.compile(r"[A-Za-z]*(?:\.\.\.)?[A-Za-z]*")
_INDEX = re.compile(r"\.\.\.|[A-Za-z]")

Sizes = dict[str, Value]
"""The size of each index of an operand; the axes of an ellipsis are "-1", "-2" and so on from its last."""


class Equation(NamedTuple):
    """The indices of each operand and of the output."""

    operands: tuple[tuple[str, ...], ...]
    output: tuple[str, ...]


@lru_cache(maxsize=1024)
def parse_equation(text: str) -> Equation:
    """The indices in an equation; without "->", the output has those that occur once, sorted.

    >>> parse_equation("b i j, b j k").output
    ('i', 'k')
    """
    left, arrow, right = text.replace(" ", "").partition("->")
    operands = tuple(map(_indices, left.split(",")))
    if arrow:
        return Equation(operands, _output(_indices(right), operands))
    found = Counter(index for operand in operands for index in operand)
    ellipsis = (_ELLIPSIS,) if found.pop(_ELLIPSIS, 0) else ()
    return Equation(operands, (*ellipsis, *sorted(index for index, times in found.items() if times == 1)))


def _indices(term: str) -> tuple[str, ...]:
    if not _TERM.fullmatch(term):
        raise ValueError('must consist of letters and at most one "..." for each operand')
    return tuple(_INDEX.findall(term))


def _output(output: tuple[str, ...], operands: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    known = {index for operand in operands for index in operand}
    for index in output:
        if index not in known or output.count(index) > 1:
            raise ValueError(f"must have each index of its output once there and in some operand, which {index} is not")
    return output


def _checked(text: str) -> str:
    parse_equation(text)
    return text


EquationText = Annotated[str, Field(max_length=MAX_LENGTH), AfterValidator(_checked)]
"""An equation as text, which is parsed again where its indices are needed."""


def einsum_macs(e_c: Value) -> Value:
    """One for each product of two elements that is summed."""
    return e_c


def einsum_multiplications(e_m: Value) -> Value:
    """One for each product of two elements that is not summed."""
    return e_m


def einsum_additions(e_t: Value, e: Value) -> Value:
    """Of one operand, all elements are added up to those of the output."""
    return e_t - e


class Einsum(Layer):
    """Products of the operands, summed over all indices that the output does not have.

    The equation is that of `numpy.einsum`: a term of letters for each operand, "..." for axes that are broadcast,
    "->" and the output's indices, by default those that occur once in the order of the alphabet. An index that
    occurs twice in an operand is its diagonal. A pair of operands takes as many products as the sizes of all its
    indices multiply to.

    >>> Einsum(equation="b h i d, b h j d -> b h i j").cost((1, 4, 16, 8), (1, 4, 16, 8)).macs
    8192
    >>> Einsum(equation="ii->").cost((3, 3)).ledger.additions
    2
    """

    kind: Literal["einsum"] = "einsum"
    equation: EquationText
    inputs: ClassVar[int | None] = None
    formulas: ClassVar[Formulas] = Formulas(
        macs=einsum_macs, multiplications=einsum_multiplications, additions=einsum_additions
    )
    source: ClassVar[str] = "Einstein, Annalen der Physik 49, 1916, section 5; numpy.einsum's documentation"
    assumptions: ClassVar[tuple[str, ...]] = (
        "several operands are multiplied from left to right; an index is summed once nothing further on has it",
        "products over which nothing is summed are multiplications, where matmul has multiply-accumulates",
        "an index that only one of two operands has is summed with the products, not beforehand",
    )

    def output_shape(self, inputs: Shapes) -> Shape:
        operands, output = self._operands(inputs)
        sizes: Sizes = {}
        for operand in operands:
            sizes = self._joined(sizes, operand, inputs)
        return tuple(sizes[index] for index in output)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        e = product(outputs[0])
        steps = tuple(self._steps(inputs))
        counts = {summed: total(terms for terms, is_sum in steps if is_sum is summed) for summed in (True, False)}
        alone = product(self._operands(inputs)[0][0].values()) if len(inputs) == 1 else e
        return {"e_c": counts[True], "e_m": counts[False], "e_t": alone, "e": e}

    def products(self, inputs: Shapes, outputs: Shapes) -> tuple[Product, ...]:
        """At each step, what the operands on the left gave with the next one."""
        return tuple(
            Product(terms if is_sum else 0, (tuple(range(position)), (position,)))
            for position, (terms, is_sum) in enumerate(self._steps(inputs), start=1)
        )

    def _steps(self, inputs: Shapes) -> Iterator[tuple[Value, bool]]:
        """The products of each operand with what those on its left gave, and whether some of them are summed."""
        (done, *others), output = self._operands(inputs)
        for position, other in enumerate(others, start=1):
            done = self._joined(done, other, inputs)
            needed = set(output).union(*others[position:])
            yield product(done.values()), not needed.issuperset(done)
            done = {index: size for index, size in done.items() if index in needed}

    def _operands(self, inputs: Shapes) -> tuple[list[Sizes], tuple[str, ...]]:
        """The sizes of each operand's indices, and the output's indices."""
        terms, output = parse_equation(self.equation)
        if len(terms) != len(inputs):
            self.refuse(f"'equation' must have a term for each of {len(inputs)} inputs (got {self.equation!r})")
        axes = [len(shape) - len(term) + 1 for term, shape in zip(terms, inputs, strict=True) if _ELLIPSIS in term]
        most = max(axes, default=0)
        if most > 0 and _ELLIPSIS not in output:
            self.refuse(f"'equation' must have the ellipsis of its operands in its output (got {self.equation!r})")
        return [self._sizes(term, shape) for term, shape in zip(terms, inputs, strict=True)], _expanded(output, most)

    def _sizes(self, term: tuple[str, ...], shape: Shape) -> Sizes:
        """The size of each index of one operand."""
        axes = len(shape) - len(term) + 1
        indices = _expanded(term, axes)
        if axes < 0 or len(indices) != len(shape):
            self.refuse(f"'equation' must have an index for each axis of {shape_text(shape)} (got {self.equation!r})")
        sizes: Sizes = {}
        for index, size in zip(indices, shape, strict=True):
            if not equal(sizes.setdefault(index, size), size):
                self.refuse(f"'equation' takes a diagonal, which needs equal sizes (got {shape_text(shape)})")
        return sizes

    def _joined(self, one: Sizes, other: Sizes, inputs: Shapes) -> Sizes:
        """The sizes of the indices of two operands together; a size of 1 is repeated."""
        joined = dict(one)
        for index, size in other.items():
            known = joined.get(index, 1)
            joined[index] = size if known == 1 else known
            if 1 not in (known, size) and not equal(known, size):
                got = " and ".join(map(shape_text, inputs))
                where = f"index {index}" if index.isalpha() else "the ellipsis"
                self.refuse(f"needs one size for {where}, or 1 (got {to_text(known)} and {to_text(size)} in {got})")
        return joined


def _expanded(term: tuple[str, ...], axes: int) -> tuple[str, ...]:
    """The term with an index for each axis of its ellipsis, counted from the last."""
    return tuple(
        index
        for each in term
        for index in ([str(-axis) for axis in range(axes, 0, -1)] if each == _ELLIPSIS else [each])
    )
