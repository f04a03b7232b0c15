"""Features: what of a network takes time, in named amounts, each with the unit of its coefficient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from costmodel.algebra import Dim, total
from costmodel.latency import Bound, Kernel, lower
from costmodel.layers import Conv2d, Layer
from costmodel.network import Network

MODEL: Final = "linear-kernels-1"
"""The name of the terms below, as a calibrated profile records it."""


class Term(NamedTuple):
    """A feature and the meaning of its coefficient.

    `amount` is a kernel's share of the feature; a network's feature is the sum over its kernels. A term that is
    `part_of` another takes its amount out of that one where both are fitted, and leaves it there where it is not.
    """

    name: str
    unit: str
    resource: Bound
    meaning: str
    amount: Callable[[Kernel], Dim]
    part_of: str | None = None


class WorkUnit(NamedTuple):
    """A kernel and the amount of each feature in it."""

    kernel: Kernel
    amounts: Mapping[str, Dim]


def is_winograd_shaped(layer: Layer) -> bool:
    """Whether it is a dense 3x3 convolution of stride 1, which most runtimes do by Winograd's algorithm.

    Lavin and Gray, arXiv 1509.09308: F(2x2, 3x3) multiplies 16 times where the sum has 36 products.
    """
    if not isinstance(layer, Conv2d) or layer.groups != 1:
        return False
    return (layer.kernel, layer.stride, layer.dilation) == ((3, 3), (1, 1), (1, 1))


TERMS: Final = (
    Term("macs", "s/MAC", "compute", "a multiply-accumulate", lambda kernel: kernel.macs),
    Term("kernels", "s/kernel", "overhead", "starting a kernel", lambda _: 1),
    Term(
        "macs_conv3x3", "s/MAC", "compute",
        "a multiply-accumulate of a dense 3x3 convolution of stride 1, which runtimes do by Winograd's algorithm",
        lambda kernel: kernel.macs if is_winograd_shaped(kernel.layer) else 0,
        part_of="macs",
    ),
    Term(
        "activation_bytes", "s/B", "memory",
        "a byte of activations that a kernel writes, reading it later included",
        lambda kernel: kernel.output_bytes,
    ),
    Term("weight_bytes", "s/B", "memory", "a byte of weights read", lambda kernel: kernel.weight_bytes),
    Term(
        "macs_depthwise", "s/MAC", "compute",
        "what a multiply-accumulate of a depthwise convolution takes more than another",
        lambda kernel: kernel.macs if kernel.kernel_class == "depthwise" else 0,
    ),
)  # fmt: skip
"""The terms of a calibration, in the order in which they are tried."""

NETWORK: Final = Term("networks", "s/network", "overhead", "running a network", lambda _: 0)
"""A constant, for the baseline a + b MACs."""

DATA_TYPES: Final = MappingProxyType({
    "fp32": "float32", "float": "float32", "float32": "float32", "tf32": "tfloat32", "fp16": "float16",
    "float16": "float16", "amp": "float16", "bf16": "bfloat16", "bfloat16": "bfloat16", "int8": "int8",
    "uint8": "uint8",
})  # fmt: skip
"""The data type that a measurement's precision names; float32 for all that are not here."""


def data_type(precision: str) -> str:
    """The data type of a precision as measurement files write it.

    >>> data_type("fp32"), data_type("default_float")
    ('float32', 'float32')
    """
    return DATA_TYPES.get(precision.lower(), "float32")


def work(network: Network, data_type: str = "float32") -> tuple[WorkUnit, ...]:
    """The kernels of a network with the amounts of every term, integers or expressions."""
    return tuple(
        WorkUnit(kernel, {term.name: term.amount(kernel) for term in TERMS})
        for kernel in lower(network, data_type=data_type)
    )


def features(network: Network, data_type: str = "float32") -> dict[str, Dim]:
    """The amount of every term in a network: what its coefficient multiplies.

    >>> from costmodel import zoo
    >>> features(zoo.mobilenet_v1())["macs"], features(zoo.mobilenet_v1())["kernels"]
    (568740352, 29)
    """
    units = work(network, data_type)
    return {term.name: total(unit.amounts[term.name] for unit in units) for term in TERMS} | {NETWORK.name: 1}


def disjoint(amounts: Mapping[str, Dim], names: Iterable[str]) -> dict[str, Dim]:
    """The amounts of the named terms, each without the parts that have a coefficient of their own.

    >>> disjoint({"macs": 10, "macs_conv3x3": 4}, ["macs", "macs_conv3x3"])
    {'macs': 6, 'macs_conv3x3': 4}
    """
    chosen = {name: amounts[name] for name in names}
    for term in TERMS:
        if term.name in chosen and term.part_of in chosen:
            chosen[term.part_of] = chosen[term.part_of] - amounts[term.name]
    return chosen


def term(name: str) -> Term:
    """The term of that name."""
    return next(each for each in (*TERMS, NETWORK) if each.name == name)
