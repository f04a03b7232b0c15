"""A module's graph of ATen operations, from torch.export, as a network."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from costmodel.errors import MissingExtraError, ReadingError, shorten
from costmodel.interop.reading import Reading
from costmodel.interop.torch.decomposition import decomposed
from costmodel.interop.torch.graph import Walker
from costmodel.interop.torch.inputs import Examples, examples
from costmodel.interop.torch.module import skeleton
from costmodel.interop.torch.mutation import changes_a_view
from costmodel.interop.torch.recurrence import recurrence
from costmodel.interop.torch.rules import RULES
from costmodel.network import Network

OLDEST: Final = (2, 6)


def from_torch(
    module: Any,
    *inputs: Any,
    dynamic: Mapping[Any, Any] | None = None,
    partial: bool = False,
    name: str = "",
) -> Network:
    """The network that a PyTorch module is, at inference.

    `inputs` are examples of what forward takes: tensors, or their shapes, such as (1, 3, 224, 224). `dynamic` names
    sizes that stay symbols: {"x": {0: "batch", 2: "height"}}, by the name or the position of an input; their examples
    only have to be sizes that the module works with. Nothing is computed and no memory is taken for weights: a copy
    of the module, without hooks and in evaluation mode, is traced by torch.export, and the module stays as it is.
    With `partial`, operations without a rule are left uncounted.

    Nodes are named after the modules that they come from, and weights that several modules share are counted once.
    A choice that the module makes by the size of an input is made for the example's size; what the result then holds
    for is said in the network's `holds_where`.

    Raises `MissingExtraError` without PyTorch, `ReadingError` for a module that torch.export cannot trace or whose
    operations depend on data, `UnsupportedError` for an operation without a rule.
    """
    _check_version()
    import torch

    module = getattr(module, "_orig_mod", module)  # what torch.compile wraps
    if not isinstance(module, torch.nn.Module):
        raise ReadingError(f"a module must be a torch.nn.Module (got {type(module).__name__})")
    name = name or type(module).__name__
    given = examples(module, inputs, dynamic)
    with _quietly():
        program = _export(module, given)
        if changes_a_view(program.graph_module):
            program = _functional(program, name)
        program = decomposed(program)
        reading = Reading(name, RULES, is_partial=partial)
        walker = Walker(reading, program, given)
        outputs = walker.walk()
    if not outputs:
        raise ReadingError(f"{name}: a module must return at least one tensor")
    source = f"PyTorch module {type(module).__module__}.{type(module).__qualname__}, torch {torch.__version__}"
    return reading.network(outputs, source=source, holds_where=walker.stated)


def _check_version() -> None:
    try:
        import torch
    except ImportError:
        raise MissingExtraError("torch", "torch") from None
    version = tuple(int(part) for part in torch.__version__.split(".")[:2])
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ReadingError(f"PyTorch must be of version {oldest} or later (got {torch.__version__})")


def _export(module: Any, given: Examples) -> Any:
    """The exported program of a copy of the module."""
    import torch
    from torch._guards import TracingContext, tracing
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.fx.experimental.symbolic_shapes import ShapeEnv

    mode = FakeTensorMode(shape_env=ShapeEnv(tracked_fakes=[]), allow_non_fake_inputs=True, export=True)
    copy = skeleton(module, mode)
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=[]))
        stack.enter_context(tracing(TracingContext(mode)))
        stack.enter_context(recurrence())
        try:
            return torch.export.export(copy, given.arguments, dynamic_shapes=given.dynamic_shapes, strict=False)
        except ReadingError:
            raise
        except Exception as problem:  # noqa: BLE001 - the module's own code runs here, and may fail in any way
            raise ReadingError(
                f"{type(module).__name__}: torch.export cannot trace it with these inputs"
                f" ({type(problem).__name__}: {_first_line(problem)})"
            ) from None


def _functional(program: Any, name: str) -> Any:
    """The same program without operations that change a part of a tensor in place."""
    try:
        return program.run_decompositions({})
    except Exception as problem:  # noqa: BLE001 - PyTorch raises errors of many kinds here
        raise ReadingError(
            f"{name}: it changes parts of tensors in place, which torch.export cannot write as operations that do not"
            f" ({type(problem).__name__}: {_first_line(problem)})"
        ) from None


def _first_line(problem: BaseException) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return shorten(lines[0] if lines else "no message", 300)


@contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings and the log of PyTorch, which name its own code and not the user's."""
    loggers = [logger for key in list(logging.root.manager.loggerDict) if _is_of_torch(key, logger := _logger(key))]
    before = [logger.disabled for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.disabled = True
            yield
        finally:
            for logger, disabled in zip(loggers, before, strict=True):
                logger.disabled = disabled


def _logger(name: str) -> Any:
    return logging.root.manager.loggerDict[name]


def _is_of_torch(name: str, logger: Any) -> bool:
    return name.startswith("torch.") and isinstance(logger, logging.Logger)
