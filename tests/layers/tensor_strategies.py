"""Hypothesis strategies for layers on tensors of any rank: arithmetic, functions, reductions, moves, resampling."""

from math import prod

from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.layers.window_strategies import BATCH, FEW, Case, Fields, Shape, maybe, pool, spelled, transposed, window
from tests.reference.execution.fields import padding_rules, per_axis
from tests.reference.execution.windows import lay_out_all

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
CHANNELLED = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)


@st.composite
def broadcast(draw: DrawFn, inputs: int | None = None, /, **optional: SearchStrategy[object]) -> Case:
    count = inputs or draw(st.integers(1, 4))
    shapes = draw(mutually_broadcastable_shapes(num_shapes=count, min_dims=1, max_dims=4, max_side=4))
    return maybe(draw, **optional), list(shapes.input_shapes)


@st.composite
def logical(draw: DrawFn) -> Case:
    operator = draw(st.sampled_from(["and", "or", "xor", "not", "shift_left", "shift_right"]))
    fields, shapes = draw(broadcast(1 if operator == "not" else 2))
    return {**fields, "operator": operator}, shapes


@st.composite
def function(draw: DrawFn, /, shapes: SearchStrategy[Shape] = SHAPES, **optional: SearchStrategy[object]) -> Case:
    return maybe(draw, **optional), [draw(shapes)]


@st.composite
def clip(draw: DrawFn) -> Case:
    bounds: Fields = draw(st.sampled_from([{"min": 0}, {"max": 6.0}, {"min": -1, "max": 1}, {"min": 0.5, "max": None}]))
    return bounds, [draw(SHAPES)]


@st.composite
def some_axes(draw: DrawFn, rank: int) -> tuple[int, ...]:
    """Some axes, each once, counted from the front or the back."""
    chosen = draw(st.lists(st.integers(0, rank - 1), unique=True, max_size=rank))
    return tuple(axis - rank * draw(st.integers(0, 1)) for axis in chosen)


