"""Matrix products, contractions, attention and embeddings, element by element and head by head."""

from itertools import product

import numpy as np

from .activation import softmax
from .fields import Fields, flag, integer
from .norm import EPSILON
from .registry import executes
from .tally import Array, Machine


def times(machine: Machine, a: Array, b: Array) -> Array:
    """The product of the matrices in the last two axes."""
    nothing = np.zeros((a.shape[-2], b.shape[-1]))
    return machine.multiply_accumulate(nothing, a[..., :, :, np.newaxis], b[..., np.newaxis, :, :], axis=-2)


@executes("matmul")
def matmul(machine: Machine, fields: Fields, a: Array, b: Array) -> tuple[Array, ...]:
    """Rows times columns; an operand of one axis is a row or a column."""
    y = times(machine, a[np.newaxis] if a.ndim == 1 else a, b[:, np.newaxis] if b.ndim == 1 else b)
    if b.ndim == 1:
        y = y[..., 0]
    return (y[..., 0] if a.ndim == 1 and b.ndim == 1 else y[..., 0, :] if a.ndim == 1 else y,)


def labelled(term: str, x: Array) -> tuple[str, Array]:
    """A term without an ellipsis and without an index that occurs twice, and the array that it then stands for."""
    if "..." in term:
        dots = "0123456789"[10 - (x.ndim - len(term) + 3) :]
        term = term.replace("...", dots)
    once = "".join(dict.fromkeys(term))
    diagonal = np.empty([x.shape[term.index(index)] for index in once])
    for position in product(*map(range, diagonal.shape)):
        at = dict(zip(once, position, strict=True))
        diagonal[position] = x[tuple(at[index] for index in term)]
    return once, diagonal


def contract(machine: Machine, a: Array, term: str, b: Array, other: str, needed: str) -> tuple[str, Array]:
    """Multiply every element of a by every element of b that agrees with it, and sum what is not needed."""
    indices = "".join(dict.fromkeys(term + other))
    kept = "".join(index for index in indices if index in needed)
    gone = "".join(index for index in indices if index not in needed)
    order = kept + gone

    def lined_up(x: Array, of: str) -> Array:
        there = [index for index in order if index in of]
        x = x.transpose([of.index(index) for index in there])
        return x[tuple(slice(None) if index in of else np.newaxis for index in order)]

    left, right = np.broadcast_arrays(lined_up(a, term), lined_up(b, other))
    if not gone:
        return kept, machine.multiply(left, right)
    flat = (*left.shape[: len(kept)], -1)
    nothing = np.zeros(left.shape[: len(kept)])
    return kept, machine.multiply_accumulate(nothing, left.reshape(flat), right.reshape(flat), axis=-1)


