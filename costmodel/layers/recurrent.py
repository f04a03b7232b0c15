"""Recurrent layers: the same cell at every step of a sequence, fed with what it said the step before.

Several layers lie one above the other; with `bidirectional`, each reads the sequence both ways and hands both results
to the next. The n sequences have l_i steps of c_i channels each.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import equal
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import OWN, Flag, Layer, Product, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas

STATES = (
    "every sequence is computed in full, padding after its end included",
    "each gate has two biases, of the input and of the state, both learned, and booked as additions",
    "with 'joined_biases' a gate has one bias, the sum of both, unless another gate scales the product with the state",
    "the products with the first state are counted, whether it is given or zero",
)


def _matrices(gates: int, d: Value, layers: Value, c_i: Value, c_h: Value, c_r: Value) -> Value:
    """Elements of the matrices of all gates: of inputs and states, of the first layer and of those above."""
    return d * gates * c_h * (c_i + c_r + (layers - 1) * (d + 1) * c_r)


def _cells(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value) -> Value:
    """How often a cell is computed, over all steps, directions and layers."""
    return n * l_i * d * layers * c_h


class _Recurrent(Layer):
    """What recurrent layers share."""

    hidden_size: Dim
    layers: Dim = 1
    bidirectional: Flag = False
    bias: Flag = True
    joined_biases: Flag = False
    batch_first: Flag = False

    gates: ClassVar[int]
    inputs: ClassVar[tuple[int, ...]] = (1, 2)
    assumptions: ClassVar[tuple[str, ...]] = STATES

    def state_sizes(self) -> tuple[Value, ...]:
        """The sizes of the states that one layer and direction hands on, that of the output first."""
        return (self.hidden_size,)

    def output_shapes(self, inputs: Shapes) -> Shapes:
        self.check_inputs(inputs)
        x, *given = inputs
        n, l_i, _ = self._sequence(x)
        d = self._directions()
        states = tuple((d * self.layers, n, size) for size in self.state_sizes())
        for state, shape in zip(given, states, strict=False):
            if len(state) != 3 or not all(map(equal, state, shape)):
                self.refuse(f"needs a first state of shape {shape_text(shape)} (got {shape_text(state)})")
        c_y = d * self.state_sizes()[0]
        return ((n, l_i, c_y) if self.batch_first else (l_i, n, c_y), *states)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, l_i, c_i = self._sequence(inputs[0])
        c_r = self.state_sizes()[0]
        sizes = {"n": n, "l_i": l_i, "c_i": c_i, "c_h": self.hidden_size, "c_r": c_r, "proj": 0}
        return {**sizes, "d": self._directions(), "layers": self.layers, **self._biases()}

    def products(self, inputs: Shapes, outputs: Shapes) -> tuple[Product, ...]:
        """Inputs, what lower layers say, first and later states, and what is projected, each with weights."""
        s = self.symbols(inputs, outputs)
        n, l_i, d, layers, c_h, c_r = (s[name] for name in ("n", "l_i", "d", "layers", "c_h", "c_r"))
        cells = n * d * self.gates * c_h
        below, later, projected = (layers - 1) * l_i * d * c_r, layers * (l_i - 1) * c_r, layers * l_i * c_r
        return (
            Product(cells * l_i * s["c_i"], ((0,),), weighted=True),
            Product(cells * layers * c_r, ((1,) if len(inputs) > 1 else (),), weighted=True),
            Product(cells * (below + later) + s["proj"] * n * d * c_h * projected, ((OWN,),), weighted=True),
        )

    def _biases(self) -> dict[str, Value]:
        return {"b": int(self.bias), "joined": int(self.joined_biases)}

    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _sequence(self, x: Shape) -> tuple[Value, Value, Value]:
        """(batch, steps, channels) of the input."""
        if self.batch_first:
            n, l_i, c_i = self.unpack(x, "n", "l_i", "c_i")
        else:
            l_i, n, c_i = self.unpack(x, "l_i", "n", "c_i")
        return n, l_i, c_i


def rnn_macs(n: Value, l_i: Value, d: Value, layers: Value, c_i: Value, c_h: Value) -> Value:
    """At every step, the products of the input and of the state with their matrices."""
    return n * l_i * _matrices(1, d, layers, c_i, c_h, c_h)


def rnn_additions(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value, b: Value, joined: Value) -> Value:
    """Two biases, or one that is their sum."""
    return (2 - joined) * b * _cells(n, l_i, d, layers, c_h)


def rnn_tanh(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value, relu: Value) -> Value:
    """A hyperbolic tangent for each cell."""
    return (1 - relu) * _cells(n, l_i, d, layers, c_h)


def rnn_relu(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value, relu: Value) -> Value:
    """A comparison for each cell."""
    return relu * _cells(n, l_i, d, layers, c_h)


def rnn_params(d: Value, layers: Value, c_i: Value, c_h: Value, b: Value, joined: Value) -> Value:
    """The matrices of input and state, and two biases, or one that is their sum."""
    return _matrices(1, d, layers, c_i, c_h, c_h) + (2 - joined) * b * d * layers * c_h


class RNN(_Recurrent):
    """h_t = tanh(W x_t + b + U h_(t-1) + b'), or max(0, ...) with activation="relu".

    Inputs: x (l_i, n, c_i), or (n, l_i, c_i) with `batch_first`, and where given the first h (d layers, n, c_h).
    Outputs: y as x, with d c_h channels, and the last h (d layers, n, c_h).

    >>> RNN(hidden_size=64).cost((10, 1, 32)).macs
    61440
    """

    kind: Literal["rnn"] = "rnn"
    activation: Literal["tanh", "relu"] = "tanh"
    gates: ClassVar[int] = 1
    formulas: ClassVar[Formulas] = Formulas(
        macs=rnn_macs, additions=rnn_additions, transcendentals=rnn_tanh, comparisons=rnn_relu, params=rnn_params
    )
    source: ClassVar[str] = "Elman, Finding structure in time, Cognitive Science 14, 1990"

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {**super().symbols(inputs, outputs), "relu": int(self.activation == "relu")}


def gru_macs(n: Value, l_i: Value, d: Value, layers: Value, c_i: Value, c_h: Value) -> Value:
    """At every step, for three gates, the products of the input and of the state with their matrices."""
    return n * l_i * _matrices(3, d, layers, c_i, c_h, c_h)


def _gru_biases(b: Value, joined: Value, after: Value) -> Value:
    """Two for each of three gates, or one, but two where r scales the product with the state and its bias."""
    return b * (6 - joined * (3 - after))


def gru_additions(
    n: Value, l_i: Value, d: Value, layers: Value, c_h: Value, b: Value, joined: Value, after: Value
) -> Value:
    """The biases; two sigmoids; 1 - z and the sum of two terms; the product that r scales."""
    return (_gru_biases(b, joined, after) + 4 + after) * _cells(n, l_i, d, layers, c_h)


def gru_multiplications(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value) -> Value:
    """By the reset gate r, by the update gate z and by 1 - z."""
    return 3 * _cells(n, l_i, d, layers, c_h)


def gru_divisions(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value) -> Value:
    """Two sigmoids."""
    return 2 * _cells(n, l_i, d, layers, c_h)


def gru_transcendentals(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value) -> Value:
    """Two sigmoids and a hyperbolic tangent."""
    return 3 * _cells(n, l_i, d, layers, c_h)


def gru_params(d: Value, layers: Value, c_i: Value, c_h: Value, b: Value, joined: Value, after: Value) -> Value:
    """The matrices of three gates, and their biases."""
    return _matrices(3, d, layers, c_i, c_h, c_h) + _gru_biases(b, joined, after) * d * layers * c_h


class GRU(_Recurrent):
    """h_t = (1 - z) g + z h_(t-1), with gates r, z = sigmoid(W x_t + b + U h_(t-1) + b') and a new state g.

    With reset="after" g = tanh(W x_t + b + r (U h_(t-1) + b')), as cuDNN and PyTorch compute it and ONNX with
    linear_before_reset=1; with "before" g = tanh(W x_t + b + U (r h_(t-1)) + b'), as Cho et al. do.
    Shapes as in `rnn`.

    >>> GRU(hidden_size=64, layers=2).cost((10, 1, 32)).macs
    430080
    """

    kind: Literal["gru"] = "gru"
    reset: Literal["after", "before"] = "after"
    gates: ClassVar[int] = 3
    formulas: ClassVar[Formulas] = Formulas(
        macs=gru_macs,
        additions=gru_additions,
        multiplications=gru_multiplications,
        divisions=gru_divisions,
        transcendentals=gru_transcendentals,
        params=gru_params,
    )
    source: ClassVar[str] = "Cho et al., arXiv 1406.1078, equations 5 to 8; cuDNN's documentation (reset after)"
    assumptions: ClassVar[tuple[str, ...]] = (
        *STATES,
        "where the reset gate is applied changes no parameters; after the product takes an addition more for each cell",
    )

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {**super().symbols(inputs, outputs), "after": int(self.reset == "after")}


def lstm_macs(n: Value, l_i: Value, d: Value, layers: Value, c_i: Value, c_h: Value, c_r: Value, proj: Value) -> Value:
    """At every step, for four gates, the products of input and state with their matrices; and the projection."""
    return n * l_i * (_matrices(4, d, layers, c_i, c_h, c_r) + proj * d * layers * c_h * c_r)


def lstm_additions(
    n: Value, l_i: Value, d: Value, layers: Value, c_h: Value, b: Value, joined: Value, peep: Value
) -> Value:
    """Two biases for each of four gates, or one; three sigmoids; the sum of two terms; three peepholes."""
    return ((8 - 4 * joined) * b + 4 + 3 * peep) * _cells(n, l_i, d, layers, c_h)


def lstm_multiplications(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value, peep: Value) -> Value:
    """By the forget, input and output gates; three peepholes."""
    return (3 + 3 * peep) * _cells(n, l_i, d, layers, c_h)


def lstm_divisions(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value) -> Value:
    """Three sigmoids."""
    return 3 * _cells(n, l_i, d, layers, c_h)


def lstm_transcendentals(n: Value, l_i: Value, d: Value, layers: Value, c_h: Value) -> Value:
    """Three sigmoids and two hyperbolic tangents."""
    return 5 * _cells(n, l_i, d, layers, c_h)


def lstm_params(
    d: Value, layers: Value, c_i: Value, c_h: Value, c_r: Value, b: Value, joined: Value, proj: Value, peep: Value
) -> Value:
    """The matrices of four gates with two biases each, or one, the projections and the peepholes."""
    gates = _matrices(4, d, layers, c_i, c_h, c_r)
    return gates + d * layers * ((8 - 4 * joined) * b * c_h + proj * c_h * c_r + 3 * peep * c_h)


class LSTM(_Recurrent):
    """c_t = f c_(t-1) + i g and h_t = o tanh(c_t), with gates i, f, o = sigmoid(W x_t + b + U h_(t-1) + b').

    g = tanh(W x_t + b + U h_(t-1) + b'). A `projection` to c_r elements makes h_t = P o tanh(c_t), else c_r = c_h.
    With `peepholes`, i and f also see p c_(t-1), and o sees p c_t. Inputs: x (l_i, n, c_i), or (n, l_i, c_i) with
    `batch_first`, and where given the first h (d layers, n, c_r) and c (d layers, n, c_h). Outputs: y as x, with
    d c_r channels, and the last h and c.

    >>> LSTM(hidden_size=64, layers=2).cost((10, 1, 32)).macs
    573440
    """

    kind: Literal["lstm"] = "lstm"
    projection: Dim | None = None
    peepholes: Flag = False
    inputs: ClassVar[tuple[int, ...]] = (1, 3)
    gates: ClassVar[int] = 4
    formulas: ClassVar[Formulas] = Formulas(
        macs=lstm_macs,
        additions=lstm_additions,
        multiplications=lstm_multiplications,
        divisions=lstm_divisions,
        transcendentals=lstm_transcendentals,
        params=lstm_params,
    )
    source: ClassVar[str] = (
        "Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997;"
        " forget gate and peepholes: Gers and Schmidhuber, 2000; projection: Sak, Senior and Beaufays, arXiv 1402.1128"
    )

    def state_sizes(self) -> tuple[Value, ...]:
        return (self.hidden_size if self.projection is None else self.projection, self.hidden_size)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        flags = {"proj": int(self.projection is not None), "peep": int(self.peepholes)}
        return {**super().symbols(inputs, outputs), **flags}
