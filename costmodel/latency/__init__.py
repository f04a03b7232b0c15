"""Latency: networks lowered to kernels, and kernels timed by the roofline."""

from costmodel.latency.energy import (
    EnergyUse,
    KernelEnergy,
    arithmetic_energy,
    energy_use,
    known_energy,
    movement_energy,
)
from costmodel.latency.estimate import estimate, kernel_latency, roofline_latency, speed_latency
from costmodel.latency.fusion import FusionRules, Join
from costmodel.latency.kernels import Kernel, kernel_class
from costmodel.latency.liveness import kernel_moments
from costmodel.latency.lowering import lower
from costmodel.latency.memory import Memory
from costmodel.latency.pattern_files import pattern_names
from costmodel.latency.patterns import Pattern
from costmodel.latency.places import on_chip_traffic
from costmodel.latency.result import KernelLatency, Latency
from costmodel.latency.roofline import (
    Bound,
    arithmetic_intensity,
    attainable,
    batch_latency,
    bound_by,
    compute_time,
    kernel_time,
    memory_time,
    ridge_point,
    sequence_time,
    throughput,
    time_at_speed,
)
from costmodel.latency.rule_files import (
    find_rules,
    is_known_runtime,
    parse_rules,
    read_rules,
    rule_names,
    rules_for,
    runtime_rules,
)
from costmodel.latency.storage import stored_bytes

__all__ = [
    "Bound",
    "EnergyUse",
    "FusionRules",
    "Join",
    "Kernel",
    "KernelEnergy",
    "KernelLatency",
    "Latency",
    "Memory",
    "Pattern",
    "arithmetic_energy",
    "arithmetic_intensity",
    "attainable",
    "batch_latency",
    "bound_by",
    "compute_time",
    "energy_use",
    "estimate",
    "find_rules",
    "is_known_runtime",
    "kernel_class",
    "kernel_latency",
    "kernel_moments",
    "kernel_time",
    "known_energy",
    "lower",
    "memory_time",
    "movement_energy",
    "on_chip_traffic",
    "parse_rules",
    "pattern_names",
    "read_rules",
    "ridge_point",
    "roofline_latency",
    "rule_names",
    "rules_for",
    "runtime_rules",
    "sequence_time",
    "speed_latency",
    "stored_bytes",
    "throughput",
    "time_at_speed",
]
