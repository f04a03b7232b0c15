"""What an inference runtime fuses into one kernel, as one small set of rules."""

from __future__ import annotations

from typing import Final, NamedTuple

from costmodel.hardware import KernelClass


class FusionRules(NamedTuple):
    """What joins the kernel of a convolution, linear layer or matrix product whose output nothing else reads.

    Batch norm folds into the weights where it follows directly, and leaves a bias. Activations that work in place
    run before the result is written. With `add`, a sum with another tensor does so too, and reads that tensor.
    Views, and dropout at inference, are no kernels under any rules.
    """

    name: str
    heads: frozenset[KernelClass] = frozenset()
    batch_norm: bool = False
    activations: bool = False
    add: bool = False


_HEADS: Final[frozenset[KernelClass]] = frozenset(
    {"conv", "pointwise", "depthwise", "grouped", "transposed", "linear", "matmul"}
)

FUSED: Final = FusionRules("convolution + batch_norm + activation", _HEADS, batch_norm=True, activations=True)
"""What nearly every inference runtime does (ncnn, TensorFlow Lite, ONNX Runtime)."""

FUSED_WITH_ADD: Final = FUSED._replace(name="convolution + batch_norm + add + activation", add=True)
"""What runtimes for GPUs do (TensorRT, ONNX Runtime with cuDNN)."""

UNFUSED: Final = FusionRules("one kernel for each layer")
"""What a framework does without a compiler."""
