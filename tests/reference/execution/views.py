"""Layers that select, move, repeat or look up elements."""

import numpy as np
import numpy.typing as npt

from .fields import Fields, flag, integer, integers
from .registry import executes
from .tally import Array, Machine


@executes("squeeze")
def squeeze(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Without axes of size 1."""
    return (np.squeeze(x, None if fields.get("axes") is None else integers(fields["axes"])),)


@executes("unsqueeze")
def unsqueeze(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """With new axes of size 1."""
    return (np.expand_dims(x, integers(fields["axes"])),)


@executes("slice")
def part(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Some positions along some axes."""
    axes, starts, lengths = (integers(fields[name]) for name in ("axes", "starts", "lengths"))
    steps = fields.get("steps")
    for axis, start, length, step in zip(
        axes, starts, lengths, (1,) * len(axes) if steps is None else integers(steps), strict=True
    ):
        x = x.take([start + index * step for index in range(length)], axis=axis)
    return (x,)


@executes("expand")
def expand(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Axes of size 1 repeated."""
    shape = tuple(1 if size == -1 else size for size in integers(fields["shape"]))
    return (np.array(np.broadcast_to(x, np.broadcast_shapes(x.shape, shape))),)


@executes("tile")
def tile(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Everything repeated."""
    return (np.tile(x, integers(fields["repeats"])),)


@executes("roll")
def roll(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Everything shifted round."""
    return (np.roll(x, integers(fields["shifts"]), integers(fields["axes"])),)


@executes("flip")
def flip(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Everything backwards."""
    return (np.flip(x, integers(fields["axes"])),)


@executes("trilu")
def trilu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """One triangle of matrices."""
    return ((np.triu if flag(fields, "upper", True) else np.tril)(x),)


@executes("cast")
def cast(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The same elements as other numbers."""
    return (x.astype(np.float16).astype(float),)


@executes("depth_to_space")
def depth_to_space(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Channels spread out over blocks of the plane."""
    n, c, h, w = x.shape
    b = integer(fields, "block")
    if fields.get("mode", "CRD") == "DCR":
        y = x.reshape(n, b, b, c // b**2, h, w).transpose(0, 3, 4, 1, 5, 2)
    else:
        y = x.reshape(n, c // b**2, b, b, h, w).transpose(0, 1, 4, 2, 5, 3)
    return (y.reshape(n, c // b**2, h * b, w * b),)


@executes("space_to_depth")
def space_to_depth(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Blocks of the plane stacked as channels."""
    n, c, h, w = x.shape
    b = integer(fields, "block")
    y = x.reshape(n, c, h // b, b, w // b, b).transpose(0, 3, 5, 1, 2, 4)
    return (y.reshape(n, c * b**2, h // b, w // b),)


Indices = npt.NDArray[np.intp]


def positions(values: Array, size: int) -> Indices:
    """Arbitrary values as indices below a size."""
    return np.abs(values * 1000).astype(np.intp) % size


@executes("gather")
def gather(machine: Machine, fields: Fields, data: Array, *indices: Array) -> tuple[Array, ...]:
    """The slices at the indices."""
    axis = integer(fields, "axis", 0)
    stored = fields.get("indices")
    wanted = np.zeros(integers(stored)) if stored is not None else indices[0]
    return (np.take(data, positions(wanted, data.shape[axis]), axis=axis),)


@executes("gather_elements")
def gather_elements(machine: Machine, fields: Fields, data: Array, indices: Array) -> tuple[Array, ...]:
    """An element for each index."""
    at: list[Indices] = list(np.indices(indices.shape))
    axis = integer(fields, "axis", 0)
    at[axis] = positions(indices, data.shape[axis])
    return (data[tuple(at)],)


@executes("gather_nd")
def gather_nd(machine: Machine, fields: Fields, data: Array, indices: Array) -> tuple[Array, ...]:
    """The part at each index vector."""
    shared = integer(fields, "batch_dims", 0)
    at: list[Indices] = list(np.indices(indices.shape[:-1])[:shared])
    for axis, values in enumerate(np.moveaxis(indices, -1, 0), start=shared):
        at.append(positions(values, data.shape[axis]))
    return (data[tuple(at)],)


def write(machine: Machine, fields: Fields, data: Array, at: tuple[Indices, ...], updates: Array) -> Array:
    """Write, add, multiply or compare the updates at positions."""
    y = data.copy()
    reduction = fields.get("reduction", "none")
    if reduction == "none":
        y[at] = updates
    elif reduction == "add":
        np.add.at(y, at, updates)
        machine.tally.additions += updates.size
    elif reduction == "mul":
        np.multiply.at(y, at, updates)
        machine.tally.multiplications += updates.size
    else:
        (np.maximum if reduction == "max" else np.minimum).at(y, at, updates)
        machine.compare(updates)
    return y


@executes("scatter_elements")
def scatter_elements(
    machine: Machine, fields: Fields, data: Array, indices: Array, updates: Array
) -> tuple[Array, ...]:
    """Each element of the updates at its index along an axis."""
    at: list[Indices] = list(np.indices(indices.shape))
    axis = integer(fields, "axis", 0)
    at[axis] = positions(indices, data.shape[axis])
    return (write(machine, fields, data, tuple(at), updates),)


@executes("scatter_nd")
def scatter_nd(machine: Machine, fields: Fields, data: Array, indices: Array, updates: Array) -> tuple[Array, ...]:
    """Each part of the updates at its index vector."""
    at = tuple(positions(values, data.shape[axis]) for axis, values in enumerate(np.moveaxis(indices, -1, 0)))
    return (write(machine, fields, data, at, updates),)


@executes("one_hot")
def one_hot(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """A one at each index along a new axis."""
    depth = integer(fields, "depth")
    return (np.moveaxis(np.eye(depth)[positions(x, depth)], -1, integer(fields, "axis", -1)),)
