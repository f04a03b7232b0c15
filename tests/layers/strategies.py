"""Hypothesis strategies: for every layer kind, small valid cases of fields and input shapes.

Fields are spelled in all the ways a spec allows (one integer or one per axis, pairs, names, left out), so
that the defaults are tested as well.
"""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.layers.product_strategies import PRODUCTS
from tests.layers.tensor_strategies import TENSOR_STRATEGIES, broadcast
from tests.layers.window_strategies import (
    BATCH,
    BIAS,
    FEW,
    Case,
    Shape,
    convolution,
    depthwise,
    maybe,
    pointwise,
    pool,
    separable,
    spelled,
    transposed,
)

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
MAPS = st.lists(st.integers(1, 5), max_size=3)
IMAGES = st.tuples(BATCH, FEW, MAPS).map(lambda drawn: (*drawn[:2], *drawn[2]))
SPATIAL = IMAGES.filter(lambda shape: len(shape) > 2)
AFFINE: dict[str, SearchStrategy[object]] = {"affine": st.booleans()}


def of_input(shapes: SearchStrategy[Shape], **optional: SearchStrategy[object]) -> SearchStrategy[Case]:
    """Cases of one input whose shape and optional fields do not depend on each other."""
    fields = st.fixed_dictionaries({}, optional=optional)
    return st.tuples(fields, shapes.map(lambda shape: [shape]))


@st.composite
def linear(draw: DrawFn) -> Case:
    shape = (*draw(st.lists(st.integers(1, 4), max_size=3)), draw(st.integers(1, 8)))
    return {"out_features": draw(st.integers(1, 8)), **maybe(draw, **BIAS)}, [shape]


@st.composite
def layer_norm(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    dims: SearchStrategy[object] = st.integers(1, len(shape))
    return maybe(draw, dims=dims, affine=st.booleans()), [shape]


@st.composite
def grouped_channels(draw: DrawFn, /, **optional: SearchStrategy[object]) -> Case:
    groups = draw(st.integers(1, 4))
    shape = (draw(BATCH), groups * draw(FEW), *draw(MAPS))
    return {"groups": groups, **maybe(draw, **optional)}, [shape]


@st.composite
def along_axis(draw: DrawFn, name: str, default: int) -> Case:
    shape = draw(SHAPES)
    axis: SearchStrategy[object] = st.integers(-len(shape), len(shape) - 1)
    if default >= len(shape):
        return {name: draw(axis)}, [shape]
    return maybe(draw, **{name: axis}), [shape]


@st.composite
def concat(draw: DrawFn) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    fields = maybe(draw, axis=st.integers(-len(shape), len(shape) - 1))
    axis = int(str(fields.get("axis", 1))) % len(shape)
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    return fields, [(*shape[:axis], length, *shape[axis + 1 :]) for length in lengths]


@st.composite
def split(draw: DrawFn) -> Case:
    shape = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    fields = maybe(draw, axis=st.integers(-len(shape), len(shape) - 1))
    axis = int(str(fields.get("axis", 1))) % len(shape)
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    if draw(st.booleans()):
        fields["sizes"] = tuple(sizes)
        shape[axis] = sum(sizes)
    else:
        fields["sections"] = len(sizes)
        shape[axis] = len(sizes) * sizes[0]
    return fields, [tuple(shape)]


@st.composite
def reshape(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    target: list[int] = list(draw(st.permutations(shape)))
    if len(target) > 1 and draw(st.booleans()):
        target[:2] = [target[0] * target[1]]
    if draw(st.booleans()):
        target[draw(st.integers(0, len(target) - 1))] = -1
    return {"shape": tuple(target)}, [shape]


@st.composite
def permute(draw: DrawFn) -> Case:
    shape = draw(SHAPES)
    return {"axes": tuple(draw(st.permutations(range(len(shape)))))}, [shape]


@st.composite
def upsample(draw: DrawFn) -> Case:
    name = draw(st.sampled_from(["scale", "size"]))
    target = spelled(draw, [draw(st.integers(1, 7)), draw(st.integers(1, 7))])
    shape = (draw(BATCH), draw(FEW), draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    return {name: target, **maybe(draw, mode=st.sampled_from(["nearest", "bilinear"]))}, [shape]


@st.composite
def uncounted(draw: DrawFn) -> Case:
    shapes = tuple(draw(st.lists(SHAPES, max_size=3)))
    return {"op": "com.example.Unknown", "shapes": shapes}, draw(st.lists(SHAPES, max_size=3))


@st.composite
def detections(draw: DrawFn) -> Case:
    batch = draw(BATCH)
    inputs = [(batch, *draw(SHAPES)) for _ in range(draw(st.integers(1, 3)))]
    return {"shape": draw(SHAPES.filter(bool))}, inputs


STORED: SearchStrategy[Case] = st.tuples(SHAPES.map(lambda shape: {"shape": shape}), st.just([]))
AXES = (1, 2, 3)

STRATEGIES: dict[str, SearchStrategy[Case]] = {
    "linear": linear(),
    **{f"conv{axes}d": convolution(axes) for axes in AXES},
    **{f"conv_transpose{axes}d": transposed(axes) for axes in AXES},
    "depthwise_conv2d": depthwise(),
    "pointwise_conv2d": pointwise(),
    "spatially_separable_conv2d": separable(second=st.sampled_from(["per_channel", "dense"])),
    "depthwise_separable_conv2d": separable(dilated=True, multiplier=FEW),
    "depthwise_spatially_separable_conv2d": separable(),
    **{f"max_pool{axes}d": pool(axes, dilated=True) for axes in AXES},
    **{f"avg_pool{axes}d": pool(axes, dilated=True, count_include_pad=st.booleans()) for axes in AXES},
    "global_avg_pool": of_input(SPATIAL, keepdims=st.booleans()),
    "global_max_pool": of_input(SPATIAL, keepdims=st.booleans()),
    "batch_norm": of_input(IMAGES, **AFFINE),
    "layer_norm": layer_norm(),
    "group_norm": grouped_channels(**AFFINE),
    "instance_norm": of_input(SPATIAL, **AFFINE),
    "local_response_norm": of_input(IMAGES, size=st.integers(1, 6)),
    **dict.fromkeys(
        ("relu", "relu6", "elu", "tanh", "sigmoid", "silu", "hard_sigmoid", "hard_swish"), of_input(SHAPES)
    ),
    "leaky_relu": of_input(SHAPES, slope=st.sampled_from([0.01, 0.2])),
    "gelu": of_input(SHAPES, approximation=st.sampled_from(["none", "tanh"])),
    "softmax": along_axis("axis", -1),
    "add": broadcast(),
    "multiply": broadcast(),
    "concat": concat(),
    "split": split(),
    "channel_shuffle": grouped_channels(),
    "flatten": along_axis("start_axis", 1),
    "reshape": reshape(),
    "permute": permute(),
    "upsample2d": upsample(),
    "dropout": of_input(SHAPES, rate=st.sampled_from([0.0, 0.2, 0.9])),
    "identity": of_input(SHAPES),
    **dict.fromkeys(("parameter", "buffer", "constant"), STORED),
    "uncounted": uncounted(),
    "detection_output": detections(),
    **PRODUCTS,
    **TENSOR_STRATEGIES,
}
