"""Laws over random modules: shapes as running has them, multiply-accumulates as FlopCounterMode counts them."""

from typing import Any

from hypothesis import given, settings

from costmodel.interop.torch import from_torch
from tests.conftest import CI
from tests.interop.torch.installed import torch
from tests.interop.torch.modules import counted_by_torch, elements
from tests.interop.torch.strategies import modules

EXAMPLES = settings(max_examples=100 if CI else 10, deadline=None)
"""torch.export takes a tenth of a second for the smallest module."""


@EXAMPLES
@given(modules())
def test_a_random_module_is_counted_as_it_runs(case: tuple[Any, tuple[int, ...]]) -> None:
    module, shape = case
    network = from_torch(module, shape)
    (output,) = network.outputs
    assert network.shapes[output] == tuple(module.eval()(torch.zeros(shape)).shape)
    assert network.cost().macs == counted_by_torch(module, shape)
    assert network.cost().params == elements(module)


@EXAMPLES
@given(modules())
def test_the_batch_of_a_random_module_may_be_a_symbol(case: tuple[Any, tuple[int, ...]]) -> None:
    module, shape = case
    network = from_torch(module, shape, dynamic={"input": {0: "batch"}})
    assert network.bind(batch=shape[0]).cost().ledger == from_torch(module, shape).cost().ledger
    assert network.bind(batch=8).cost().macs == 8 * network.bind(batch=1).cost().macs
