"""Document 002: two numerical problems, a pooling window, and its formulas for pooling layers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from costmodel.algebra import symbols, total
from costmodel.algebra.types import Dim
from costmodel.counting import Ledger, convention
from costmodel.counting.conventions import TWO_PER_MAC
from costmodel.layers import Conv2d, LayerCost
from costmodel.textbook.example import Example, Verdict
from costmodel.zoo.document_002 import document_002

WINDOW = (23, 56, 76, 224, 177, 223, 122, 23, 34)
"""The kernel's nine values."""
PROBLEM_1 = "a convolution of input 25x25x9 by 7x7 kernels to an output of 19x19x64, on hardware of 4 TeraFLOPs"
PROBLEM_2 = "28x28 images: convolution, pool, convolution, pool, linear 128, linear 10; five 3x3 filters, 2x2 pools"
POOLED = convention("document-002-output-windows")
"""The rule of problem 2, layer 2."""


def _first_problem() -> LayerCost:
    return Conv2d(out_channels=64, kernel=7, bias=False).cost((1, 9, 25, 25))


def _flops(node: str) -> Dim:
    """A layer of problem 2 as stated, by the rule that the document first uses."""
    (cost,) = (cost for cost in document_002().cost().nodes if cost.name == node)
    return cost.flops(POOLED)


def _shape(node: str) -> tuple[Dim, ...]:
    return dict(document_002().shapes)[node]


def _pooling(rule: str) -> Dim:
    """A pooling layer with windows and strides of s, by one of the document's conventions."""
    h, w, d, s = symbols("H W D s")
    sizes = {"n": 1, "c": d, "h_i": h * s, "w_i": w * s, "h_o": h, "w_o": w, "k_h": s, "k_w": s, "s_h": s, "s_w": s}
    return convention(rule).count("avg_pool2d", Ledger(), sizes)


def _problem_1(
    name: str, printed: str, unit: str, rule: str, replay: Callable[[], Dim], compute: Callable[[], Dim]
) -> Example:
    return Example(
        document="002",
        name=f"problem 1: {name}",
        statement=PROBLEM_1,
        printed=printed,
        unit=unit,
        rule=rule,
        replay=replay,
        compute=compute,
    )


def _layer(
    name: str,
    node: str,
    printed: str,
    rule: str,
    replay: Callable[[], Dim],
    *,
    mistake: Verdict | None = None,
    erratum: str = "",
) -> Example:
    return Example(
        document="002",
        name=f"problem 2: {name}",
        statement=PROBLEM_2,
        printed=printed,
        unit="FLOPs",
        rule=rule,
        replay=replay,
        compute=lambda: _flops(node),
        mistake=mistake,
        erratum=erratum,
    )


def _size(name: str, node: str, axis: int, printed: str, rule: str, replay: Callable[[], Dim]) -> Example:
    return Example(
        document="002",
        name=f"problem 2: {name}",
        statement=PROBLEM_2,
        printed=printed,
        unit="elements along an axis",
        rule=rule,
        replay=replay,
        compute=lambda: _shape(node)[axis],
    )


