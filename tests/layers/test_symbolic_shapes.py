"""Shapes of symbols: what stays simple, what is assumed, and what binding numbers gives."""

import pytest

from costmodel import Builder, parse_layer
from costmodel.algebra import equal, parse
from costmodel.algebra.text import to_text
from costmodel.layers import DynamicConv, Expand, Gather, Pad, Reshape, Resize, Slice, TopK


def shape_of(kind: str, fields: dict[str, object], *shapes: tuple[object, ...]) -> tuple[str, ...]:
    """The output's sizes as text."""
    (shape,) = parse_layer({"kind": kind, **fields}).cost(*shapes).output_shapes
    return tuple(map(str, shape))


@pytest.mark.parametrize(
    ("shape", "target", "expected"),
    [
        (("n", "c", "floor(h/2) + 1"), ("n", "c", -1), ("n", "c", "floor(h/2) + 1")),
        (("n", "c", "2*h + 2"), ("n", -1, "h + 1"), ("n", "2*c", "h + 1")),
        (("n", 4, "2*h + 2", "2*w + 2"), ("n", -1, "h + 1", "w + 1"), ("n", "16", "h + 1", "w + 1")),
        (("n", "floor(h/2)*w + w", 96), (-1, "floor(h/2) + 1", 96), ("n*w", "floor(h/2) + 1", "96")),
        (("n", "h*w + h + w + 1"), ("n", "h + 1", -1), ("n", "h + 1", "w + 1")),
        (("n*h*w", 6, 49, 49), (-1, "h*w", 6, 49, 49), ("n", "h*w", "6", "49", "49")),
        (("n", "7*floor(h/7 + 6/7)", 96), ("n", "floor(h/7 + 6/7)", 7, -1), ("n", "floor(h/7 + 6/7)", "7", "96")),
    ],
)
def test_what_is_left_over_in_a_reshape_is_simple(
    shape: tuple[object, ...], target: tuple[object, ...], expected: tuple[str, ...]
) -> None:
    assert shape_of("reshape", {"shape": target}, shape) == expected


@pytest.mark.parametrize(
    ("kind", "fields", "shapes", "expected"),
    [
        ("subtract", {}, (("n", 1, "h"), ("c", 1)), ("n", "c", "h")),
        ("where", {}, (("h", "h"), ("n", 12, "h", "h"), ()), ("n", "12", "h", "h")),
        ("reduce_mean", {"axes": (2, 3)}, (("n", "c", "h", "w"),), ("n", "c", "1", "1")),
        ("squeeze", {"axes": (-1,)}, (("n", "c", 1),), ("n", "c")),
        ("unsqueeze", {"axes": (1,)}, (("n", "c"),), ("n", "1", "c")),
        ("slice", {"axes": (1,), "starts": (1,), "lengths": ("h - 1",)}, (("n", "h"),), ("n", "h - 1")),
        ("expand", {"shape": ("n", -1, -1)}, ((1, 1, 768),), ("n", "1", "768")),
        ("tile", {"repeats": ("n", 1)}, ((2, "h"),), ("2*n", "h")),
        ("gather", {"axis": 1}, (("n", 197, 768), ()), ("n", "768")),
        ("gather_nd", {}, (("n", "h", 6), ("k", 2)), ("k", "6")),
        ("resize", {"scales": (1, 1, 2, "1/2")}, (("n", 3, "h", "w"),), ("n", "3", "2*h", "floor(w/2)")),
        ("resize", {"sizes": (-1, -1, "h", "h")}, (("n", 3, 7, 7),), ("n", "3", "h", "h")),
        ("pad", {"pads": ((0, 0), ("-p", "q"))}, (("n", "h"),), ("n", "h - p + q")),
        ("depth_to_space", {"block": 2}, (("n", "4*c", "h", "w"),), ("n", "c", "2*h", "2*w")),
        ("space_to_depth", {"block": "b"}, (("n", 3, "b*h", "b*w"),), ("n", "3*b**2", "h", "w")),
        ("dynamic_conv", {"groups": "c"}, (("n", "c", "h"), ("2*c", 1, 3)), ("n", "2*c", "h - 2")),
        ("dynamic_conv", {"groups": "g"}, (("n", "g*c", "h"), ("d", "c", 1)), ("n", "d", "h")),
        ("unfold", {"kernel": 2, "stride": 2}, (("n", "c", "2*h", "2*w"),), ("n", "4*c", "h*w")),
        (
            "fold",
            {"output_size": ("2*h", "2*w"), "kernel": 2, "stride": 2},
            (("n", 12, "w*h"),),
            ("n", "3", "2*h", "2*w"),
        ),
    ],
)
def test_symbols_go_through(
    kind: str, fields: dict[str, object], shapes: tuple[tuple[object, ...], ...], expected: tuple[str, ...]
) -> None:
    found = shape_of(kind, fields, *shapes)
    assert len(found) == len(expected)
    assert all(map(equal, map(parse, found), map(parse, expected))), found


def test_a_computed_convolution_costs_what_one_with_weights_does() -> None:
    x = ("n", "c", "h", "w")
    dynamic = DynamicConv(stride=2, padding=1).cost(x, ("d", "c", 3, 3))
    stored = parse_layer({"kind": "conv2d", "out_channels": "d", "kernel": 3, "stride": 2, "padding": 1, "bias": False})
    assert dynamic.output_shapes == stored.cost(x).output_shapes
    assert equal(dynamic.macs, stored.cost(x).macs)


@pytest.mark.parametrize(
    ("size", "scale", "expected"),
    [
        (10, 0.7, 7),
        (10, 0.699999988079071, 7),
        (9, 1 / 3, 3),
        (9, 0.3333333432674408, 3),
        (390, 1.2999999523162842, 506),
        (390, 1.3, 507),
        (10, 0.6999, 6),
        (7, 2.5, 17),
    ],
)
def test_a_scale_in_floating_point_gives_what_floating_point_does(size: int, scale: float, expected: int) -> None:
    """The sizes are those that ONNX Runtime (single precision) and PyTorch (double) give."""
    layer = Resize(scales=(scale,))
    assert layer.cost((size,)).output_shapes == ((expected,),)
    assert Resize.model_validate_json(layer.model_dump_json()) == layer


@pytest.mark.parametrize("scale", [0.7, 0.699999988079071])
def test_a_symbol_takes_the_fraction_that_was_meant(scale: float) -> None:
    assert shape_of("resize", {"scales": (scale,)}, ("h",)) == ("floor(7*h/10)",)


def test_binding_reaches_every_field() -> None:
    b = Builder("moves")
    x = b.input("x", ("n", 8, "h")).then(
        Slice(axes=(2,), starts=(1,), lengths=("h - 1",)),
        Pad(pads=((0, 0), (0, 0), ("2 - h", "h"))),
        Reshape(shape=("n", 1, 8, -1)),
        Expand(shape=("n", 3, -1, -1)),
        Resize(sizes=(-1, -1, -1, "2*h"), mode="linear"),
    )
    largest, positions = b.add_many(TopK(k="h"), x)
    network = b.build(largest.then(Gather(axis=1, indices=("n", "h"))), positions)
    bound = network.bind(n=2, h=5)
    assert [bound.shapes[name] for name in bound.outputs] == [(2, 2, 5, 8, 5), (2, 3, 8, 5)]
    symbolic, numbers = network.cost().ledger, bound.cost().ledger
    assert [parse(to_text(count), {"n": 2, "h": 5}) for count in symbolic] == list(numbers)
