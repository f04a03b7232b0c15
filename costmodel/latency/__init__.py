"""Latency: networks lowered to kernels, and kernels timed by the roofline."""

from costmodel.latency.estimate import estimate, kernel_energy, kernel_latency, roofline_latency, speed_latency
from costmodel.latency.fusion import FUSED, FUSED_WITH_ADD, UNFUSED, FusionRules
from costmodel.latency.kernels import Kernel, kernel_class
from costmodel.latency.lowering import lower
from costmodel.latency.result import KernelLatency, Latency
from costmodel.latency.roofline import (
    Bound,
    arithmetic_intensity,
    attainable,
    batch_latency,
    bound_by,
    compute_time,
    energy,
    kernel_time,
    memory_time,
    ridge_point,
    sequence_time,
    throughput,
    time_at_speed,
)

__all__ = [
    "FUSED",
    "FUSED_WITH_ADD",
    "UNFUSED",
    "Bound",
    "FusionRules",
    "Kernel",
    "KernelLatency",
    "Latency",
    "arithmetic_intensity",
    "attainable",
    "batch_latency",
    "bound_by",
    "compute_time",
    "energy",
    "estimate",
    "kernel_class",
    "kernel_energy",
    "kernel_latency",
    "kernel_time",
    "lower",
    "memory_time",
    "ridge_point",
    "roofline_latency",
    "sequence_time",
    "speed_latency",
    "throughput",
    "time_at_speed",
]
