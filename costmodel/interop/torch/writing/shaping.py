"""Layers that move elements, and stored tensors."""

from __future__ import annotations

from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it

from costmodel.errors import UnsupportedError
from costmodel.interop.torch.writing.making import Function, Making, makes

PAD_MODES: Final = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
RESIZE_MODES: Final = {"nearest": "nearest", "bilinear": "bilinear", "linear": "bilinear", "cubic": "bicubic"}


@makes("identity", "dropout")
def identity(_: Making) -> Function:
    """Nothing, at inference."""
    return lambda x: x


@makes("flatten", "reshape", "squeeze", "unsqueeze")
def reshape(making: Making) -> Function:
    """The same elements under another shape."""
    shape = making.result
    return lambda x: x.reshape(shape)


@makes("permute")
def permute(making: Making) -> Function:
    """The axes in another order; a view, until something needs them so."""
    axes = making.field["axes"]
    return lambda x: x.permute(axes)


@makes("channel_shuffle")
def channel_shuffle(making: Making) -> Function:
    """The channels of all groups interleaved, as the common implementations do it."""
    groups = making.field["groups"]
    return lambda x: x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)


@makes("concat")
def concat(making: Making) -> Function:
    """The inputs one after another."""
    axis = making.field["axis"]
    return lambda *tensors: torch.cat(tensors, axis)


@makes("split")
def split(making: Making) -> Function:
    """The input in parts."""
    axis = making.field["axis"]
    lengths = [int(shape[axis]) for shape in making.part.output_shapes]
    return lambda x: torch.split(x, lengths, axis)


@makes("slice")
def slice_(making: Making) -> Function:
    """A part of the input along some axes."""
    fields = making.field
    steps = fields["steps"] or (1,) * len(fields["axes"])
    if min(steps) < 1:
        raise UnsupportedError("PyTorch has no slices backwards")
    index = [slice(None)] * len(making.shape)
    for axis, start, length, step in zip(fields["axes"], fields["starts"], fields["lengths"], steps, strict=True):
        index[axis] = slice(start, start + (length - 1) * step + 1, step)
    where = tuple(index)
    return lambda x: x[where]


@makes("expand")
def expand(making: Making) -> Function:
    """Repeated along axes of size 1; a view."""
    shape = making.result
    return lambda x: x.expand(shape)


@makes("tile")
def tile(making: Making) -> Function:
    """Repeated along every axis."""
    repeats = making.field["repeats"]
    return lambda x: torch.tile(x, repeats)


@makes("pad")
def pad(making: Making) -> Function:
    """Elements put around."""
    pads, mode = list(making.field["pads"]), making.field["mode"]
    while mode != "constant" and pads and tuple(pads[0]) == (0, 0):
        pads.pop(0)
    around, name = [side for pair in reversed(pads) for side in pair], PAD_MODES[mode]
    return lambda x: F.pad(x, around, name)


@makes("flip")
def flip(making: Making) -> Function:
    """Axes read backwards."""
    axes = making.field["axes"]
    return lambda x: torch.flip(x, axes)


@makes("upsample2d", "resize")
def resize(making: Making) -> Function:
    """The maps with other sizes."""
    if len(making.result) != 4 or making.result[:2] != making.shape[:2]:
        raise UnsupportedError("PyTorch resizes maps of channels, (n, c, h, w)")
    mode, size = RESIZE_MODES[making.field["mode"]], making.result[2:]
    aligned: dict[str, Any] = {} if mode == "nearest" else {"align_corners": False}
    return lambda x: F.interpolate(x, size, mode=mode, **aligned)


@makes("depth_to_space", "space_to_depth")
def depth_to_space(making: Making) -> Function:
    """Channels moved into blocks of positions, or the reverse."""
    block = making.field["block"]
    if making.layer.kind == "space_to_depth" or making.field["mode"] != "CRD":
        raise UnsupportedError("PyTorch's pixel_shuffle has channels in the order CRD")
    return lambda x: F.pixel_shuffle(x, block)


@makes("parameter", "buffer", "constant")
def stored(making: Making) -> Function:
    """A tensor that is stored: learned, or ones."""
    is_learned = making.layer.kind == "parameter"
    tensor = making.weight("value", *making.result) if is_learned else torch.ones(making.result)
    return lambda: tensor
