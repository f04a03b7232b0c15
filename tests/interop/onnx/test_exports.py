"""Models that PyTorch exports with sizes left open, beside exports of the same model at fixed sizes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from costmodel.algebra.vocabulary import SIZES
from costmodel.counting import Ledger
from costmodel.errors import CostModelError
from costmodel.interop import read
from costmodel.network import Network
from tests.interop.onnx import torch_modules
from tests.interop.onnx.export_cases import CASES, Case, Shape
from tests.interop.onnx.exporting import exported, exported_program
from tests.interop.torch.installed import FlopCounterMode, torch

Sizes = Mapping[str, int]


class Facts(NamedTuple):
    """What must be equal, whichever way the sizes were given."""

    ledger: Ledger
    params: int
    outputs: list[Shape]


def facts(network: Network) -> Facts:
    cost = network.cost()
    return Facts(cost.ledger, cost.params, [network.shapes[name] for name in network.outputs])


def substituted(network: Network, sizes: Sizes) -> Facts:
    """The network's expressions, with numbers put in for the symbols."""
    found = facts(network)
    values = {SIZES.get(name, name): size for name, size in sizes.items()}

    def number(expression: Any) -> Any:
        symbols = getattr(expression, "free_symbols", ())
        return int(expression.subs({symbol: values[symbol.name] for symbol in symbols})) if symbols else expression

    return Facts(
        Ledger(*map(number, found.ledger)), number(found.params), [tuple(map(number, each)) for each in found.outputs]
    )


class Exporter:
    """Exports of one module."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case, self.folder = case, folder
        self.module = getattr(torch_modules, case.module)().eval()
        torch.manual_seed(0)
        for parameter in self.module.parameters():
            # No two parameters are alike: the exporter would store them once.
            parameter.requires_grad_(requires_grad=False).normal_()

    def inputs(self, sizes: Sizes) -> tuple[Any, ...]:
        shapes = [[sizes[size] if isinstance(size, str) else size for size in shape] for shape in self.case.inputs]
        dtype = getattr(torch, self.case.dtype)
        return tuple(torch.zeros(shape, dtype=dtype) for shape in shapes)

    def export(self, name: str, sizes: Sizes, *, is_open: bool = False, is_folded: bool = False) -> Path:
        """The file of the module traced at these sizes, which are left open or not."""
        options: dict[str, Any] = {"opset": self.case.opset, "is_folded": is_folded}
        if is_open:
            names = [f"x{index}" for index in range(len(self.case.inputs))]
            options |= {"input_names": names, "dynamic_axes": dict(zip(names, self.open_axes, strict=True))}
        return exported(self.module, self.inputs(sizes), self.folder / f"{name}.onnx", **options)

    @property
    def open_axes(self) -> tuple[dict[int, str], ...]:
        """For each input the names of its open axes."""
        return tuple(
            {axis: size for axis, size in enumerate(shape) if isinstance(size, str)} for shape in self.case.inputs
        )

    def macs(self, sizes: Sizes) -> int:
        """PyTorch's own count, of attention as the products that it consists of, and what it leaves out."""
        counter = FlopCounterMode(display=False)
        with counter, torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            self.module(*self.inputs(sizes))
        flops: int = counter.get_total_flops()
        return flops // 2 + self.case.uncounted(**sizes)

    def output_shapes(self, sizes: Sizes) -> list[Shape]:
        outputs = self.module(*self.inputs(sizes))
        return [tuple(each.shape) for each in (outputs if isinstance(outputs, tuple) else (outputs,))]


@pytest.fixture(scope="module", params=CASES)
def exporter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exporter:
    return Exporter(CASES[request.param], tmp_path_factory.mktemp("exports"))


def test_sizes_left_open_are_those_of_a_model_of_fixed_sizes(exporter: Exporter) -> None:
    first, *_ = exporter.case.sizes
    path = exporter.export("open", first, is_open=True)
    left_open = read(path)
    parameters = sum(each.numel() for each in exporter.module.parameters())
    for sizes in exporter.case.sizes:
        expected = facts(read(exporter.export("fixed", sizes)))
        assert facts(left_open.bind(**sizes)) == expected
        assert facts(read(path, sizes=sizes)) == expected
        assert substituted(left_open, sizes) == expected
        assert expected.ledger.macs == exporter.macs(sizes)
        assert expected.params == parameters
        assert expected.outputs == exporter.output_shapes(sizes)


def test_what_the_exporter_folds_makes_no_difference_between_open_and_fixed_sizes(exporter: Exporter) -> None:
    """But for tables of positions: of a fixed length, only the rows that are looked up are stored."""
    first, *_, last = exporter.case.sizes
    left_open = read(exporter.export("open", first, is_open=True, is_folded=True))
    fixed = read(exporter.export("fixed", last, is_folded=True))
    assert facts(left_open.bind(**last))._replace(params=0) == facts(fixed)._replace(params=0)
    assert fixed.cost().macs == exporter.macs(last)


@pytest.mark.parametrize("name", ["channel shuffle", "vision transformer", "shifted windows", "bert", "einsum"])
def test_sizes_that_the_newer_exporter_leaves_open(name: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="PyTorch's newer exporter needs onnxscript")
    exporter = Exporter(CASES[name], tmp_path)
    first, *_ = exporter.case.sizes
    path = exported_program(exporter.module, exporter.inputs(first), tmp_path / "open.onnx", exporter.open_axes)
    left_open = read(path)
    for sizes in exporter.case.sizes:
        bound = facts(left_open.bind(**sizes))
        assert (bound.ledger.macs, bound.outputs) == (exporter.macs(sizes), exporter.output_shapes(sizes))
        assert substituted(left_open, sizes) == bound == facts(read(path, sizes=sizes))


def test_a_table_of_positions_ends_where_it_ends(tmp_path: Path) -> None:
    path = Exporter(CASES["bert"], tmp_path).export("open", {"batch": 2, "sequence": 9}, is_open=True)
    assert read(path).bind(sequence=64).cost().params == read(path, sizes={"sequence": 64}).cost().params
    with pytest.raises(CostModelError, match="add needs inputs of equal sizes"):
        read(path, sizes={"sequence": 65})
    with pytest.raises(CostModelError, match="got 1x65x12 for 1x64x12"):
        read(path).bind(sequence=65)
