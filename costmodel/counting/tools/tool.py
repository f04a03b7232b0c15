"""What a tool that counts operations is: a convention, and where and how it looks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from pydantic import Field

from costmodel.counting.conventions import Convention, Rule, Rules

CONVOLUTIONS: Final = (
    "conv1d", "conv2d", "conv3d", "depthwise_conv2d", "pointwise_conv2d",
    "depthwise_separable_conv2d", "spatially_separable_conv2d", "depthwise_spatially_separable_conv2d",
)  # fmt: skip
TRANSPOSED: Final = ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
WINDOW_MAX_POOLS: Final = ("max_pool1d", "max_pool2d", "max_pool3d")
WINDOW_AVG_POOLS: Final = ("avg_pool1d", "avg_pool2d", "avg_pool3d")
WINDOW_POOLS: Final = (*WINDOW_MAX_POOLS, *WINDOW_AVG_POOLS)
ADAPTIVE_MEANS: Final = ("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
ADAPTIVE_MAXIMA: Final = ("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
MEANS: Final = ("global_avg_pool", *ADAPTIVE_MEANS)
MAXIMA: Final = ("global_max_pool", *ADAPTIVE_MAXIMA)
ADAPTIVE_POOLS: Final = (*MEANS, *MAXIMA)
STATISTICAL_NORMS: Final = ("layer_norm", "group_norm", "instance_norm")
"""Normalizations that compute mean and variance from their input."""

NOT_COUNTED: Final = "not counted"
PROJECTIONS: Final = "n*(l_q*h*(c_i*d_k + d_v*c_o) + l_k*h_kv*(c_k*d_k + c_v*d_v))"
"""The multiply-accumulates of multi-head attention's four projections."""
BIASES: Final = "b*n*(l_q*(h*d_k + c_o) + l_k*h_kv*(d_k + d_v))"
"""The biases of these projections."""
PRODUCTS: Final = "n*h*l_q*l_k*(d_k + d_v)"
"""The multiply-accumulates of attention between them, whatever a mask discards."""
PROJECTIONS_ONLY: Final = "the projections only: products of queries, keys and values are not counted"
MHA_WITH_WEIGHTS: Final = (
    "multi-head attention that returns its weights multiplies matrices one by one, and these products are counted"
)
DENSE: Final = "products that a mask discards are counted"
FUNCTION_NOT_COUNTED: Final = "not counted where a function is called instead of a module"
MEAN_NOT_COUNTED: Final = "a mean over positions is not counted"

Way = Literal["module", "function", "operator"]
"""How a PyTorch model writes an operation: `nn.ReLU()`, `F.relu(x)`, or an operator or method: `x + y`, `x.mean()`"""


def recurrent(per_mac: int, gates: int, each_cell: str, state: str = "c_h") -> str:
    """A rule for recurrent layers: the matrices of all gates, and something for each cell."""
    matrices = f"{per_mac * gates}*(c_i + {state} + (layers - 1)*(d + 1)*{state})"
    return f"n*l_i*d*c_h*({matrices} + layers*({each_cell}))"


class Tool(Convention):
    """A number that a tool reports, as a convention: it counts a network of ours as the tool counts that model.

    Some tools tell apart how a PyTorch model writes an operation. `rules` are for a module where there is one, else
    for an operator such as `x + y`; `functions` and `operators` say what else a kind counts for, where it is written
    as a function (`F.linear`, `torch.add`) or, though there is a module, as an operator or a method (`x.mean()`).

    >>> from costmodel import zoo
    >>> from costmodel.counting.tools import tool
    >>> zoo.mobilenet_v2().cost(convention=tool("fvcore")).flops
    314193216
    """

    tool: str
    """The program, which may report several numbers."""
    version: str
    reads: str
    """What it looks at."""
    functions: Rules = Field(default_factory=dict)
    operators: Rules = Field(default_factory=dict)
    needs_params: bool = False
    """Whether it refuses a model without parameters."""
    refused: tuple[str, ...] = ()
    """Layer kinds that it refuses."""
    notes: tuple[str, ...] = ()
    """Where its number depends on more than the network."""

    @property
    def per_mac(self) -> int:
        """What a multiply-accumulate counts for."""
        return self.weights["macs"]

    def where(self, way: Way) -> Tool:
        """The tool for operations that are written so."""
        rules: dict[Way, Rules] = {"module": {}, "function": self.functions, "operator": self.operators}
        return self.model_copy(update={"rules": {**self.rules, **rules[way]}}) if rules[way] else self


def each(kinds: Collection[str], count: str, meaning: str) -> dict[str, Rule]:
    """The same rule for several kinds."""
    return dict.fromkeys(kinds, Rule(count=count, meaning=meaning))
