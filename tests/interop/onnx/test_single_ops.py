"""The 31 single operations that other tools are compared on, as PyTorch exports them to ONNX."""

from pathlib import Path

import pytest

from costmodel.interop import read
from tests.interop.onnx.exporting import exported
from tests.interop.torch.installed import torch
from tests.interop.torch.single_ops import LEDGERS, OPS, exact

WRITTEN_OUT = {
    "GELU": {"multiplications": 12_800, "additions": 6400, "divisions": 6400, "transcendentals": 6400},
    "LayerNorm": {"multiplications": 1280, "additions": 2550, "divisions": 660, "transcendentals": 10},
}
"""Before opset 17 (normalization) and 20 (GELU) the file holds their parts, and what these do is counted.

x/sqrt(2), erf, + 1, times x, times 1/2 on 6,400 elements; on 10 rows of 64 a mean (63 additions, a division), x - mean,
its square, its mean, + epsilon, the root, a division, scale and shift.
"""


def ledger(op: str, folder: Path, opset: int) -> dict[str, int]:
    module, *inputs = OPS[op]
    tensors = tuple(torch.zeros(each) if isinstance(each, tuple) else each for each in inputs)
    counted = read(exported(module, tensors, folder / "op.onnx", opset=opset)).cost().ledger
    return {name: count for name, count in counted._asdict().items() if count}


@pytest.mark.parametrize("op", OPS)
def test_a_single_operation(op: str, shared: Path, tmp_path: Path) -> None:
    """Those without a defined count have the operations that the textbook's formula has."""
    found = ledger(op, tmp_path, opset=20)
    defined = exact(shared)[op]
    if defined:
        assert found["macs"] == int(defined)
    else:
        assert found == LEDGERS[op]


@pytest.mark.parametrize("op", WRITTEN_OUT)
def test_an_operation_that_older_files_write_out(op: str, tmp_path: Path) -> None:
    assert ledger(op, tmp_path, opset=13) == WRITTEN_OUT[op]
