"""Random small ONNX graphs of float tensors, valid for the sizes that were drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import onnx
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from onnx import TensorProto, helper, numpy_helper

OPEN = ("batch", None, "height", None)
"""Names of the sizes of an image that a model may leave open."""
LARGEST = 600
"""Elements of a tensor: what runs must be tiny."""


Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Tensor:
    """A tensor of the graph: its sizes, and which of them follow from sizes that are left open."""

    name: str
    shape: tuple[int, ...]
    is_open: tuple[bool, ...]

    def replaced(
        self, axis: int, size: int, *, is_open: bool | None = None
    ) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        """The shape and its openness with another size of one axis."""
        opened = self.is_open[axis] if is_open is None else is_open
        return (
            (*self.shape[:axis], size, *self.shape[axis + 1 :]),
            (*self.is_open[:axis], opened, *self.is_open[axis + 1 :]),
        )

    def without(self, axis: int) -> tuple[Sizes, tuple[bool, ...]]:
        """The shape and its openness without one axis."""
        return (*self.shape[:axis], *self.shape[axis + 1 :]), (*self.is_open[:axis], *self.is_open[axis + 1 :])


@dataclass
class Graph:
    """A graph that grows at its end."""

    draw: DrawFn
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    stored: list[onnx.TensorProto] = field(default_factory=list)
    tensors: list[Tensor] = field(default_factory=list)

    def add(
        self, op: str, inputs: Sequence[str], shape: Sequence[int], is_open: Sequence[bool], **attributes: Any
    ) -> Tensor:
        """A node with one output of this shape."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"{op}_{len(self.nodes)}", **attributes))
        self.tensors.append(Tensor(name, tuple(shape), tuple(is_open)))
        return self.tensors[-1]

    def helper(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        """A node of the arithmetic of sizes."""
        name = f"s{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"{op}_{len(self.nodes)}", **attributes))
        return name

    def weight(self, *shape: int) -> str:
        return self.numbers(np.ones(shape), np.float32)

    def numbers(self, values: Any, dtype: type = np.int64) -> str:
        name = f"w{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(np.array(values, dtype=dtype), name))
        return name

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def between(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def alike(self, x: Tensor) -> Tensor:
        """A tensor of the same shape whatever the open sizes are: without any, one that is equal now may be it."""
        return x if any(x.is_open) else self.pick(*(each for each in self.tensors if each.shape == x.shape))

    def size(self, x: Tensor, axis: int) -> str:
        """The size of an axis, asked for as exporters do."""
        if not x.is_open[axis] and self.draw(st.booleans()):
            return self.numbers([x.shape[axis]])
        return self.helper("Gather", [self.helper("Shape", [x.name]), self.numbers([axis])])


Step = Callable[[Graph, Tensor], Tensor | None]
STEPS: list[Step] = []
"""Each adds nodes to a graph behind a tensor, or does not where it does not fit."""


def step(function: Step) -> Step:
    STEPS.append(function)
    return function


@step
def convolution(graph: Graph, x: Tensor) -> Tensor | None:
    axes = len(x.shape) - 2
    if axes not in (1, 2) or x.is_open[1]:
        return None
    group = graph.pick(1, x.shape[1])
    kernel = [graph.between(1, 3) for _ in range(axes)]
    stride, dilation = [graph.between(1, 3) for _ in range(axes)], [graph.between(1, 2) for _ in range(axes)]
    pads = [graph.between(0, 2) for _ in range(2 * axes)]
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padded = [x.shape[2 + a] + pads[a] + pads[a + axes] for a in range(axes)]
    if any(size < span for size, span in zip(padded, spans, strict=True)):
        return None
    c_o = group * graph.between(1, 2)
    inputs = [x.name, graph.weight(c_o, x.shape[1] // group, *kernel)]
    if graph.draw(st.booleans()):
        inputs.append(graph.weight(c_o))
    sizes = [(size - span) // s + 1 for size, span, s in zip(padded, spans, stride, strict=True)]
    attributes = {"strides": stride, "dilations": dilation, "pads": pads, "group": group, "kernel_shape": kernel}
    return graph.add("Conv", inputs, (x.shape[0], c_o, *sizes), x.is_open, **attributes)


@step
def same_convolution(graph: Graph, x: Tensor) -> Tensor | None:
    if len(x.shape) != 4 or x.is_open[1]:
        return None
    side, stride = graph.pick("SAME_UPPER", "SAME_LOWER"), [graph.between(1, 3), graph.between(1, 3)]
    sizes = [-(-size // s) for size, s in zip(x.shape[2:], stride, strict=True)]
    inputs = [x.name, graph.weight(2, x.shape[1], graph.between(1, 3), 2)]
    return graph.add("Conv", inputs, (x.shape[0], 2, *sizes), x.is_open, strides=stride, auto_pad=side)


@step
def transposed_convolution(graph: Graph, x: Tensor) -> Tensor | None:
    if len(x.shape) != 4 or x.is_open[1]:
        return None
    group, multiple = graph.pick(1, x.shape[1]), graph.between(1, 2)
    kernel, stride = [graph.between(1, 3) for _ in range(2)], [graph.between(1, 2) for _ in range(2)]
    pads, extra = [graph.between(0, 1) for _ in range(4)], [graph.between(0, s - 1) for s in stride]
    sizes = [(x.shape[2 + a] - 1) * stride[a] + kernel[a] + extra[a] - pads[a] - pads[a + 2] for a in range(2)]
    if min(sizes) < 1:
        return None
    attributes = {"strides": stride, "pads": pads, "group": group, "output_padding": extra}
    inputs = [x.name, graph.weight(x.shape[1], multiple, *kernel)]
    return graph.add("ConvTranspose", inputs, (x.shape[0], multiple * group, *sizes), x.is_open, **attributes)


@step
def pool(graph: Graph, x: Tensor) -> Tensor | None:
    axes = len(x.shape) - 2
    if axes not in (1, 2):
        return None
    kernel = [graph.between(1, 3) for _ in range(axes)]
    stride = [graph.between(1, 3) for _ in range(axes)]
    pads = [graph.between(0, k - 1) for k in kernel * 2]
    padded = [x.shape[2 + a] + pads[a] + pads[a + axes] for a in range(axes)]
    if any(size < k for size, k in zip(padded, kernel, strict=True)):
        return None
    ceil = graph.between(0, 1)
    sizes = [(size - k + ceil * (s - 1)) // s + 1 for size, k, s in zip(padded, kernel, stride, strict=True)]
    # No window begins in the padding at the end.
    sizes = [size - ((size - 1) * stride[a] >= x.shape[2 + a] + pads[a]) * ceil for a, size in enumerate(sizes)]
    attributes = {"kernel_shape": kernel, "strides": stride, "pads": pads, "ceil_mode": ceil}
    op = graph.pick("MaxPool", "AveragePool")
    return graph.add(op, [x.name], (*x.shape[:2], *sizes), x.is_open, **attributes)


@step
def pool_of_all(graph: Graph, x: Tensor) -> Tensor | None:
    if len(x.shape) < 3:
        return None
    ones, closed = (1,) * (len(x.shape) - 2), (False,) * (len(x.shape) - 2)
    op = graph.pick("GlobalAveragePool", "GlobalMaxPool")
    return graph.add(op, [x.name], (*x.shape[:2], *ones), (*x.is_open[:2], *closed))


@step
def transpose(graph: Graph, x: Tensor) -> Tensor:
    perm = graph.draw(st.permutations(range(len(x.shape))))
    return graph.add("Transpose", [x.name], [x.shape[p] for p in perm], [x.is_open[p] for p in perm], perm=perm)


@step
def concat(graph: Graph, x: Tensor) -> Tensor:
    axis = graph.between(0, len(x.shape) - 1)
    other = graph.alike(x)
    return graph.add("Concat", [x.name, other.name], *x.replaced(axis, 2 * x.shape[axis]), axis=axis)


@step
def split(graph: Graph, x: Tensor) -> Tensor | None:
    closed = [axis for axis, size in enumerate(x.shape) if size > 1 and not x.is_open[axis]]
    if not closed:
        return None
    axis = graph.pick(*closed)
    first = graph.between(1, x.shape[axis] - 1)
    parts = [first, x.shape[axis] - first]
    number = len(graph.nodes)
    names = [f"t{number}_{index}" for index in range(2)]
    graph.nodes.append(helper.make_node("Split", [x.name, graph.numbers(parts)], names, f"Split_{number}", axis=axis))
    graph.tensors += [Tensor(name, *x.replaced(axis, part)) for name, part in zip(names, parts, strict=True)]
    return graph.tensors[-graph.between(1, 2)]


@step
def slice_(graph: Graph, x: Tensor) -> Tensor | None:
    axis = graph.between(0, len(x.shape) - 1)
    bounds = st.integers(-x.shape[axis], x.shape[axis]) | st.just(2**62)
    start, end, pace = graph.draw(bounds), graph.draw(bounds), graph.pick(1, 1, 2, -1)
    size = len(range(x.shape[axis])[start:end:pace])
    if not size:
        return None
    inputs = [x.name, *(graph.numbers([value]) for value in (start, end, axis - graph.pick(0, len(x.shape)), pace))]
    return graph.add("Slice", inputs, *x.replaced(axis, size))


@step
def pad(graph: Graph, x: Tensor) -> Tensor | None:
    pads = [graph.between(-1, 2) for _ in range(2 * len(x.shape))]
    shape = [size + pads[axis] + pads[axis + len(x.shape)] for axis, size in enumerate(x.shape)]
    if min(shape) < 1 or any(
        min(pads[axis], 0) + min(pads[axis + len(x.shape)], 0) <= -size for axis, size in enumerate(x.shape)
    ):
        return None
    return graph.add("Pad", [x.name, graph.numbers(pads)], shape, x.is_open)


@step
def reduce(graph: Graph, x: Tensor) -> Tensor | None:
    axis, keeps = graph.between(0, len(x.shape) - 1), graph.draw(st.booleans())
    op = graph.pick("ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2")
    if keeps:
        return graph.add(op, [x.name, graph.numbers([axis])], *x.replaced(axis, 1, is_open=False), keepdims=1)
    if len(x.shape) == 1:
        return None
    return graph.add(op, [x.name, graph.numbers([axis - len(x.shape)])], *x.without(axis), keepdims=0)


@step
def product(graph: Graph, x: Tensor) -> Tensor | None:
    if x.is_open[-1]:
        return None
    width = graph.between(1, 4)
    return graph.add("MatMul", [x.name, graph.weight(x.shape[-1], width)], *x.replaced(len(x.shape) - 1, width))


@step
def product_with_itself(graph: Graph, x: Tensor) -> Tensor | None:
    rank = len(x.shape)
    if rank < 2:
        return None
    perm = [*range(rank - 2), rank - 1, rank - 2]
    turned = graph.add("Transpose", [x.name], [x.shape[p] for p in perm], [x.is_open[p] for p in perm], perm=perm)
    return graph.add("MatMul", [x.name, turned.name], *x.replaced(rank - 1, x.shape[-2], is_open=x.is_open[-2]))


@step
def gemm(graph: Graph, x: Tensor) -> Tensor | None:
    is_transposed, width = graph.between(0, 1), graph.between(1, 3)
    if len(x.shape) != 2 or x.is_open[1]:
        return None
    weight = graph.weight(*((width, x.shape[1]) if is_transposed else (x.shape[1], width)))
    return graph.add("Gemm", [x.name, weight, graph.weight(width)], *x.replaced(1, width), transB=is_transposed)


@step
def gather(graph: Graph, x: Tensor) -> Tensor | None:
    axis, is_scalar = graph.between(0, len(x.shape) - 1), graph.draw(st.booleans())
    if is_scalar and len(x.shape) == 1:
        return None
    indices = graph.numbers(graph.pick(0, -1) if is_scalar else [[0, -1, 0]])
    new: tuple[int, ...] = () if is_scalar else (1, 3)
    return graph.add(
        "Gather",
        [x.name, indices],
        (*x.shape[:axis], *new, *x.shape[axis + 1 :]),
        (*x.is_open[:axis], *(False for _ in new), *x.is_open[axis + 1 :]),
        axis=axis,
    )


@step
def function(graph: Graph, x: Tensor) -> Tensor:
    return graph.add(graph.pick("Relu", "Sigmoid", "Tanh", "Exp", "Softmax", "HardSwish"), [x.name], x.shape, x.is_open)


@step
def sum_with_stored(graph: Graph, x: Tensor) -> Tensor:
    first = graph.between(0, len(x.shape))
    shape = [1 if opened else graph.pick(1, size) for size, opened in zip(x.shape, x.is_open, strict=True)][first:]
    return graph.add(graph.pick("Add", "Mul", "Sub", "Div", "Max"), [x.name, graph.weight(*shape)], x.shape, x.is_open)


@step
def sum_with_earlier(graph: Graph, x: Tensor) -> Tensor:
    return graph.add("Add", [x.name, graph.alike(x).name], x.shape, x.is_open)


@step
def resize(graph: Graph, x: Tensor) -> Tensor | None:
    if len(x.shape) != 4:
        return None
    scales, mode = [1.0, 1.0, graph.pick(1.0, 2.0, 0.5), graph.pick(1.0, 3.0, 1.5)], graph.pick("nearest", "linear")
    shape = [int(size * scale) for size, scale in zip(x.shape, scales, strict=True)]
    if min(shape) < 1:
        return None
    if graph.draw(st.booleans()):
        inputs = [x.name, "", graph.numbers(scales, np.float32)]
    else:
        doubled = [size * 2 for size in x.shape[2:]]
        shape = [*x.shape[:2], *doubled]
        two = graph.numbers([2])
        sizes = [graph.size(x, 0), graph.size(x, 1), *(graph.helper("Mul", [graph.size(x, a), two]) for a in (2, 3))]
        inputs = [x.name, "", "", graph.helper("Concat", sizes, axis=0)]
    return graph.add("Resize", inputs, shape, x.is_open, mode=mode)


@step
def merged_axes(graph: Graph, x: Tensor) -> Tensor | None:
    """Two neighbouring axes as one, of a size that is computed or left over."""
    if len(x.shape) < 2:
        return None
    axis = graph.between(0, len(x.shape) - 2)
    sizes = [graph.size(x, each) for each in range(len(x.shape)) if each not in (axis, axis + 1)]
    if graph.draw(st.booleans()):
        merged = graph.numbers([-1])
    else:
        merged = graph.helper("Mul", [graph.size(x, axis), graph.size(x, axis + 1)])
    target = graph.helper("Concat", [*sizes[:axis], merged, *sizes[axis:]], axis=0)
    shape = (*x.shape[:axis], x.shape[axis] * x.shape[axis + 1], *x.shape[axis + 2 :])
    is_open = (*x.is_open[:axis], x.is_open[axis] or x.is_open[axis + 1], *x.is_open[axis + 2 :])
    return graph.add("Reshape", [x.name, target], shape, is_open)


@step
def split_axis(graph: Graph, x: Tensor) -> Tensor | None:
    """An axis as two, as heads are."""
    even = [axis for axis, size in enumerate(x.shape) if size % 2 == 0 and not x.is_open[axis]]
    if not even or len(x.shape) > 4:
        return None
    axis = graph.pick(*even)
    half = x.shape[axis] // 2
    parts = graph.numbers(graph.pick([2, half], [-1, half], [2, -1]))
    sizes = [graph.size(x, each) for each in range(len(x.shape)) if each != axis]
    target = graph.helper("Concat", [*sizes[:axis], parts, *sizes[axis:]], axis=0)
    shape = (*x.shape[:axis], 2, half, *x.shape[axis + 1 :])
    return graph.add("Reshape", [x.name, target], shape, (*x.is_open[:axis], False, False, *x.is_open[axis + 1 :]))


@step
def new_axis(graph: Graph, x: Tensor) -> Tensor | None:
    axis = graph.between(0, len(x.shape))
    shape, is_open = (*x.shape[:axis], 1, *x.shape[axis:]), (*x.is_open[:axis], False, *x.is_open[axis:])
    return graph.add("Unsqueeze", [x.name, graph.numbers([axis])], shape, is_open) if len(x.shape) < 5 else None


@step
def dropped_axis(graph: Graph, x: Tensor) -> Tensor | None:
    single = [axis for axis, size in enumerate(x.shape) if size == 1 and not x.is_open[axis]]
    if not single or len(x.shape) == 1:
        return None
    axis = graph.pick(*single)
    return graph.add("Squeeze", [x.name, graph.numbers([axis])], *x.without(axis))


@step
def repeated(graph: Graph, x: Tensor) -> Tensor:
    repeats = [graph.between(1, 2) for _ in x.shape]
    shape = [size * times for size, times in zip(x.shape, repeats, strict=True)]
    return graph.add("Tile", [x.name, graph.numbers(repeats)], shape, x.is_open)


@step
def expanded(graph: Graph, x: Tensor) -> Tensor | None:
    """A stored row for each position, as class tokens and learned queries are made, times the positions' own."""
    if x.is_open[-1] or x.shape[-1] == 1:
        return None
    sizes = graph.helper("Concat", [graph.size(x, axis) for axis in range(len(x.shape))], axis=0)
    row = graph.weight(*(1 for _ in x.shape[:-1]), x.shape[-1])
    return graph.add("Mul", [x.name, graph.helper("Expand", [row, sizes])], x.shape, x.is_open)


@step
def filled(graph: Graph, x: Tensor) -> Tensor:
    """Zeros of a shape that is asked for, added."""
    zeros = graph.helper("ConstantOfShape", [graph.helper("Shape", [x.name])])
    return graph.add("Add", [zeros, x.name], x.shape, x.is_open)


@step
def numbered(graph: Graph, x: Tensor) -> Tensor:
    """The positions along the last axis, added."""
    size = graph.helper("Squeeze", [graph.size(x, len(x.shape) - 1), graph.numbers([0])])
    numbers = graph.helper("Range", [graph.numbers(0), size, graph.numbers(1)])
    return graph.add("Mul", [x.name, graph.helper("Cast", [numbers], to=TensorProto.FLOAT)], x.shape, x.is_open)


@step
def largest(graph: Graph, x: Tensor) -> Tensor:
    axis = graph.between(0, len(x.shape) - 1)
    where = graph.helper("ArgMax", [x.name], axis=axis, keepdims=1)
    return graph.add("Cast", [where], *x.replaced(axis, 1, is_open=False), to=TensorProto.FLOAT)


@step
def chosen(graph: Graph, x: Tensor) -> Tensor:
    flags = graph.helper("Greater", [x.name, graph.numbers(0.0, np.float32)])
    return graph.add("Where", [flags, x.name, graph.numbers(0.0, np.float32)], x.shape, x.is_open)


@step
def depth_to_space(graph: Graph, x: Tensor) -> Tensor | None:
    if len(x.shape) != 4 or x.shape[1] % 4 or x.is_open[1]:
        return None
    n, c, h, w = x.shape
    return graph.add(
        "DepthToSpace", [x.name], (n, c // 4, 2 * h, 2 * w), x.is_open, blocksize=2, mode=graph.pick("DCR", "CRD")
    )


@dataclass(frozen=True)
class Drawn:
    """A graph, the sizes of its input, and the tensors whose shapes are known from how it was made."""

    nodes: Sequence[onnx.NodeProto]
    stored: Sequence[onnx.TensorProto]
    sizes: dict[str, int]
    input_shape: tuple[int, ...]
    outputs: Sequence[Tensor]

    def model(self, *, is_open: bool) -> onnx.ModelProto:
        """A model with fixed or open sizes."""
        named = [name if is_open and name else size for name, size in zip(OPEN, self.input_shape, strict=True)]
        graph = helper.make_graph(
            list(self.nodes),
            "graph",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, named)],
            [helper.make_tensor_value_info(each.name, TensorProto.FLOAT, None) for each in self.outputs],
            list(self.stored),
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


@st.composite
def graphs(draw: DrawFn) -> Drawn:
    """One to six operations, one behind the other."""
    shape = (draw(st.integers(1, 3)), draw(st.sampled_from([1, 2, 3, 4])), *(draw(st.integers(1, 7)) for _ in range(2)))
    x = Tensor("x", shape, tuple(name is not None for name in OPEN))
    graph = Graph(draw, tensors=[x])
    for _ in range(draw(st.integers(1, 6))):
        after = draw(st.sampled_from(STEPS))(graph, x)
        if after is not None and prod(after.shape) <= LARGEST and len(after.shape) <= 5:
            x = after
    if x.name == "x":
        function(graph, x)
    sizes = {name: size for name, size in zip(OPEN, shape, strict=True) if name}
    return Drawn(graph.nodes, graph.stored, sizes, shape, graph.tensors[1:])
