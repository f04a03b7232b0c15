"""Mistakes in a layer's spec or in its input shapes: one sentence with the field, the rule and the value."""

import pytest

from costmodel import parse_layer
from costmodel.errors import CostModelError, ShapeError, SpecError

Fields = dict[str, object]
WINDOW: Fields = {"kernel": 3}
CONV: Fields = {"out_channels": 8, "kernel": 3}
NOT_POSITIVE = "must be a positive integer or an expression of one"
NEGATIVE = "must be an integer of at least 0 or an expression of one"

SPECS: list[tuple[str, Fields, str]] = [
    ("conv2d", {"kernel": 3}, "'out_channels' is required"),
    ("conv2d", {"out_channels": 8}, "'kernel' is required"),
    ("conv2d", CONV | {"group": 2}, "'group' is not a field of this (got 2)"),
    ("conv2d", CONV | {"out_channels": 0}, f"'out_channels' {NOT_POSITIVE} (got 0)"),
    ("conv2d", CONV | {"out_channels": -8}, f"'out_channels' {NOT_POSITIVE} (got -8)"),
    ("conv2d", CONV | {"out_channels": 2.5}, f"'out_channels' {NOT_POSITIVE} (got 2.5)"),
    ("conv2d", CONV | {"out_channels": 8.0}, f"'out_channels' {NOT_POSITIVE} (got 8.0)"),
    ("conv2d", CONV | {"out_channels": True}, f"'out_channels' {NOT_POSITIVE} (got True)"),
    ("conv2d", CONV | {"out_channels": None}, f"'out_channels' {NOT_POSITIVE} (got None)"),
    ("conv2d", CONV | {"out_channels": "r + 1/2"}, f"'out_channels' {NOT_POSITIVE} (got 'r + 1/2')"),
    ("conv2d", CONV | {"out_channels": 2**31 + 1}, "'out_channels' must be at most 2**31 (got 2147483649)"),
    ("conv2d", CONV | {"out_channels": "8; r"}, "'out_channels' must be an expression of dimensions: '8; r' is not an"),
    (
        "conv2d",
        CONV | {"out_channels": "eval(r)"},
        "'out_channels' must be an expression of dimensions: 'eval(r)' calls",
    ),
    ("conv2d", CONV | {"kernel": 0}, f"'kernel.0' {NOT_POSITIVE} (got 0)"),
    ("conv2d", CONV | {"kernel": (3, -1)}, f"'kernel.1' {NOT_POSITIVE} (got -1)"),
    ("conv2d", CONV | {"kernel": (3, 3, 3)}, "'kernel' must be one value, or one for each of 2 axes (got (3, 3, 3))"),
    ("conv2d", CONV | {"kernel": ()}, "'kernel' must be one value, or one for each of 2 axes (got ())"),
    ("conv2d", CONV | {"stride": 0}, f"'stride.0' {NOT_POSITIVE} (got 0)"),
    ("conv2d", CONV | {"dilation": 0}, f"'dilation.0' {NOT_POSITIVE} (got 0)"),
    ("conv2d", CONV | {"groups": 0}, f"'groups' {NOT_POSITIVE} (got 0)"),
    ("conv2d", CONV | {"padding": -1}, f"'padding.0.0' {NEGATIVE} (got -1)"),
    ("conv2d", CONV | {"padding": "-r"}, f"'padding.0.0' {NEGATIVE} (got '-r')"),
    ("conv2d", CONV | {"padding": ((1, 2, 3), 0)}, "'padding' must be one value for an axis, or (before, after)"),
    ("conv2d", CONV | {"padding": (1, 1, 1)}, "'padding' must be one value, or one for each of 2 axes (got (1, 1, 1))"),
    *[
        ("conv2d", CONV | {"padding": name}, "'padding' must be numbers, 'valid', 'same_tensorflow' or 'same_pytorch'")
        for name in ("same", "SAME", "VALID", "full", "causal", "Same_PyTorch")
    ],
    (
        "conv2d",
        CONV | {"padding": "same_pytorch", "stride": 2},
        "'padding' can be 'same_pytorch' only where every stride",
    ),
    ("conv2d", CONV | {"bias": "no"}, "'bias' must be true or false (got 'no')"),
    ("conv2d", CONV | {"bias": 1}, "'bias' must be true or false (got 1)"),
    ("conv1d", CONV | {"kernel": (3, 3)}, "'kernel' must be one value (got (3, 3))"),
    ("depthwise_conv2d", WINDOW | {"multiplier": 0}, f"'multiplier' {NOT_POSITIVE} (got 0)"),
    ("spatially_separable_conv2d", CONV | {"second": "x"}, "'second' must be 'per_channel' or 'dense' (got 'x')"),
    ("conv_transpose2d", CONV | {"output_padding": -1}, f"'output_padding.0' {NEGATIVE} (got -1)"),
    (
        "conv_transpose2d",
        CONV | {"padding": "same_tensorflow"},
        "'padding' must be numbers, because 'same' has no meaning",
    ),
    ("max_pool2d", {}, "'kernel' is required"),
    (
        "max_pool2d",
        WINDOW | {"padding": 3},
        "'padding' must be smaller than the extent of 'kernel' (got 3 for one of 3)",
    ),
    ("lp_pool", WINDOW | {"p": 3}, "'p' must be 1 or 2 (got 3)"),
    ("adaptive_avg_pool2d", {"output_size": 0}, f"'output_size.0' {NOT_POSITIVE} (got 0)"),
    ("group_norm", {}, "'groups' is required"),
    ("local_response_norm", {"size": 0}, f"'size' {NOT_POSITIVE} (got 0)"),
    ("leaky_relu", {"slope": float("nan")}, "'slope' must be a finite number (got nan)"),
    ("leaky_relu", {"slope": "steep"}, "'slope' must be a valid number"),
    ("gelu", {"approximation": "erf"}, "'approximation' must be 'none' or 'tanh' (got 'erf')"),
    ("softmax", {"axis": 0.5}, "'axis' must be a valid integer (got 0.5)"),
    ("split", {}, "needs either 'sections' or 'sizes'"),
    ("split", {"sections": 2, "sizes": (1, 2)}, "needs either 'sections' or 'sizes'"),
    ("split", {"sections": 0}, "'sections' must be between 1 and 65536 (got 0)"),
    ("split", {"sizes": ()}, "'sizes' must name at least one part (got none)"),
    ("reshape", {"shape": (-1, 2, -1)}, "'shape' may leave one size open (-1), not several"),
    ("reshape", {"shape": (0, 2)}, f"'shape.0' {NOT_POSITIVE} (got 0)"),
    ("permute", {"axes": (0, 0)}, "'axes' must name each axis from 0 once (got (0, 0))"),
    ("pad", {"pads": ((0, 0.5),)}, "'pads.0.1' must be an integer or an expression of one (got 0.5)"),
    ("pad", {"pads": ((0, 1),), "mode": "mirror"}, "'mode' must be 'constant', 'reflect', 'edge' or 'wrap'"),
    ("upsample2d", {}, "needs either 'scale' or 'size'"),
    ("upsample2d", {"scale": 2, "size": 8}, "needs either 'scale' or 'size'"),
    ("upsample2d", {"scale": 2, "mode": "cubic"}, "'mode' must be 'nearest' or 'bilinear' (got 'cubic')"),
    ("resize", {}, "needs either 'scales' or 'sizes'"),
    ("resize", {"scales": (1, 0)}, "'scales.1' must be a positive number or a fraction such as '3/2'"),
    ("resize", {"scales": ("1e999999999",)}, "'scales.0' must be a positive number or a fraction such as '3/2'"),
    ("resize", {"scales": (float("nan"),)}, "'scales.0' must be a positive number or a fraction such as '3/2'"),
    ("slice", {"axes": (0,), "starts": (0,), "lengths": ()}, "needs as many 'starts', 'lengths' and 'steps' as 'axes'"),
    ("slice", {"axes": (0,), "starts": (0,), "lengths": (1,), "steps": (0,)}, "'steps' must not be 0 (got (0,))"),
    ("slice", {"axes": (0,), "starts": (-1,), "lengths": (1,)}, f"'starts.0' {NEGATIVE} (got -1)"),
    ("roll", {"axes": (0, 1), "shifts": (3,)}, "needs as many 'shifts' as 'axes' (got 1 for 2)"),
    ("clip", {}, "needs either 'min' or 'max', or both"),
    ("compare", {"operator": "<"}, "'operator' must be 'eq', 'ne', 'lt', 'le', 'gt' or 'ge' (got '<')"),
    ("cast", {"to": "Float 16"}, "'to' must be 'float64', 'float32'"),
    ("dynamic_conv", {"stride": ()}, "'stride' must be one value, or one for each axis (got ())"),
    ("dynamic_conv", {"output_padding": 1}, "'output_padding' may differ from 0 only where it is transposed"),
    ("dynamic_conv", {"transposed": True, "padding": "same_tensorflow"}, "'padding' must be numbers, because 'same'"),
    ("dropout", {"rate": 1.5}, "'rate' must be less than 1 (got 1.5)"),
    ("dropout", {"rate": -0.1}, "'rate' must be greater than or equal to 0 (got -0.1)"),
]

