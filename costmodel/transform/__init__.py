"""What-if rewrites: a network with other layers in the place of some, checked for shape, and what that saves."""

from costmodel.transform.amounts import Amounts, Placed
from costmodel.transform.base import Plan, Replacement, Rewrite, Scaling, rewrites
from costmodel.transform.changes import Change, Kept
from costmodel.transform.depth import Depth
from costmodel.transform.edits import Edit, Piece, in_a_row
from costmodel.transform.graph import Graph
from costmodel.transform.grouped import Grouped
from costmodel.transform.head import GlobalAveragePool
from costmodel.transform.kernel import Kernel, Stacked
from costmodel.transform.pooling import Pooled, Strided
from costmodel.transform.rewriting import Rewritten, rewrite
from costmodel.transform.scale import Batch, Resolution
from costmodel.transform.separable import DepthwiseSeparable, SpatiallySeparable
from costmodel.transform.text import parse_rewrite
from costmodel.transform.width import Width

__all__ = [
    "Amounts",
    "Batch",
    "Change",
    "Depth",
    "DepthwiseSeparable",
    "Edit",
    "GlobalAveragePool",
    "Graph",
    "Grouped",
    "Kept",
    "Kernel",
    "Piece",
    "Placed",
    "Plan",
    "Pooled",
    "Replacement",
    "Resolution",
    "Rewrite",
    "Rewritten",
    "Scaling",
    "SpatiallySeparable",
    "Stacked",
    "Strided",
    "Width",
    "in_a_row",
    "parse_rewrite",
    "rewrite",
    "rewrites",
]
