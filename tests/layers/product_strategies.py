"""Hypothesis strategies for matrix products, attention, recurrence and embeddings, and how their batches grow."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.layers.window_strategies import BIAS, FEW, Case, Fields, Shape, maybe

SIZE = st.integers(1, 3)
LETTERS = "abZ"


def repeated(draw: DrawFn, shape: Shape) -> Shape:
    """The shape with some sizes 1 and some leading axes left out, so that it broadcasts to what it was."""
    kept = draw(st.integers(0, len(shape)))
    return tuple(1 if draw(st.booleans()) else size for size in shape[kept:])


@st.composite
def matmul(draw: DrawFn) -> Case:
    p = draw(SIZE)
    batch = tuple(draw(st.lists(SIZE, max_size=2)))
    left, right = (draw(SIZE), p), (p, draw(SIZE))
    vector = draw(st.sampled_from(["neither", "neither", "left", "right", "both"]))
    a = (p,) if vector in {"left", "both"} else (*repeated(draw, batch), *left)
    b = (p,) if vector in {"right", "both"} else (*batch, *right)
    return {}, [a, b]


@st.composite
def einsum(draw: DrawFn) -> Case:
    """One to four operands over a few indices, some of them repeated or of size 1, with or without an ellipsis."""
    sizes = {index: draw(SIZE) for index in LETTERS}
    dots = tuple(draw(st.lists(SIZE, max_size=2)))
    has_dots = draw(st.booleans())
    terms, shapes = [], []
    for _ in range(draw(st.integers(1, 4))):
        indices = draw(st.lists(st.sampled_from(LETTERS), max_size=3))
        own = {index: sizes[index] if draw(st.integers(0, 4)) else 1 for index in LETTERS}
        axes = [own[index] for index in indices]
        at = draw(st.integers(0, len(indices)))
        if has_dots:
            indices.insert(at, "...")
            axes[at:at] = repeated(draw, dots)
        terms.append("".join(indices))
        shapes.append(tuple(axes))
    equation = draw(st.sampled_from([",", " , "])).join(terms)
    if draw(st.booleans()):
        known = sorted(set("".join(terms)) & set(LETTERS))
        output = draw(st.permutations(known))[: draw(st.integers(0, len(known)))]
        at = draw(st.integers(0, len(output)))
        equation += "->" + "".join([*output[:at], *(["..."] if has_dots else []), *output[at:]])
    return {"equation": equation}, shapes


def heads(draw: DrawFn) -> tuple[int, int]:
    """Heads of queries, and a divisor of theirs."""
    h_kv = draw(st.integers(1, 2))
    return h_kv * draw(st.integers(1, 2)), h_kv


def causality(draw: DrawFn, l_q: int, l_k: int) -> Fields:
    fields = maybe(draw, causal=st.booleans())
    if fields.get("causal") and l_q <= l_k:
        fields |= maybe(draw, skip_masked=st.booleans())
    return fields


@st.composite
def attention(draw: DrawFn) -> Case:
    h, h_kv = heads(draw)
    n, l_q, l_k, d_k, d_v = (draw(SIZE) for _ in range(5))
    leading = draw(st.sampled_from([(), (n,), (n, 2)]))
    shapes: list[Shape] = [(*leading, h, l_q, d_k), (*leading, h_kv, l_k, d_k), (*leading, h_kv, l_k, d_v)]
    if draw(st.booleans()):
        shapes.append(repeated(draw, (*leading, h, l_q, l_k)))
    return causality(draw, l_q, l_k), shapes


@st.composite
def multi_head_attention(draw: DrawFn) -> Case:
    h, h_kv = heads(draw)
    n, l_q, l_k, d = (draw(SIZE) for _ in range(4))
    sizes = maybe(draw, head_size=SIZE, value_size=SIZE, out_features=SIZE, **BIAS)
    c_i = draw(SIZE) if "head_size" in sizes else h * d
    shapes: list[Shape] = [(n, l_q, c_i)]
    if draw(st.booleans()):
        shapes += [(n, l_k, draw(SIZE)), (n, l_k, draw(SIZE))]
    else:
        l_k = l_q
    if draw(st.booleans()):
        shapes.append(repeated(draw, (n, h, l_q, l_k)))
    shared: Fields = {"kv_heads": h_kv} if h_kv < h or draw(st.booleans()) else {}
    return {"heads": h, **shared, **sizes, **causality(draw, l_q, l_k)}, shapes


@st.composite
def recurrent(draw: DrawFn, states: int, /, **optional: SearchStrategy[object]) -> Case:
    n, l_i, c_i, c_h = (draw(SIZE) for _ in range(4))
    flags = dict.fromkeys(("bidirectional", "batch_first", "joined_biases"), st.booleans())
    common = maybe(draw, layers=SIZE, **flags, **BIAS)
    fields: Fields = {"hidden_size": c_h, **common, **maybe(draw, **optional)}
    shapes: list[Shape] = [(n, l_i, c_i) if fields.get("batch_first") else (l_i, n, c_i)]
    if draw(st.booleans()):
        passes = int(str(fields.get("layers", 1))) * (2 if fields.get("bidirectional") else 1)
        first = c_h if fields.get("projection") is None else int(str(fields["projection"]))
        shapes += [(passes, n, first), (passes, n, c_h)][:states]
    return fields, shapes


@st.composite
def embedding(draw: DrawFn) -> Case:
    shape = tuple(draw(st.lists(SIZE, max_size=3)))
    return {"num_embeddings": draw(st.integers(1, 5)), "embedding_dim": draw(FEW)}, [shape]


@st.composite
def rms_norm(draw: DrawFn) -> Case:
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    dims: SearchStrategy[object] = st.integers(1, len(shape))
    return maybe(draw, dims=dims, affine=st.booleans()), [shape]


PRODUCTS: dict[str, SearchStrategy[Case]] = {
    "matmul": matmul(),
    "einsum": einsum(),
    "attention": attention(),
    "multi_head_attention": multi_head_attention(),
    "lstm": recurrent(2, projection=st.none() | SIZE, peepholes=st.booleans()),
    "gru": recurrent(1, reset=st.sampled_from(["after", "before"])),
    "rnn": recurrent(1, activation=st.sampled_from(["tanh", "relu"])),
    "embedding": embedding(),
    "rms_norm": rms_norm(),
}

Batched = Callable[[Fields, list[Shape], int], Case]


def in_front(fields: Fields, shapes: list[Shape], n: int) -> Case:
    """A batch of n as a new axis before all others of the longest input."""
    rank = max(map(len, shapes))
    return fields, [(n, *(1,) * (rank - len(shape)), *shape) for shape in shapes]


def of_matrices(fields: Fields, shapes: list[Shape], n: int) -> Case:
    """The same for matrix products, in which an input of one axis is a vector and takes no batch."""
    rank = max(map(len, shapes))
    if rank == 1:
        return fields, [(n, *shapes[0]), shapes[1]]
    return fields, [shape if len(shape) == 1 else (n, *(1,) * (rank - len(shape)), *shape) for shape in shapes]


def of_terms(fields: Fields, shapes: list[Shape], n: int) -> Case:
    """The same for an equation: a new index of every operand and of the output."""
    left, arrow, output = str(fields["equation"]).partition("->")
    if not arrow:
        letters = [letter for letter in LETTERS if left.count(letter) == 1]
        output = ("..." if "..." in left else "") + "".join(sorted(letters))
    terms = ",".join(f"n{term.strip()}" for term in left.split(","))
    return {"equation": f"{terms}->n{output}"}, [(n, *shape) for shape in shapes]


def of_sequences(fields: Fields, shapes: list[Shape], n: int) -> Case:
    """A batch n times as large: the second axis of recurrent layers and their states."""
    first = 0 if fields.get("batch_first") else 1
    return fields, [
        tuple(n * size if axis == (first if index == 0 else 1) else size for axis, size in enumerate(shape))
        for index, shape in enumerate(shapes)
    ]


def of_attention(fields: Fields, shapes: list[Shape], n: int) -> Case:
    """A batch n times as large, of which all share the mask of the first."""
    masks = shapes[3:] if len(shapes) > 2 else shapes[1:]
    inputs = shapes[: len(shapes) - len(masks)]
    shared = [shape[-3:] for shape in masks]
    return fields, [*((n * shape[0], *shape[1:]) for shape in inputs), *shared]


def of_heads(fields: Fields, shapes: list[Shape], n: int) -> Case:
    """A batch in front of queries, keys and values."""
    return fields, [*((n, *shape) for shape in shapes[:3]), *shapes[3:]]


BATCHED: dict[str, Batched] = {
    "matmul": of_matrices,
    "einsum": of_terms,
    "attention": of_heads,
    "multi_head_attention": of_attention,
    **dict.fromkeys(("lstm", "gru", "rnn"), of_sequences),
    **dict.fromkeys(("embedding", "rms_norm"), in_front),
}
"""How the batch of a case grows n times, for kinds of which it is not the first axis of every input."""