@st.composite
def reduction(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    return maybe(draw, axes=st.none() | some_axes(len(shape)), keepdims=st.booleans()), [shape]


@st.composite
def one_axis(draw: DrawFn, /, **optional: SearchStrategy[object]) -> Case:
    shape = draw(SHAPES)
    return maybe(draw, axis=st.integers(-len(shape), len(shape) - 1), **optional), [shape]


@st.composite
def top_k(draw: DrawFn) -> Case:
    fields, (shape,) = draw(one_axis())
    return {**fields, "k": draw(st.integers(1, shape[int(str(fields.get("axis", -1)))]))}, [shape]


@st.composite
def squeeze(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    chosen = draw(st.lists(st.sampled_from(ones), unique=True)) if ones else []
    return {"axes": tuple(axis - len(shape) * draw(st.integers(0, 1)) for axis in chosen)}, [shape]


@st.composite
def unsqueeze(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    new = draw(st.integers(0, 3))
    rank = len(shape) + new
    axes = draw(st.permutations(range(rank)))[:new]
    return {"axes": tuple(axis - rank * draw(st.integers(0, 1)) for axis in axes)}, [shape]


@st.composite
def part(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    axes = draw(some_axes(len(shape)))
    starts, lengths, steps = [], [], []
    for axis in axes:
        start = draw(st.integers(0, shape[axis] - 1))
        step = draw(st.sampled_from([-2, -1, 1, 2, 3]))
        room = start if step < 0 else shape[axis] - 1 - start
        starts.append(start)
        lengths.append(draw(st.integers(1, room // abs(step) + 1)))
        steps.append(step)
    fields: Fields = {"axes": axes, "starts": tuple(starts), "lengths": tuple(lengths)}
    return fields | ({} if set(steps) <= {1} and draw(st.booleans()) else {"steps": tuple(steps)}), [shape]


@st.composite
def expand(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    target = [draw(st.sampled_from([-1, 1] if size > 1 else [-1, 1, 3])) for size in shape]
    return {"shape": (*draw(st.lists(FEW, max_size=2)), *target)}, [shape]


@st.composite
def tile(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    return {"repeats": tuple(draw(st.lists(FEW, min_size=len(shape), max_size=len(shape) + 1)))}, [shape]


@st.composite
def roll(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    axes = draw(some_axes(len(shape)))
    return {"axes": axes, "shifts": tuple(draw(st.integers(-9, 9)) for _ in axes)}, [shape]


@st.composite
def flip(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    return {"axes": draw(some_axes(len(shape)))}, [shape]


@st.composite
def depth_to_space(draw: DrawFn) -> Case:
    block = draw(FEW)
    shape = (draw(BATCH), block**2 * draw(FEW), draw(FEW), draw(FEW))
    return {"block": block, **maybe(draw, mode=st.sampled_from(["DCR", "CRD"]))}, [shape]


@st.composite
def space_to_depth(draw: DrawFn) -> Case:
    block = draw(FEW)
    return {"block": block}, [(draw(BATCH), draw(FEW), block * draw(FEW), block * draw(FEW))]


@st.composite
def gather(draw: DrawFn) -> Case:
    fields, (shape,) = draw(one_axis())
    indices = tuple(draw(st.lists(FEW, max_size=2)))
    return (fields, [shape, indices]) if draw(st.booleans()) else ({**fields, "indices": indices}, [shape])


@st.composite
def elements(draw: DrawFn) -> Case:
    fields, (shape,) = draw(one_axis())
    axis = int(str(fields.get("axis", 0))) % len(shape)
    indices = [draw(st.integers(1, size)) for size in shape]
    indices[axis] = draw(st.integers(1, 5))
    return fields, [shape, tuple(indices)]


REDUCTION = st.sampled_from(["none", "add", "mul", "max", "min"])


@st.composite
def scatter_elements(draw: DrawFn) -> Case:
    fields, (data, indices) = draw(elements())
    return {**fields, **maybe(draw, reduction=REDUCTION)}, [data, indices, indices]


@st.composite
def gather_nd(draw: DrawFn) -> Case:
    data = draw(SHAPES)
    shared = draw(st.integers(0, len(data) - 1))
    depth = draw(st.integers(1, len(data) - shared))
    indices = (*data[:shared], *draw(st.lists(FEW, max_size=2)), depth)
    return ({"batch_dims": shared} if shared or draw(st.booleans()) else {}), [data, indices]


@st.composite
def scatter_nd(draw: DrawFn) -> Case:
    data = draw(SHAPES)
    depth = draw(st.integers(1, len(data)))
    some = tuple(draw(st.lists(FEW, max_size=2)))
    return maybe(draw, reduction=REDUCTION), [data, (*some, depth), (*some, *data[depth:])]


@st.composite
def one_hot(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    axis: SearchStrategy[object] = st.integers(-len(shape) - 1, len(shape))
    return {"depth": draw(st.integers(1, 5)), **maybe(draw, axis=axis)}, [shape]


@st.composite
def pad(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    mode = draw(st.sampled_from(["constant", "reflect", "edge", "wrap"]))
    pads = []
    for size in shape:
        most = size - 1 if mode == "reflect" else 3
        before = draw(st.integers(1 - size, most))
        pads.append((before, draw(st.integers(1 - size - min(before, 0), most))))
    return {"pads": tuple(pads)} | ({} if mode == "constant" and draw(st.booleans()) else {"mode": mode}), [shape]


@st.composite
def resize(draw: DrawFn) -> Case:
    shape = (draw(BATCH), *draw(st.lists(st.integers(2, 5), max_size=3)))
    mode: Fields = maybe(draw, mode=st.sampled_from(["nearest", "linear", "cubic"]))
    if draw(st.booleans()):
        scales = [draw(st.sampled_from([1, 2, 0.5, "3/2", 1.0, "5/3"])) for _ in shape[1:]]
        return {"scales": (1, *scales), **mode}, [shape]
    return {"sizes": (-1, *(draw(st.sampled_from([-1, 1, 3, 7])) for _ in shape[1:])), **mode}, [shape]


@st.composite
def grid_sample(draw: DrawFn) -> Case:
    axes = draw(FEW)
    n = draw(BATCH)
    x = (n, draw(FEW), *(draw(st.integers(1, 4)) for _ in range(axes)))
    return maybe(draw, mode=st.sampled_from(["nearest", "linear"])), [x, (n, *(draw(FEW) for _ in range(axes)), axes)]


@st.composite
def adaptive(draw: DrawFn, axes: int) -> Case:
    size = spelled(draw, [draw(st.integers(1, 4)) for _ in range(axes)])
    return {"output_size": size}, [(draw(BATCH), draw(FEW), *(draw(st.integers(1, 5)) for _ in range(axes)))]


@st.composite
def dynamic_conv(draw: DrawFn) -> Case:
    axes = draw(FEW)
    if draw(st.booleans()):
        fields, (x,) = draw(transposed(axes))
        groups, c_o = (int(str(fields[name])) for name in ("groups", "out_channels"))
        weight, fields = (x[1], c_o // groups), {**fields, "transposed": True}
    else:
        groups, c_o = draw(FEW), draw(FEW)
        c_o *= groups
        fields, sizes = window(draw, axes)
        fields["groups"] = groups
        x = (draw(BATCH), groups * draw(FEW), *sizes)
        weight = (c_o, x[1] // groups)
    kernel = per_axis(fields["kernel"], axes)
    spec = {name: value for name, value in fields.items() if name not in ("kernel", "out_channels", "bias")}
    return spec, [x, (*weight, *kernel), *([(c_o,)] if draw(st.booleans()) else [])]


@st.composite
def unfold(draw: DrawFn) -> Case:
    fields, sizes = window(draw, 2)
    return fields, [(draw(BATCH), draw(FEW), *sizes)]


@st.composite
def fold(draw: DrawFn) -> Case:
    fields, sizes = window(draw, 2)
    k_h, k_w = per_axis(fields["kernel"], 2)
    fields["output_size"] = sizes
    windows = lay_out_all(
        sizes,
        (k_h, k_w),
        per_axis(fields.get("stride", 1), 2),
        per_axis(fields.get("dilation", 1), 2),
        padding_rules(fields.get("padding", 0), 2),
    )
    return fields, [(draw(BATCH), draw(FEW) * k_h * k_w, prod(len(axis.starts) for axis in windows))]


TENSOR_STRATEGIES: dict[str, SearchStrategy[Case]] = {
    **dict.fromkeys(("subtract", "divide", "power", "modulo", "atan2"), broadcast(2)),
    **dict.fromkeys(("maximum", "minimum"), broadcast()),
    "compare": broadcast(2, operator=st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])),
    "logical": logical(),
    "where": broadcast(3),
    **dict.fromkeys(
        (
            *("sqrt", "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "asin", "acos", "atan"),
            *("sinh", "cosh", "asinh", "acosh", "atanh", "erf", "rsqrt", "reciprocal", "square", "negate"),
            *("absolute", "sign", "floor", "ceil", "round", "truncate"),
            *("threshold", "selu", "celu", "softplus", "log_sigmoid", "softsign", "mish"),
        ),
        function(),
    ),
    "number_test": function(of=st.sampled_from(["nan", "inf", "finite"])),
    "clip": clip(),
    "prelu": function(CHANNELLED, per_channel=st.booleans()),
    "log_softmax": one_axis(),
    **dict.fromkeys(
        (
            *("reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_l1", "reduce_l2"),
            *("reduce_sum_square", "reduce_log_sum", "reduce_log_sum_exp", "reduce_variance"),
        ),
        reduction(),
    ),
    "argmax": one_axis(of=st.sampled_from(["max", "min"]), keepdims=st.booleans()),
    "cumsum": one_axis(),
    "top_k": top_k(),
    "sort": one_axis(),
    "squeeze": squeeze(),
    "unsqueeze": unsqueeze(),
    "slice": part(),
    "expand": expand(),
    "tile": tile(),
    "roll": roll(),
    "flip": flip(),
    "trilu": function(CHANNELLED, upper=st.booleans()),
    "cast": SHAPES.map(lambda shape: ({"to": "float16"}, [shape])),
    "depth_to_space": depth_to_space(),
    "space_to_depth": space_to_depth(),
    "gather": gather(),
    "gather_elements": elements(),
    "gather_nd": gather_nd(),
    "scatter_elements": scatter_elements(),
    "scatter_nd": scatter_nd(),
    "one_hot": one_hot(),
    "pad": pad(),
    "resize": resize(),
    "grid_sample": grid_sample(),
    **{f"adaptive_{fold}_pool{axes}d": adaptive(axes) for fold in ("avg", "max") for axes in (1, 2, 3)},
    "lp_pool": FEW.flatmap(lambda axes: pool(axes, dilated=True, p=st.sampled_from([1, 2]))),
    "dynamic_conv": dynamic_conv(),
    "unfold": unfold(),
    "fold": fold(),
}
