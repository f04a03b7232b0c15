"""Reading and counting exported models, beside onnx-tool and beside only loading them; and the memory it takes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from costmodel.interop import read

from .conftest import Report, best_s

onnx = pytest.importorskip("onnx", reason="onnx and the other tools are installed by `make bench`")

MEMORY = """
import sys
import onnx

def peak_kib():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

before = peak_kib()
from costmodel.interop import read
for path in sys.argv[1:]:
    read(path).cost().macs
print((peak_kib() - before) / 1024)
"""
"""The peak of a program's own memory: that of `resource` begins with its parent's."""
MODELS = (
    "alexnet", "vgg16", "squeezenet1_1", "resnet50", "resnext50_32x4d", "mobilenet_v2", "shufflenet_v2_x1_0",
    "efficientnet_b0", "googlenet", "vit_b_16",
)  # fmt: skip


@pytest.fixture(scope="module")
def models(shared: Path) -> list[Path]:
    return [shared / "data" / "models" / f"{name}.onnx" for name in MODELS]


def counted(path: Path) -> Callable[[], object]:
    return lambda: read(path).cost().macs


def loaded(path: Path) -> Callable[[], object]:
    return lambda: onnx.load(path, load_external_data=False)


def by_onnx_tool(path: Path) -> Callable[[], object]:
    import onnx_tool

    def profile() -> None:
        found = onnx_tool.Model(str(path), {"verbose": False}).graph
        found.shape_infer()
        found.profile()

    return profile


@pytest.fixture
def with_weights(models: list[Path], tmp_path: Path) -> list[Path]:
    """The models beside a file of zeros for weights, without which onnx-tool does not begin."""
    paths = []
    for path in models:
        folder = tmp_path / path.stem
        folder.mkdir()
        paths.append(Path(shutil.copy(path, folder)))
        with (folder / "weights.bin").open("wb") as stream:
            stream.truncate(2**30)
    return paths


def bench_reading_beside_onnx_tool(with_weights: list[Path], report: Report) -> None:
    pytest.importorskip("onnx_tool", reason="onnx-tool is installed by `make bench`")
    ours = [best_s(counted(path), repeats=5) for path in with_weights]
    theirs = [best_s(by_onnx_tool(path), repeats=2) for path in with_weights]
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    report.at_most("reading and counting, of onnx-tool's time, in the median", median(ratios), 1, "times")


def bench_time_of_a_node(models: list[Path], report: Report) -> None:
    nodes = [len(onnx.load(path, load_external_data=False).graph.node) for path in models]
    spent = [best_s(counted(path), repeats=15) - best_s(loaded(path), repeats=5) for path in models]
    each = [1e6 * time / count for time, count in zip(spent, nodes, strict=True)]
    report.at_most("a node of the ten models, beside onnx.load", 1e6 * sum(spent) / sum(nodes), 50, "us")
    report.note("a node, in the median of the ten models", median(each), "us")


def taken_mib(paths: list[Path]) -> float:
    """The memory that a fresh interpreter takes beyond what it has with onnx."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, *map(str, paths)], capture_output=True, check=True, encoding="utf-8", timeout=600
    )
    return float(done.stdout)


def bench_memory_of_the_ten_models(models: list[Path], report: Report) -> None:
    found = taken_mib(models)
    report.at_most("memory beyond the interpreter with onnx, ten models", found, 64, "MiB")


def bench_memory_of_large_weights(tmp_path: Path, report: Report) -> None:
    weight = onnx.numpy_helper.from_array(np.zeros((32_768, 4_096), dtype=np.float32), "w")
    nodes = [onnx.helper.make_node("MatMul", ["x", "w"], ["y"], name="fc")]
    x, y = (onnx.helper.make_tensor_value_info(name, 1, [1, size]) for name, size in (("x", 32_768), ("y", 4_096)))
    graph = onnx.helper.make_graph(nodes, "large", [x], [y], [weight])
    path = tmp_path / "large.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]), path)
    size = path.stat().st_size / 2**20
    found = taken_mib([path])
    report.at_most(f"memory for a file of {size:.0f} MiB with its weights inside", found / size, 1.2, "files")