IMAGE = (1, 4, 8, 8)
SHAPES: list[tuple[str, Fields, tuple[tuple[object, ...], ...], str]] = [
    ("conv2d", CONV, ((1, 4, 8),), "takes an input of shape (n, c_i, h_i, w_i) (got 1x4x8)"),
    ("conv2d", CONV, (), "takes 1 input (got 0)"),
    ("conv2d", CONV, (IMAGE, IMAGE), "takes 1 input (got 2)"),
    ("conv2d", CONV | {"groups": 3}, (IMAGE,), "'groups' (=3) must divide the input channels (=4)"),
    ("conv2d", CONV | {"groups": 4, "out_channels": 6}, (IMAGE,), "'groups' (=4) must divide the output channels (=6)"),
    (
        "conv2d",
        CONV | {"kernel": 9},
        (IMAGE,),
        "'kernel' must fit its padded input (got an extent of 9 on a size of 8)",
    ),
    ("conv2d", CONV | {"dilation": 5, "padding": 1}, (IMAGE,), "padded input (got an extent of 11 on a size of 10)"),
    ("conv2d", CONV, ((1, "r", 8),), "(got 1 x r x 8)"),
    (
        "conv_transpose2d",
        CONV | {"padding": 10},
        (IMAGE,),
        "'padding' (=10, 10) must leave an output (got a size of -10)",
    ),
    (
        "pointwise_conv2d",
        {"out_channels": 6, "groups": 4},
        (IMAGE,),
        "'groups' (=4) must divide the output channels (=6)",
    ),
    ("depthwise_separable_conv2d", CONV, ((1, 4, 2, 8),), "depthwise_conv2d 'kernel' must fit its padded input"),
    ("linear", {"out_features": 3}, ((),), "takes an input with at least one axis (got a scalar)"),
    ("max_pool2d", WINDOW, ((1, 4, 2, 8),), "'kernel' must fit its padded input (got an extent of 3 on a size of 2)"),
    (
        "max_pool1d",
        WINDOW | {"stride": 2, "ceil_mode": True},
        ((1, 4, 1),),
        "'kernel' must fit its padded input (got an extent of 3 on a size of 1)",
    ),
    ("global_avg_pool", {}, ((1, 4),), "takes an input of shape (n, c, ...) with a spatial axis (got 1x4)"),
    ("batch_norm", {}, ((4,),), "takes an input of shape (n, c, ...) (got 4)"),
    ("group_norm", {"groups": 3}, (IMAGE,), "'groups' (=3) must divide the channels (=4)"),
    ("instance_norm", {}, ((1, 4),), "takes an input of shape (n, c, ...) with a spatial axis (got 1x4)"),
    ("layer_norm", {"dims": 3}, ((1, 4),), "'dims' must be at most the input's 2 axes (got 3)"),
    ("local_response_norm", {}, ((4,),), "takes an input of shape (n, c, ...) (got 4)"),
    ("softmax", {"axis": 2}, ((1, 4),), "'axis' must be one of the input's 2 axes (got 2)"),
    ("softmax", {}, ((),), "'axis' must be one of the input's 0 axes (got -1)"),
    ("add", {}, ((1, 4, 8), (1, 4, 7)), "needs inputs of equal sizes, or of size 1 (got 1x4x8 and 1x4x7)"),
    ("multiply", {}, ((2, 3), (3, 2)), "needs inputs of equal sizes, or of size 1 (got 2x3 and 3x2)"),
    ("add", {}, (("r", 3), ("n", 3)), "needs inputs of equal sizes, or of size 1 (got r x 3 and n x 3)"),
    ("concat", {}, ((1, 4, 8), (1, 4, 7)), "needs inputs that differ only along axis 1 (got 1x4x8 and 1x4x7)"),
    ("concat", {}, ((1, 4), (1, 4, 7)), "needs inputs that differ only along axis 1 (got 1x4 and 1x4x7)"),
    ("concat", {"axis": 2}, ((1, 4),), "'axis' must be one of the input's 2 axes (got 2)"),
    ("split", {"sections": 3}, ((1, 4),), "'sections' (=3) must divide the size of axis 1 (=4)"),
    ("split", {"sizes": (1, 2)}, ((1, 4),), "'sizes' must add up to the size of axis 1 (=4) (got 1 + 2)"),
    ("channel_shuffle", {"groups": 3}, (IMAGE,), "'groups' (=3) must divide the channels (=4)"),
    ("flatten", {"start_axis": 4}, (IMAGE,), "'start_axis' must be one of the input's 4 axes (got 4)"),
    ("reshape", {"shape": (3, -1)}, ((1, 4),), "'shape' must hold the input's elements (got 3x? for 1x4)"),
    ("reshape", {"shape": (2, 3)}, ((1, 4),), "'shape' must hold the input's elements (got 2x3 for 1x4)"),
    ("permute", {"axes": (1, 0)}, (IMAGE,), "'axes' must name the input's 4 axes (got (1, 0))"),
    ("pad", {"pads": ((0, 1),)}, (IMAGE,), "'pads' must have a pair for each of the input's 4 axes (got 1)"),
    (
        "pad",
        {"pads": ((0, 4),), "mode": "reflect"},
        ((4,),),
        "'pads' must be less than the size where the mode is 'reflect' (got 4 on a size of 4)",
    ),
    ("pad", {"pads": ((-2, -2),)}, ((4,),), "must have outputs of positive integer sizes (got 0)"),
    ("logical", {"operator": "not"}, ((4,), (4,)), "takes 1 input for 'not' (got 2)"),
    ("where", {}, ((4,), (3,), ()), "needs inputs of equal sizes, or of size 1 (got 4 and 3 and a scalar)"),
    ("reduce_sum", {"axes": (0, -2)}, ((4, 3),), "'axes' must name each axis once (got (0, -2))"),
    ("reduce_sum", {"axes": (2,)}, ((4, 3),), "'axes' must be one of the input's 2 axes (got 2)"),
    ("top_k", {"k": 5}, ((1, 4),), "'k' (=5) must be at most the size of axis -1 (=4)"),
    ("squeeze", {"axes": (0,)}, (("n", 4),), "'axes' must be of size 1 (got n for axis 0 of n x 4)"),
    ("squeeze", {}, (("n", 1),), "needs 'axes' where sizes are symbols: n may be 1 or not (got n x 1)"),
    ("unsqueeze", {"axes": (0, -3)}, ((4,),), "'axes' must name different ones of the output's 3 axes (got (0, -3))"),
    (
        "slice",
        {"axes": (1,), "starts": (2,), "lengths": (3,)},
        ((1, 4),),
        "must stay in its input: axis 1 of size 4 (got 2 to 4 in steps of 1)",
    ),
    ("expand", {"shape": (3,)}, ((1, 4),), "needs inputs of equal sizes, or of size 1 (got 1x4 and 3)"),
    ("tile", {"repeats": (3,)}, ((1, 4),), "'repeats' must have a number for each of the input's 2 axes (got 1)"),
    ("depth_to_space", {"block": 3}, (IMAGE,), "'block' (=3) squared must divide the channels (=4)"),
    ("space_to_depth", {"block": 3}, (IMAGE,), "'block' (=3) must divide the height (=8)"),
    ("gather", {}, ((4,),), "takes 2 inputs (got 1)"),
    ("gather", {"indices": ()}, ((4,), (2,)), "takes 1 input (got 2)"),
    ("gather_elements", {}, ((4, 3), (2, 4)), "fit the data everywhere but along axis 0 (got 2x4 for 4x3)"),
    ("gather_nd", {}, ((4, 3), (5, 3)), "whose last axis names at most the data's 2 axes (got 5x3)"),
    ("gather_nd", {}, ((4, 3), (5, "n")), "whose last axis names at most the data's 2 axes (got 5 x n)"),
    ("scatter_nd", {}, ((4, 3), (5, 1), (5, 2)), "updates of the shape that its indices select (got 5x2 for 5x3)"),
    ("resize", {"scales": (1, 2)}, ((4,),), "needs a scale or a size for each of the input's axes (got 2 for 4)"),
    ("resize", {"scales": ("1/5",)}, ((4,),), "must have outputs of positive integer sizes (got 0)"),
    ("grid_sample", {}, (IMAGE, (1, 3, 3, 3)), "(n, ..., number of spatial axes) (got 1x4x8x8 and 1x3x3x3)"),
    ("lp_pool", {"kernel": (2, 2)}, ((1, 4, 8),), "'kernel' must be one value, or one for each of 1 axes (got 2)"),
    (
        "dynamic_conv",
        {},
        (IMAGE, (8, 3, 3, 3)),
        "needs weights for the input's channels in 1 groups (got 8x3x3x3 for 1x4x8x8)",
    ),
    ("dynamic_conv", {}, (IMAGE, (8, 4, 3, 3), (4,)), "needs a bias for each output channel (got 4 for 8)"),
    ("dynamic_conv", {}, (IMAGE, (8, 4, 3)), "needs a weight of the input's rank (got 8x4x3 for 1x4x8x8)"),
    (
        "fold",
        {"output_size": 4, "kernel": 2},
        ((1, 8, 8),),
        "'output_size' must have as many windows as there are columns (got 3x3 windows for 8)",
    ),
    ("fold", {"output_size": 4, "kernel": 2}, ((1, 7, 9),), "'kernel' (of 4 elements) must divide the rows (=7)"),
    ("upsample2d", {"scale": 2}, ((1, 4, 8),), "takes an input of shape (n, c, h_i, w_i) (got 1x4x8)"),
]


