"""ncnn .param files: text, read without ncnn and without weights."""

from importlib import import_module

from costmodel.interop.ncnn.read import blob_shapes, read_ncnn
from costmodel.interop.ncnn.rules import RULES, parameters_of

__all__ = ["RULES", "blob_shapes", "parameters_of", "read_ncnn"]

for _family in (
    "activation",
    "arithmetic",
    "convolution",
    "detection",
    "movement",
    "normalization",
    "parts",
    "pooling",
    "products",
    "recurrence",
    "resizing",
    "sampling",
):
    import_module(f"costmodel.interop.ncnn.{_family}")  # registers the rules of its layer types
