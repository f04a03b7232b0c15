"""What is compared: the cost of a layer kind in the textbook's symbols, of several layers in a row, or of a network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from costmodel.algebra import Dim, parse, total
from costmodel.algebra.dimension import exact
from costmodel.algebra.expressions import as_expression, symbol
from costmodel.algebra.notation import Notation, name
from costmodel.algebra.vocabulary import FLAGS, REAL
from costmodel.counting.conventions import TWO_PER_MAC
from costmodel.counting.quantities import KIND_QUANTITIES, quantity_of
from costmodel.errors import ExpressionError, UnknownNameError, shorten
from costmodel.layers import Layer, kinds
from costmodel.layers.formulas import parameters
from costmodel.network import Network
from costmodel.network.bind import free_symbols
from costmodel.reasoning.writing import written
from costmodel.zoo import families

USUAL: Final = {
    **dict.fromkeys(sorted(FLAGS), "0"), "g": "1", "q": "1", "c_g": "1", "d": "1", "layers": "1", "w_m": "w_o",
    "c_r": "c_h",
}  # fmt: skip
"""The textbook's layer, where a question leaves an option open: one group, no bias, one direction, same padding."""
_SAID: Final = {
    "b": "no bias (b = 0)",
    "g": "one group (g = 1)",
    "q": "a channel multiplier of 1 (q = 1)",
    "c_g": "one input channel for each output channel (c_g = 1)",
    "w_m": "a horizontal stride of 1 and padding that keeps the width (w_m = w_o)",
    "c_r": "no projection (c_r = c_h)",
    "d": "one direction (d = 1)",
    "layers": "one layer (layers = 1)",
}
SAME_LAYER: Final = "the same input and the same output: a symbol stands for the same size in both"
SAME_VALUES: Final = "a symbol stands for the same value in both"
_PART: Final = re.compile(r"(?:(?P<times>[0-9]{1,4}) *\* *)?(?P<kind>[A-Za-z][A-Za-z0-9_]*)(?::(?P<values>[^:]+))?")
_KERNEL: Final = ("k_h", "k_w", "k_d")
MAX_PARTS: Final = 50


@dataclass(frozen=True)
class NamedCost:
    """A cost as an expression, with what it is the cost of."""

    of: str
    quantity: str
    expression: Dim
    printed: Notation
    """The expression in the order in which its formula is written."""
    symbols: tuple[str, ...]
    """The names that values can be given for."""
    assumptions: tuple[str, ...] = ()
    source: str = ""
    is_of_layers: bool = False
    """Whether it is of layer kinds, in the textbook's symbols."""


def cost_of(
    what: str | type[Layer] | Network | NamedCost | Dim,
    quantity: str = "macs",
    at: Mapping[str, object] | None = None,
) -> NamedCost:
    """The cost of a layer kind, of layers in a row, of a network, or an expression of the user's own.

    A text names layer kinds, each with values for its symbols: "conv2d:k=5", "2*conv2d:k=3",
    "pointwise_conv2d:c_o=c_i/4 + conv2d:c_i=c_i/4". A value is a number or an expression, and `k` stands for every
    side of the kernel; `USUAL` says what an option is that is not given a value. `at` gives values to all of them.

    Raises `UnknownNameError` for a kind, a symbol or a quantity that there is not.

    >>> print(cost_of("2*conv2d:k=3").printed)
    2*n*c_o*h_o*w_o*c_i*3*3
    """
    values = {key: _value(key, value) for key, value in (at or {}).items()}
    if isinstance(what, NamedCost):
        return what
    if isinstance(what, Network):
        return _of_network(what, quantity, values)
    if isinstance(what, str):
        return _of_text(what, quantity, values)
    if isinstance(what, type) and issubclass(what, Layer):
        return _of_text(what.kind_name(), quantity, values)
    expression = as_expression(what).xreplace({symbol(key): as_expression(value) for key, value in values.items()})
    names = tuple(sorted(each.name for each in as_expression(what).free_symbols))
    return NamedCost(shorten(written(expression), 60), quantity, expression, written(expression), names)


def _of_network(network: Network, quantity: str, values: Mapping[str, Dim]) -> NamedCost:
    counted = as_expression(quantity_of(network.cost(), quantity))
    expression = counted.xreplace({symbol(key): as_expression(value) for key, value in values.items()})
    names = tuple(sorted({*free_symbols(network), *(each.name for each in counted.free_symbols)}))
    said = (*_convention(quantity), *_rounding(network, names), *_holds(network))
    return NamedCost(network.name, quantity, expression, written(expression), names, said, network.source)


def _rounding(network: Network, names: tuple[str, ...]) -> tuple[str, ...]:
    """How the authors round channels, which is left out for a symbol."""
    family = families().get(network.family)
    if family is None or not family.width_rule or not REAL & set(names):
        return ()
    return (f"{network.name}: a numeric width is {family.width_rule}; a symbolic one is not rounded",)


def _holds(network: Network) -> tuple[str, ...]:
    """For which sizes the model runs that the network was read from."""
    return (f"{network.name} runs where {' and '.join(network.holds_where)}",) if network.holds_where else ()


