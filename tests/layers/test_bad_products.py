"""Mistakes in matrix products, attention and recurrence: one sentence with the field, the rule and the value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import parse_layer, symbols
from costmodel.errors import CostModelError, ShapeError, SpecError
from costmodel.layers.base import Shape

Fields = dict[str, object]
LETTERS = "'equation' must consist of letters and at most one \"...\" for each operand"
ONCE = "'equation' must have each index of its output once there and in some operand, which"

SPECS: list[tuple[str, Fields, str]] = [
    ("einsum", {}, "'equation' is required"),
    ("einsum", {"equation": 3}, "'equation' must be text (got 3)"),
    ("einsum", {"equation": "i1,j->ij"}, LETTERS),
    ("einsum", {"equation": "i->j->k"}, LETTERS),
    ("einsum", {"equation": "....i->i"}, LETTERS),
    ("einsum", {"equation": "..i->i"}, LETTERS),
    ("einsum", {"equation": "...i...->i"}, LETTERS),
    ("einsum", {"equation": "ä,j->j"}, LETTERS),
    ("einsum", {"equation": "__import__('os')"}, LETTERS),
    ("einsum", {"equation": "i\n,j->ij"}, LETTERS),
    ("einsum", {"equation": "ij->ik"}, f"{ONCE} k is not (got 'ij->ik')"),
    ("einsum", {"equation": "i->ii"}, f"{ONCE} i is not (got 'i->ii')"),
    ("einsum", {"equation": "i->...i"}, f"{ONCE} ... is not"),
    ("einsum", {"equation": "i," * 251 + "i"}, "'equation' must have at most 500 characters"),
    ("attention", {"skip_masked": True}, "'skip_masked' must be false where 'causal' is, which discards nothing"),
    ("multi_head_attention", {}, "'heads' is required"),
    ("multi_head_attention", {"heads": 0}, "'heads' must be a positive integer"),
    ("multi_head_attention", {"heads": 2, "skip_masked": True}, "'skip_masked' must be false where 'causal' is"),
    ("lstm", {}, "'hidden_size' is required"),
    ("lstm", {"hidden_size": 4, "projection": 0}, "'projection' must be a positive integer"),
    ("lstm", {"hidden_size": 4, "layers": 0}, "'layers' must be a positive integer"),
    ("lstm", {"hidden_size": 4, "bidirectional": 2}, "'bidirectional' must be true or false (got 2)"),
    ("gru", {"hidden_size": 4, "projection": 2}, "'projection' is not a field of this (got 2)"),
    ("gru", {"hidden_size": 4, "reset": "never"}, "'reset' must be 'after' or 'before' (got 'never')"),
    ("rnn", {"hidden_size": 4, "activation": "gelu"}, "'activation' must be 'tanh' or 'relu' (got 'gelu')"),
    ("embedding", {"num_embeddings": 4}, "'embedding_dim' is required"),
]


@pytest.mark.parametrize(("kind", "fields", "sentence"), SPECS)
def test_a_bad_field_is_named(kind: str, fields: Fields, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_layer({"kind": kind, **fields})
    assert str(caught.value).startswith(f"{kind}: {sentence}")
    assert "\n" not in str(caught.value)


HEADS: Fields = {"heads": 4}
CELL: Fields = {"hidden_size": 4}
SHAPES: list[tuple[str, Fields, list[Shape], str]] = [
    ("matmul", {}, [(2, 3)], "takes 2 inputs (got 1)"),
    ("matmul", {}, [(2, 3), ()], "takes inputs with at least one axis (got 2x3 and a scalar)"),
    ("matmul", {}, [(2, 3), (2, 3)], "needs as many columns on the left as rows on the right (got 2x3 and 2x3)"),
    ("matmul", {}, [(2, 3), (1, 4)], "needs as many columns on the left as rows on the right (got 2x3 and 1x4)"),
    ("matmul", {}, [(2, 5, 3), (4, 3, 5)], "needs inputs of equal sizes, or of size 1 (got 2 and 4)"),
    ("einsum", {"equation": "ij,jk"}, [(2, 3)], "'equation' must have a term for each of 1 inputs (got 'ij,jk')"),
    ("einsum", {"equation": "ij"}, [(2, 3, 4)], "'equation' must have an index for each axis of 2x3x4 (got 'ij')"),
    ("einsum", {"equation": "...ij"}, [(2,)], "'equation' must have an index for each axis of 2 (got '...ij')"),
    ("einsum", {"equation": "ii"}, [(2, 3)], "'equation' takes a diagonal, which needs equal sizes (got 2x3)"),
    (
        "einsum",
        {"equation": "ij,jk"},
        [(2, 3), (4, 5)],
        "needs one size for index j, or 1 (got 3 and 4 in",
    ),
    ("einsum", {"equation": "...,..."}, [(2,), (3,)], "needs one size for the ellipsis, or 1 (got 2 and 3 in 2 and 3)"),
    ("einsum", {"equation": "...i->i"}, [(2, 3)], "'equation' must have the ellipsis of its operands in its output"),
    ("attention", {}, [(1, 4, 8)] * 2, "takes 3 or 4 inputs (got 2)"),
    ("attention", {}, [(4, 8)] * 3, "takes queries, keys and values of shape (..., heads, length, size)"),
    ("attention", {}, [(4, 8, 5), (4, 8, 6), (4, 8, 5)], "needs queries and keys of equal size, and keys and values"),
    ("attention", {}, [(4, 8, 5), (4, 8, 5), (4, 9, 5)], "needs queries and keys of equal size, and keys and values"),
    (
        "attention",
        {},
        [(4, 8, 5), (3, 8, 5), (3, 8, 5)],
        "needs heads of keys and values (=3) that divide",
    ),
    ("attention", {}, [(4, 8, 5)] * 3 + [(8, 7)], "needs inputs of equal sizes, or of size 1"),
    ("attention", {}, [(4, 8, 5)] * 3 + [(2, 4, 8, 8)], "needs a mask that broadcasts to 4x8x8 (got 2x4x8x8)"),
    (
        "attention",
        {"causal": True, "skip_masked": True},
        [(1, 8, 5), (1, 7, 5), (1, 7, 5)],
        "needs at least as many keys (=7) as queries (=8) with 'skip_masked'",
    ),
    ("multi_head_attention", HEADS, [(2, 5, 30)], "'heads' (=4) must divide the channels of the queries (=30)"),
    ("multi_head_attention", HEADS, [(2, 5)], "takes an input of shape (n, l_q, c_i) (got 2x5)"),
    (
        "multi_head_attention",
        HEADS,
        [(2, 5, 8), (2, 6, 8), (2, 7, 8)],
        "needs inputs of one batch, and keys",
    ),
    ("multi_head_attention", HEADS | {"kv_heads": 3}, [(2, 5, 8)], "needs heads of keys and values (=3) that divide"),
    (
        "multi_head_attention",
        {"heads": 2**20, "head_size": 2**20},
        [(1, 1, 1)],
        "needs heads that together have at most 2**31 channels (got 1099511627776)",
    ),
    ("lstm", CELL, [(5, 2, 3), (1, 2, 4)], "takes 1 or 3 inputs (got 2)"),
    ("lstm", CELL, [(5, 2, 3), (1, 2, 4), (1, 2, 5)], "needs a first state of shape 1x2x4 (got 1x2x5)"),
    ("gru", CELL | {"layers": 2}, [(5, 2, 3), (1, 2, 4)], "needs a first state of shape 2x2x4 (got 1x2x4)"),
    ("rnn", CELL, [(5, 2, 3, 1)], "takes an input of shape (l_i, n, c_i) (got 5x2x3x1)"),
    ("rms_norm", {"dims": 3}, [(5, 2)], "'dims' must be at most the input's 2 axes (got 3)"),
]


@pytest.mark.parametrize(("kind", "fields", "shapes", "sentence"), SHAPES)
def test_a_bad_input_is_named(kind: str, fields: Fields, shapes: list[Shape], sentence: str) -> None:
    with pytest.raises(ShapeError) as caught:
        parse_layer({"kind": kind, **fields}).cost(*shapes)
    assert str(caught.value).startswith(f"{kind} {sentence}")
    assert "\n" not in str(caught.value)


def test_symbols_that_may_differ_are_refused() -> None:
    n, r = symbols("n r")
    with pytest.raises(ShapeError, match=r"^matmul needs as many columns .* \(got 2 x n and r x 2\)$"):
        parse_layer({"kind": "matmul"}).cost((2, n), (r, 2))


EQUATIONS = st.text(st.sampled_from("ijZ., ->1(\u00e9"), max_size=40)


@given(EQUATIONS, st.lists(st.lists(st.integers(1, 3), max_size=4).map(tuple), max_size=3))
def test_any_equation_is_counted_or_refused(equation: str, shapes: list[Shape]) -> None:
    try:
        ledger = parse_layer({"kind": "einsum", "equation": equation}).cost(*shapes).ledger
    except CostModelError:
        return
    assert min(ledger) >= 0
