"""Attention: queries that take weighted means of values, by how well they match the keys."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from costmodel.algebra import at_most, divides, equal, exact_div, product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Product, Shape, Shapes, shape_text
from costmodel.layers.broadcast import broadcast
from costmodel.layers.formulas import Formulas

ASSUMPTIONS = (
    "under a causal mask, query i of l_q <= l_k sees the first l_k - l_q + i keys",
    "products that a causal mask discards are counted, as dense kernels compute them, unless skip_masked is set",
    "a causal mask is known beforehand: setting a score to minus infinity is no operation",
    "the scale is a multiplication of each score",
)


def scores(n: Value, h: Value, l_q: Value, l_k: Value, skip: Value) -> Value:
    """The pairs of a query and a key: query i of a causal mask has l_q - i pairs fewer than there are keys."""
    return n * h * (l_q * l_k - skip * exact_div(l_q * (l_q - 1), 2))


def attention_macs(n: Value, h: Value, l_q: Value, l_k: Value, d_k: Value, d_v: Value, skip: Value) -> Value:
    """For each pair of a query and a key, a score of d_k products and a weighted value of d_v."""
    return scores(n, h, l_q, l_k, skip) * (d_k + d_v)


def attention_additions(n: Value, h: Value, l_q: Value, l_k: Value, mask: Value, skip: Value) -> Value:
    """The mask, and softmax: the largest score is subtracted from each, and each row is summed."""
    return (mask + 2) * scores(n, h, l_q, l_k, skip) - n * h * l_q


def attention_comparisons(n: Value, h: Value, l_q: Value, l_k: Value, skip: Value) -> Value:
    """Softmax: the largest score of each row."""
    return scores(n, h, l_q, l_k, skip) - n * h * l_q


def attention_each(n: Value, h: Value, l_q: Value, l_k: Value, skip: Value) -> Value:
    """One for each score."""
    return scores(n, h, l_q, l_k, skip)


class Attention(Layer):
    """softmax(q k^T / sqrt(d_k) + mask) v: scaled dot-product attention, for each head.

    Shapes: q (..., h, l_q, d_k), k (..., h_kv, l_k, d_k), v (..., h_kv, l_k, d_v) -> (..., h, l_q, d_v); a fourth
    input is a mask that is added to the scores and broadcast to (..., h, l_q, l_k). With grouped queries
    (h_kv < h) h / h_kv heads share their keys and values, which changes what is read, not what is computed.

    >>> Attention().cost((1, 4, 16, 8), (1, 4, 16, 8), (1, 4, 16, 8)).macs
    16384
    >>> Attention(causal=True, skip_masked=True).cost((1, 4, 16, 8), (1, 1, 16, 8), (1, 1, 16, 8)).macs
    8704
    """

    kind: Literal["attention"] = "attention"
    causal: Flag = False
    skip_masked: Flag = False
    inputs: ClassVar[tuple[int, ...]] = (3, 4)
    formulas: ClassVar[Formulas] = Formulas(
        macs=attention_macs,
        additions=attention_additions,
        multiplications=attention_each,
        comparisons=attention_comparisons,
        divisions=attention_each,
        transcendentals=attention_each,
    )
    source: ClassVar[str] = (
        "Vaswani et al., Attention is all you need, arXiv 1706.03762, equation 1;"
        " grouped queries: Ainslie et al., arXiv 2305.13245"
    )
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS

    @model_validator(mode="after")
    def _skips_what_is_masked(self) -> Self:
        check_skipping(causal=self.causal, skip_masked=self.skip_masked)
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        q, k, v, *masks = inputs
        if min(map(len, inputs[:3])) < 3:
            self.refuse(f"takes queries, keys and values of shape (..., heads, length, size) (got {_got(inputs)})")
        if not (equal(q[-1], k[-1]) and equal(k[-2], v[-2]) and equal(k[-3], v[-3])):
            self.refuse(
                "needs queries and keys of equal size, and keys and values of equal length and heads"
                f" (got {_got(inputs)})"
            )
        check_heads(self, q[-3], k[-3])
        if self.skip_masked and not at_most(q[-2], k[-2]):
            self.refuse(f"needs at least as many keys (={k[-2]}) as queries (={q[-2]}) with 'skip_masked'")
        leading = broadcast(self, (q[:-3], k[:-3], v[:-3]))
        scores_shape = (*leading, q[-3], q[-2], k[-2])
        for mask in masks:
            check_mask(self, mask, scores_shape)
        return (*leading, q[-3], q[-2], v[-1])

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        *leading, h, l_q, d_v = outputs[0]
        sizes = {"l_q": l_q, "l_k": inputs[1][-2], "d_k": inputs[0][-1], "d_v": d_v}
        flags = {"mask": len(inputs) - 3, "skip": int(self.skip_masked)}
        return {"n": product(leading), "h": h, **sizes, **flags}

    def products(self, inputs: Shapes, outputs: Shapes) -> tuple[Product, ...]:
        """Queries with keys, and the scores that both give with values."""
        s = self.symbols(inputs, outputs)
        pairs = scores(s["n"], s["h"], s["l_q"], s["l_k"], s["skip"])
        by_keys, by_values = ((0,), (1,)), ((0, 1), (2,))
        return Product(pairs * s["d_k"], by_keys), Product(pairs * s["d_v"], by_values)


def check_skipping(*, causal: bool, skip_masked: bool) -> None:
    """Raise where products are to be skipped that no mask discards."""
    if skip_masked and not causal:
        raise ValueError("'skip_masked' must be false where 'causal' is, which discards nothing (got True)")


def check_heads(layer: Layer, h: Value, h_kv: Value) -> None:
    """Raise unless every head of keys serves as many heads of queries."""
    if not divides(h_kv, h):
        layer.refuse(f"needs heads of keys and values (={h_kv}) that divide the heads of queries (={h})")


def check_mask(layer: Layer, mask: Shape, scores_shape: Shape) -> None:
    """Raise unless the mask can be added to the scores and leaves their shape as it is."""
    common = broadcast(layer, (mask, scores_shape))
    if len(common) != len(scores_shape) or not all(map(equal, common, scores_shape)):
        layer.refuse(f"needs a mask that broadcasts to {shape_text(scores_shape)} (got {shape_text(mask)})")


def _got(inputs: Shapes) -> str:
    return " and ".join(map(shape_text, inputs))
