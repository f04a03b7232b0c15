"""The cost of ResNet-50, already built and with nothing cached, beside the fastest other tools."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from costmodel import zoo
from costmodel.network import Network

from .conftest import Report, best_s

torch = pytest.importorskip("torch", reason="PyTorch and the other tools are installed by `make bench`")


def whole_cost(network: Network) -> tuple[object, ...]:
    """Everything but peak memory: per node, and every total."""
    cost = network.cost()
    return (
        cost.ledger,
        cost.flops,
        cost.params,
        cost.buffers,
        cost.activations,
        cost.weight_bytes,
        cost.input_bytes,
        cost.output_bytes,
    )


@pytest.fixture(scope="module")
def onnx_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from .resnet50_torch import image, resnet50

    path = tmp_path_factory.mktemp("onnx") / "resnet50.onnx"
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(resnet50(), (image(),), str(path), dynamo=False)
    return path


def onnx_tool_s(path: Path) -> float:
    """From the file to the count, as its users call it."""
    import onnx_tool

    def profile() -> None:
        graph = onnx_tool.Model(str(path), {"verbose": False}).graph
        graph.shape_infer()
        graph.profile()

    return best_s(profile, repeats=5)


def onnx_tool_loaded_s(path: Path) -> float:
    """Shape inference and count alone, of a file loaded before."""
    import onnx_tool

    def once() -> float:
        graph = onnx_tool.Model(str(path), {"verbose": False}).graph
        start = perf_counter()
        graph.shape_infer()
        graph.profile()
        return perf_counter() - start

    return min(once() for _ in range(5))


def torchinfo_s(_: Path) -> float:
    import torchinfo

    from .resnet50_torch import resnet50

    module = resnet50()
    return best_s(lambda: torchinfo.summary(module, input_size=(1, 3, 224, 224), verbose=0), repeats=3)


def fvcore_s(_: Path) -> float:
    from fvcore.nn import FlopCountAnalysis

    from .resnet50_torch import image, resnet50

    module = resnet50()
    logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)
    return best_s(lambda: FlopCountAnalysis(module, image()).total(), repeats=3)


PEERS: dict[str, Callable[[Path], float]] = {
    "onnx-tool": onnx_tool_s,
    "torchinfo": torchinfo_s,
    "fvcore": fvcore_s,
}


@pytest.mark.filterwarnings("ignore")
def bench_cost_beside_other_tools(report: Report, onnx_file: Path) -> None:
    network = zoo.find("resnet50")()
    assert network.cost().macs == 4_089_184_256
    ours_s = best_s(lambda: whole_cost(network), repeats=200, calls=5)
    peers_s = {name: measure(onnx_file) for name, measure in PEERS.items()}
    ours_s = min(ours_s, best_s(lambda: whole_cost(network), repeats=200, calls=5))
    report.at_most("cost of ResNet-50, built before", ours_s * 1e3, 1, "ms")
    for name, peer_s in peers_s.items():
        report.note(f"  {name}", peer_s * 1e3, "ms")
    report.note("  onnx-tool, its file loaded before", onnx_tool_loaded_s(onnx_file) * 1e3, "ms")
    report.at_least("  times faster than the fastest of them", min(peers_s.values()) / ours_s, 50, "x")
