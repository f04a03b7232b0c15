"""Convolutions with given weights, windows as columns, and pooling by a norm."""

import numpy as np

from .conv import convolution, spatial, transposed_convolution
from .fields import Fields, flag, integer, padding_rules, per_axis
from .pool import place_windows
from .registry import executes
from .tally import Array, Machine
from .windows import kernel_elements, lay_out_all, pad


@executes("dynamic_conv")
def dynamic_conv(machine: Machine, fields: Fields, x: Array, weight: Array, *bias: Array) -> tuple[Array, ...]:
    """A convolution that finds its weights instead of making them."""
    given = iter((weight, *bias))
    turned = flag(fields, "transposed", False)
    c_o = weight.shape[1] * integer(fields, "groups", 1) if turned else weight.shape[0]
    spec = {**fields, "out_channels": c_o, "kernel": weight.shape[2:], "bias": bool(bias)}
    found = Machine(lambda shape: next(given).reshape(shape), machine.tally)
    return (transposed_convolution if turned else convolution)(found, spec, x)


@executes("unfold")
def unfold(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The elements of every window below each other."""
    kernel = per_axis(fields["kernel"], 2)
    axes = lay_out_all(
        x.shape[2:],
        kernel,
        spatial(fields, "stride", 2, 1),
        spatial(fields, "dilation", 2, 1),
        padding_rules(fields.get("padding", 0), 2),
    )
    picture = pad(x, axes, kernel, 0.0)
    windows = np.stack([picture[index] for _, index in kernel_elements(axes, kernel)], axis=2)
    return (windows.reshape(x.shape[0], -1, len(axes[0].starts) * len(axes[1].starts)),)


@executes("fold")
def fold(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Columns added up where their windows lie; what falls beside the map is dropped."""
    kernel, lengths = per_axis(fields["kernel"], 2), per_axis(fields["output_size"], 2)
    axes = lay_out_all(
        lengths,
        kernel,
        spatial(fields, "stride", 2, 1),
        spatial(fields, "dilation", 2, 1),
        padding_rules(fields.get("padding", 0), 2),
    )
    n = x.shape[0]
    columns = x.reshape(n, -1, kernel[0] * kernel[1], *(len(axis.starts) for axis in axes))
    canvas = pad(np.zeros((n, columns.shape[1], *lengths)), axes, kernel, 0.0)
    for place, (_, index) in enumerate(kernel_elements(axes, kernel)):
        canvas[index] = machine.add(canvas[index], columns[:, :, place])
    (top, left), (height, width) = (axis.before for axis in axes), lengths
    return (canvas[:, :, top : top + height, left : left + width],)


@executes("lp_pool")
def lp_pool(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The sum of magnitudes of every window, or the root of the sum of its squares."""
    axes, kernel = place_windows(fields, x)
    picture = pad(x, axes, kernel, 0.0)

    def term(element: Array) -> Array:
        if fields.get("p", 2) == 1:
            return machine.where_positive(element, element, -element)
        return machine.multiply(element, element)

    terms = np.stack([term(picture[index]) for _, index in kernel_elements(axes, kernel)], axis=-1)
    total = machine.fold(machine.add, terms)
    return (total if fields.get("p", 2) == 1 else machine.transcendental(np.sqrt, total),)
