"""Under the rules `pytorch`, a module is the operations that PyTorch dispatches when it runs without a compiler."""

from collections import Counter
from typing import Any

import pytest

from costmodel.interop.torch import from_torch
from costmodel.latency import lower
from tests.interop.onnx import torch_modules
from tests.interop.torch.installed import TorchDispatchMode, nn, torch
from tests.interop.torch.modules import GPT, Residual, ResNet, Separable, Tied, UNet, tokens

KINDS = {
    "convolution": "convolution", "conv2d": "convolution", "depthwise_conv2d": "convolution",
    "conv_transpose2d": "convolution", "addmm": "linear", "mm": "linear", "bmm": "matmul",
    "native_batch_norm": "batch_norm", "native_layer_norm": "layer_norm", "max_pool2d_with_indices": "max_pool2d",
    "mean": "mean", "global_avg_pool": "mean", "reduce_mean": "mean", "cat": "concat", "add_": "add", "relu_": "relu",
    "hardtanh": "relu6", "hardswish": "hard_swish", "hardsigmoid": "hard_sigmoid", "clone": "copy",
    "reshape": "copy", "identity": "copy", "mul": "multiply", "neg": "negate",
    "upsample_bilinear2d": "resize", "_scaled_dot_product_flash_attention_for_cpu": "attention",
}  # fmt: skip
"""Names of PyTorch's operations and of our kinds, where they differ."""
NO_KERNELS = {"empty", "_unsafe_view"}
"""Operations that touch no element."""

MODULES: dict[str, tuple[Any, Any]] = {
    "residual": (ResNet(), (2, 3, 33, 32)),
    "block": (Residual(8, 16, 2), (2, 8, 12, 12)),
    "separable": (Separable(), (1, 8, 9, 10)),
    "u-net": (UNet(), (1, 3, 33, 34)),
    "tied": (Tied(), (3, 64)),
    "perceptron": (nn.Sequential(nn.Linear(8, 16), nn.SiLU(), nn.Linear(16, 4)), (5, 7, 8)),
    "plain": (torch_modules.PlainCNN(), (1, 3, 40, 40)),
    "shuffle": (torch_modules.ChannelShuffle(), (1, 3, 40, 40)),
    "attention": (torch_modules.SelfAttention(32, 4), (2, 9, 32)),
    "transformer block": (torch_modules.Block(32, 4), (2, 9, 32)),
    "squeeze and excite": (torch_modules.SqueezeExcite(), (1, 3, 40, 40)),
}


class Dispatched(TorchDispatchMode):
    """Collects the names of the operations that PyTorch dispatches, views left out."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func._overloadpacket.__name__
        if not func.is_view and name not in NO_KERNELS:
            self.names.append(name)
        return func(*args, **(kwargs or {}))


def dispatched(module: Any, example: Any) -> Counter[str]:
    """How often each operation runs, under the names of KINDS."""
    inputs = torch.randn(example) if isinstance(example, tuple) else example
    with torch.no_grad(), Dispatched() as run:
        module.eval()(inputs)
    return Counter(KINDS.get(name, name) for name in run.names)


def kernels(module: Any, example: Any) -> Counter[str]:
    """How many kernels there are of each kind, under the names of KINDS."""
    found = [kernel.layer.kind for kernel in lower(from_torch(module, example), rules="pytorch")]
    return Counter(KINDS.get(kind, kind) for kind in found)


@pytest.mark.parametrize("name", MODULES)
def test_a_kernel_is_an_operation_that_is_dispatched(name: str) -> None:
    module, example = MODULES[name]
    assert kernels(module, example) == dispatched(module, example)


def test_a_language_model_differs_by_what_is_known_beforehand_and_by_its_norm() -> None:
    """PyTorch computes the angles of the positions anew, and runs an RMS norm as six operations on a processor."""
    module, example = GPT(), tokens(2, 12)
    ours, theirs = kernels(module, example), dispatched(module, example)
    norms = ours.pop("rms_norm")
    assert ours - theirs == Counter()
    assert theirs - ours == Counter(
        {"arange": 1, "cos": 2, "sin": 2, "concat": 1, "multiply": 1 + 2 * norms, "pow": norms, "mean": norms}
        | {"add": norms, "rsqrt": norms}
    )
