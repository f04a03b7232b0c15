"""Sizing: spaces of configurations, the largest that keeps budgets, sweeps, Pareto fronts and search."""
