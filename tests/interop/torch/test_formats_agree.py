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
