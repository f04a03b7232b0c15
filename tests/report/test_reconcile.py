"""Reconciliations as records and tables."""

from costmodel import Builder, Network, reconcile, symbols, zoo
from costmodel.counting import TOOLS, Difference, LayerDifference
from costmodel.counting.tools import tools
from costmodel.layers import BatchNorm, Linear, PointwiseConv2d, ReLU, Uncounted
from costmodel.report.reconcile import describe_reconciliation, reconciliation_tables


def cells(net: Network, *names: str) -> list[tuple[str, ...]]:
    """The rows of the table for some tools."""
    (table,) = reconciliation_tables(reconcile(net.cost(), [TOOLS[name] for name in names]), {})
    return [row.cells for row in table.rows]


def single(*shape: object) -> Network:
    b = Builder("single")
    x = b.input("x", shape)
    return b.build(x.then(PointwiseConv2d(out_channels=2, bias=False), BatchNorm(), name="conv"))


def test_a_row_for_the_number_and_one_for_each_further_reason() -> None:
    """Convolution: 2*4 outputs of 3; batch-norm: 8 elements, and 4 parameters in torchinfo."""
    assert cells(single(1, 3, 2, 2), "deepspeed-flops", "torchinfo") == [
        ("deepspeed-flops", "64", "FLOPs", "2.6667", "x 2: 2 for each multiply-accumulate"),
        ("", "", "", "", "+16: batch_norm, 2 for each element, 1 without scale and shift (1 layer)"),
        ("torchinfo", "28", "mult-adds", "1.1667", "+4: batch_norm, the parameters, once for each image (1 layer)"),
    ]


def test_what_a_tool_leaves_out_is_negative() -> None:
    rows = cells(zoo.vit_b_16(), "calflops-macs")
    assert rows[0][-1].startswith("-715 M: multi_head_attention, the projections only")
    (found,) = reconcile(zoo.vit_b_16().cost(), tools("calflops-macs")).tools
    assert [each.amount for each in found.differences] == [-715_327_488]


def test_expressions_have_no_share() -> None:
    n = symbols("n")
    assert cells(single(n, 3, 2, 2), "fvcore") == [
        ("fvcore", "40*n", "flops", "", "16*n: batch_norm, 2 for each element, 1 without scale and shift (1 layer)")
    ]


def test_a_network_without_multiply_accumulates_has_no_share() -> None:
    b = Builder("plain")
    net = b.build(b.input("x", (1, 8)).then(ReLU(), name="relu"))
    assert cells(net, "ptflops-pytorch", "calflops-flops") == [
        (
            "ptflops-pytorch", "16", "MACs", "",
            "+16: relu, 2 for each element: as a module and once more as the function that the module calls (1 layer)",
        ),
        ("calflops-flops", "none", "", "", "it refuses a model without parameters"),
    ]  # fmt: skip


def test_operations_without_a_rule_are_named() -> None:
    b = Builder("partial")
    x = b.add_many(Uncounted(op="Mystery", shapes=((1, 4),)), b.input("x", (1, 8)), name="mystery")[0]
    net = b.build(x.then(Linear(out_features=2), name="fc"))
    found = reconcile(net.cost(), tools("fvcore"))
    (table,) = reconciliation_tables(found, {"linear": "function", "fc": "module"}, ["a remark"])
    assert table.notes == (
        "linear is written as a function",
        "fc is written as a module",
        f"not counted, here or by the tools' rules: {', '.join(net.cost().uncounted)}",
        "a remark",
    )
    record = describe_reconciliation(found, {"linear": "function"}, {"batch": "1"})
    assert (record.uncounted, record.written, record.parameters) == (
        net.cost().uncounted, {"linear": "function"}, {"batch": "1"},
    )  # fmt: skip
    assert "mystery" in record.uncounted[0]


def test_differences_add_up_their_layers() -> None:
    difference = Difference("relu", "e", "1 for each element", (LayerDifference("a", 2), LayerDifference("b", 3)))
    assert difference.amount == 5
