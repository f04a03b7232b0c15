"""Networks: the graph, its builder, and what is computed over all of its nodes."""

from costmodel.network.builder import Builder, Tensor, repeat
from costmodel.network.graph import Network, Node, Step
from costmodel.network.memory import PeakMemory, liveness, peak_memory
from costmodel.network.training import TrainingCost, training_cost
from costmodel.network.validity import buildable_where

__all__ = [
    "Builder",
    "Network",
    "Node",
    "PeakMemory",
    "Step",
    "Tensor",
    "TrainingCost",
    "buildable_where",
    "liveness",
    "peak_memory",
    "repeat",
    "training_cost",
]
