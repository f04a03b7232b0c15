"""One operation is one thing, whether PyTorch or ONNX writes it: the same layer kinds, ledger and output."""

import pytest

from costmodel.interop.torch import from_torch
from tests.interop.operations import IMAGE, OPERATIONS, kinds, output_shapes
from tests.interop.torch.installed import nn, torch
from tests.interop.torch.modules import Function


@pytest.mark.parametrize("what", OPERATIONS)
def test_pytorch_and_onnx_read_one_operation_as_the_same_layers(what: str) -> None:
    operation = OPERATIONS[what]
    made = operation.torch(torch)
    network, onnx = from_torch(made if isinstance(made, nn.Module) else Function(made), IMAGE), operation.from_onnx()
    assert tuple(kinds(network)) == operation.kinds
    ours, theirs = network.cost(), onnx.cost()
    assert (ours.ledger, ours.params) == (theirs.ledger, theirs.params)
    assert output_shapes(network) == output_shapes(onnx)


@pytest.mark.parametrize("keepdim", [True, False])
def test_a_variance_with_its_mean_costs_what_the_variance_does_and_the_mean_does_not_wait_for_it(keepdim: bool) -> None:
    both = from_torch(Function(lambda x: torch.std_mean(x, (1, 2), keepdim=keepdim)), IMAGE)
    spread = from_torch(Function(lambda x: torch.std(x, (1, 2), keepdim=keepdim)), IMAGE)
    assert both.cost().ledger == spread.cost().ledger
    assert both.node(both.outputs[1]).layer.kind == ("reduce_mean" if keepdim else "squeeze")
    assert output_shapes(both) == output_shapes(spread) * 2


def test_a_hard_threshold_compares_the_size_of_an_element_on_both_sides() -> None:
    hard, soft = (from_torch(kind(), IMAGE).cost().ledger for kind in (nn.Hardshrink, nn.Softshrink))
    assert hard.comparisons == soft.comparisons == 2 * 8 * 10 * 12


def test_a_bound_that_depends_on_a_size_is_an_operand() -> None:
    function = Function(lambda x: x.clamp(max=x.shape[2] / 2))
    network = from_torch(function, IMAGE, dynamic={0: {2: "h"}})
    assert kinds(network) == ["minimum"]
    assert network.bind(h=10).cost().ledger.comparisons == 8 * 10 * 12
