"""A network's cost as an expression: print it, differentiate it, invert it, sweep it.

Run: python examples/closed_forms.py
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import costmodel as cm
from costmodel.algebra.vectorize import vectorize


def main() -> None:
    """Print what MobileNet v1's closed form says."""
    alpha, r = cm.symbols("alpha r")
    macs = cm.zoo.mobilenet_v1(width=alpha, resolution=32 * r).cost().macs
    print("MACs of MobileNet v1, width alpha, resolution 32 r:")
    print(f"  {macs}")

    elasticity = sp.simplify(alpha * sp.diff(macs, alpha) / macs)
    print("Elasticity in the width (1 % wider costs so many % more):")
    print(f"  {elasticity}")
    print(f"  at alpha = 1, resolution 224: {float(elasticity.subs({alpha: 1, r: 7})):.3f}")

    budget = 300_000_000
    width = max(sp.solve(sp.Eq(macs.subs(r, 7), budget), alpha))
    print(f"The width that costs {budget:,} MACs at resolution 224: {float(width):.4f}")

    cost = vectorize(macs, "alpha r")
    widths, sizes = np.meshgrid(np.linspace(0.25, 1.0, 1000), np.arange(3, 11))
    under_budget = cost(widths, sizes) <= budget
    print(f"Of {widths.size:,} configurations, {int(under_budget.sum()):,} cost at most {budget:,} MACs")


if __name__ == "__main__":
    main()
