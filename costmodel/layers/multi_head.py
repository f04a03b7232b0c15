"""Multi-head attention: projections to heads, attention, and a projection of what the heads found."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from costmodel.algebra import divides, equal, exact_div
from costmodel.algebra.dimension import MAX_DIMENSION, Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.attention import (
    ASSUMPTIONS,
    Attention,
    attention_additions,
    attention_comparisons,
    attention_each,
    attention_macs,
    check_heads,
    check_skipping,
)
from costmodel.layers.base import Flag, Shape, Shapes, shape_text
from costmodel.layers.composite import Composite, Part
from costmodel.layers.formulas import Formulas
from costmodel.layers.linear import Linear


def multi_head_macs(
    n: Value, h: Value, h_kv: Value, l_q: Value, l_k: Value, d_k: Value, d_v: Value,
    c_i: Value, c_k: Value, c_v: Value, c_o: Value, skip: Value,
) -> Value:  # fmt: skip
    """The projections of queries, keys, values and output, and attention between the heads."""
    projections = n * (l_q * h * (c_i * d_k + d_v * c_o) + l_k * h_kv * (c_k * d_k + c_v * d_v))
    return projections + attention_macs(n, h, l_q, l_k, d_k, d_v, skip)


def multi_head_additions(
    n: Value, h: Value, h_kv: Value, l_q: Value, l_k: Value, d_k: Value, d_v: Value, c_o: Value,
    b: Value, mask: Value, skip: Value,
) -> Value:  # fmt: skip
    """The biases of the four projections, and the additions of attention."""
    biases = b * n * (l_q * (h * d_k + c_o) + l_k * h_kv * (d_k + d_v))
    return biases + attention_additions(n, h, l_q, l_k, mask, skip)


def multi_head_params(
    h: Value, h_kv: Value, d_k: Value, d_v: Value, c_i: Value, c_k: Value, c_v: Value, c_o: Value, b: Value
) -> Value:
    """The matrices of the four projections, and their biases."""
    matrices = h * (c_i * d_k + d_v * c_o) + h_kv * (c_k * d_k + c_v * d_v)
    return matrices + b * (h * d_k + h_kv * (d_k + d_v) + c_o)


class MultiHeadAttention(Composite):
    """W_o [head_1 ... head_h] with head_i = attention(W_q,i x, W_k,i x, W_v,i x).

    Inputs: x (n, l_q, c_i) for attention of a sequence to itself, or queries (n, l_q, c_i), keys (n, l_k, c_k) and
    values (n, l_k, c_v); then, where there is one, a mask that is added to the scores and broadcast to
    (n, h, l_q, l_k). Output: (n, l_q, c_o). A head has d_k = `head_size` (c_i / h where none is given), its values
    d_v = `value_size` (d_k), the output c_o = `out_features` (c_i) channels; `kv_heads` (h) heads of keys and values
    are shared by groups of query heads. Inputs and sizes as in torch.nn.MultiheadAttention with batch_first.

    >>> MultiHeadAttention(heads=4).cost((1, 16, 64)).macs
    294912
    >>> MultiHeadAttention(heads=4).cost((1, 16, 64)).params
    16640
    """

    kind: Literal["multi_head_attention"] = "multi_head_attention"
    heads: Dim
    kv_heads: Dim | None = None
    head_size: Dim | None = None
    value_size: Dim | None = None
    out_features: Dim | None = None
    bias: Flag = True
    causal: Flag = False
    skip_masked: Flag = False
    inputs: ClassVar[tuple[int, ...]] = (1, 2, 3, 4)
    formulas: ClassVar[Formulas] = Formulas(
        macs=multi_head_macs,
        additions=multi_head_additions,
        multiplications=attention_each,
        comparisons=attention_comparisons,
        divisions=attention_each,
        transcendentals=attention_each,
        params=multi_head_params,
    )
    source: ClassVar[str] = (
        "Vaswani et al., Attention is all you need, arXiv 1706.03762, section 3.2.2;"
        " grouped queries: Ainslie et al., arXiv 2305.13245"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        *ASSUMPTIONS,
        "biases are booked as additions, not as multiply-accumulates",
        "the means of the attention weights over the heads, which some frameworks return too, are not computed",
    )

    @model_validator(mode="after")
    def _skips_what_is_masked(self) -> Self:
        check_skipping(causal=self.causal, skip_masked=self.skip_masked)
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        return self.expand(inputs)[-1].output_shape

    def expand(self, inputs: Shapes) -> tuple[Part, ...]:
        """Four linear layers, and attention between the third and the last."""
        self._check(inputs)
        (q, k, v), mask = _sequences(inputs)
        s = self.symbols(inputs, ())
        n, h, h_kv, l_q, l_k, d_k, d_v = (s[name] for name in ("n", "h", "h_kv", "l_q", "l_k", "d_k", "d_v"))
        first = len(inputs)
        heads = ((n, h, l_q, d_k), (n, h_kv, l_k, d_k), (n, h_kv, l_k, d_v))
        attention = Attention(causal=self.causal, skip_masked=self.skip_masked)
        return (
            self.part(self._linear(h * d_k), (q,), (inputs[q],)),
            self.part(self._linear(h_kv * d_k), (k,), (inputs[k],)),
            self.part(self._linear(h_kv * d_v), (v,), (inputs[v],)),
            self.part(
                attention,
                (first, first + 1, first + 2, *mask),
                (*heads, *(inputs[index] for index in mask)),
            ),
            self.part(self._linear(s["c_o"]), (first + 3,), ((n, l_q, h * d_v),)),
        )

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        (q, k, v), mask = _sequences(inputs)
        n, l_q, c_i = inputs[q]
        d_k = self.head_size if self.head_size is not None else exact_div(c_i, self.heads)
        return {
            "n": n, "l_q": l_q, "l_k": inputs[k][1], "c_i": c_i, "c_k": inputs[k][2], "c_v": inputs[v][2],
            "c_o": c_i if self.out_features is None else self.out_features,
            "h": self.heads, "h_kv": self.heads if self.kv_heads is None else self.kv_heads,
            "d_k": d_k, "d_v": d_k if self.value_size is None else self.value_size,
            "b": int(self.bias), "mask": len(mask), "skip": int(self.skip_masked),
        }  # fmt: skip

    def _linear(self, out_features: Value) -> Linear:
        return Linear(out_features=out_features, bias=self.bias)

    def _check(self, inputs: Shapes) -> None:
        """Raise unless the inputs are sequences that fit each other and the heads."""
        (q, k, v), _ = _sequences(inputs)
        n, _, c_i = self.unpack(inputs[q], "n", "l_q", "c_i")
        n_k, l_k, _ = self.unpack(inputs[k], "n", "l_k", "c_k")
        n_v, l_v, _ = self.unpack(inputs[v], "n", "l_k", "c_v")
        if not (equal(n, n_k) and equal(n, n_v) and equal(l_k, l_v)):
            got = " and ".join(shape_text(inputs[index]) for index in (q, k, v))
            self.refuse(f"needs inputs of one batch, and keys and values of one length (got {got})")
        if self.head_size is None and not divides(self.heads, c_i):
            self.refuse(f"'heads' (={self.heads}) must divide the channels of the queries (={c_i}) without 'head_size'")
        s = self.symbols(inputs, ())
        check_heads(self, s["h"], s["h_kv"])
        for width in (s["h"] * s["d_k"], s["h"] * s["d_v"]):
            if isinstance(width, int) and width > MAX_DIMENSION:
                self.refuse(f"needs heads that together have at most 2**31 channels (got {width})")


def _sequences(inputs: Shapes) -> tuple[tuple[int, int, int], tuple[int, ...]]:
    """Which inputs are queries, keys and values, and which, if any, is the mask."""
    if len(inputs) < 3:
        return (0, 0, 0), (1,) * (len(inputs) - 1)
    return (0, 1, 2), (3,) * (len(inputs) - 3)
