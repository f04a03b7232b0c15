"""Which layers a rewrite is about: names with wildcards, kinds, words, kernel sizes, or a function."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final

from costmodel.errors import RewriteError, UnknownNameError, shorten
from costmodel.layers import (
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    Conv1d,
    Conv2d,
    Conv3d,
    DepthwiseConv2d,
    Layer,
    Linear,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    PointwiseConv2d,
    kinds,
)
from costmodel.network import Step
from costmodel.transform.graph import Graph

Predicate = Callable[[Step], bool]
"""Whether a rewrite is about a layer in its place."""

CONVOLUTIONS: Final[tuple[type[Layer], ...]] = (Conv1d, Conv2d, Conv3d, DepthwiseConv2d, PointwiseConv2d)
POOLS: Final[tuple[type[Layer], ...]] = (MaxPool1d, MaxPool2d, MaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d)
WORDS: Final[dict[str, tuple[type[Layer], ...]]] = {
    "conv": CONVOLUTIONS, "stride": CONVOLUTIONS, "pool": POOLS, "fc": (Linear,),
}  # fmt: skip
"""What people call some kinds together; of "stride" only those that have one."""
_KERNEL: Final = re.compile(r"\d+(x\d+)+")


def select(graph: Graph, what: str | Predicate, only: str | Predicate, of: tuple[type[Layer], ...]) -> list[Step]:
    """The steps of these kinds that `what` and `only` both mean; raises `RewriteError` where there are none.

    A text is one of `WORDS`, a layer kind, the size of a kernel such as 5x5, or a name in which * stands for anything.
    """
    both = [_meaning(each) for each in (what, only) if each]
    found = [step for step in graph.network.steps if isinstance(step.node.layer, of)]
    chosen = [step for step in found if all(is_meant(step) for is_meant in both)]
    if chosen:
        return chosen
    for text in (what, only):
        if isinstance(text, str) and text and not any(_meaning(text)(step) for step in graph.network.steps):
            raise RewriteError(f"{graph.network.name}: {_unknown(graph, text)}")
    meant = " and ".join(repr(shorten(each)) for each in (what, only) if isinstance(each, str) and each)
    kind = " or ".join(sorted({layer.kind_name() for layer in of}))
    raise RewriteError(f"{graph.network.name}: no {kind} is among what {meant or 'the given function'} selects")


def kernel_text(layer: Layer) -> str:
    """The size of a kernel as people write it: 3x3, and 1x1 for a pointwise convolution."""
    kernel = (1, 1) if isinstance(layer, PointwiseConv2d) else getattr(layer, "kernel", ())
    return "x".join(map(str, kernel))


def _meaning(what: str | Predicate) -> Predicate:
    """Whether a step is meant."""
    if not isinstance(what, str):
        return what
    if what == "stride":
        return lambda step: isinstance(step.node.layer, CONVOLUTIONS) and _has_stride(step.node.layer)
    if what in WORDS:
        return lambda step: isinstance(step.node.layer, WORDS[what])
    if what in kinds():
        return lambda step: step.node.layer.kind == what
    if _KERNEL.fullmatch(what):
        return lambda step: kernel_text(step.node.layer) == what
    return lambda step: fnmatchcase(step.node.name, what)


def _has_stride(layer: Any) -> bool:
    return set(layer.stride) != {1}


def _unknown(graph: Graph, text: str) -> str:
    """Why a text selects nothing."""
    if text in WORDS or text in kinds() or _KERNEL.fullmatch(text):
        return f"it has no layer that {text!r} selects"
    if any(sign in text for sign in "*?["):
        return f"no layer has a name like {shorten(text)!r}, but {', '.join(list(graph.steps)[:3])} and so on"
    return str(UnknownNameError("layer, layer kind or word", text, {*graph.steps, *kinds(), *WORDS}))