def is_one_sentence(problem: CostModelError) -> bool:
    text = str(problem)
    return "\n" not in text and "pydantic" not in text and not text.endswith(".") and len(text) < 400


@pytest.mark.parametrize(("kind", "fields", "sentence"), SPECS, ids=[f"{kind}: {text}" for kind, _, text in SPECS])
def test_a_wrong_field(kind: str, fields: Fields, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_layer({"kind": kind, **fields})
    assert str(caught.value).startswith(f"{kind}: {sentence}")
    assert is_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("kind", "fields", "shapes", "sentence"), SHAPES, ids=[f"{kind}: {text}" for kind, *_, text in SHAPES]
)
def test_wrong_shapes(kind: str, fields: Fields, shapes: tuple[tuple[object, ...], ...], sentence: str) -> None:
    with pytest.raises(ShapeError) as caught:
        parse_layer({"kind": kind, **fields}).cost(*shapes)
    assert str(caught.value).startswith(kind)
    assert sentence in str(caught.value)
    assert is_one_sentence(caught.value)


def test_a_long_value_is_cut() -> None:
    with pytest.raises(SpecError) as caught:
        parse_layer({"kind": "conv2d", "out_channels": 8, "kernel": list(range(10_000))})
    assert is_one_sentence(caught.value)
