"""The terms of the latency model: what of a network takes time, in amounts that each have a coefficient with a unit."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from costmodel.algebra import Dim, ceil_div, exact_div, maximum, product, total
from costmodel.latency import Bound, FusionRules, Kernel, lower, rules_for
from costmodel.layers import Conv2d
from costmodel.network import Network
from costmodel.remembering import Remembered, Same

MODEL: Final = "kernels-3"
"""The name of the terms below, as a calibrated profile records it."""

CACHE_BYTES: Final = 4 * 2**20
"""What of a kernel's activations, and of its weights, a processor is taken to keep near."""

SUSTAINED_MACS: Final = 10**9
"""From so many multiply-accumulates on, one kernel works long enough for a cap on power to slow it down."""

TILE: Final = 4
"""Winograd's F(4x4, 3x3): a tile of 4 x 4 outputs takes 6 x 6 multiplications for each pair of channels."""

NARROWEST_WINOGRAD: Final = 8
"""The fewest channels on either side for which runtimes choose Winograd's algorithm."""


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
    takes: Callable[[Kernel], bool] = lambda _: True
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


def has_macs(kernel: Kernel) -> bool:
    """Whether a kernel multiplies and accumulates; an expression stands for something."""
    return not (isinstance(kernel.macs, int) and kernel.macs == 0)


def is_depthwise(kernel: Kernel) -> bool:
    """Whether every channel is convolved by itself."""
    return kernel.kernel_class == "depthwise"


def is_large_depthwise(kernel: Kernel) -> bool:
    """Whether it is a depthwise convolution of more than 3 elements along an axis."""
    return is_depthwise(kernel) and max(_extent(kernel)) > 3


def is_transposed_depthwise(kernel: Kernel) -> bool:
    """Whether every channel is convolved by itself, and the convolution transposed."""
    return kernel.kernel_class == "transposed" and _groups(kernel) == _c_i(kernel) == _c_o(kernel)


def is_winograd(kernel: Kernel) -> bool:
    """Whether it is a dense 3x3 convolution of stride 1 that its runtime does by Winograd's algorithm.

    Lavin and Gray, arXiv 1509.09308. Each group of a grouped convolution is one; narrow ones are done directly.
    """
    layer = kernel.layer
    if not kernel.winograd or not isinstance(layer, Conv2d) or is_depthwise(kernel):
        return False
    if (layer.kernel, layer.stride, layer.dilation) != ((3, 3), (1, 1), (1, 1)):
        return False
    channels = (exact_div(_c_i(kernel), layer.groups), exact_div(_c_o(kernel), layer.groups))
    return all(not isinstance(c, int) or c >= NARROWEST_WINOGRAD for c in channels)


def is_product(kernel: Kernel) -> bool:
    """Whether it is done as a product of matrices: what multiplies, but for depthwise and Winograd's convolutions."""
    return has_macs(kernel) and not is_depthwise(kernel) and not is_winograd(kernel)


def has_patches(kernel: Kernel) -> bool:
    """Whether patches of the input are gathered for a product: convolutions of more than one element.

    A runtime with a blocked layout reads blocks where they lie, and gathers patches for what does not work in them:
    there each channel of a depthwise convolution is a product of its own. For each output of a transposed depthwise
    convolution, every element of the kernel is tried, though the stride lets it meet few.
    """
    if kernel.blocked:
        return False
    if max(_extent(kernel)) == 1:
        return is_transposed_depthwise(kernel)
    is_dense = is_product(kernel) and kernel.kernel_class in {"conv", "grouped"}
    return is_dense or is_transposed_depthwise(kernel) or (kernel.blocked is False and is_depthwise(kernel))


def is_response_normalization(kernel: Kernel) -> bool:
    """Whether it is local response normalization, whose power function counts with its bytes."""
    return kernel.layer.kind == "local_response_norm"


def is_unary(kernel: Kernel) -> bool:
    """Whether it is a function of each element of one tensor, which the kernel before has just written."""
    return kernel.kernel_class == "elementwise" and len(kernel.input_shapes) == 1


def is_detection(kernel: Kernel) -> bool:
    """Whether boxes are decoded from prior ones, and thinned out class by class."""
    return kernel.layer.kind == "detection_output" and len(kernel.input_shapes) > 2


def winograd_tiles(kernel: Kernel) -> Dim:
    """Elements of all transformed tiles of one channel: 36 n ceil(h_o / 4) ceil(w_o / 4)."""
    n, _, h_o, w_o = kernel.output_shape
    return n * ceil_div(h_o, TILE) * ceil_div(w_o, TILE) * (TILE + 2) ** 2


