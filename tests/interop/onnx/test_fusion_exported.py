"""A module that PyTorch exported runs as the kernels of the graph that ONNX Runtime optimizes."""

from pathlib import Path
from typing import Any

import pytest

from costmodel.interop import read
from costmodel.latency import FusionRules
from tests.interop.onnx import torch_modules
from tests.interop.onnx.exporting import exported
from tests.interop.onnx.test_fusion import optimized, ours, rules, theirs
from tests.interop.torch.installed import torch

__all__ = ["rules"]

MODULES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "plain": (torch_modules.PlainCNN(), (1, 3, 40, 40)),
    "residual": (torch_modules.ResNet(), (1, 3, 40, 40)),
    "shuffle": (torch_modules.ChannelShuffle(), (1, 3, 40, 40)),
    "squeeze and excite": (torch_modules.SqueezeExcite(), (1, 3, 40, 40)),
}


@pytest.mark.parametrize("name", MODULES)
def test_kernels_are_operations(name: str, rules: FusionRules, tmp_path: Path) -> None:
    module, shape = MODULES[name]
    path = exported(module, (torch.randn(shape),), tmp_path / "exported.onnx", opset=17, is_folded=True)
    assert ours(read(path), rules) == theirs(optimized(path.read_bytes(), tmp_path))
