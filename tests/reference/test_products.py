"""The executing reference of matrix products, attention and recurrence: NumPy's own results, and cases by hand."""

import math

import numpy as np
import pytest
from hypothesis import given

from tests.layers.product_strategies import PRODUCTS
from tests.layers.window_strategies import Case
from tests.reference.execution import Array, run


def random(*shape: int) -> Array:
    return np.random.default_rng(1).standard_normal(shape)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@given(PRODUCTS["matmul"])
def test_a_matrix_product_is_numpys(case: Case) -> None:
    a, b = (random(*shape) for shape in case[1])
    np.testing.assert_allclose(run("matmul", {}, [a, b]).outputs[0], a @ b)


@given(PRODUCTS["einsum"])
def test_an_einsum_is_numpys(case: Case) -> None:
    fields, shapes = case
    arrays = [random(*shape) for shape in shapes]
    expected = np.einsum(str(fields["equation"]), *arrays)
    np.testing.assert_allclose(run("einsum", fields, arrays).outputs[0], expected, atol=1e-12)


def test_attention_of_one_query_is_a_weighted_mean() -> None:
    q, k, v = np.array([[[2.0]]]), np.array([[[0.0], [1.0]]]), np.array([[[10.0], [20.0]]])
    weight = sigmoid(2.0)
    assert run("attention", {}, [q, k, v]).outputs[0].item() == pytest.approx(10 * (1 - weight) + 20 * weight)


@pytest.mark.parametrize("skip", [False, True])
def test_a_causal_mask_hides_what_comes_later(skip: bool) -> None:
    q, k, v = random(2, 3, 4), random(2, 5, 4), random(2, 5, 6)
    mask = np.where(np.tril(np.ones((3, 5)), 2) > 0, 0.0, -np.inf)
    expected = run("attention", {}, [q, k, v, mask]).outputs[0]
    got = run("attention", {"causal": True, "skip_masked": skip}, [q, k, v]).outputs[0]
    np.testing.assert_allclose(got, expected)


def test_grouped_queries_are_repeated_keys_and_values() -> None:
    q, k, v = random(1, 6, 3, 4), random(1, 2, 5, 4), random(1, 2, 5, 4)
    repeated = [np.repeat(x, 3, axis=1) for x in (k, v)]
    grouped, plain = run("attention", {}, [q, k, v]), run("attention", {}, [q, *repeated])
    np.testing.assert_array_equal(grouped.outputs[0], plain.outputs[0])
    assert grouped.tally == plain.tally


def test_one_head_of_identities_is_attention() -> None:
    """With identity matrices and no biases, multi-head attention is softmax(x x^T / sqrt(d)) x."""
    x = random(1, 3, 4)

    got = run(
        "multi_head_attention", {"heads": 1, "bias": False}, [x], draw=lambda shape: np.identity(shape[0])
    ).outputs[0]
    np.testing.assert_allclose(got, run("attention", {}, [x, x, x]).outputs[0])


def test_two_steps_of_a_recurrent_network_by_hand() -> None:
    """All weights 1: h_1 = tanh(x_1 + 2), h_2 = tanh(x_2 + h_1 + 2)."""
    x = np.array([0.5, -3.0]).reshape(2, 1, 1)
    first = math.tanh(2.5)
    second = math.tanh(-3 + first + 2)
    y, h = run("rnn", {"hidden_size": 1}, [x], draw=np.ones).outputs
    assert y.ravel().tolist() == pytest.approx([first, second])
    assert h.ravel().tolist() == pytest.approx([second])
    y, _ = run("rnn", {"hidden_size": 1, "activation": "relu"}, [x], draw=np.ones).outputs
    assert y.ravel().tolist() == pytest.approx([2.5, 1.5])


def test_a_step_of_a_gated_unit_by_hand() -> None:
    """All weights 1, no bias: r = z = sigmoid(x + h), g = tanh(x + r h) whether r scales h or U h."""
    x, h = 0.3, 0.7
    z = sigmoid(x + h)
    expected = (1 - z) * math.tanh(x + z * h) + z * h
    for reset in ("after", "before"):
        fields = {"hidden_size": 1, "bias": False, "reset": reset}
        y, _ = run("gru", fields, [np.full((1, 1, 1), x), np.full((1, 1, 1), h)], draw=np.ones).outputs
        assert y.item() == pytest.approx(expected)


def test_the_bias_of_the_state_is_scaled_by_a_reset_after_the_product() -> None:
    x, h = 0.3, 0.7
    z = sigmoid(x + h + 2)
    new = {"after": math.tanh(x + 1 + z * (h + 1)), "before": math.tanh(x + 1 + z * h + 1)}
    for reset, g in new.items():
        fields = {"hidden_size": 1, "reset": reset}
        y, _ = run("gru", fields, [np.full((1, 1, 1), x), np.full((1, 1, 1), h)], draw=np.ones).outputs
        assert y.item() == pytest.approx((1 - z) * g + z * h)


def test_a_step_of_long_short_term_memory_by_hand() -> None:
    """All weights 1, no bias: all gates are sigmoid(x + h)."""
    x, h, c = 0.3, 0.7, -0.4
    gate = sigmoid(x + h)
    cell = gate * c + gate * math.tanh(x + h)
    inputs = [np.full((1, 1, 1), value) for value in (x, h, c)]
    y, last, kept = run("lstm", {"hidden_size": 1, "bias": False}, inputs, draw=np.ones).outputs
    assert (y.item(), last.item(), kept.item()) == pytest.approx((gate * math.tanh(cell), gate * math.tanh(cell), cell))
    early, late_cell = sigmoid(x + h + c), sigmoid(x + h + c) * (c + math.tanh(x + h))
    fields = {"hidden_size": 1, "bias": False, "peepholes": True}
    y, _, kept = run("lstm", fields, inputs, draw=np.ones).outputs
    assert early > 0
    assert kept.item() == pytest.approx(late_cell)
    assert y.item() == pytest.approx(sigmoid(x + h + late_cell) * math.tanh(late_cell))


def test_a_backward_pass_reads_the_sequence_from_its_end() -> None:
    x = random(4, 2, 3)
    fields = {"hidden_size": 2}
    both = run("lstm", {**fields, "bidirectional": True}, [x], draw=np.ones).outputs
    ahead = run("lstm", fields, [x], draw=np.ones).outputs
    back = run("lstm", fields, [x[::-1]], draw=np.ones).outputs
    np.testing.assert_array_equal(both[0], np.concatenate([ahead[0], back[0][::-1]], axis=-1))
    np.testing.assert_array_equal(both[1], np.concatenate([ahead[1], back[1]]))


def test_a_batch_may_come_first() -> None:
    x = random(4, 2, 3)
    first = run("gru", {"hidden_size": 2, "batch_first": True}, [x.swapaxes(0, 1)]).outputs
    second = run("gru", {"hidden_size": 2}, [x]).outputs
    np.testing.assert_array_equal(first[0].swapaxes(0, 1), second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_an_embedding_is_rows_of_its_table() -> None:
    execution = run("embedding", {"num_embeddings": 5, "embedding_dim": 3}, [np.array([[4.0, 0.0, 4.0]])])
    np.testing.assert_array_equal(execution.outputs[0], execution.weights[0][[[4, 0, 4]]])


def test_rows_that_are_normalized_have_a_mean_square_of_one() -> None:
    y = run("rms_norm", {"affine": False, "dims": 2}, [1000 * random(3, 4, 5)]).outputs[0]
    np.testing.assert_allclose((y**2).mean(axis=(1, 2)), 1.0)
