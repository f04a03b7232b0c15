"""The cost of a network as a record and as tables."""

import pytest

from costmodel import convention, training_cost, zoo
from costmodel.network import Network
from costmodel.report.summary import summarize
from costmodel.report.summary_table import (
    SameLine,
    every_node,
    follows,
    lines,
    same_scope,
    summary_tables,
    without_macs,
)

NETWORKS = [zoo.resnet18(), zoo.shufflenet_v1(), zoo.mobilenet_v2(width=0.5), zoo.lenet_5()]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
@pytest.mark.parametrize("same_line", [every_node, follows, without_macs, same_scope(1), same_scope(2)])
def test_lines_hold_every_node_once(network: Network, same_line: SameLine) -> None:
    cost = network.cost()
    grouped = lines(cost.nodes, same_line)
    assert [node for line in grouped for node in line.nodes] == list(cost.nodes)
    assert sum(line.sum(lambda node: node.macs) for line in grouped) == cost.macs


def test_a_line_is_named_after_its_first_node_or_its_scope() -> None:
    names = [line.name for line in lines(zoo.resnet18().cost().nodes, same_scope(1))]
    assert names == ["conv1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc"]


def test_a_convolution_has_its_batch_norm_on_its_line_and_not_its_neighbours() -> None:
    (first, second, *_) = lines(zoo.mobilenet_v1().cost().nodes, follows)
    assert (first.name, first.kinds) == ("conv1", "conv2d +2")
    assert (second.name, second.kinds) == ("block1.depthwise", "depthwise_conv2d +2")


def test_many_layers_are_counted() -> None:
    layer1 = lines(zoo.resnet18().cost().nodes, same_scope(1))[3]
    assert layer1.kinds == f"{len(layer1.nodes)} layers"


def test_the_convention_has_a_column_where_it_is_more_than_macs() -> None:
    network = zoo.lenet_5()
    plain, _ = summary_tables(network.cost())
    every, _ = summary_tables(network.cost(convention=convention("every-operation")))
    assert "operations" not in [column.heading for column in plain.columns]
    assert "operations" in [column.heading for column in every.columns]


def test_faint_lines_have_no_macs() -> None:
    table, _ = summary_tables(zoo.lenet_5().cost())
    assert [row.cells[0] for row in table.rows if row.is_faint] == ["pool1", "pool2", "flatten"]


def test_a_training_step_has_a_table_of_its_own() -> None:
    network = zoo.resnet18()
    *_, training = summary_tables(network.cost(), training_cost(network))
    assert training.rows[-1].cells[-1].endswith("2.935 x forward")


def test_a_record_repeats_what_the_user_gave() -> None:
    network = zoo.mobilenet_v1(width=0.5)
    record = summarize(network, network.cost(), parameters={"width": "0.5"})
    assert record.parameters == {"width": "0.5"}
    assert record.totals.macs == network.cost().macs
    assert record.source == network.source


def test_assumptions_are_those_of_the_layers_that_are_there() -> None:
    network = zoo.lenet_300_100()
    record = summarize(network, network.cost())
    assert "the bias is booked as additions, not as multiply-accumulates" in record.assumptions
    assert not [sentence for sentence in record.assumptions if "window" in sentence]
