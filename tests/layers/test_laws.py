"""Laws that the costs of layers obey, whatever the numbers."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import prod

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from costmodel.algebra.vectorize import vectorize
from costmodel.errors import ShapeError
from costmodel.layers import Composite, Layer, LayerCost, kinds, parse_layer
from costmodel.layers.formulas import Formula, parameters
from tests.layers.product_strategies import BATCHED
from tests.layers.strategies import STRATEGIES
from tests.layers.window_strategies import BATCH, Case, Fields, Shape

CONVOLUTIONS = tuple(f"{name}{axes}d" for name in ("conv", "conv_transpose") for axes in (1, 2, 3))
LIBRARY = {name: layer for name, layer in kinds().items() if layer.__module__.startswith("costmodel.")}
BOOKED = sorted(name for name, layer in LIBRARY.items() if layer.formulas.items())
COMPUTED = [name for name in BOOKED if not LIBRARY[name].stored]
COMPOSITE = sorted(name for name, layer in LIBRARY.items() if issubclass(layer, Composite))
MANY = settings(max_examples=max(20, settings().max_examples // 3))
SOME = settings(max_examples=max(10, settings().max_examples // 5))
"""A law needs fewer examples than a count, and SymPy takes milliseconds where integers take microseconds."""
BATCH_ADDED = {
    *("linear", "layer_norm", "softmax", "log_softmax", "add", "multiply", "subtract", "divide", "maximum", "minimum"),
    *("power", "modulo", "atan2", "compare", "logical", "argmax", "cumsum", "top_k", "sort", "scatter_elements"),
    *(name for name in BOOKED if name.startswith("reduce_")),
}
"""Kinds that take inputs without a batch: the law adds one in front."""
WITHOUT_BATCH = {"scatter_nd"}
"""Kinds whose inputs have no axis in common."""
INTEGER_SIZES = {"gather_nd", "scatter_nd", "grid_sample", "dynamic_conv", "fold"}
"""Kinds whose input sizes depend on each other or on a field, or stand for a number of axes."""


def layer_of(kind: str, fields: Mapping[str, object]) -> Layer:
    return parse_layer({"kind": kind, **fields})


def counts(cost: LayerCost) -> dict[str, object]:
    """Every count of a cost by name."""
    return {**cost.ledger._asdict(), "params": cost.params, "buffers": cost.buffers}


def same_cost(one: LayerCost, other: LayerCost) -> bool:
    return (counts(one), one.output_shapes) == (counts(other), other.output_shapes)


def in_batches(kind: str, case: Case, n: int) -> tuple[Fields, list[Shape]]:
    """The case with a batch n times as large."""
    fields, shapes = case
    if kind in BATCHED:
        return BATCHED[kind](fields, shapes, n)
    if kind not in BATCH_ADDED:
        batched = shapes[:1] if kind == "dynamic_conv" else shapes
        return fields, [(n * shape[0], *shape[1:]) for shape in batched] + shapes[len(batched) :]
    rank = max(map(len, shapes))
    fields = from_the_back(kind, fields, rank)
    return fields, [(n, *(1,) * (rank - len(shape)), *shape) for shape in shapes]


def from_the_back(kind: str, fields: Fields, rank: int) -> Fields:
    """The fields with axes counted from the back, where a batch in front does not change them."""
    defaults = LIBRARY[kind].model_fields
    if "axis" in defaults:
        return {**fields, "axis": int(str(fields.get("axis", defaults["axis"].default))) % rank - rank}
    if "axes" in defaults:
        axes = fields.get("axes")
        named = axes if isinstance(axes, tuple) else range(rank)
        return {**fields, "axes": tuple(axis % rank - rank for axis in named)}
    return fields


@pytest.mark.parametrize("kind", sorted({*COMPUTED} - WITHOUT_BATCH))
@MANY
@given(data=st.data(), n=st.integers(1, 9))
def test_operations_are_linear_in_the_batch_and_weights_do_not_depend_on_it(
    kind: str, data: st.DataObject, n: int
) -> None:
    case = data.draw(STRATEGIES[kind], label="fields, input shapes")
    (fields, one), (_, many) = in_batches(kind, case, 1), in_batches(kind, case, n)
    layer = layer_of(kind, fields)
    single, batched = layer.cost(*one), layer.cost(*many)
    assert batched.ledger == single.ledger.scaled(n)
    assert (batched.params, batched.buffers) == (single.params, single.buffers)
    assert batched.output_elements == n * single.output_elements


@pytest.mark.parametrize("kind", [*CONVOLUTIONS, "pointwise_conv2d"])
@MANY
@given(data=st.data())
def test_groups_divide_multiply_accumulates_and_weights(kind: str, data: st.DataObject) -> None:
    fields, shapes = data.draw(STRATEGIES[kind], label="fields, input shapes")
    g = int(str(fields.get("groups", 1)))
    grouped, whole = (layer_of(kind, {**fields, "groups": groups}).cost(*shapes) for groups in (g, 1))
    bias = grouped.output_shapes[0][1] if fields.get("bias", True) else 0
    assert g * grouped.ledger.macs == whole.ledger.macs
    assert g * (grouped.params - bias) == whole.params - bias
    assert grouped.ledger._replace(macs=0) == whole.ledger._replace(macs=0)
    assert grouped.output_shapes == whole.output_shapes


@MANY
@given(STRATEGIES["depthwise_conv2d"])
def test_a_depthwise_convolution_is_grouped_with_a_group_for_each_channel(case: Case) -> None:
    fields, (shape,) = case
    c_i = shape[1]
    grouped = {name: value for name, value in fields.items() if name != "multiplier"}
    grouped |= {"groups": c_i, "out_channels": c_i * int(str(fields.get("multiplier", 1)))}
    assert same_cost(layer_of("depthwise_conv2d", fields).cost(shape), layer_of("conv2d", grouped).cost(shape))


@MANY
@given(STRATEGIES["pointwise_conv2d"])
def test_a_pointwise_convolution_has_a_kernel_of_one(case: Case) -> None:
    fields, shapes = case
    expected = layer_of("conv2d", {**fields, "kernel": 1}).cost(*shapes)
    assert same_cost(layer_of("pointwise_conv2d", fields).cost(*shapes), expected)


@MANY
@given(c_i=BATCH, c_o=BATCH, m=BATCH, bias=st.booleans())
def test_a_linear_layer_is_a_pointwise_convolution_of_one_pixel(c_i: int, c_o: int, m: int, bias: bool) -> None:
    linear = layer_of("linear", {"out_features": c_o, "bias": bias}).cost((m, c_i))
    pointwise = layer_of("pointwise_conv2d", {"out_channels": c_o, "bias": bias}).cost((m, c_i, 1, 1))
    assert counts(linear) == counts(pointwise)


@pytest.mark.parametrize("kind", ["conv1d", "max_pool1d"])
@MANY
@given(kernel=st.integers(2, 5), dilation=st.integers(1, 3), before=st.integers(0, 1), after=st.integers(0, 1))
def test_a_window_fits_its_padded_input_exactly_or_is_refused(
    kind: str, kernel: int, dilation: int, before: int, after: int
) -> None:
    fields: Fields = {"kernel": kernel, "dilation": dilation, "padding": ((before, after),)}
    layer = layer_of(kind, fields | ({"out_channels": 1} if kind == "conv1d" else {}))
    fitting = dilation * (kernel - 1) + 1 - before - after
    assume(fitting > 1)
    assert layer.cost((1, 1, fitting)).output_shapes == ((1, 1, 1),)
    with pytest.raises(ShapeError, match="'kernel' must fit its padded input"):
        layer.cost((1, 1, fitting - 1))


@pytest.mark.parametrize("kind", COMPOSITE)
@MANY
@given(data=st.data())
def test_a_composite_is_the_sum_of_its_parts(kind: str, data: st.DataObject) -> None:
    fields, shapes = data.draw(STRATEGIES[kind], label="fields, input shapes")
    layer = layer_of(kind, fields)
    assert isinstance(layer, Composite)
    expanded = layer.expand(tuple(shapes))
    parts = [part.layer.cost(*part.input_shapes) for part in expanded]
    outputs = tuple(part.output_shapes for part in parts)
    assert outputs == tuple((part.output_shape,) for part in expanded)
    whole = layer.cost(*shapes)
    assert whole.output_shapes == outputs[-1]
    for name, count in counts(whole).items():
        assert count == sum(counts(part)[name] for part in parts), name  # type: ignore[misc]


@MANY
@given(STRATEGIES["instance_norm"])
def test_instance_norm_is_group_norm_with_a_group_for_each_channel(case: Case) -> None:
    fields, (shape,) = case
    grouped = {"affine": False, **fields, "groups": shape[1]}
    assert same_cost(layer_of("instance_norm", fields).cost(shape), layer_of("group_norm", grouped).cost(shape))


@pytest.mark.parametrize("fold", ["avg", "max"])
@MANY
@given(case=STRATEGIES["adaptive_avg_pool2d"])
def test_global_pooling_is_adaptive_to_one_and_a_window_over_all(fold: str, case: Case) -> None:
    _, (shape,) = case
    whole = layer_of(f"global_{fold}_pool", {}).cost(shape)
    assert same_cost(whole, layer_of(f"adaptive_{fold}_pool2d", {"output_size": 1}).cost(shape))
    assert same_cost(whole, layer_of(f"{fold}_pool2d", {"kernel": shape[2:]}).cost(shape))


Values = dict[str, int]


def values_of(kind: str, case: Case) -> Values:
    """The values of the symbols that a kind's formulas use."""
    fields, shapes = case
    layer, inputs = layer_of(kind, fields), tuple(shapes)
    return layer.symbols(inputs, layer.output_shapes(inputs))


