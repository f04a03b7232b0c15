"""Reasoning: questions about costs, answered as expressions with the steps of their algebra.

When is one layer cheaper than another, what does a width of 0.75 save at each stage, which stages dominate as the
resolution grows, and what does one percent more of a parameter cost?
"""

from costmodel.reasoning.break_even import BreakEven, break_even
from costmodel.reasoning.cases import Case
from costmodel.reasoning.comparison import Comparison, compared
from costmodel.reasoning.costs import NamedCost, cost_of
from costmodel.reasoning.elasticity import elasticities, elasticity
from costmodel.reasoning.growth import Growth, Overtaking, StageGrowth, growth, order
from costmodel.reasoning.overview import Overview, Slope, overview
from costmodel.reasoning.ratio import Ratio, ratio
from costmodel.reasoning.roots import Root
from costmodel.reasoning.savings import Savings, StageSaving, savings
from costmodel.reasoning.signs import Region
from costmodel.reasoning.stages import stages
from costmodel.reasoning.writing import Step

__all__ = [
    "BreakEven",
    "Case",
    "Comparison",
    "Growth",
    "NamedCost",
    "Overtaking",
    "Overview",
    "Ratio",
    "Region",
    "Root",
    "Savings",
    "Slope",
    "StageGrowth",
    "StageSaving",
    "Step",
    "break_even",
    "compared",
    "cost_of",
    "elasticities",
    "elasticity",
    "growth",
    "order",
    "overview",
    "ratio",
    "savings",
    "stages",
]
