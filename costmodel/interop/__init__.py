"""Reading models of other tools: ONNX, PyTorch and ncnn files and modules as networks of layer kinds."""

from costmodel.interop.call import Call
from costmodel.interop.files import read
from costmodel.interop.rules import Rules
from costmodel.interop.value import Value, Weight

__all__ = ["Call", "Rules", "Value", "Weight", "read"]