def exactly(formula: Formula, values: Values) -> object:
    """A formula evaluated with integers."""
    return formula(*(values[name] for name in parameters(formula)))


@pytest.mark.parametrize("kind", BOOKED)
@MANY
@given(data=st.data())
def test_integers_and_arrays_agree_on_every_formula(kind: str, data: st.DataObject) -> None:
    cases = [values_of(kind, data.draw(STRATEGIES[kind], label="fields, input shapes")) for _ in range(2)]
    columns = {name: np.array([case[name] for case in cases], dtype=np.float64) for name in cases[0]}
    for quantity, formula in LIBRARY[kind].formulas.items():
        array = formula(*(columns[name] for name in parameters(formula)))
        assert array.dtype == np.float64, quantity
        assert array.tolist() == [exactly(formula, case) for case in cases], quantity


@cache
def symbolic(formula: Formula) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    """A formula in symbols of its own names: positive integers."""
    names = tuple(sp.Symbol(name, integer=True, positive=True) for name in parameters(formula))
    return sp.sympify(formula(*names)), names


@pytest.mark.parametrize("kind", BOOKED)
@SOME
@given(data=st.data())
def test_integers_and_sympy_agree_on_every_formula(kind: str, data: st.DataObject) -> None:
    values = values_of(kind, data.draw(STRATEGIES[kind], label="fields, input shapes"))
    for quantity, formula in LIBRARY[kind].formulas.items():
        expression, names = symbolic(formula)
        assert expression.subs({name: values[name.name] for name in names}) == exactly(formula, values), quantity


