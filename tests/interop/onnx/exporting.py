"""PyTorch's exporter by tracing, which needs nothing but PyTorch."""

import warnings
from pathlib import Path
from typing import Any

from tests.interop.torch.installed import torch

EXPORTING: list[tuple[str, type[Warning]]] = [
    ("You are using the legacy TorchScript-based ONNX export", DeprecationWarning),
    ("The feature will be removed", DeprecationWarning),
    ("Constant folding - Only steps=1 can be constant folded", UserWarning),
    ("torch.tensor results are registered as constants in the trace", Warning),
    ("Converting a tensor to a Python (boolean|integer|float) might cause the trace to be incorrect", Warning),
    ("Exporting a model to ONNX with a batch_size other than 1, with a variable length", UserWarning),
    ("ONNX export mode is set to TrainingMode.EVAL, but operator 'instance_norm' is set to train=True", UserWarning),
]
"""What the exporter says of itself, of loops and checks inside PyTorch's modules, and of what it leaves unfolded."""


def exported(
    module: Any, inputs: tuple[Any, ...], path: Path, *, opset: int, is_folded: bool = False, **options: Any
) -> Path:
    """The file of a module in evaluation mode, with everything as it is written in the module.

    Or with batch normalization folded into convolutions, and constants computed, which is what users get.
    """
    mode = torch.onnx.TrainingMode
    with warnings.catch_warnings():
        for message, kind in EXPORTING:
            warnings.filterwarnings("ignore", message, kind)
        torch.onnx.export(
            module.eval(),
            inputs,
            path,
            dynamo=False,
            opset_version=opset,
            do_constant_folding=is_folded,
            training=mode.EVAL if is_folded else mode.PRESERVE,
            **options,
        )
    return path


def exported_program(
    module: Any, inputs: tuple[Any, ...], path: Path, dynamic_shapes: tuple[dict[int, str], ...]
) -> Path:
    """The file of PyTorch's newer exporter, which needs onnxscript besides; open sizes by their axes' names."""
    with warnings.catch_warnings():
        for message, kind in PROGRAMS:
            warnings.filterwarnings("ignore", message, kind)
        torch.onnx.export(module.eval(), inputs, path, dynamo=True, dynamic_shapes=dynamic_shapes, verbose=False)
    return path


PROGRAMS: list[tuple[str, type[Warning]]] = [
    ("# The axis name: ", UserWarning),
]
"""What that exporter says of names that several axes share, and of what it is made of."""
