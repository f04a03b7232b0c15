"""Random small modules."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.interop.torch.installed import nn, torch
from tests.interop.torch.modules import Function

Draw = Callable[[Any], Any]
SMALL = st.integers(1, 3)


def _divisors(number: int) -> Any:
    return st.sampled_from([each for each in range(1, number + 1) if number % each == 0])


def _conv(draw: Draw, c: int, size: int) -> Any:
    groups = draw(_divisors(c))
    kernel, dilation = draw(SMALL), draw(st.integers(1, 2))
    padding = draw(st.integers(0, 2))
    if dilation * (kernel - 1) + 1 > size + 2 * padding:
        kernel = 1
    fields = {"padding": padding, "dilation": dilation, "groups": groups, "bias": draw(st.booleans())}
    return nn.Conv2d(c, groups * draw(SMALL), kernel, draw(st.integers(1, 2)), **fields)


def _transposed(draw: Draw, c: int, _: int) -> Any:
    groups = draw(_divisors(c))
    stride = draw(st.integers(1, 2))
    extra = draw(st.integers(0, stride - 1))
    return nn.ConvTranspose2d(c, groups * draw(SMALL), draw(SMALL), stride, output_padding=extra, groups=groups)


def _pool(draw: Draw, _: int, size: int) -> Any:
    kernel = draw(st.integers(1, min(3, size)))
    kind = draw(st.sampled_from([nn.MaxPool2d, nn.AvgPool2d]))
    return kind(
        kernel, draw(st.integers(1, 2)), padding=draw(st.integers(0, kernel // 2)), ceil_mode=draw(st.booleans())
    )


def _normalized(draw: Draw, c: int, size: int) -> Any:
    kinds = [nn.BatchNorm2d(c), nn.InstanceNorm2d(c, track_running_stats=True)]
    groups = draw(_divisors(c))
    if size > 1 or groups < c:
        # PyTorch refuses groups of a single element.
        kinds.append(nn.GroupNorm(groups, c))
    return draw(st.sampled_from(kinds))


def _activated(draw: Draw, _: int, __: int) -> Any:
    return draw(st.sampled_from([nn.ReLU(inplace=True), nn.SiLU(), nn.GELU(), nn.Hardswish(), nn.Softplus()]))


def _residual(draw: Draw, c: int, _: int) -> Any:
    kernel = draw(st.sampled_from([1, 3]))
    return Function(lambda m, x: x + m.branch(x), branch=nn.Conv2d(c, c, kernel, padding=kernel // 2))


def _joined(draw: Draw, c: int, _: int) -> Any:
    return Function(lambda m, x: torch.cat((x, m.branch(x)), 1), branch=nn.Conv2d(c, draw(SMALL), 1))


def _shuffled(draw: Draw, c: int, _: int) -> Any:
    groups = draw(_divisors(c))
    return Function(lambda x: x.view(x.shape[0], groups, -1, *x.shape[2:]).transpose(1, 2).flatten(1, 2))


def _resized(draw: Draw, _: int, size: int) -> Any:
    scale = draw(st.sampled_from([0.5, 1.5, 2] if size > 1 else [1, 2, 3]))
    return nn.Upsample(scale_factor=scale, mode="nearest")


def _squeezed(draw: Draw, c: int, _: int) -> Any:
    inner = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, draw(SMALL), 1), nn.ReLU())
    return Function(
        lambda m, x: x * m.gate(m.inner(x)).sigmoid(), inner=inner, gate=nn.Conv2d(inner[1].out_channels, c, 1)
    )


def _attending(draw: Draw, c: int, _: int) -> Any:
    """Attention between positions, written with matrix products."""
    size = draw(SMALL)

    def attend(m: Any, x: Any) -> Any:
        q, k, v = m.qkv(x.flatten(2).transpose(1, 2)).chunk(3, -1)
        y = (q @ k.transpose(1, 2)).softmax(-1) @ v
        return x + m.out(y).transpose(1, 2).reshape(x.shape)

    return Function(attend, qkv=nn.Linear(c, 3 * size), out=nn.Linear(size, c, bias=draw(st.booleans())))


STEPS = (
    *(_conv, _transposed, _pool, _normalized, _activated, _residual, _joined, _shuffled, _resized, _squeezed),
    _attending,
)


@st.composite
def modules(draw: Draw) -> tuple[Any, tuple[int, ...]]:
    """A sequence of steps that an image can go through, and the image's shape."""
    shape = (draw(SMALL), draw(st.integers(1, 4)), draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    x, steps = torch.zeros(shape), []
    for make in draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4)):
        step = make(draw, x.shape[1], min(x.shape[2:])).eval()
        x = step(x)
        steps.append(step)
        if x.shape[1] > 12 or max(x.shape[2:]) > 24 or min(x.shape[2:]) < 1:
            break
    if draw(st.booleans()):
        steps += [nn.Flatten(), nn.Linear(x[0].numel(), draw(SMALL))]
    return nn.Sequential(*steps), shape
