"""A network of layers with several inputs and outputs, from its symbols to its latency."""

import pytest

from costmodel import Builder, Network, symbols, training_cost
from costmodel.algebra import Dim
from costmodel.latency import lower
from costmodel.layers import (
    GELU,
    LSTM,
    Einsum,
    Embedding,
    Linear,
    MatMul,
    MultiHeadAttention,
    Parameter,
    RMSNorm,
)
from costmodel.report.summary import summarize

SIZES = {"n": 2, "l": 10}


def tagger(n: Dim, length: Dim) -> Network:
    """Embedded words, attention, a bidirectional LSTM, and a score for each pair of words."""
    b = Builder("tagger")
    x = b.input("words", (n, length)).then(Embedding(num_embeddings=1000, embedding_dim=32))
    x = x + b.add(Parameter(shape=(1, length, 32)), name="position")
    x = x + b.add(MultiHeadAttention(heads=4, causal=True, skip_masked=True), x)
    x = x.then(RMSNorm(), Linear(out_features=64), GELU(), name="mix")
    y, h, _ = b.add_many(LSTM(hidden_size=16, layers=2, bidirectional=True, batch_first=True), x, name="lstm")
    pairs = b.add(Einsum(equation="nlc,nmc->nlm"), y, y)
    return b.build(pairs, b.add(MatMul(), pairs, y), h)


@pytest.fixture(scope="module")
def network() -> Network:
    return tagger(*SIZES.values())


@pytest.fixture(scope="module")
def symbolic() -> Network:
    return tagger(*symbols("n l"))


def test_its_multiply_accumulates_are_those_of_its_products(network: Network) -> None:
    n, l_i = SIZES.values()
    projections, seen = 4 * n * l_i * 32 * 32, n * 4 * (l_i * (l_i + 1) // 2) * 16
    lstm = n * l_i * 2 * 64 * ((64 + 16) + (32 + 16))
    assert network.cost().macs == projections + seen + n * l_i * 32 * 64 + lstm + 2 * n * l_i * l_i * 32


def test_binding_and_counting_commute(network: Network, symbolic: Network) -> None:
    assert symbolic.bind(**SIZES) == network
    values = dict(zip(symbols("n l"), SIZES.values(), strict=True))
    for quantity in ("macs", "flops", "activations", "weight_bytes", "input_bytes", "output_bytes"):
        assert getattr(symbolic.cost(), quantity).subs(values) == getattr(network.cost(), quantity), quantity
    assert symbolic.cost().peak_memory_bytes.subs(values) == network.cost().peak_memory_bytes
    assert training_cost(symbolic).macs.subs(values) == training_cost(network).macs


def test_it_is_read_back_from_json(network: Network, symbolic: Network) -> None:
    for each in (network, symbolic):
        assert Network.from_json(each.to_json()) == each


def test_its_summary_has_every_output(network: Network) -> None:
    summary = summarize(network, network.cost(), training_cost(network), {})
    (lstm,) = [layer for layer in summary.layers if layer.kind == "lstm"]
    assert lstm.output_shapes == ((2, 10, 32), (4, 2, 16), (4, 2, 16))
    assert summary.totals.macs == network.cost().macs


def test_its_kernels_do_all_that_it_does(network: Network) -> None:
    kernels, ledger = lower(network), network.cost().ledger
    assert sum(kernel.macs for kernel in kernels) == ledger.macs
    assert sum(kernel.other for kernel in kernels) == sum(ledger[1:])
    assert network.latency("pixel-1").latency_s > 0
