"""The 31 single operations that other tools are compared on, read from PyTorch."""

from pathlib import Path

import pytest

from costmodel.interop.torch import from_torch
from tests.interop.torch.single_ops import LEDGERS, OPS, exact


def test_every_operation_of_the_table_is_here(shared: Path) -> None:
    assert set(exact(shared)) == set(OPS)


@pytest.mark.parametrize("op", OPS)
def test_a_single_operation(op: str, shared: Path) -> None:
    module, *inputs = OPS[op]
    cost = from_torch(module, *inputs).cost()
    defined = exact(shared)[op]
    ledger = {name: count for name, count in cost.ledger._asdict().items() if count}
    if defined:
        assert cost.macs == int(defined)
    else:
        assert ledger == LEDGERS[op]