EXAMPLES = (
    Example(
        document="002",
        name="max pooling of nine values",
        statement="the largest of the values of a 3x3 kernel",
        printed="224",
        rule="the largest value",
        replay=lambda: max(WINDOW),
        compute=lambda: max(WINDOW),
    ),
    Example(
        document="002",
        name="average pooling of nine values",
        statement="the average of the values of a 3x3 kernel",
        printed="106",
        rule="the sum, 958, divided by 9 without the remainder",
        replay=lambda: sum(WINDOW) // len(WINDOW),
        compute=lambda: Fraction(sum(WINDOW), len(WINDOW)),
    ),
    Example(
        document="002",
        name="INT8 quantization",
        statement="the number of different weights that 8 bits give",
        printed="256",
        rule="2^8",
        replay=lambda: 2**8,
        compute=lambda: 2**8,
    ),
    _problem_1(
        "output size",
        "19",
        "elements along an axis",
        "(25 - 7) + 1",
        lambda: 25 - 7 + 1,
        lambda: _first_problem().output_shapes[0][2],
    ),
    _problem_1(
        "MACs",
        "10188864",
        "MACs",
        "64 x 7 x 7 x 9 x 19 x 19",
        lambda: 64 * 7 * 7 * 9 * 19 * 19,
        lambda: _first_problem().macs,
    ),
    _problem_1(
        "FLOPs",
        "20377728",
        "FLOPs",
        "10188864 x 2",
        lambda: 10_188_864 * 2,
        lambda: TWO_PER_MAC.count("conv2d", _first_problem().ledger, {}),
    ),
    Example(
        document="002",
        name="problem 1: speed",
        statement=PROBLEM_1,
        printed="4x10^9",
        reading="4e9",
        unit="FLOP/s",
        rule="Tera taken for 10^9",
        replay=lambda: 4 * 10**9,
        compute=lambda: 4 * 10**12,
        mistake=Verdict.SLIP,
        erratum="4 TeraFLOPs is 4x10^12",
    ),
    Example(
        document="002",
        name="problem 1: time at 4 TFLOP/s",
        statement=PROBLEM_1,
        printed="0.5094432 x 10^-3",
        reading="0.5094432e-3",
        unit="s",
        rule="20377728 / (4x10^9), with the decimal point one place too far left",
        replay=lambda: Fraction(20_377_728, 4 * 10**9) / 10,
        compute=lambda: Fraction(TWO_PER_MAC.count("conv2d", _first_problem().ledger, {}), 4 * 10**12),
        mistake=Verdict.SLIP,
        erratum="5.094432e-6 s: 4 TeraFLOPs is 4x10^12, and 20377728 / (4x10^9) would be 5.094432e-3",
    ),
    _size("size after layer 1", "conv1", 2, "26", "(28 - 3) + 1", lambda: 28 - 3 + 1),
    Example(
        document="002",
        name="problem 2: layer 1, expression",
        statement=PROBLEM_2,
        printed="5x26x26x3x2x1x2",
        reading="40560",
        unit="FLOPs",
        rule="the printed product",
        replay=lambda: 5 * 26 * 26 * 3 * 2 * 1 * 2,
        compute=lambda: _flops("conv1"),
        mistake=Verdict.MISPRINT,
        erratum="5x26x26x3x3x1x2: the kernel is 3x3; the printed result, 60840, is that of this product",
    ),
    _layer("layer 1", "conv1", "60840", "5 x 26 x 26 x 3 x 3 x 1 x 2", lambda: 5 * 26 * 26 * 3 * 3 * 1 * 2),
    _size("size after layer 2", "pool1", 2, "13", "26 / 2", lambda: 26 // 2),
    _layer(
        "layer 2 (average pool)",
        "pool1",
        "3380",
        "output elements x window: 13 x 13 x 2 x 2 x 5",
        lambda: 13 * 13 * 2 * 2 * 5,
    ),
    _size("size after layer 3", "conv2", 2, "11", "(13 - 3) + 1", lambda: 13 - 3 + 1),
    _layer(
        "layer 3",
        "conv2",
        "108900",
        "5 x 11 x 11 x 3 x 3 x 10 x 2: ten kernels",
        lambda: 5 * 11 * 11 * 3 * 3 * 10 * 2,
        mistake=Verdict.SLIP,
        erratum="54450 with the five filters that the problem states; the document takes ten",
    ),
    _size("size after the second pool", "pool2", 2, "5", "11 / 2, rounded down", lambda: 11 // 2),
    _layer(
        "second pool",
        "pool2",
        "2420",
        "input elements x window: 11 x 11 x 2 x 2 x 5",
        lambda: 11 * 11 * 2 * 2 * 5,
        mistake=Verdict.SLIP,
        erratum="500 = 5 x 5 x 2 x 2 x 5 by the rule of layer 2: the input size stands where the output size belongs",
    ),
    _layer("first fully connected", "fc1", "32000", "5 x 5 x 5 x 128 x 2", lambda: 5 * 5 * 5 * 128 * 2),
    _layer("second fully connected", "fc2", "2560", "128 x 10 x 2", lambda: 128 * 10 * 2),
    Example(
        document="002",
        name="problem 2: total",
        statement=PROBLEM_2,
        printed="210100",
        unit="FLOPs",
        rule="60840 + 3380 + 108900 + 2420 + 32000 + 2560",
        replay=lambda: 60_840 + 3_380 + 108_900 + 2_420 + 32_000 + 2_560,
        compute=lambda: total(cost.flops(POOLED) for cost in document_002().cost().nodes),
        mistake=Verdict.SLIP,
        erratum="153730 as stated: it follows from the slips in layer 3 and in the second pool",
    ),
    Example(
        document="002",
        name="pooling formula with a stride",
        statement="a pooling layer with a window and a stride of s on an image of (H s) x D x (W s)",
        printed="(Height / Stride) x Depth x (Width / Stride)",
        reading="H*D*W",
        unit="FLOPs",
        rule="output elements, the window left out",
        replay=lambda: _pooling("document-002-input-elements"),
        compute=lambda: _pooling("document-002-output-windows"),
        mistake=Verdict.ANOTHER_RULE,
        erratum="the document's own problem counts output elements x window, then input elements x window",
    ),
)
