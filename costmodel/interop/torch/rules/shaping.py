"""Views and copies of other shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import equal, floor_div, product
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.torch.arguments import axes, axis, dim, dims, given, tensor, tensors
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    ChannelShuffle,
    DepthToSpace,
    Expand,
    Flip,
    Gather,
    Pad,
    Permute,
    Reshape,
    Roll,
    SpaceToDepth,
    Squeeze,
    Tile,
    Trilu,
    Unsqueeze,
)


@RULES.register("aten.view", "aten.reshape", "aten._unsafe_view", "aten.view_copy", "aten._reshape_alias")
def view(call: Call) -> Sequence[Value]:
    """The same elements under another shape."""
    if given(call, "dtype") is not None:
        call.refuse("looks at the bytes of a tensor as another type, for which there is no rule")
    wanted = dims(call, "size" if "size" in call.attributes else "shape")
    return _reshaped(call, tensor(call, "self"), wanted)


def _reshaped(call: Call, x: Value, shape: Sequence[Any]) -> Sequence[Value]:
    """The same elements under a shape in which one size may be -1."""
    if len(shape) == len(x.shape) and all(map(equal, shape, x.shape)):
        return (x,)
    return call.apply(Reshape(shape=tuple(shape)), x)


@RULES.register("aten.view_as", "aten.reshape_as")
def view_as(call: Call) -> Sequence[Value]:
    """The same elements under the shape of another tensor."""
    return _reshaped(call, tensor(call, "self"), tensor(call, "other").shape)


@RULES.register("aten.flatten", "aten.ravel")
def flatten(call: Call) -> Sequence[Value]:
    """Neighbouring axes as one."""
    x = tensor(call, "self")
    rank = len(x.shape)
    if rank == 0 or call.op == "aten.ravel":
        return _reshaped(call, x, (x.elements,))
    first, last = axis(call, "start_dim", rank), axis(call, "end_dim", rank)
    return _reshaped(call, x, (*x.shape[:first], product(x.shape[first : last + 1]), *x.shape[last + 1 :]))


@RULES.register("aten.unflatten")
def unflatten(call: Call) -> Sequence[Value]:
    """An axis as several."""
    x, sizes = tensor(call, "self"), dims(call, "sizes")
    at = axis(call, "dim", len(x.shape))
    known = product(size for size in sizes if size != -1)
    found = tuple(floor_div(x.shape[at], known) if size == -1 else size for size in sizes)
    return _reshaped(call, x, (*x.shape[:at], *found, *x.shape[at + 1 :]))


@RULES.register("aten.permute", "aten.permute_copy")
def permute(call: Call) -> Sequence[Value]:
    """The axes in another order."""
    x = tensor(call, "self")
    order = tuple(each % len(x.shape) for each in call.integers("dims"))
    return _permuted(call, x, order)


def _permuted(call: Call, x: Value, order: tuple[int, ...]) -> Sequence[Value]:
    return (x,) if order == tuple(range(len(x.shape))) else call.apply(Permute(axes=order), x)


@RULES.register("aten.transpose", "aten.swapaxes", "aten.swapdims", "aten.t", "aten.mT", "aten.numpy_T", "aten.adjoint")
def transpose(call: Call) -> Sequence[Value]:
    """Two axes exchanged."""
    x = tensor(call, "self")
    order = list(range(len(x.shape)))
    if call.op == "aten.numpy_T":
        return _permuted(call, x, tuple(reversed(order)))
    if len(order) < 2:
        return (x,)
    names = [name for name in ("dim0", "dim1", "axis0", "axis1") if name in call.attributes]
    one, other = (axis(call, name, len(order)) for name in names) if names else (len(order) - 2, len(order) - 1)
    order[one], order[other] = order[other], order[one]
    return _permuted(call, x, tuple(order))


@RULES.register("aten.movedim", "aten.moveaxis")
def movedim(call: Call) -> Sequence[Value]:
    """Axes moved elsewhere, the others in their order."""
    x = tensor(call, "self")
    rank = len(x.shape)
    sources, targets = axes(call, "source", rank) or (), axes(call, "destination", rank) or ()
    order: list[int] = [each for each in range(rank) if each not in sources]
    for target, source in sorted(zip(targets, sources, strict=True)):
        order.insert(target, source)
    return _permuted(call, x, tuple(order))


@RULES.register("aten.squeeze")
def squeeze(call: Call) -> Sequence[Value]:
    """Axes of size 1 left out; others are kept."""
    x = tensor(call, "self")
    named = axes(call, "dim", len(x.shape))
    gone = tuple(at for at in (named if named is not None else range(len(x.shape))) if x.shape[at] == 1)
    return call.apply(Squeeze(axes=gone), x) if gone else (x,)


@RULES.register("aten.unsqueeze")
def unsqueeze(call: Call) -> Sequence[Value]:
    """An axis of size 1 put in."""
    return call.apply(Unsqueeze(axes=(call.integer("dim"),)), tensor(call, "self"))


@RULES.register("aten.expand", "aten.broadcast_to")
def expand(call: Call) -> Sequence[Value]:
    """Repeated along axes of size 1."""
    return _expanded(call, tensor(call, "self"), dims(call, "size"))


@RULES.register("aten.expand_as")
def expand_as(call: Call) -> Sequence[Value]:
    """Repeated to the shape of another tensor."""
    return _expanded(call, tensor(call, "self"), tensor(call, "other").shape)


def _expanded(call: Call, x: Value, wanted: Sequence[Any]) -> Sequence[Value]:
    new = len(wanted) - len(x.shape)
    kept = tuple(x.shape[at - new] if size == -1 and at >= new else size for at, size in enumerate(wanted))
    if new == 0 and all(map(equal, kept, x.shape)):
        return (x,)
    return call.apply(Expand(shape=kept), x)


@RULES.register("aten.broadcast_tensors")
def broadcast_tensors(call: Call) -> Sequence[Value]:
    """Each tensor repeated to the shape that all have in common."""
    values = tensors(call, "tensors")
    shape = call.declared[0]
    if shape is None:
        call.refuse("needs a common shape that is known before the network runs")
    return [_expanded(call, value, shape)[0] for value in values]


@RULES.register("aten.repeat", "aten.tile")
def repeat(call: Call) -> Sequence[Value]:
    """Repeated along every axis."""
    x = tensor(call, "self")
    times = dims(call, "repeats" if "repeats" in call.attributes else "dims")
    times = (1,) * (len(x.shape) - len(times)) + times
    return call.apply(Tile(repeats=times), x)


@RULES.register("aten.repeat_interleave")
def repeat_interleave(call: Call) -> Sequence[Value]:
    """Each element repeated so many times in place."""
    x, times = tensor(call, "self"), dim(call, "repeats")
    if given(call, "dim") is None:
        (x,) = call.apply(Reshape(shape=(x.elements,)), x, role="flat")
        at = 0
    else:
        at = axis(call, "dim", len(x.shape))
    (y,) = call.apply(Unsqueeze(axes=(at + 1,)), x, role="axis")
    (y,) = call.apply(Expand(shape=(*x.shape[: at + 1], times, *x.shape[at + 1 :])), y, role="expand")
    return call.apply(Reshape(shape=(*x.shape[:at], x.shape[at] * times, *x.shape[at + 1 :])), y)


@RULES.register("aten.roll")
def roll(call: Call) -> Sequence[Value]:
    """The elements moved along axes, those beyond the end to the front."""
    x, shifts = tensor(call, "self"), dims(call, "shifts")
    moved = axes(call, "dims", len(x.shape))
    if moved is None:
        call.refuse("has a rule for shifts along named axes")
    known = tuple(shift if isinstance(shift, int) else 1 for shift in shifts)
    return call.apply(Roll(axes=moved, shifts=known), x)


@RULES.register("aten.flip", "aten.fliplr", "aten.flipud")
def flip(call: Call) -> Sequence[Value]:
    """The elements in reverse order along axes."""
    x = tensor(call, "self")
    named = {"aten.fliplr": (1,), "aten.flipud": (0,)}.get(call.op) or axes(call, "dims", len(x.shape)) or ()
    return call.apply(Flip(axes=named), x)


@RULES.register("aten.triu", "aten.tril")
def triangle(call: Call) -> Sequence[Value]:
    """One half of a matrix, zeros in the other."""
    return call.apply(Trilu(upper=call.op == "aten.triu"), tensor(call, "self"))


PAD_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@RULES.register(
    "aten.pad", "aten.constant_pad_nd",
    *(f"aten.{name}_pad{rank}d" for name in ("reflection", "replication") for rank in (1, 2, 3)),
)  # fmt: skip
def pad(call: Call) -> Sequence[Value]:
    """Elements put around, or with negative numbers cut away; amounts are named from the last axis."""
    x = tensor(call, "self")
    amounts = dims(call, "pad" if "pad" in call.attributes else "padding")
    if len(amounts) % 2 or len(amounts) > 2 * len(x.shape):
        call.refuse(f"needs two pads for each of at most {len(x.shape)} axes (got {shorten(amounts)})")
    pairs = [(amounts[at], amounts[at + 1]) for at in range(0, len(amounts), 2)]
    pairs = [(0, 0)] * (len(x.shape) - len(pairs)) + pairs[::-1]
    if all(pair == (0, 0) for pair in pairs):
        return (x,)
    mode = {"refl": "reflect", "repl": "edge"}.get(call.op[5:9])
    mode = mode or PAD_MODES.get(str(call.attributes.get("mode", "constant")))
    if mode is None:
        call.refuse(f"needs 'mode' as one of {', '.join(PAD_MODES)} (got {shorten(repr(call.attributes['mode']))})")
    return call.apply(Pad(pads=tuple(pairs), mode=mode), x)


@RULES.register("aten.unfold", "aten.unfold_copy")
def unfold(call: Call) -> Sequence[Value]:
    """The windows along an axis, their elements along a new last one."""
    x = tensor(call, "self")
    at, size, step = axis(call, "dimension", len(x.shape)), dim(call, "size"), dim(call, "step")
    count = floor_div(x.shape[at] - size, step) + 1
    (y,) = call.apply(Gather(axis=at, indices=(count, size)), x)
    order = [each for each in range(len(y.shape)) if each != at + 1]
    return _permuted(call, y, (*order, at + 1))


@RULES.register("aten.pixel_shuffle")
def pixel_shuffle(call: Call) -> DepthToSpace:
    """Channels moved into blocks of positions."""
    return DepthToSpace(block=call.integer("upscale_factor"))


@RULES.register("aten.pixel_unshuffle")
def pixel_unshuffle(call: Call) -> SpaceToDepth:
    """Blocks of positions moved into channels."""
    return SpaceToDepth(block=call.integer("downscale_factor"))


@RULES.register("aten.channel_shuffle", "aten.native_channel_shuffle")
def channel_shuffle(call: Call) -> ChannelShuffle:
    """The channels of groups interleaved."""
    return ChannelShuffle(groups=call.integer("groups"))
