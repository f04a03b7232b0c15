"""Arithmetic on sizes that a module does in Python: folded into our expressions."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from costmodel.errors import CostModelError
from costmodel.interop.contents import ELEMENTWISE, Undecided, exact


class Unknown:
    """A number that depends on a symbol in a way that cannot be decided, or on data."""

    def __repr__(self) -> str:
        return "a number that depends on data"


UNKNOWN = Unknown()


@cache
def _names() -> dict[Callable[..., Any], str]:
    """The names of our operations by Python's and PyTorch's functions of sizes."""
    import torch

    functions: dict[Callable[..., Any], str] = {
        operator.add: "add",
        operator.sub: "subtract",
        operator.mul: "multiply",
        operator.floordiv: "floor_divide",
        operator.truediv: "divide",
        operator.mod: "modulo",
        operator.pow: "power",
        operator.neg: "negate",
        operator.eq: "equal",
        operator.lt: "less",
        operator.le: "less_or_equal",
        operator.gt: "greater",
        operator.ge: "greater_or_equal",
        operator.and_: "and",
        operator.or_: "or",
        operator.not_: "not",
        abs: "absolute",
        round: "round",
        math.floor: "floor",
        math.ceil: "ceiling",
        math.trunc: "to_integer",
        torch.sym_max: "maximum",
        torch.sym_min: "minimum",
        torch.sym_not: "not",
        torch.sym_int: "to_integer",
        torch.sym_ite: "where",
    }
    for name, ours in (("_sym_sqrt", "square_root"), ("sym_sqrt", "square_root")):
        function = getattr(torch, name, None)
        if function is not None:
            functions[function] = ours
    return functions


def is_scalar_function(target: Any) -> bool:
    """Whether a node's target is arithmetic on numbers."""
    import torch

    try:
        return target in (operator.ne, torch.sym_float) or target in _names()
    except TypeError:
        return False


def compute(target: Any, arguments: Sequence[Any]) -> Any:
    """The number that the function makes of numbers and expressions, UNKNOWN where that cannot be said."""
    import torch

    if any(isinstance(each, Unknown) for each in arguments):
        return UNKNOWN
    if target is torch.sym_float:
        return arguments[0]
    if target is operator.ne:
        equal = compute(operator.eq, arguments)
        return equal if isinstance(equal, Unknown) else not equal
    operands = [np.asarray(exact(each), dtype=object) for each in arguments]
    try:
        return ELEMENTWISE[_names()[target]](*operands).item()
    except (Undecided, CostModelError, TypeError, ValueError, ArithmeticError):
        return UNKNOWN
