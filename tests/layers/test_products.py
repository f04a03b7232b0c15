"""Matrix products, attention, recurrence and embeddings: published counts, and laws between kinds."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import symbols
from costmodel.layers import (
    GRU,
    LSTM,
    RNN,
    Add,
    Attention,
    Composite,
    Einsum,
    Embedding,
    Layer,
    Linear,
    MatMul,
    MultiHeadAttention,
    Multiply,
    RMSNorm,
    Softmax,
    parse_layer,
)
from costmodel.layers.base import Shape
from tests.layers.product_strategies import PRODUCTS
from tests.layers.strategies import STRATEGIES
from tests.layers.test_laws import BOOKED, LIBRARY, MANY, counts, same_cost
from tests.layers.window_strategies import Case

SIZES = st.integers(1, 6)
X: Shape = (10, 4, 32)
"""Ten steps of four sequences of 32 channels."""

SINGLE_OPS: dict[str, tuple[Layer, tuple[Shape, ...]]] = {
    "x @ w": (MatMul(), ((10, 100), (100, 50))),
    "SDPA (1,4,16,8)": (Attention(), ((1, 4, 16, 8),) * 3),
    "MultiheadAttention d64 L16": (MultiHeadAttention(heads=4), ((1, 16, 64),)),
    "LSTM 2x64 L10": (LSTM(hidden_size=64, layers=2), ((10, 1, 32),)),
    "GRU 2x64 L10": (GRU(hidden_size=64, layers=2), ((10, 1, 32),)),
}


@pytest.mark.parametrize("name", SINGLE_OPS)
def test_multiply_accumulates_of_single_operations(name: str, shared: Path) -> None:
    """The column of exact counts of ../shared/reference/peer_single_ops.csv."""
    with (shared / "reference" / "peer_single_ops.csv").open(encoding="utf-8") as file:
        exact = {row["op"]: row["exact_macs"] for row in csv.DictReader(file)}
    layer, shapes = SINGLE_OPS[name]
    assert layer.cost(*shapes).macs == int(exact[name])


@pytest.mark.parametrize(
    ("layer", "params", "shapes"),
    [
        (LSTM(hidden_size=64), 25088, ((10, 4, 64), (1, 4, 64), (1, 4, 64))),
        (LSTM(hidden_size=64, layers=2, bias=False), 57344, ((10, 4, 64), (2, 4, 64), (2, 4, 64))),
        (LSTM(hidden_size=64, layers=3, bidirectional=True), 248832, ((10, 4, 128), (6, 4, 64), (6, 4, 64))),
        (
            LSTM(hidden_size=64, layers=2, bidirectional=True, projection=16),
            55296,
            ((10, 4, 32), (4, 4, 16), (4, 4, 64)),
        ),
        (LSTM(hidden_size=64, bidirectional=True, batch_first=True), 50176, ((10, 4, 128), (2, 10, 64), (2, 10, 64))),
        (GRU(hidden_size=64), 18816, ((10, 4, 64), (1, 4, 64))),
        (GRU(hidden_size=64, layers=3, bidirectional=True), 186624, ((10, 4, 128), (6, 4, 64))),
        (GRU(hidden_size=64, bias=False), 18432, ((10, 4, 64), (1, 4, 64))),
        (RNN(hidden_size=64), 6272, ((10, 4, 64), (1, 4, 64))),
        (RNN(hidden_size=64, layers=3, bidirectional=True), 62208, ((10, 4, 128), (6, 4, 64))),
    ],
)
def test_parameters_and_shapes_of_recurrent_layers_are_those_of_torch(
    layer: Layer, params: int, shapes: tuple[Shape, ...]
) -> None:
    """PyTorch 2.14.1: the elements of torch.nn.LSTM, GRU and RNN, and their outputs on (10, 4, 32)."""
    cost = layer.cost(X)
    assert (cost.params, cost.output_shapes) == (params, shapes)


@pytest.mark.parametrize(
    ("layer", "inputs", "params"),
    [
        (MultiHeadAttention(heads=4), ((2, 16, 64),), 16640),
        (MultiHeadAttention(heads=4, bias=False), ((2, 16, 64),), 16384),
        (MultiHeadAttention(heads=4), ((2, 16, 64), (2, 9, 24), (2, 9, 40)), 12544),
        (Embedding(num_embeddings=100, embedding_dim=8), ((2, 7),), 800),
        (RMSNorm(), ((2, 7, 64),), 64),
    ],
)
def test_parameters_are_those_of_torch(layer: Layer, inputs: tuple[Shape, ...], params: int) -> None:
    """PyTorch 2.14.1: torch.nn.MultiheadAttention (also with kdim and vdim), Embedding and RMSNorm."""
    assert layer.cost(*inputs).params == params


def test_an_onnx_lstm_with_peepholes_has_three_more_weights_for_each_cell() -> None:
    """ONNX's LSTM: input P of shape [num_directions, 3*hidden_size]."""
    plain, peeping = (LSTM(hidden_size=5, bidirectional=True, peepholes=each).cost(X) for each in (False, True))
    assert peeping.params - plain.params == 2 * 3 * 5
    cells = 10 * 4 * 2 * 5
    assert peeping.ledger == plain.ledger._replace(
        additions=plain.ledger.additions + 3 * cells, multiplications=plain.ledger.multiplications + 3 * cells
    )


