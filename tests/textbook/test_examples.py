"""The worked examples of the source documents, both sides: as printed by their rule, and exact."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from costmodel import parse
from costmodel.errors import UnknownNameError
from costmodel.textbook import AGREEING, DOCUMENTS, Example, Printed, Verdict, examples, find

EXAMPLES = examples()

# Exact values computed by hand, and verdicts, for every row of the list of worked examples.
WORKED: dict[tuple[str, str], list[tuple[str, int | Fraction | str, Verdict]]] = {
    ("001", "depthwise 3x3 on 112x112x64"): [("depthwise 3x3", 7_225_344, Verdict.RIGHT)],
    ("001", "pointwise 64 -> 128 on 112x112"): [("pointwise 64 -> 128", 102_760_448, Verdict.RIGHT)],
    ("001", "depthwise separable, sum"): [("depthwise separable, sum", 109_985_792, Verdict.RIGHT)],
    ("001", "regular 3x3, 64 -> 128"): [
        ("regular 3x3, 64 -> 128", 924_844_032, Verdict.RIGHT),
        ("regular against separable", Fraction(1152, 137), Verdict.LOOSE),
    ],
    ("002", "average pooling of nine values"): [
        ("average pooling of nine values", Fraction(958, 9), Verdict.ROUNDED),
    ],
    ("002", "problem 1: MACs of a 7x7 convolution, 25x25x9 -> 19x19x64"): [
        ("problem 1: MACs", 10_188_864, Verdict.RIGHT),
    ],
    ("002", "problem 1: FLOPs"): [("problem 1: FLOPs", 20_377_728, Verdict.RIGHT)],
    ("002", "problem 1: time at 4 TFLOP/s"): [
        ("problem 1: time at 4 TFLOP/s", Fraction("5.094432e-6"), Verdict.SLIP),
        ("problem 1: speed", 4 * 10**12, Verdict.SLIP),
    ],
    ("002", "problem 2, layer 1"): [
        ("problem 2: layer 1", 60_840, Verdict.RIGHT),
        ("problem 2: layer 1, expression", 60_840, Verdict.MISPRINT),
    ],
    ("002", "problem 2, layer 2 (average pool)"): [("problem 2: layer 2 (average pool)", 3_380, Verdict.RIGHT)],
    ("002", "problem 2, layer 3"): [("problem 2: layer 3", 54_450, Verdict.SLIP)],
    ("002", "problem 2, second pool"): [("problem 2: second pool", 500, Verdict.SLIP)],
    ("002", "problem 2, fully connected"): [
        ("problem 2: first fully connected", 32_000, Verdict.RIGHT),
        ("problem 2: second fully connected", 2_560, Verdict.RIGHT),
    ],
    ("002", "problem 2, total"): [("problem 2: total", 153_730, Verdict.SLIP)],
    ("002", "pooling formulas in its formula list"): [
        ("pooling formula with a stride", "H*W*D*s*s", Verdict.ANOTHER_RULE),
    ],
    ("000", "spatially separable, (k,1) dense then (1,k) per channel, valid padding, stride 1"): [
        (
            "spatially separable: operations",
            "f*d_in*H_out*(W_out+f-1)*d_out + f*H_out*W_out*d_out",
            Verdict.RIGHT,
        ),
    ],
    ("000", "depthwise and spatially separable"): [
        (
            "depthwise and spatially separable: operations",
            "f*d_in*H_out*(W_out+f-1) + f*d_in*H_out*W_out + d_in*H_out*W_out*d_out",
            Verdict.MISPRINT,
        ),
    ],
    ("000", "its parameter counts"): [
        ("normal: parameters", "f*f*d_in*d_out", Verdict.RIGHT),
        ("spatially separable: parameters", "f*d_in*d_out + f*d_out", Verdict.RIGHT),
        ("depthwise separable: parameters", "f*f*d_in + d_in*d_out", Verdict.RIGHT),
        ("depthwise and spatially separable: parameters", "2*f*d_in + d_in*d_out", Verdict.RIGHT),
    ],
    ("003", "MAC table: linear, convolution, grouped, depthwise, 1x1"): [
        ("MACs: linear layer", "c_o*c_i", Verdict.RIGHT),
        ("MACs: convolution", "c_i*k_h*k_w*h_o*w_o*c_o", Verdict.RIGHT),
        ("MACs: grouped convolution", "c_i/g*k_h*k_w*h_o*w_o*c_o", Verdict.RIGHT),
        ("MACs: depthwise convolution", "k_h*k_w*h_o*w_o*c_o", Verdict.RIGHT),
        ("MACs: 1x1 convolution", "c_o*c_i*h_o*w_o", Verdict.RIGHT),
    ],
    ("003", "VGG-16 table, 16 rows: weights and FLOP at 2 per MAC"): [
        ("VGG-16 total: weights", 138_357_544, Verdict.ROUNDED),
        ("VGG-16 total: FLOP", 30_940_528_640, Verdict.ROUNDED),
        ("VGG-16 Conv1_1: weights", 1_792, Verdict.ROUNDED),
        ("VGG-16 Conv1_1: FLOP", 173_408_256, Verdict.ROUNDED),
        ("VGG-16 Conv2_2: weights", 147_584, Verdict.ROUNDED),
        ("VGG-16 Conv5_3: FLOP", 924_844_032, Verdict.ROUNDED),
        ("VGG-16 Fc6: weights", 102_764_544, Verdict.ROUNDED),
        ("VGG-16 Fc8: FLOP", 8_192_000, Verdict.ROUNDED),
    ],
    ("003", "two 3x3 layers against one 5x5"): [
        ("two 3x3 layers", 18, Verdict.RIGHT),
        ("one 5x5 layer", 25, Verdict.RIGHT),
    ],
    ("003", "AlexNet as listed (two groups in layers 2, 4, 5)"): [
        ("AlexNet: MACs", 724_406_816, Verdict.ROUNDED),
        ("AlexNet: parameters", 60_965_224, Verdict.ROUNDED),
        ("AlexNet: activations", 932_264, Verdict.RIGHT),
        ("AlexNet: peak activations", 440_928, Verdict.RIGHT),
    ],
    ("003", "SqueezeNet table: 240 MB and its reductions 5x, 9x, 35x, 50x, 363x, 510x"): [
        ("AlexNet, SVD: reduction", 5, Verdict.RIGHT),
        ("AlexNet, network pruning: reduction", Fraction(240, 27), Verdict.ROUNDED),
        ("AlexNet, deep compression: reduction", Fraction("240") / Fraction("6.9"), Verdict.ROUNDED),
        ("SqueezeNet: reduction", 50, Verdict.RIGHT),
        ("SqueezeNet, deep compression, 8 bit: reduction", Fraction(24_000, 66), Verdict.TRUNCATED),
        ("SqueezeNet, deep compression, 6 bit: reduction", Fraction(24_000, 47), Verdict.TRUNCATED),
        ("AlexNet: size", 243_860_896, Verdict.ROUNDED),
        ("SqueezeNet: size", 4_993_696, Verdict.ANOTHER_RULE),
    ],
}


def title(example: Example) -> str:
    return f"{example.document}: {example.name}"


@pytest.mark.parametrize("example", EXAMPLES, ids=title)
class TestExample:
    def test_the_documents_rule_gives_what_it_prints(self, example: Example) -> None:
        assert example.is_reproduced, example.replay()

    def test_a_mistake_is_stated_only_where_the_print_does_not_agree(self, example: Example) -> None:
        agrees = example.verdict in AGREEING
        assert (example.mistake is None) == agrees
        assert (example.erratum == "") == agrees

    def test_it_says_what_it_is_about(self, example: Example) -> None:
        assert example.document in DOCUMENTS
        assert all((example.name, example.statement, example.printed, example.rule))


@pytest.mark.parametrize(
    ("document", "name", "exact", "verdict"),
    [(document, *row) for (document, _), listed in WORKED.items() for row in listed],
)
def test_the_exact_value_is_the_one_computed_by_hand(
    document: str, name: str, exact: int | Fraction | str, verdict: Verdict
) -> None:
    example = find(document, name)
    if isinstance(exact, str):
        assert (example.exact - parse(exact)).expand() == 0
    else:
        assert example.exact == exact
    assert example.verdict is verdict


def test_every_row_of_the_list_of_worked_examples_is_here(shared: Path) -> None:
    text = (shared / "reference" / "worked_examples.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.split("|")[1:3]] for line in text.splitlines() if line.startswith("| 00")]
    assert {(document, example) for document, example in cells} == WORKED.keys()


def test_every_figure_is_printed_in_its_document(shared: Path) -> None:
    """The course's figures for AlexNet and what a figure is made of aside, each print stands in the text."""
    documents = {path.name[:3]: path.read_text(encoding="utf-8") for path in (shared / "seeds").glob("*.txt")}
    for example in EXAMPLES:
        is_plain = Printed.parse(example.printed) if example.figure and not example.reading else None
        if is_plain and not example.name.startswith("AlexNet: "):
            assert example.printed in documents[example.document].replace("$", ""), example.name