SYMBOLIC_FIELDS = (
    "out_features",
    "out_channels",
    "multiplier",
    "groups",
    "kernel",
    "stride",
    "dilation",
    "padding",
    "output_padding",
    "output_size",
    "scale",
    "size",
    "pads",
    "repeats",
    "starts",
    "lengths",
    "k",
    "depth",
    "block",
    "indices",
    "layers",
    "heads",
    "kv_heads",
    "value_size",
    "num_embeddings",
    "embedding_dim",
)


TIED = {"multi_head_attention", "lstm", "gru", "rnn"}
"""Kinds whose masks and first states have sizes that follow from the fields, which symbols of their own would not."""


def with_symbols(name: str, value: object) -> object:
    """A field's value with a symbol for every positive integer in it."""
    if isinstance(value, int) and value > 0:
        return symbol(name, value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(with_symbols(name, item) for item in value)
    return value


def symbol(name: str, value: int) -> sp.Symbol:
    """A symbol that ends in the value that will be substituted for it."""
    return sp.Symbol(f"{name}_{value}", integer=True, positive=True)


def substituted(expression: object) -> object:
    """Substitute for every symbol the value that its name ends in."""
    found = sp.sympify(expression)
    return found.subs({each: int(each.name.rpartition("_")[2]) for each in found.free_symbols})


def vectorized(expression: object) -> float:
    """The same by compiled evaluation on an array."""
    names = sorted(each.name for each in sp.sympify(expression).free_symbols)
    result = vectorize(expression, names)(*([float(name.rpartition("_")[2])] * 2 for name in names))
    first, second = np.broadcast_to(result, 2).tolist()
    assert first == second
    return float(first)


@pytest.mark.parametrize("kind", sorted(LIBRARY))
@SOME
@given(data=st.data())
def test_substituting_then_evaluating_is_evaluating_then_substituting(kind: str, data: st.DataObject) -> None:
    fields, shapes = data.draw(STRATEGIES[kind], label="fields, input shapes")
    if kind in TIED:
        shapes = shapes[: 3 if kind == "multi_head_attention" and len(shapes) > 2 else 1]
    direct = layer_of(kind, fields).cost(*shapes)
    if kind not in INTEGER_SIZES and "sizes" not in fields and -1 in fields.get("shape", (-1,)):  # type: ignore[operator]
        shapes = [tuple(1 if size == 1 else symbol("d", size) for size in shape) for shape in shapes]
    if kind not in INTEGER_SIZES and data.draw(st.booleans(), label="symbols in the fields"):
        chosen = [name for name in SYMBOLIC_FIELDS if name in fields and fields.get("padding") != "same_pytorch"]
        fields = {**fields, **{name: with_symbols(name, fields[name]) for name in chosen}}
    cost = layer_of(kind, fields).cost(*shapes)
    for name, count in counts(cost).items():
        assert substituted(count) == counts(direct)[name], name
        assert vectorized(count) == counts(direct)[name], name
    for shape, expected in zip(cost.output_shapes, direct.output_shapes, strict=True):
        assert tuple(map(substituted, shape)) == expected
        assert prod(map(vectorized, shape)) == prod(expected)