def test_where_the_reset_gate_is_applied_changes_one_addition_for_each_cell() -> None:
    after, before = (GRU(hidden_size=64, reset=reset).cost(X) for reset in ("after", "before"))
    assert after.ledger.additions - before.ledger.additions == 10 * 4 * 64
    assert after.ledger._replace(additions=0) == before.ledger._replace(additions=0)
    assert after.params == before.params


def added(*parts: Mapping[str, object]) -> dict[str, object]:
    """Counts entry by entry."""
    return {name: sum(part[name] for part in parts) for name in parts[0]}  # type: ignore[misc]


@MANY
@given(case=PRODUCTS["lstm"] | PRODUCTS["gru"] | PRODUCTS["rnn"], kind=st.sampled_from([LSTM, GRU, RNN]))
def test_stacked_and_bidirectional_layers_are_the_sum_of_single_ones(case: Case, kind: type[Layer]) -> None:
    fields = {name: value for name, value in case[0].items() if name in kind.model_fields}
    x = case[1][0]
    layers, d = int(str(fields.get("layers", 1))), 2 if fields.get("bidirectional") else 1
    single = kind(**{**fields, "layers": 1, "bidirectional": False})
    parts = []
    for _ in range(layers):
        cost = single.cost(x)
        parts += [counts(cost)] * d
        x = (*x[:2], d * cost.output_shapes[0][-1])
    whole = kind(**fields).cost(case[1][0])
    assert counts(whole) == added(*parts)
    assert whole.output_shapes[0] == x


@MANY
@given(PRODUCTS["lstm"])
def test_one_step_of_a_recurrent_layer_is_linear_layers_and_elementwise_ones(case: Case) -> None:
    """The gates of an LSTM: linear layers on input and state, summed without further operations."""
    fields, shapes = case
    layer = LSTM(**{**fields, "layers": 1, "bidirectional": False, "batch_first": False, "peepholes": False})
    _, n, c_i = (1, *shapes[0][1:])
    c_h = layer.hidden_size
    h = (n, layer.state_sizes()[0])
    biases = [layer.bias, layer.bias and not layer.joined_biases]
    gates = [Linear(out_features=4 * c_h, bias=bias).cost(x) for x, bias in zip(((n, c_i), h), biases, strict=True)]
    projection = [Linear(out_features=h[1], bias=False).cost((n, c_h))] if layer.projection is not None else []
    cell = (n, c_h)
    activations = [parse_layer({"kind": kind}).cost(cell) for kind in ("sigmoid",) * 3 + ("tanh",) * 2]
    joins = [Multiply().cost(cell, cell)] * 3 + [Add().cost(cell, cell)]
    parts = map(counts, [*gates, *projection, *activations, *joins])
    assert counts(layer.cost((1, n, c_i))) == added(*parts)


@MANY
@given(PRODUCTS["attention"])
def test_attention_is_two_matrix_products_a_scale_a_mask_and_softmax(case: Case) -> None:
    fields, (q, k, v, *masks) = case
    *leading, h, l_q, d_k = q
    l_k, d_v = v[-2:]
    scores = (*leading, h, l_q, l_k)
    parts = [
        MatMul().cost(q, (*leading, h, d_k, l_k)),
        Multiply().cost(scores, ()),
        *(Add().cost(scores, mask) for mask in masks),
        Softmax().cost(scores),
        MatMul().cost(scores, (*leading, h, l_k, d_v)),
    ]
    dense = Attention(causal=bool(fields.get("causal", False)))
    assert counts(dense.cost(q, k, v, *masks)) == added(*map(counts, parts))


@given(n=SIZES, h=SIZES, l_q=SIZES, more=SIZES, d_k=SIZES, d_v=SIZES)
def test_masked_products_that_are_skipped(n: int, h: int, l_q: int, more: int, d_k: int, d_v: int) -> None:
    l_k = l_q + more - 1
    shapes = ((n, h, l_q, d_k), (n, h, l_k, d_k), (n, h, l_k, d_v))
    kept = int(np.tril(np.ones((l_q, l_k)), l_k - l_q).sum())
    cost = Attention(causal=True, skip_masked=True).cost(*shapes)
    assert cost.macs == n * h * kept * (d_k + d_v)
    assert cost.ledger.transcendentals == n * h * kept
    assert Attention(causal=True).cost(*shapes).macs == n * h * l_q * l_k * (d_k + d_v)


@given(n=SIZES, h_kv=SIZES, group=SIZES, length=SIZES, d=SIZES)
def test_grouped_queries_share_what_is_read_and_not_what_is_computed(
    n: int, h_kv: int, group: int, length: int, d: int
) -> None:
    q, k = (n, h_kv * group, length, d), (n, h_kv, length, d)
    grouped, plain = Attention().cost(q, k, k), Attention().cost(q, q, q)
    assert grouped.ledger == plain.ledger
    assert grouped.output_shapes == plain.output_shapes
    assert plain.input_elements - grouped.input_elements == 2 * n * h_kv * (group - 1) * length * d


