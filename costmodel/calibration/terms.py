"""The terms of the latency model: what of a network takes time, in amounts that each have a coefficient with a unit."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from costmodel.algebra import Dim, maximum, total
from costmodel.algebra.assumed import collecting, with_choices
from costmodel.algebra.conditions import Condition
from costmodel.calibration.algorithms import (
    has_macs,
    has_patches,
    is_depthwise,
    is_detection,
    is_large_depthwise,
    is_product,
    is_response_normalization,
    is_unary,
    is_winograd,
    launches,
    moved_bytes,
    patch_elements,
    streamed_bytes,
    weight_bytes,
    winograd_elements,
    winograd_macs,
)
from costmodel.latency import Bound, FusionRules, Kernel, lower, rules_for
from costmodel.network import Network
from costmodel.remembering import Remembered, Same

MODEL: Final = "kernels-3"
"""The name of the terms below, as a calibrated profile records it."""

SUSTAINED_MACS: Final = 10**9
"""From so many multiply-accumulates on, one kernel works long enough for a cap on power to slow it down."""


class Term(NamedTuple):
    """Something that takes time, and the meaning of its coefficient.

    `amount` is how much of it a kernel has that `takes` says has any; a network's amount is the sum over its kernels.
    Where a term is `part_of` another, the kernels that it takes leave that one; switched off, they go back to it.
    `worth` is what one unit takes on one core of a desktop processor, in multiply-accumulates of a matrix product:
    the operator suite, measured under ncnn. It is where a fit starts that knows nothing else of a device.
    """

    name: str
    unit: str
    resource: Bound
    meaning: str
    worth: float
    amount: Callable[[Kernel], Dim]
    takes: Callable[[Kernel], Dim] = lambda _: True
    part_of: str | None = None
    gpu_worth: float | None = None
    """What it is worth on a GPU, if that is another: a launch takes some 10 us, functions have units of their own."""
    only: Literal["cpu", "gpu"] | None = None
    """The kind of processor that has it, where the other has not."""


class Work(NamedTuple):
    """The kernels of a network, and how much of each term is in them.

    Networks repeat themselves: `amounts` has a row for each of the kernels that differ in more than their names, and
    `rows` says for every kernel which row is its own.
    """

    kernels: tuple[Kernel, ...]
    amounts: tuple[tuple[Dim, ...], ...]
    rows: tuple[int, ...]


TERMS: Final = (
    Term("macs", "s/MAC", "compute", "a multiply-accumulate of a matrix product", 1.0,
         lambda kernel: kernel.macs, has_macs),
    Term("macs_winograd", "s/MAC", "compute", "a multiply-accumulate between transformed tiles, which Winograd's "
         "algorithm makes of a 3x3 convolution of stride 1", 1.1, winograd_macs, is_winograd, "macs"),
    Term("macs_depthwise", "s/MAC", "compute", "a multiply-accumulate of a depthwise convolution", 1.5,
         lambda kernel: kernel.macs, is_depthwise, "macs"),
    Term("macs_depthwise_large", "s/MAC", "compute", "a multiply-accumulate of a depthwise convolution larger than 3x3",
         1.5, lambda kernel: kernel.macs, is_large_depthwise, "macs_depthwise"),
    Term("sustained_macs", "s/MAC", "compute", "what a multiply-accumulate beyond the first 10^9 of a kernel takes "
         "more, where the power is capped", 0.05, lambda kernel: maximum(0, kernel.macs - SUSTAINED_MACS), has_macs,
         only="gpu"),
    Term("transcendentals", "s/op", "compute", "an exp, tanh or other function of that kind", 19.0,
         lambda kernel: kernel.transcendentals, lambda kernel: not is_response_normalization(kernel), gpu_worth=4.0),
    Term("activation_bytes", "s/B", "memory", "a byte of activations that a kernel reads or writes", 4.0, moved_bytes),
    Term("product_bytes", "s/B", "memory", "a byte of activations that a matrix product reads or writes", 4.0,
         moved_bytes, is_product, "activation_bytes"),
    Term("product_reads", "s/B", "memory", "what a byte that a matrix product reads takes more than one that it "
         "writes: each strip of the output reads it again", 2.0, lambda kernel: kernel.input_bytes, is_product,
         only="gpu"),
    Term("winograd_elements", "s/element", "memory", "an element of a tile that Winograd's algorithm transforms, "
         "reading and writing included", 40.0,
         winograd_elements, is_winograd, "activation_bytes"),
    Term("unary_bytes", "s/B", "memory", "a byte that a function of each element reads or writes, which the kernel "
         "before has just written", 0.8, moved_bytes, is_unary, "activation_bytes", gpu_worth=4.0),
    Term("normalization_bytes", "s/B", "memory", "a byte that local response normalization reads or writes", 20.0,
         moved_bytes, is_response_normalization, "activation_bytes"),
    Term("resize_bytes", "s/B", "memory", "a byte that is read or written to resize an image", 10.0,
         moved_bytes, lambda kernel: kernel.layer.kind == "resize", "activation_bytes"),
    Term("detection_bytes", "s/B", "memory", "a byte of scores and boxes that are sorted and thinned out", 100.0,
         moved_bytes, is_detection, "activation_bytes"),
    Term("patch_elements", "s/element", "memory", "an element of the patches that are gathered for a convolution of "
         "more than one element", 28.0, patch_elements, has_patches, gpu_worth=5.0),
    Term("weight_bytes", "s/B", "memory", "a byte of weights", 2.0, weight_bytes),
    Term("streamed_bytes", "s/B", "memory", "what a byte beyond the first 4 MiB of a kernel's activations or weights "
         "takes more", 4.0, streamed_bytes),
    Term("kernels", "s/kernel", "overhead", "starting a kernel that multiplies and accumulates", 5e4, launches,
         only="cpu"),
    Term("dispatches", "s/kernel", "overhead", "starting a kernel that multiplies and accumulates on a GPU, which does "
         "all groups at once", 1e6, lambda _: 1, has_macs, only="gpu"),
    Term("light_kernels", "s/kernel", "overhead", "starting a kernel that does not", 5e4, lambda _: 1,
         lambda kernel: not has_macs(kernel), "kernels", gpu_worth=1e6),
)  # fmt: skip
"""The terms of a calibration."""

NETWORK: Final = Term("networks", "s/network", "overhead", "running a network", 1e5, lambda _: 0)
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


def work(network: Network, data_type: str = "float32", runtime: str = "", terms: Sequence[Term] = TERMS) -> Work:
    """The kernels that a runtime makes of a network, with their amounts of the terms, integers or expressions."""
    rules, wanted = rules_for(runtime), tuple(terms)
    assumed = collecting()
    done, choices = _WORK.of(
        network,
        (data_type, Same(rules), wanted, assumed and assumed.point),
        lambda: with_choices(lambda: _work(network, data_type, rules, wanted)),
    )
    if assumed is not None:
        assumed.include(choices)
    return done


_WORK: Final = Remembered[tuple[Work, tuple[Condition, ...]]](most=8)


def _work(network: Network, data_type: str, rules: FusionRules, terms: tuple[Term, ...]) -> Work:
    kernels = lower(network, data_type=data_type, rules=rules)
    tasks: list[Hashable] = [kernel.task for kernel in kernels]
    try:
        different = dict(zip(tasks, kernels, strict=True))
    except TypeError:  # a layer kind of a user's, with a field that has no hash
        tasks = list(range(len(kernels)))
        different = dict(zip(tasks, kernels, strict=True))
    places = {task: place for place, task in enumerate(different)}
    return Work(
        kernels,
        tuple([tuple(amounts(kernel, terms).values()) for kernel in different.values()]),
        tuple([places[task] for task in tasks]),
    )


def amounts(kernel: Kernel, terms: Sequence[Term] = TERMS) -> dict[str, Dim]:
    """How much a kernel has of each term, 0 where one of its parts is there and takes the kernel.

    A term looks at what a kernel does, never at its names.

    >>> from costmodel import zoo
    >>> first = lower(zoo.mobilenet_v1())[0]
    >>> {name: amount for name, amount in amounts(first).items() if amount and name.endswith("macs")}
    {'macs': 10838016}
    """
    answers = {asked: +asked(kernel) for asked in {term.takes for term in terms}}
    taken = [term for term in terms if answers[term.takes]]
    left: dict[str | None, Dim] = {}
    for term in taken:
        left[term.part_of] = left.get(term.part_of, 1) * (1 - answers[term.takes])
    shares = {term.name: answers[term.takes] * left.get(term.name, 1) for term in taken}
    return {term.name: share * term.amount(kernel) if (share := shares.get(term.name, 0)) else 0 for term in terms}


def features(
    network: Network, data_type: str = "float32", runtime: str = "", terms: Sequence[Term] = TERMS
) -> dict[str, Dim]:
    """The amount of every term in a network: what its coefficient multiplies.

    >>> from costmodel import zoo
    >>> found = features(zoo.mobilenet_v1())
    >>> found["macs"] + found["macs_depthwise"], found["kernels"]
    (568740352, 28)
    """
    found = work(network, data_type, runtime, terms)
    of_each = [found.amounts[row] for row in found.rows]
    summed = {term.name: total(amounts[place] for amounts in of_each) for place, term in enumerate(terms)}
    return summed | ({NETWORK.name: 1} if NETWORK in terms else {})


def terms_of(terms: Sequence[Term], processor: str) -> tuple[Term, ...]:
    """Those of the terms that a kind of processor has, cpu or gpu, with what they are worth there."""
    kind = "gpu" if processor == "gpu" else "cpu"
    mine = [term for term in terms if term.only in {None, kind}]
    if kind == "cpu":
        return tuple(mine)
    return tuple(term if term.gpu_worth is None else term._replace(worth=term.gpu_worth) for term in mine)


def term(name: str) -> Term:
    """The term of that name."""
    return next(each for each in (*TERMS, NETWORK) if each.name == name)
