"""Networks of ours as ncnn models."""

from costmodel.interop.ncnn.writing import arithmetic, shaping, weighted, windows
from costmodel.interop.ncnn.writing.graph import to_ncnn
from costmodel.interop.ncnn.writing.model import NcnnModel
from costmodel.interop.ncnn.writing.piece import WRITERS, writes

__all__ = ["WRITERS", "NcnnModel", "arithmetic", "shaping", "to_ncnn", "weighted", "windows", "writes"]
