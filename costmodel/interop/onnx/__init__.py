"""ONNX files, read without their weights and without running them."""

from costmodel.interop.onnx.graph import read_model, read_onnx
from costmodel.interop.onnx.rules import RULES

__all__ = ["RULES", "read_model", "read_onnx"]