def test_names_are_unique_within_a_document() -> None:
    assert max(Counter((example.document, example.name) for example in EXAMPLES).values()) == 1


def test_the_vgg_table_is_complete() -> None:
    names = [example.name for example in EXAMPLES if example.name.startswith("VGG-16")]
    assert len(names) == 2 * 16 + 2


def test_the_second_pools_total_follows_from_the_slips() -> None:
    slips = {name: find("002", f"problem 2: {name}") for name in ("layer 3", "second pool", "total")}
    extra = {name: example.value - example.exact for name, example in slips.items()}
    assert extra["total"] == extra["layer 3"] + extra["second pool"] == 56_370


def test_an_unknown_example_names_the_nearest() -> None:
    with pytest.raises(
        UnknownNameError, match=r"document 002 named 'problem 3: total'; the nearest are problem 2: total"
    ):
        find("002", "problem 3: total")


def test_a_stated_mistake_does_not_hide_an_agreement() -> None:
    wrong = find("002", "problem 2: layer 3")
    agreeing = Example(
        document="002",
        name="n",
        statement="s",
        printed="4",
        rule="r",
        replay=lambda: 4,
        compute=lambda: 4,
        mistake=Verdict.SLIP,
    )
    assert (wrong.verdict, agreeing.verdict) == (Verdict.SLIP, Verdict.RIGHT)
