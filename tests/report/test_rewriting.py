"""Rewritten networks as tables: which changes share a row, and how what came of a layer is said."""

from contextlib import suppress

import pytest

from costmodel import rewrite, zoo
from costmodel.errors import RewriteError
from costmodel.report.rewriting_table import lines, rewriting_tables, saving
from costmodel.transform import Amounts
from tests.transform.networks import NAMES, network


def became(name: str, *asked: str, only: str = "") -> dict[str, str]:
    """What the table says of each layer."""
    return {line.name: line.became for line in lines(rewrite(network(name), *asked, only=only).changes)}


@pytest.mark.parametrize(
    ("name", "asked", "only", "expected"),
    [
        ("resnet18", ("conv=depthwise_separable",), "layer1.0.conv1", {"layer1.0.conv1": ".depthwise, .pointwise"}),
        ("alexnet", ("conv=grouped:4",), "conv3", {"conv3": "groups=4"}),
        ("alexnet", ("conv=kernel:3x5",), "conv3", {"conv3": "kernel=(3,5), padding=(1,2)"}),
        ("alexnet", ("11x11=stacked:stride=last",), "", {"conv1": ".1, .2, .3 +2"}),
        ("alexnet", ("pool=stride",), "pool1", {"conv1..pool1": "stride=8, padding=(2,0)"}),
        ("resnet18", ("stride=pool",), "conv1", {"conv1": "stride=1, .pool"}),
        ("alexnet", ("fc=global_average_pool",), "", {"flatten..fc8": "fc8.pool"}),
        ("resnet18", ("depth=2",), "layer3*", {"layer3.1": "also layer3.1_2, layer3.1_3"}),
        ("resnet18", ("depth=0.5",), "layer3*", {"layer3.1": "nothing"}),
        ("lenet_5", ("width=2",), "conv1", {"conv1": "out_channels=40", "conv2": "", "1 other layers": "other shapes"}),
    ],
)
def test_what_came_of_a_layer(name: str, asked: tuple[str, ...], only: str, expected: dict[str, str]) -> None:
    assert became(name, *asked, only=only) == expected


@pytest.mark.parametrize("text", ["width=1.5", "conv=grouped:2", "stride=pool", "depth=2"])
def test_every_change_is_in_one_row(text: str) -> None:
    """So the rows sum to the saving."""
    tables = 0
    for name in NAMES:
        with suppress(RewriteError):
            made = rewrite(network(name), text)
            rows = [change for line in lines(made.changes) for change in line.changes]
            assert len(rows) == len(made.changes)
            assert Amounts.sum(change.saved for change in rows) == made.saved
            tables += 1
    assert tables > len(NAMES) / 2


def test_reasons_stand_once_each() -> None:
    *_, kept = rewriting_tables(rewrite(zoo.resnet50(), "conv=depthwise_separable"), ("conv=depthwise_separable",))
    assert [row.cells for row in kept.rows] == [
        ("conv1", "it reads the network's input of 3 channels; first=true changes it too"),
        ("layer1.0.conv1, layer1.0.conv3, layer1.0.downsample +33", "its kernel is 1x1 already"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100, 25, "75.0 %"), (100, 100, "0.0 %"), (100, 250, "-150.0 %"), (10**9, 10**9 - 1, "<0.1 %"),
        (10**9, 10**9 + 1, ">-0.1 %"), (0, 5, ""), (5, 0, "100.0 %"),
    ],
)  # fmt: skip
def test_savings(before: int, after: int, expected: str) -> None:
    assert saving(before, after) == expected
