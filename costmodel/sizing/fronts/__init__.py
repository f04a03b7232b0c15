"""Pareto fronts: what no other beats in every cost, at once or streamed; published accuracies beside costs.

Public names are those of `costmodel.sizing`.
"""

__all__: list[str] = []
