"""An executing reference: layers run on real arrays, the textbook way, and count what they do.

It knows nothing of `costmodel` and holds no formula for a count or a shape: a window slides until it no
longer fits, a fold runs element after element, and every operation adds the size of its result to a tally.

What the tally books: every window in full, positions in the padding and beyond the border included; both
branches of a conditional for every element; inference batch-norm after folding, the fold itself free;
changes of sign, copies and whatever does not depend on the data (coordinates, window sizes) free.
"""

from . import (
    activation,
    arithmetic,
    conv,
    detection,
    dynamic,
    functions,
    linear,
    merge,
    nonlinear,
    norm,
    pool,
    product,
    recurrent,
    reduce,
    resample,
    reshape,
    separable,
    stored,
    views,
)
from .registry import EXECUTORS, Execution, run
from .tally import Array, Tally

__all__ = [
    "EXECUTORS",
    "Array",
    "Execution",
    "Tally",
    "activation",
    "arithmetic",
    "conv",
    "detection",
    "dynamic",
    "functions",
    "linear",
    "merge",
    "nonlinear",
    "norm",
    "pool",
    "product",
    "recurrent",
    "reduce",
    "resample",
    "reshape",
    "run",
    "separable",
    "stored",
    "views",
]
