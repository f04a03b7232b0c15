"""The rules of ncnn's layer types, and what they share.

ncnn has no batch axis: its blobs are (w), (h, w), (c, h, w) or (c, d, h, w). Here each has the batch in front, so
that ncnn's axis 0 is axis 1, the channels of a layer of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from costmodel.algebra import Dim
from costmodel.interop.call import Call
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.rules import Rules
from costmodel.interop.value import Shape, Value, Weight
from costmodel.layers import Add, Layer, Multiply, Reshape
from costmodel.layers.base import shape_text

RULES: Final = Rules("ncnn", "register one with costmodel.interop.ncnn.RULES.register({op!r})")
"""What each layer type of ncnn becomes."""

GENERAL: Final = frozenset({30, 31})
"""Parameters that any layer may have: the shapes of its outputs, and switches of the runtime."""
UNSET: Final = -233
"""ncnn's sign for a size that is not given."""

Outcome = Layer | Value | Sequence[Value]
NcnnRule = Callable[[Call, Parameters], Outcome]


def rule(*types: str, keys: Iterable[int] = ()) -> Callable[[NcnnRule], NcnnRule]:
    """A decorator that makes a function the rule of these layer types; other parameters than `keys` are refused."""
    known = GENERAL | frozenset(keys)

    def remember(function: NcnnRule) -> NcnnRule:
        @RULES.register(*types)
        def checked(call: Call) -> Outcome:
            parameters = parameters_of(call)
            unknown = sorted(set(parameters.values) - known)
            if unknown:
                call.refuse(f"has a parameter {unknown[0]}, of which this costmodel does not know what it means")
            return function(call, parameters)

        return function

    return remember


def parameters_of(call: Call) -> Parameters:
    """The call's attributes as numbered parameters."""
    return Parameters("", {int(key): value for key, value in call.attributes.items()})


def blob(value: Value) -> Shape:
    """The shape without the batch."""
    return value.shape[1:]


def axes(call: Call, value: Value, *ranks: int) -> int:
    """How many axes a blob has, which must be one of `ranks`."""
    found = len(blob(value))
    if found not in ranks:
        allowed = " or ".join(map(str, ranks))
        call.refuse(f"takes a blob of {allowed} axes (got {shape_text(blob(value))})")
    return found


def axis_of(call: Call, axis: int, value: Value) -> int:
    """ncnn's axis, which may count from the back, as an axis behind the batch."""
    rank = len(blob(value))
    if not -rank <= axis < rank:
        call.refuse(f"must name one of the {rank} axes of its input (got {axis})")
    return axis % rank + 1


def reshaped(call: Call, value: Value, shape: Sequence[Dim], role: str = "reshape") -> Value:
    """The blob under another shape; the batch stays whatever it is."""
    if blob(value) == tuple(shape):
        return value
    if not value.is_computed:
        return value.reshaped((value.shape[0], *shape))
    if all(isinstance(size, int) for size in shape):
        return call.apply(Reshape(shape=(-1, *shape)), value, role=role)[0]
    return call.apply(Reshape(shape=(value.shape[0], *shape)), value, role=role)[0]


def image(call: Call, value: Value) -> Value:
    """A blob of one or two axes as an image of one channel; one of three as it is."""
    rank = axes(call, value, 1, 2, 3)
    return reshaped(call, value, (1,) * (3 - rank) + blob(value), "image")


def stored(call: Call, role: str, shape: Shape, *, is_learnable: bool = True) -> Value:
    """A tensor that the file's weights hold, without a batch of its own."""
    name = f"{call.name}.{role}"
    return Value(name, (1, *shape), weight=Weight(name, is_learnable))


def scalar(call: Call, role: str) -> Value:
    """A number of the layer's parameters."""
    return Value(f"{call.name}.{role}", ())


def is_number(size: Dim, number: int) -> bool:
    """Whether a size is that number, and no expression."""
    return isinstance(size, int) and size == number


def along_channels(value: Value, size: Dim) -> Shape:
    """The shape of one element for each channel, lined up with a blob."""
    return (size, *(1,) * (len(blob(value)) - 1))


def scaled(call: Call, value: Value, factor: float, role: str = "scale") -> Value:
    """The value times a number; itself where the number is 1."""
    return value if factor == 1 else call.apply(Multiply(), value, scalar(call, f"{role}.factor"), role=role)[0]


def shifted(call: Call, value: Value, offset: float, role: str = "shift") -> Value:
    """The value plus a number; itself where the number is 0."""
    return value if offset == 0 else call.apply(Add(), value, scalar(call, f"{role}.offset"), role=role)[0]