def _of_text(text: str, quantity: str, values: Mapping[str, Dim]) -> NamedCost:
    """The sum of the costs of the layers that a text names."""
    parts = re.split(r"\s+\+\s+", text.strip())
    if len(parts) > MAX_PARTS:
        raise ExpressionError(f"at most {MAX_PARTS} layers are added up (got {len(parts)})")
    costs = [_of_part(part, quantity, values) for part in parts]
    printed = costs[0].printed
    for each in costs[1:]:
        printed += each.printed
    return NamedCost(
        of=text.strip(),
        quantity=quantity,
        expression=total([each.expression for each in costs]),
        printed=printed,
        symbols=tuple(dict.fromkeys(each for cost in costs for each in cost.symbols)),
        assumptions=tuple(dict.fromkeys(each for cost in costs for each in cost.assumptions)),
        source="; ".join(dict.fromkeys(cost.source for cost in costs if cost.source)),
        is_of_layers=True,
    )


def _of_part(text: str, quantity: str, values: Mapping[str, Dim]) -> NamedCost:
    """The cost of KIND, KIND:symbol=value,symbol=value or N*KIND."""
    matched = _PART.fullmatch(text.strip())
    if matched is None:
        raise ExpressionError(f"a layer is written KIND or KIND:symbol=value,... (got {shorten(repr(text))})")
    if matched["kind"] not in kinds():
        raise UnknownNameError("layer kind", matched["kind"], kinds())
    if quantity not in KIND_QUANTITIES:
        raise UnknownNameError(f"quantity of {matched['kind']}", quantity, KIND_QUANTITIES)
    layer, times = kinds()[matched["kind"]], int(matched["times"] or 1)
    factor = 2 * times if quantity == "flops" else times
    formula = layer.formulas.formula("macs" if quantity == "flops" else quantity)
    own = _own(matched["kind"], matched["values"], parameters(formula))
    bound, usual = _bound(parameters(formula), own, values)
    numbers = {symbol(key): as_expression(value) for key, value in values.items()}
    expression = factor * as_expression(formula(*bound.values())).xreplace(numbers)
    pieces = [_piece(key, value) for key, value in bound.items()]
    return NamedCost(
        of=text.strip(),
        quantity=quantity,
        expression=expression,
        printed=written(factor * formula(*pieces)),
        symbols=_names(bound, expression),
        assumptions=(*_said(usual), *_convention(quantity)),
        source=layer.source,
    )


def _names(bound: Mapping[str, Dim], expression: Dim) -> tuple[str, ...]:
    """The symbols of a formula and of the values in it, and `k` where that stands for some of them."""
    kernel = ["k"] if set(bound) & set(_KERNEL) else []
    return tuple(dict.fromkeys([*bound, *sorted(map(str, expression.free_symbols)), *kernel]))


def _bound(
    names: tuple[str, ...], own: Mapping[str, Dim], values: Mapping[str, Dim]
) -> tuple[dict[str, Dim], list[str]]:
    """The value of each symbol of a formula, and the names of those that are what is usual."""
    bound: dict[str, Dim] = {}
    usual = []
    for each in names:
        given = own.get(each, values.get(each))
        if given is None and each in _KERNEL and "k" not in names:
            given = own.get("k", values.get("k"))
        if given is None and each in USUAL:
            given = parse(USUAL[each])
            usual.append(each)
        bound[each] = symbol(each) if given is None else given
    return bound, usual


def _own(kind: str, text: str | None, names: tuple[str, ...]) -> dict[str, Dim]:
    """The values that a part gives for its symbols."""
    found: dict[str, Dim] = {}
    for assignment in re.split(r",(?=[^,()=]*=)", text) if text else []:
        key, equals, value = (piece.strip() for piece in assignment.partition("="))
        if not (key and equals and value):
            raise ExpressionError(f"{kind}: a value is written symbol=value (got {shorten(repr(assignment))})")
        if key not in names and not (key == "k" and set(names) & set(_KERNEL)):
            raise UnknownNameError(f"symbol of {kind}", key, (*names, "k"))
        found[key] = _value(key, value)
    return found


def _value(key: str, value: object) -> Dim:
    """A number or an expression, made exact; a flag may be 0."""
    given = parse(repr(value) if isinstance(value, float) else value) if isinstance(value, (str, float)) else value
    if isinstance(given, bool) or (not hasattr(given, "numerator") and exact(given) is None):
        raise ExpressionError(f"{shorten(key)} must be a number or an expression (got {shorten(repr(value))})")
    if hasattr(given, "numerator") and (given < 0 or (given == 0 and key not in FLAGS)):  # type: ignore[operator]
        raise ExpressionError(f"{shorten(key)} must be a number above 0 (got {shorten(repr(value))})")
    return given


def _piece(key: str, value: Dim) -> Dim:
    """A symbol's value in a formula that is printed: numbers stay numbers, so that 1*x is x."""
    if isinstance(value, int):
        return value
    return name(key) if value == symbol(key) else written(value)


def _said(usual: Sequence[str]) -> tuple[str, ...]:
    """What is taken for granted of options that have no value, those that are left out in one sentence."""
    optional = [key for key in usual if key in FLAGS and key != "b"]
    without = [f"without what is optional ({' = '.join(optional)} = 0)"] if optional else []
    return (*(_SAID[key] for key in usual if key not in optional), *without)


def _convention(quantity: str) -> tuple[str, ...]:
    return (f"FLOPs under the convention {TWO_PER_MAC.name}: {TWO_PER_MAC.meaning}",) if quantity == "flops" else ()
