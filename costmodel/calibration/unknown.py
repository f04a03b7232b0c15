"""Values of a setup's columns that mean nothing to the model, which then takes them for something usual."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from costmodel.calibration.covariates import processor
from costmodel.calibration.terms import DATA_TYPES
from costmodel.errors import shorten
from costmodel.latency import is_known_runtime, runtime_rules

FLOATS: Final = frozenset({"default_float", "default", "single"})
"""Precisions that mean the usual floats of the runtime, beside `DATA_TYPES`."""

BACKENDS: Final = frozenset({"cpu", "xnnpack", "mlas", "dnnl", "acl"})
"""What the column `backend` calls code for a processor."""

ACCELERATOR: Final = re.compile(
    r"gpu|npu|dsp|tpu|vpu|neural|adreno|mali|nvidia|geforce|radeon|tesla|hexagon|quadro|\brtx\b", re.IGNORECASE
)
"""What names something else than a processor, in the column `processor`; other names are those of processors."""


def unknown_values(setup: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each value of a setup that is not known, saying what it is taken for; an empty one is no value.

    >>> unknown_values({"device": "mine", "runtime": "ncnn 1.0", "precision": "fp32", "threads": "4"})
    ()
    >>> unknown_values({"precision": "q4"})[0].partition(",")[0]
    "the precision 'q4' is not known"
    """
    return tuple(
        f"the {_WORDS.get(column, column)} {shorten(repr(setup[column]), 60)} {said}"
        for column, sentence in _SENTENCES.items()
        if setup.get(column) and (said := sentence(setup[column]))
    )


def _runtime(value: str) -> str:
    if is_known_runtime(value):
        return ""
    return (
        "is not known, and taken to fuse operations as a typical one does (known are "
        f"{', '.join(runtime_rules())}, with or without a version)"
    )


def _precision(value: str) -> str:
    if value.lower() in DATA_TYPES or value.lower() in FLOATS:
        return ""
    return f"is not known, and taken for float32 (known are {', '.join(DATA_TYPES)})"


def _backend(value: str) -> str:
    return "" if value.lower() in BACKENDS or processor((("backend", value),)) != "cpu" else _TAKEN_FOR_CPU


def _processor(value: str) -> str:
    is_cpu = processor((("processor", value),)) == "cpu"
    return _TAKEN_FOR_CPU if is_cpu and ACCELERATOR.search(value) else ""


_TAKEN_FOR_CPU: Final = (
    "is not known, and taken for a processor (cpu), not for a graphics processor (gpu, vulkan, cuda ...)"
)


def _threads(value: str) -> str:
    return "" if value.isascii() and value.isdecimal() and int(value) else "is not known, and taken for 1"


_WORDS: Final[Mapping[str, str]] = MappingProxyType({"threads": "number of threads"})
_SENTENCES: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType({
    "runtime": _runtime, "precision": _precision, "backend": _backend, "processor": _processor, "threads": _threads,
})  # fmt: skip
