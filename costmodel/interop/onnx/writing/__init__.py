"""Networks of ours as ONNX models."""

from costmodel.interop.onnx.writing import elementwise, sequences, shaping, weighted
from costmodel.interop.onnx.writing.graph import to_onnx, write_onnx
from costmodel.interop.onnx.writing.node import WRITERS, writes

__all__ = ["WRITERS", "elementwise", "sequences", "shaping", "to_onnx", "weighted", "write_onnx", "writes"]
