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
    ("max_pool2d", WINDOW | {"padding": 3}, "'padding' must be smaller than 'kernel' (got 3 for a kernel of 3)"),
    ("avg_pool2d", WINDOW | {"dilation": 2}, "'dilation' is not a field of this (got 2)"),
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
    ("pad", {"pads": ((0, -1),)}, f"'pads.0.1' {NEGATIVE} (got -1)"),
    ("upsample2d", {}, "needs either 'scale' or 'size'"),
    ("upsample2d", {"scale": 2, "size": 8}, "needs either 'scale' or 'size'"),
    ("upsample2d", {"scale": 2, "mode": "cubic"}, "'mode' must be 'nearest' or 'bilinear' (got 'cubic')"),
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
