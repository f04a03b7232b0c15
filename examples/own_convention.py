"""A convention of your own: what counts, as data. Here, that of a tool which books batch-norm as 2 per element.

Run: python examples/own_convention.py
"""

from __future__ import annotations

import costmodel as cm

BATCH_NORM_TWICE = cm.Convention(
    name="batch-norm-twice",
    unit="MACs",
    weights={"macs": 1},
    rules={"batch_norm": "2*e"},
    meaning="multiply-accumulates, and two for each batch-norm element",
)


def main() -> None:
    """Print MobileNet v1 under several conventions."""
    net = cm.zoo.mobilenet_v1()
    for convention in (cm.convention("one-per-mac"), cm.convention("every-operation"), BATCH_NORM_TWICE):
        number = net.cost(convention=convention).flops
        print(f"{convention.name:<20} {number:>15,} {convention.unit}")


if __name__ == "__main__":
    main()
