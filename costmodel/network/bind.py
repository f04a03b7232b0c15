"""Binding: values for the symbols of a network, in its inputs and in every layer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

from costmodel.algebra import Dim, parse
from costmodel.algebra.dimension import positive
from costmodel.algebra.text import to_text
from costmodel.algebra.vocabulary import REAL, SIZES
from costmodel.errors import ExpressionError, ShapeError, SpecError, UnknownNameError, shorten
from costmodel.network.conditions import bound_conditions

if TYPE_CHECKING:
    from costmodel.layers import Layer
    from costmodel.network.graph import Network, Node, Shape


def free_symbols(network: Network) -> tuple[str, ...]:
    """The names of the symbols in the network's inputs and layers, sorted."""
    found: set[str] = set()
    for shape in network.inputs.values():
        found.update(_names(shape))
    for node in network.nodes:
        found.update(_names(tuple(value for _, value in node.layer)))
    return tuple(sorted(found))


def bind(network: Network, values: Mapping[str, object]) -> Network:
    """The network with values in place of symbols: numbers, expressions, or texts of either.

    What is not bound stays a symbol; shapes are inferred, and checked, again.
    """
    bound = _bindings(network.name, free_symbols(network), values)
    nodes = []
    for node in network.nodes:
        try:
            nodes.append(node.model_copy(update={"layer": _bound_layer(node.layer, bound)}))
        except (SpecError, ExpressionError) as problem:
            raise SpecError(f"{network.name}, {node.name}: {problem}") from None
    inputs = {name: _bound(shape, bound) for name, shape in network.inputs.items()}
    changed = _rebuilt(network, inputs, tuple(nodes))
    conditions = bound_conditions(
        network.name, network.holds_where, bound, is_bound=bool(network.holds_where) and not free_symbols(changed)
    )
    return changed if conditions == network.holds_where else changed.model_copy(update={"holds_where": conditions})


def bound_shapes(name: str, shapes: Iterable[Shape], values: Mapping[str, object]) -> list[Shape]:
    """The shapes of a network's inputs with values for their symbols, before the network is made."""
    shapes = list(shapes)
    known = tuple(sorted({symbol for shape in shapes for symbol in _names(shape)}))
    bound = _bindings(name, known, values)
    return [_bound(shape, bound) for shape in shapes]


def _bindings(network: str, known: Collection[str], values: Mapping[str, object]) -> dict[str, Dim]:
    """What each symbol stands for: its value, or itself."""
    bound: dict[str, Dim] = {name: parse(name) for name in known}
    for given, value in values.items():
        name = SIZES.get(given, given) if given not in known else given
        if name not in known:
            raise UnknownNameError(f"symbol in {network}", name, known)
        bound[name] = _value(network, name, value)
    return bound


def with_batch(network: Network, batch: object) -> Network:
    """The network with another batch, the first axis of its inputs: bound where it is a symbol, else replaced."""
    firsts = {shape[0] for shape in network.inputs.values() if shape}
    if len(firsts) != 1 or not all(network.inputs.values()):
        raise ShapeError(f"{network.name}: a batch needs inputs that all begin with the same axis")
    (first,) = firsts
    if first in map(parse, free_symbols(network)):
        return _with_equal_weights(network, bind(network, {to_text(first): batch}))
    try:
        size = positive(batch)
    except ValueError as problem:
        raise ShapeError(f"{network.name}: the batch {problem} (got {shorten(repr(batch))})") from None
    inputs = {name: (size, *shape[1:]) for name, shape in network.inputs.items()}
    return _with_equal_weights(network, _rebuilt(network, inputs, network.nodes))


def _with_equal_weights(network: Network, changed: Network) -> Network:
    """The changed network; refuses a batch that a layer takes for something else, and so changes its weights."""
    if changed.inputs != network.inputs:
        _check_sequences(network, changed)
    for before, after in zip(network.cost().nodes, changed.cost().nodes, strict=True):
        if before.weight_elements != after.weight_elements:
            raise ShapeError(
                f"{network.name}, {after.name}: another batch must not change its weights"
                f" (got {after.weight_elements} elements for {to_text(before.weight_elements)});"
                " a layer before it fixes the batch or mixes it with other axes"
            )
    return changed


def _check_sequences(network: Network, changed: Network) -> None:
    """Raise where a layer takes what was changed for the steps of a sequence, which are its first axis."""
    for before, after in zip(network.steps, changed.steps, strict=True):
        if getattr(before.node.layer, "batch_first", True) or before.symbols["n"] != after.symbols["n"]:
            continue
        raise ShapeError(
            f"{network.name}, {before.node.name}: the first axis of the inputs must be the batch, which"
            f" {before.node.layer.kind} takes for the steps of its sequences; make the batch a symbol and bind it"
        )


def _value(network: str, name: str, value: object) -> Dim:
    """The value made exact, if it can stand for the symbol."""
    try:
        number = _real(value) if name in REAL else positive(value)
    except ExpressionError as problem:
        raise SpecError(f"{network}: '{name}' must be a number or an expression: {problem}") from None
    except ValueError as problem:
        raise SpecError(f"{network}: '{name}' {problem} (got {shorten(repr(value))})") from None
    return number


def _real(value: object) -> Dim:
    """A positive number, a float as it prints, or an expression."""
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("must be a finite number")
    if isinstance(value, (str, float)):
        value = parse(value if isinstance(value, str) else repr(value))
    if _is_expression(value):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)) or value <= 0:
        raise ValueError("must be a positive number or an expression of one")
    return value


def _rebuilt(network: Network, inputs: Mapping[str, Shape], nodes: tuple[Node, ...]) -> Network:
    """The network with other inputs and nodes, all of it checked again."""
    return type(network)(**{**dict(network), "inputs": inputs, "nodes": nodes})


def _bound_layer(layer: Layer, values: Mapping[str, Dim]) -> Layer:
    fields = dict(layer)
    changed = {name: _bound(value, values) for name, value in fields.items()}
    return type(layer)(**changed) if changed != fields else layer


def _bound(value: Dim, values: Mapping[str, Dim]) -> Dim:
    """A dimension, or tuples of them, with values for its symbols; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(_bound(part, values) for part in value)
    return parse(to_text(value), values) if _is_expression(value) else value


def _names(value: Dim) -> Iterator[str]:
    if isinstance(value, tuple):
        for part in value:
            yield from _names(part)
    elif _is_expression(value):
        yield from map(str, value.free_symbols)


def _is_expression(value: Dim) -> bool:
    return bool(getattr(value, "free_symbols", None))