@executes("einsum")
def einsum(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """Products of the operands from left to right, over every value of every index."""
    left, arrow, output = str(fields["equation"]).replace(" ", "").partition("->")
    terms, arrays = map(list, zip(*map(labelled, left.split(","), inputs), strict=True))
    written = left.replace("...", "").replace(",", "")
    if not arrow:
        output = "..." + "".join(sorted(index for index in set(written) if written.count(index) == 1))
    dots = "".join(sorted({index for term in terms for index in term if index.isdigit()}))
    output = output.replace("...", dots)
    term, y = terms[0], arrays[0]
    if len(terms) == 1:
        order = output + "".join(index for index in term if index not in output)
        y = y.transpose([term.index(index) for index in order])
        rows = y.reshape(*y.shape[: len(output)], -1)
        return (machine.fold(machine.add, rows),)
    for position, (other, b) in enumerate(zip(terms[1:], arrays[1:], strict=True), start=2):
        term, y = contract(machine, y, term, b, other, output + "".join(terms[position:]))
    return (y.transpose([term.index(index) for index in output]),)


def attend(machine: Machine, fields: Fields, q: Array, k: Array, v: Array, mask: Array | None) -> Array:
    """Attention of one head, query by query: a query sees all keys, or those that its causal mask leaves it."""
    (l_q, d_k), l_k = q.shape, k.shape[0]
    rows = []
    for i in range(l_q):
        seen = l_k - l_q + i + 1 if flag(fields, "causal", False) else l_k
        computed = seen if flag(fields, "skip_masked", False) else l_k
        scores = times(machine, q[i : i + 1], k[:computed].T)
        scores = machine.multiply(scores, 1 / np.sqrt(d_k))
        if mask is not None:
            scores = machine.add(scores, mask[i : i + 1, :computed])
        scores[:, max(seen, 1) :] = -np.inf
        (weights,) = softmax(machine, {}, scores)
        rows.append(times(machine, weights, v[:computed]))
    return np.concatenate(rows)


@executes("attention")
def attention(
    machine: Machine, fields: Fields, q: Array, k: Array, v: Array, mask: Array | None = None
) -> tuple[Array, ...]:
    """Every head of queries with the keys and values of its group."""
    h, l_q, _ = q.shape[-3:]
    shared = h // k.shape[-3]
    leading = np.broadcast_shapes(q.shape[:-3], k.shape[:-3], v.shape[:-3])
    q, k, v = (np.broadcast_to(x, (*leading, *x.shape[-3:])) for x in (q, k, v))
    if mask is not None:
        mask = np.broadcast_to(mask, (*leading, h, l_q, k.shape[-2]))
    y = np.empty((*leading, h, l_q, v.shape[-1]))
    for at in product(*map(range, (*leading, h))):
        group = (*at[:-1], at[-1] // shared)
        y[at] = attend(machine, fields, q[at], k[group], v[group], None if mask is None else mask[at])
    return (y,)


def project(machine: Machine, x: Array, heads: int, size: int, bias: bool) -> Array:
    """x W + b, cut into heads."""
    n, length, c = x.shape
    y = times(machine, x, machine.parameter(c, heads * size))
    if bias:
        y = machine.add(y, machine.parameter(heads * size))
    return y.reshape(n, length, heads, size).swapaxes(1, 2)


@executes("multi_head_attention")
def multi_head_attention(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """Project to heads, attend, join the heads, project."""
    q, k, v = inputs[:3] if len(inputs) > 2 else (inputs[0],) * 3
    masks = inputs[3:] if len(inputs) > 2 else inputs[1:]
    n, l_q, c = q.shape
    h, bias = integer(fields, "heads"), flag(fields, "bias", True)
    h_kv = integer(fields, "kv_heads", h)
    d_k = integer(fields, "head_size", c // h)
    d_v = integer(fields, "value_size", d_k)
    queries = project(machine, q, h, d_k, bias)
    keys, values = project(machine, k, h_kv, d_k, bias), project(machine, v, h_kv, d_v, bias)
    (found,) = attention(machine, fields, queries, keys, values, *masks)
    joined = found.swapaxes(1, 2).reshape(n, l_q, h * d_v)
    return (project(machine, joined, 1, integer(fields, "out_features", c), bias)[:, 0],)


@executes("embedding")
def embedding(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The rows of a table that the input's indices name, which are brought into its range."""
    table = machine.parameter(integer(fields, "num_embeddings"), integer(fields, "embedding_dim"))
    return (table[np.abs(x).astype(np.intp) % len(table)],)


@executes("rms_norm")
def rms_norm(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Divide by the root of the mean square over the last axes, then scale each position of them."""
    dims = integer(fields, "dims", 1)
    normalized = x.shape[x.ndim - dims :]
    rows = x.reshape(*x.shape[: x.ndim - dims], -1)
    mean = machine.divide(machine.fold(machine.add, machine.multiply(rows, rows)), rows.shape[-1])
    root = machine.transcendental(np.sqrt, machine.add(mean, EPSILON))
    y = machine.multiply(rows, machine.divide(1.0, root)[..., np.newaxis]).reshape(x.shape)
    return (machine.multiply(y, machine.parameter(*normalized)) if flag(fields, "affine", True) else y,)
