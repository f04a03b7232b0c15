"""The latency and energy of a network on a device, by the roofline."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from costmodel.algebra import Dim
from costmodel.algebra.assumed import stated, with_choices
from costmodel.hardware import Profile, find_profile
from costmodel.latency.energy import known_energy
from costmodel.latency.fusion import FusionRules
from costmodel.latency.kernels import Kernel
from costmodel.latency.lowering import lower
from costmodel.latency.memory import Memory
from costmodel.latency.result import KernelLatency, Latency
from costmodel.latency.roofline import (
    bound_by,
    compute_time,
    kernel_time,
    memory_time,
    sequence_time,
    time_at_speed,
)
from costmodel.latency.rule_files import DEFAULT, find_rules
from costmodel.network import Network


def estimate(
    network: Network,
    device: str | os.PathLike[str] | Profile,
    *,
    data_type: str = "float32",
    weight_type: str | None = None,
    rules: str | os.PathLike[str] | FusionRules = DEFAULT,
) -> Latency:
    """The roofline's latency of one forward pass: a bound from data sheets, not a calibrated prediction.

    `rules` are those by which a runtime fuses (see `lower`).

    >>> from costmodel import zoo
    >>> fast = estimate(zoo.mobilenet_v1(), "h100", data_type="float16")
    >>> {kernel.bound_by for kernel in fast.kernels}
    {'overhead'}
    """
    profile = find_profile(device)
    chosen = find_rules(rules)
    kernels, choices = with_choices(lambda: lower(network, data_type=data_type, weight_type=weight_type, rules=chosen))
    first = next(iter(network.inputs.values()), ())
    latency = roofline_latency(kernels, profile, data_type, batch=first[0] if first else 1)
    return replace(
        latency,
        memory=Memory(network, kernels, profile, data_type, weight_type or data_type),
        assumptions=(f"kernels are those of {chosen.title or chosen.name}", *latency.assumptions, *stated(choices)),
    )


def speed_latency(network: Network, device: str | os.PathLike[str] | Profile, *, data_type: str = "float32") -> Dim:
    """Seconds by the source documents' rule, FLOPs / speed, at the published peak.

    FLOPs are two for each multiply-accumulate; memory, overhead and efficiency are left out.

    >>> from costmodel import zoo
    >>> round(speed_latency(zoo.resnet50(), "v100") * 1e3, 3)
    0.521
    """
    return time_at_speed(network.cost().flops, find_profile(device).peak(data_type))


def kernel_latency(kernel: Kernel, profile: Profile, data_type: str) -> KernelLatency:
    """One kernel's time by the roofline; the profile must have a peak for the data type, and a bandwidth."""
    compute_s = compute_time(
        kernel.operations, profile.peak(data_type), profile.efficiency_of(kernel.kernel_class, data_type)
    )
    memory_s = memory_time(kernel.traffic_bytes, profile.bandwidth(), profile.efficiency_of("memory", data_type))
    overhead_s = profile.overhead()
    return KernelLatency(
        name=kernel.name,
        latency_s=kernel_time(compute_s, memory_s, overhead_s),
        bound_by=bound_by(compute_s, memory_s, overhead_s),
        compute_s=compute_s,
        memory_s=memory_s,
        overhead_s=overhead_s,
    )


def roofline_latency(
    kernels: Sequence[Kernel], profile: Profile, data_type: str = "float32", batch: Dim = 1
) -> Latency:
    """The sum of the kernels' times, one after the other, and their energy where the profile has energies."""
    tasks = [(kernel.kernel_class, kernel.operations, kernel.traffic_bytes) for kernel in kernels]
    each = dict(zip(tasks, kernels, strict=True))  # a network repeats itself
    known = {task: kernel_latency(kernel, profile, data_type) for task, kernel in each.items()}
    timed = tuple([known[task]._replace(name=kernel.name) for task, kernel in zip(tasks, kernels, strict=True)])
    latency_s = sequence_time(kernel.latency_s for kernel in timed)
    return Latency(
        device=profile.name,
        latency_s=latency_s,
        kernels=timed,
        batch=batch,
        energy=known_energy(kernels, profile, data_type, [kernel.latency_s for kernel in timed]),
        assumptions=assumptions(kernels, profile, data_type),
    )


def assumptions(kernels: Sequence[Kernel], profile: Profile, data_type: str) -> tuple[str, ...]:
    """What an estimate takes for granted, in sentences for a report."""
    classes = dict.fromkeys(kernel.kernel_class for kernel in kernels)
    declared = [name for name in classes if profile.efficiency_of(name, data_type) == 1.0]
    sentences = [
        "kernels run one after the other; each reads its inputs and weights and writes its outputs once",
        "the arithmetic is that of the formulas: no Winograd, no FFT",
    ]
    if declared:
        sentences.append(f"{', '.join(declared)} at the full {data_type} peak: no efficiency published")
    if profile.efficiency_of("memory", data_type) == 1.0:
        sentences.append("memory traffic at the full bandwidth: no efficiency published")
    if profile.overhead_s is None:
        sentences.append("no overhead for a kernel: none published")
    return tuple(sentences)