def winograd_macs(kernel: Kernel) -> Dim:
    """Multiply-accumulates between transformed tiles: 36 n ceil(h_o / 4) ceil(w_o / 4) c_o c_i / g."""
    return winograd_tiles(kernel) * _c_o(kernel) * exact_div(_c_i(kernel), _groups(kernel))


def weight_bytes(kernel: Kernel) -> Dim:
    """Bytes of weights that a kernel reads; Winograd's are stored transformed, 36 for 9."""
    return (TILE + 2) ** 2 // 9 * kernel.weight_bytes if is_winograd(kernel) else kernel.weight_bytes


def streamed_bytes(kernel: Kernel) -> Dim:
    """Bytes beyond `CACHE_BYTES` of what a kernel reads and writes, and of its weights."""
    moved, weights = kernel.input_bytes + kernel.output_bytes, weight_bytes(kernel)
    return maximum(0, moved - CACHE_BYTES) + maximum(0, weights - CACHE_BYTES)


def patch_elements(kernel: Kernel) -> Dim:
    """Elements of the gathered patches: n h_o w_o c_i k_h k_w."""
    return exact_div(product(kernel.output_shape), _c_o(kernel)) * _c_i(kernel) * product(_extent(kernel))


def launches(kernel: Kernel) -> Dim:
    """One, or one for each group of a grouped convolution, unless it works in blocks: then one call does all groups.

    Groups of one channel each are no groups: one call does all of a depthwise convolution, transposed or not.
    """
    if kernel.kernel_class not in {"grouped", "transposed"} or kernel.blocked or is_transposed_depthwise(kernel):
        return 1
    return _groups(kernel)


def _moved_bytes(kernel: Kernel) -> Dim:
    """Bytes of activations read and written."""
    return kernel.input_bytes + kernel.output_bytes


def _extent(kernel: Kernel) -> tuple[int, ...]:
    """The size of a convolution's kernel along each axis."""
    return tuple(getattr(kernel.layer, "kernel", (1,)))


def _groups(kernel: Kernel) -> int:
    return int(getattr(kernel.layer, "groups", 1))


def _c_i(kernel: Kernel) -> Dim:
    return kernel.input_shapes[0][1]


def _c_o(kernel: Kernel) -> Dim:
    return kernel.output_shape[1]


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
    Term("activation_bytes", "s/B", "memory", "a byte of activations that a kernel reads or writes", 4.0, _moved_bytes),
    Term("product_bytes", "s/B", "memory", "a byte of activations that a matrix product reads or writes", 4.0,
         _moved_bytes, is_product, "activation_bytes"),
    Term("product_reads", "s/B", "memory", "what a byte that a matrix product reads takes more than one that it "
         "writes: each strip of the output reads it again", 2.0, lambda kernel: kernel.input_bytes, is_product,
         only="gpu"),
    Term("winograd_elements", "s/element", "memory", "an element of a tile that Winograd's algorithm transforms, "
         "reading and writing included", 40.0,
         lambda kernel: winograd_tiles(kernel) * (_c_i(kernel) + _c_o(kernel)), is_winograd, "activation_bytes"),
    Term("unary_bytes", "s/B", "memory", "a byte that a function of each element reads or writes, which the kernel "
         "before has just written", 0.8, _moved_bytes, is_unary, "activation_bytes", gpu_worth=4.0),
    Term("normalization_bytes", "s/B", "memory", "a byte that local response normalization reads or writes", 20.0,
         _moved_bytes, is_response_normalization, "activation_bytes"),
    Term("resize_bytes", "s/B", "memory", "a byte that is read or written to resize an image", 10.0,
         _moved_bytes, lambda kernel: kernel.layer.kind == "resize", "activation_bytes"),
    Term("detection_bytes", "s/B", "memory", "a byte of scores and boxes that are sorted and thinned out", 100.0,
         _moved_bytes, is_detection, "activation_bytes"),
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
    return _WORK.of(network, (data_type, Same(rules), wanted), lambda: _work(network, data_type, rules, wanted))


_WORK: Final = Remembered[Work](most=8)


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
    answers = {asked: asked(kernel) for asked in {term.takes for term in terms}}
    taken = [term for term in terms if answers[term.takes]]
    left = {term.part_of for term in taken}
    mine = {term.name for term in taken} - {None}
    return {term.name: term.amount(kernel) if term.name in mine and term.name not in left else 0 for term in terms}


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
