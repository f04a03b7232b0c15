"""ONNX files, read without their weights and without running them; and networks written as ONNX files."""

from costmodel.interop.onnx.graph import read_model, read_onnx
from costmodel.interop.onnx.rules import RULES
from costmodel.interop.onnx.writing import to_onnx, write_onnx

__all__ = ["RULES", "read_model", "read_onnx", "to_onnx", "write_onnx"]
