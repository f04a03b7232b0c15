"""Reasoning: questions about costs, answered as expressions with the steps of their algebra."""

from costmodel.reasoning.elasticity import elasticities, elasticity

__all__ = ["elasticities", "elasticity"]
