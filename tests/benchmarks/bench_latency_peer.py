"""Latency under ONNX Runtime, predicted for networks left out, beside neural-cost's predictions of the same times."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costmodel import zoo
from costmodel.calibration import Measurements, evaluate, parse_measurements
from costmodel.counting import NodeCost
from costmodel.latency import lower
from costmodel.measuring import COLUMNS, Journal, StoppingRule, key, measure, network_work, processor_name, runtime
from costmodel.network import Network

from .conftest import Report

torch = pytest.importorskip("torch", reason="PyTorch and the other tools are installed by `make bench`")
neural_cost = pytest.importorskip("neural_cost", reason="neural-cost is installed by `make bench`")

NETWORKS = (
    "alexnet_torchvision", "densenet121", "efficientnet_b0", "efficientnet_b1", "efficientnet_lite0", "ghostnet",
    "googlenet", "inception_v3", "mnasnet_a1", "mnasnet_b1", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large",
    "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf", "resnet18", "resnet50", "resnext50_32x4d",
    "shufflenet_v1_g3", "shufflenet_v2_x1_0", "squeezenet1_0", "squeezenet1_1", "vgg11", "vit_b_32",
)  # fmt: skip
"""25 networks of 18 families."""

NOTHING = frozenset({"dropout", "expand", "parameter"})
"""Kinds that do nothing at inference."""


PASSES = 3
"""How often all networks are timed, one after another."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measurements:
    """The networks, written as ONNX files and timed with one thread.

    Of each the least of the shortest run and the processor's mean in every pass: other load on the machine only ever
    adds.
    """
    folder = tmp_path_factory.mktemp("latency")
    passes = [_timed(folder / f"pass-{number}.csv") for number in range(PASSES)]
    for row, *others in zip(*passes, strict=True):
        times = [each[column] for each in (row, *others) for column in ("latency_min_ms", "processor_ms")]
        row["latency_ms"] = min(times, key=float)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(passes[0])
    return parse_measurements(text.getvalue().encode())


def _timed(path: Path) -> list[dict[str, str]]:
    """The rows of one pass over the networks."""
    works = [network_work(name, zoo.find(name)(), {}) for name in NETWORKS]
    rule = StoppingRule(min_s=0.1, max_s=1.0, warm_up_s=0.1)
    with Journal(path, COLUMNS, key) as journal:
        session = measure(works, [runtime("onnxruntime")], journal, device=processor_name(), rule=rule)
    assert not session.refused
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def calibration() -> Iterator[Any]:
    """What neural-cost measures of this machine by itself, with one thread as the networks had."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield neural_cost.get_adapter("pytorch").calibrate("cpu")
    torch.set_num_threads(threads)


def operations(network: Network) -> list[Any]:
    """The network as neural-cost's portable records, its way in for what is no module of PyTorch."""
    cost = network.cost()
    moving = ((step.node.layer, node) for step, node in zip(network.steps, cost.nodes, strict=True) if _moves(node))
    return [_operation(layer, node) for layer, node in moving]


def _moves(node: NodeCost) -> bool:
    """Whether a node does anything: a view does not."""
    return node.kind not in NOTHING and bool(node.input_elements or node.output_elements)


def _operation(layer: Any, node: NodeCost) -> Any:
    """A node as its adapters describe one; what they have no kind for as one operation on each element."""
    kind, attributes, shapes = "elementwise", {}, node.input_shapes
    x, y = shapes[0], node.output_shapes[0]
    parameters = {"parameter_bytes": 4 * node.params}
    if node.kind.endswith("conv2d"):
        groups = x[1] if node.kind == "depthwise_conv2d" else layer.groups
        weights = (y[1], x[1] // groups, *getattr(layer, "kernel", (1, 1)))
        kind, attributes, shapes = "conv2d", {"groups": groups, **parameters}, (x, weights)
    elif node.kind == "linear":
        kind, attributes, shapes = "linear", parameters, (x, (x[-1], y[-1]))
    elif node.kind == "multi_head_attention":
        kind, attributes = "attention", {"num_heads": layer.heads, "seq_len": x[1], **parameters}
    elif node.kind in {"batch_norm", "layer_norm"}:
        kind, attributes = node.kind.replace("_", ""), parameters
    elif node.kind == "global_avg_pool":
        kind, attributes = "pooling", {"kernel_size": tuple(x[2:])}
    elif node.kind in {"max_pool2d", "avg_pool2d"}:
        kind, attributes = "pooling", {"kernel_size": tuple(layer.kernel)}
    return neural_cost.Operation(node.name, kind, shapes, y, 4, attributes)


def peer(measured: Measurements, calibration: Any, *, fused: bool) -> Any:
    """neural-cost's own report: its fit leaving one network out, and its prediction from micro-benchmarks alone.

    `fused` is what it says of compiled execution. The number of kernels is given to it as ONNX Runtime runs them.
    """
    hardware, _ = neural_cost.detect_hardware()
    networks = {row.cells["network"]: zoo.find(row.cells["network"])() for row in measured.rows}
    cases = [
        neural_cost.ValidationCase.from_operations(
            row.cells["network"],
            operations(networks[row.cells["network"]]),
            row.latency_s,
            hardware,
            kernels=len(lower(networks[row.cells["network"]], rules="onnxruntime")),
            fused=fused,
            calibration=calibration,
        )
        for row in measured.rows
    ]
    return neural_cost.validate_predictor(cases, hardware=hardware.name)


@pytest.mark.parametrize("name", ["mobilenet_v2", "resnext50_32x4d", "vit_b_32", "efficientnet_b0"])
def bench_peer_counts_what_we_count(name: str) -> None:
    """Of convolutions, linear layers and attention: the comparison is one of models, not of counts."""
    network = zoo.find(name)()
    records = [each for each in operations(network) if each.kind in {"conv2d", "linear", "attention"}]
    flops = neural_cost.estimate_operations(records).flops
    assert flops == pytest.approx(2 * network.cost().macs, rel=1e-3)


@pytest.mark.filterwarnings("ignore")
def bench_latency_beside_neural_cost(measured: Measurements, calibration: Any, report: Report) -> None:
    assert len(measured.rows) == len(NETWORKS) == 25
    alone, found = (evaluate(measured, leave_out="network", prior=prior) for prior in ("none", "population"))
    assert found.n == alone.n == 25
    theirs = {fused: peer(measured, calibration, fused=fused) for fused in (True, False)}
    best = min(each.loo_mape for each in theirs.values())
    report.note("error on 25 networks under ONNX Runtime, each left out", 100 * found.mape, "%")
    report.note("  without what other devices have shown", 100 * alone.mape, "%")
    for fused, each in theirs.items():
        how = "fused" if fused else "not fused"
        report.note(f"  neural-cost, fitted to the same, {how}", 100 * each.loo_mape, "%")
        report.note(f"  neural-cost, calibrated by its micro-benchmarks, {how}", 100 * each.zero_shot_mape, "%")
    report.at_most("  ours beside the best of its fits", found.mape / best, 0.5, "times")
    for points in found.points.values():
        for point in points:
            ratio = point.prediction.latency_s / point.row.latency_s
            report.note(f"    {point.row.label}, predicted beside measured", ratio, "times")
