"""ncnn .param files: text, read without ncnn and without weights."""

from costmodel.interop.ncnn import (  # the modules register the rules of their layer types
    activation,
    arithmetic,
    convolution,
    detection,
    movement,
    normalization,
    parts,
    pooling,
    products,
    recurrence,
    resizing,
    sampling,
)
from costmodel.interop.ncnn.read import blob_shapes, read_ncnn
from costmodel.interop.ncnn.rules import RULES, parameters_of

__all__ = ["RULES", "blob_shapes", "parameters_of", "read_ncnn"]

_REGISTERED = (
    activation,
    arithmetic,
    convolution,
    detection,
    movement,
    normalization,
    parts,
    pooling,
    products,
    recurrence,
    resizing,
    sampling,
)
