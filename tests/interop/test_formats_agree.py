"""One operation is one thing, whatever format it is read from: the same layer kinds, ledger and output."""

from pathlib import Path

import pytest

from tests.interop.operations import OPERATIONS, kinds, output_shapes


@pytest.mark.parametrize("what", OPERATIONS)
def test_onnx_and_ncnn_read_one_operation_as_the_same_layers(what: str, tmp_path: Path) -> None:
    operation = OPERATIONS[what]
    onnx, ncnn = operation.from_onnx(), operation.from_ncnn(tmp_path)
    assert tuple(kinds(onnx)) == tuple(kinds(ncnn)) == operation.kinds
    ours, theirs = onnx.cost(), ncnn.cost()
    assert (ours.ledger, ours.params) == (theirs.ledger, theirs.params)
    assert output_shapes(onnx) == output_shapes(ncnn)


def test_a_cube_is_two_multiplications_and_a_fourth_power_a_transcendental() -> None:
    cube, fourth = (OPERATIONS[what].from_onnx().cost().ledger for what in ("x^3", "x^4"))
    elements = 8 * 10 * 12
    assert (cube.multiplications, cube.transcendentals) == (2 * elements, 0)
    assert (fourth.multiplications, fourth.transcendentals) == (0, elements)
