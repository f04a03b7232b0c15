"""Sequences of tensors: lists that exist while a model is read, and leave nothing in the network."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.algebra import Dim, ceil_div
from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value, known
from costmodel.layers import Concat, Split, Squeeze, Unsqueeze


def _items(call: Call, index: int = 0) -> tuple[Value, ...]:
    """The tensors of an input that is a sequence."""
    items = call.input(index).items
    if items is None:
        call.refuse("takes a sequence of tensors")
    return items


def _sequence(call: Call, items: Sequence[Value]) -> Value:
    return Value(call.name, (), "sequence", items=tuple(items))


def _place(call: Call, index: int, count: int) -> int:
    """A position in a sequence of that many tensors, the last by default."""
    if call.optional(index) is None:
        return count
    (place,) = call.integers_in(index, "position")
    if not -count <= place <= count:
        call.refuse(f"needs a position in a sequence of {count} (got {place})")
    return place + count if place < 0 else place


@RULES.register("SequenceEmpty")
def sequence_empty(call: Call) -> Value:
    """A sequence of no tensors."""
    return _sequence(call, ())


@RULES.register("SequenceConstruct")
def sequence_construct(call: Call) -> Value:
    """A sequence of the inputs."""
    return _sequence(call, call.present)


@RULES.register("SequenceInsert")
def sequence_insert(call: Call) -> Value:
    """A sequence with one more tensor."""
    items = _items(call)
    place = _place(call, 2, len(items))
    return _sequence(call, (*items[:place], call.input(1), *items[place:]))


@RULES.register("SequenceErase")
def sequence_erase(call: Call) -> Value:
    """A sequence with one tensor less."""
    items = _items(call)
    place = _place(call, 1, len(items)) if call.optional(1) is not None else len(items) - 1
    return _sequence(call, (*items[:place], *items[place + 1 :]))


@RULES.register("SequenceAt")
def sequence_at(call: Call) -> Value:
    """One tensor of a sequence."""
    items = _items(call)
    place = _place(call, 1, len(items))
    if place >= len(items):
        call.refuse(f"needs a position in a sequence of {len(items)} (got {place})")
    return items[place]


@RULES.register("SequenceLength")
def sequence_length(call: Call) -> Value:
    """How many tensors there are."""
    return known(call.name, len(_items(call)))


@RULES.register("ConcatFromSequence")
def concat_from_sequence(call: Call) -> Sequence[Value]:
    """The tensors of a sequence one after another, or along a new axis."""
    items, axis = list(_items(call)), call.integer("axis")
    if not items:
        call.refuse("needs a sequence with a tensor in it")
    if call.integer("new_axis", 0):
        items = [call.apply(Unsqueeze(axes=(axis,)), item, role="axis")[0] for item in items]
    return (items[0],) if len(items) == 1 else call.apply(Concat(axis=axis), *items)


@RULES.register("SplitToSequence")
def split_to_sequence(call: Call) -> Value:
    """The parts of a tensor: of one size, of given sizes, or one for each element of an axis."""
    x, axis = call.input(0), call.integer("axis", 0)
    if not -len(x.shape) <= axis < len(x.shape):
        call.refuse(f"needs 'axis' as one of the input's {len(x.shape)} axes (got {axis})")
    sizes = _part_sizes(call, x.shape[axis])
    parts = [x] if len(sizes) == 1 else list(call.apply(Split(axis=axis, sizes=tuple(sizes)), x))
    if call.optional(1) is None and not call.integer("keepdims", 1):
        parts = [call.apply(Squeeze(axes=(axis,)), part, role="part")[0] for part in parts]
    return _sequence(call, parts)


def _part_sizes(call: Call, size: Dim) -> list[Dim]:
    if call.optional(1) is not None and call.input(1).shape:
        return call.dims(1, "sizes of the parts")
    (part,) = call.integers_in(1, "size of a part") if call.optional(1) is not None else (1,)
    if not isinstance(size, int) or part < 1:
        call.refuse("needs an axis whose size is a number, and parts of at least one element")
    count = ceil_div(size, part)
    return [part] * (count - 1) + [size - part * (count - 1)]
