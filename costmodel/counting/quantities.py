"""The quantities of a cost by their names, as people ask for them in texts."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim
from costmodel.counting.cost import Cost
from costmodel.counting.ledger import ENTRIES
from costmodel.errors import UnknownNameError

QUANTITIES: Final = (
    "macs", "flops", "params", "buffers", "activations", "weight_bytes", "input_bytes", "output_bytes",
    "peak_memory_bytes", *ENTRIES[1:],
)  # fmt: skip
"""What a network has a formula for."""

KIND_QUANTITIES: Final = ("macs", "flops", "params", "buffers", *ENTRIES[1:])
"""What a layer kind has a formula for."""


def quantity_of(cost: Cost, name: str) -> Dim:
    """One of `QUANTITIES` of a network's cost; raises for any other name.

    >>> from costmodel import zoo
    >>> quantity_of(zoo.lenet_300_100().cost(), "params")
    266610
    """
    if name not in QUANTITIES:
        raise UnknownNameError(f"quantity of {cost.network}", name, QUANTITIES)
    return getattr(cost.ledger if name in ENTRIES else cost, name)