@MANY
@given(PRODUCTS["multi_head_attention"])
def test_multi_head_attention_is_four_linear_layers_and_attention(case: Case) -> None:
    fields, shapes = case
    layer = MultiHeadAttention(**fields)
    q, k, v = shapes[:3] if len(shapes) > 2 else [shapes[0]] * 3
    masks = shapes[3:] if len(shapes) > 2 else shapes[1:]
    (n, l_q, c_i), l_k, h = q, k[1], layer.heads
    h_kv = layer.kv_heads or h
    d_k = layer.head_size or c_i // h
    d_v = layer.value_size or d_k
    heads = ((n, h, l_q, d_k), (n, h_kv, l_k, d_k), (n, h_kv, l_k, d_v))

    def project(x: Shape, c_o: int) -> dict[str, object]:
        return counts(Linear(out_features=c_o, bias=layer.bias).cost(x))

    parts = (
        project(q, h * d_k),
        project(k, h_kv * d_k),
        project(v, h_kv * d_v),
        counts(Attention(causal=layer.causal, skip_masked=layer.skip_masked).cost(*heads, *masks)),
        project((n, l_q, h * d_v), layer.out_features or c_i),
    )
    assert counts(layer.cost(*shapes)) == added(*parts)


@MANY
@given(PRODUCTS["matmul"])
def test_a_matrix_product_of_matrices_is_an_einsum(case: Case) -> None:
    _, (a, b) = case
    equation = {(False, False): "...ij,...jk->...ik", (True, False): "j,...jk->...k", (False, True): "...ij,j->...i"}
    written = equation.get((len(a) == 1, len(b) == 1), "j,j->")
    assert same_cost(MatMul().cost(a, b), Einsum(equation=written).cost(a, b))


@MANY
@given(PRODUCTS["matmul"])
def test_the_shape_of_a_matrix_product_is_numpys(case: Case) -> None:
    _, (a, b) = case
    assert MatMul().cost(a, b).output_shapes == (np.matmul(np.zeros(a), np.zeros(b)).shape,)


@MANY
@given(PRODUCTS["einsum"])
def test_the_shape_of_an_einsum_is_numpys(case: Case) -> None:
    fields, shapes = case
    expected = np.einsum(str(fields["equation"]), *map(np.zeros, shapes)).shape
    assert parse_layer({"kind": "einsum", **fields}).cost(*shapes).output_shapes == (expected,)


@pytest.mark.parametrize(
    ("equation", "shapes", "macs", "multiplications", "additions"),
    [
        ("ij,jk->ik", ((3, 4), (4, 5)), 60, 0, 0),
        ("i,j->ij", ((3,), (4,)), 0, 12, 0),
        ("bij,bjk,bkl->bil", ((2, 3, 4), (2, 4, 5), (2, 5, 6)), 2 * 3 * 4 * 5 + 2 * 3 * 5 * 6, 0, 0),
        ("i,j,ij->", ((3,), (4,), (3, 4)), 12, 12, 0),
        ("ij->i", ((3, 4),), 0, 0, 9),
        ("ii->i", ((3, 3),), 0, 0, 0),
        ("ii", ((3, 3),), 0, 0, 2),
        ("... i j -> ... j i", ((2, 3, 4),), 0, 0, 0),
    ],
)
def test_what_an_einsum_books(
    equation: str, shapes: tuple[Shape, ...], macs: int, multiplications: int, additions: int
) -> None:
    ledger = Einsum(equation=equation).cost(*shapes).ledger
    assert ledger == ledger.__class__(macs=macs, multiplications=multiplications, additions=additions)


def test_sizes_that_are_written_differently_are_equal() -> None:
    n, r = symbols("n r")
    assert MatMul().cost((n, 2 * (r + 1)), (2 * r + 2, 5)).macs == 5 * n * (2 * r + 2)
    assert Einsum(equation="ij,jk->ik").cost((n, 2 * (r + 1)), (2 * r + 2, 5)).output_shapes == ((n, 5),)
    cost = Attention(causal=True, skip_masked=True).cost((n, 2, r, 8), (n, 2, r, 8), (n, 2, r, 8))
    assert cost.macs.subs({n: 3, r: 10}) == 3 * 2 * 55 * 16


@pytest.mark.parametrize("kind", BOOKED)
@MANY
@given(data=st.data())
def test_the_products_of_a_layer_are_its_multiply_accumulates(kind: str, data: st.DataObject) -> None:
    fields, shapes = data.draw(STRATEGIES[kind], label="fields, input shapes")
    layer = parse_layer({"kind": kind, **fields})
    cost = layer.cost(*shapes)
    products = layer.products(cost.input_shapes, cost.output_shapes)
    assert sum(product.macs for product in products) == cost.macs
    if not issubclass(LIBRARY[kind], Composite):
        assert all(len(product.data) + product.weighted == 2 for product in products if product.macs)
        assert all(product.weighted <= (cost.params > 0) for product in products)
