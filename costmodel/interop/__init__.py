"""Reading models of other tools: ONNX, PyTorch and ncnn files and modules as networks of layer kinds."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from costmodel.interop.call import Call
from costmodel.interop.files import read
from costmodel.interop.rules import Rules
from costmodel.interop.value import Value, Weight

if TYPE_CHECKING:
    from costmodel.interop.torch import from_torch

__all__ = ["Call", "Rules", "Value", "Weight", "from_torch", "read"]


def __getattr__(name: str) -> Any:
    """What is imported when it is used: the reader of PyTorch modules."""
    if name != "from_torch":
        raise AttributeError(f"module 'costmodel.interop' has no attribute {name!r}")
    return import_module("costmodel.interop.torch").from_torch
