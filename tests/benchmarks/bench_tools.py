"""What installed tools report of small models, beside what our conventions say: to the integer."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from costmodel import Builder, Layer, Network, reconcile
from costmodel.counting import TOOLS
from costmodel.counting.tools.tool import Way
from costmodel.layers import (
    ELU,
    GELU,
    GRU,
    LSTM,
    RNN,
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    GlobalAvgPool,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    InstanceNorm,
    LayerNorm,
    LeakyReLU,
    Linear,
    LogSoftmax,
    MaxPool1d,
    MaxPool3d,
    Mish,
    MultiHeadAttention,
    PReLU,
    ReLU,
    ReLU6,
    RMSNorm,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    Upsample2d,
)

torch = pytest.importorskip("torch", reason="PyTorch and the other tools are installed by `make bench`")
nn = torch.nn
models = pytest.importorskip("tests.benchmarks.tools_torch")

Shape = tuple[int, ...]
Module = Callable[[], Any]


class Pair(NamedTuple):
    """A PyTorch model, a layer of ours, and their input."""

    module: Module
    layer: Layer
    shape: Shape
    written: Way = "module"


IMAGE = (2, 8, 9, 9)
ROWS = (3, 5, 16)
PAIRS = {
    "conv1d": Pair(
        lambda: nn.Conv1d(8, 6, 3, stride=2, groups=2), Conv1d(out_channels=6, kernel=3, stride=2, groups=2), (2, 8, 11)
    ),
    "conv2d": Pair(
        lambda: nn.Conv2d(8, 4, (3, 2), bias=False), Conv2d(out_channels=4, kernel=(3, 2), bias=False), IMAGE
    ),
    "conv3d": Pair(lambda: nn.Conv3d(2, 4, 2), Conv3d(out_channels=4, kernel=2), (2, 2, 5, 5, 5)),
    "transposed1d": Pair(
        lambda: nn.ConvTranspose1d(8, 4, 3, 2, groups=2),
        ConvTranspose1d(out_channels=4, kernel=3, stride=2, groups=2),
        (2, 8, 7),
    ),
    "transposed2d": Pair(
        lambda: nn.ConvTranspose2d(8, 8, 3, 2, 1, 1, groups=4),
        ConvTranspose2d(out_channels=8, kernel=3, stride=2, padding=1, output_padding=1, groups=4),
        IMAGE,
    ),
    "transposed2d wide": Pair(
        lambda: nn.ConvTranspose2d(8, 4, (2, 3), (2, 1), bias=False),
        ConvTranspose2d(out_channels=4, kernel=(2, 3), stride=(2, 1), bias=False),
        IMAGE,
    ),
    "transposed3d": Pair(
        lambda: nn.ConvTranspose3d(2, 3, 2, 2), ConvTranspose3d(out_channels=3, kernel=2, stride=2), (1, 2, 3, 3, 3)
    ),
    "linear": Pair(lambda: nn.Linear(16, 7), Linear(out_features=7), ROWS),
    "batch_norm": Pair(lambda: nn.BatchNorm2d(8), BatchNorm(), IMAGE),
    "batch_norm plain": Pair(lambda: nn.BatchNorm2d(8, affine=False), BatchNorm(affine=False), IMAGE),
    "layer_norm": Pair(lambda: nn.LayerNorm((5, 16)), LayerNorm(dims=2), ROWS),
    "layer_norm plain": Pair(lambda: nn.LayerNorm(16, elementwise_affine=False), LayerNorm(affine=False), ROWS),
    "group_norm": Pair(lambda: nn.GroupNorm(2, 8), GroupNorm(groups=2), IMAGE),
    "instance_norm": Pair(lambda: nn.InstanceNorm2d(8), InstanceNorm(), IMAGE),
    "instance_norm affine": Pair(lambda: nn.InstanceNorm2d(8, affine=True), InstanceNorm(affine=True), IMAGE),
    "rms_norm": Pair(lambda: nn.RMSNorm(16), RMSNorm(), ROWS),
    "relu": Pair(nn.ReLU, ReLU(), IMAGE),
    "relu6": Pair(nn.ReLU6, ReLU6(), IMAGE),
    "leaky_relu": Pair(nn.LeakyReLU, LeakyReLU(), IMAGE),
    "prelu": Pair(lambda: nn.PReLU(8), PReLU(per_channel=True), IMAGE),
    "elu": Pair(nn.ELU, ELU(), IMAGE),
    "gelu": Pair(nn.GELU, GELU(), ROWS),
    "silu": Pair(nn.SiLU, SiLU(), IMAGE),
    "sigmoid": Pair(nn.Sigmoid, Sigmoid(), IMAGE),
    "tanh": Pair(nn.Tanh, Tanh(), IMAGE),
    "hard_swish": Pair(nn.Hardswish, HardSwish(), IMAGE),
    "hard_sigmoid": Pair(nn.Hardsigmoid, HardSigmoid(), IMAGE),
    "softplus": Pair(nn.Softplus, Softplus(), IMAGE),
    "mish": Pair(nn.Mish, Mish(), IMAGE),
    "softmax": Pair(lambda: nn.Softmax(1), Softmax(axis=1), IMAGE),
    "log_softmax": Pair(lambda: nn.LogSoftmax(1), LogSoftmax(axis=1), IMAGE),
    "max_pool1d": Pair(lambda: nn.MaxPool1d(3), MaxPool1d(kernel=3), (2, 8, 9)),
    "max_pool3d": Pair(lambda: nn.MaxPool3d(2), MaxPool3d(kernel=2), (1, 2, 4, 4, 4)),
    "avg_pool2d": Pair(lambda: nn.AvgPool2d(3, 2), AvgPool2d(kernel=3, stride=2), IMAGE),
    "adaptive_avg_pool1d": Pair(lambda: nn.AdaptiveAvgPool1d(3), AdaptiveAvgPool1d(output_size=3), (2, 8, 9)),
    "adaptive_avg_pool2d": Pair(lambda: nn.AdaptiveAvgPool2d(3), AdaptiveAvgPool2d(output_size=3), IMAGE),
    "global_avg_pool": Pair(lambda: nn.AdaptiveAvgPool2d(1), GlobalAvgPool(), IMAGE),
    "mean": Pair(lambda: models.First(lambda x: x.mean([2, 3])), GlobalAvgPool(keepdims=False), IMAGE, "operator"),
    "F.relu": Pair(lambda: models.First(lambda x: nn.functional.relu(x, inplace=False)), ReLU(), IMAGE, "function"),
    "upsample nearest": Pair(lambda: nn.Upsample(scale_factor=2), Upsample2d(scale=2), IMAGE),
    "upsample bilinear": Pair(
        lambda: nn.Upsample(scale_factor=3, mode="bilinear"), Upsample2d(scale=3, mode="bilinear"), IMAGE
    ),
    "attention": Pair(models.SelfAttention, MultiHeadAttention(heads=4), (1, 5, 16)),
    "lstm": Pair(
        lambda: models.First(nn.LSTM(16, 6, 2, bidirectional=True)),
        LSTM(hidden_size=6, layers=2, bidirectional=True),
        ROWS,
    ),
    "lstm projected": Pair(
        lambda: models.First(nn.LSTM(16, 6, 2, proj_size=3)),
        LSTM(hidden_size=6, layers=2, projection=3),
        ROWS,
    ),
    "gru": Pair(
        lambda: models.First(nn.GRU(16, 6, 2, bias=False)),
        GRU(hidden_size=6, layers=2, bias=False),
        ROWS,
    ),
    "rnn": Pair(lambda: models.First(nn.RNN(16, 6)), RNN(hidden_size=6), ROWS),
}


def network(pair: Pair) -> Network:
    """A network of that one layer."""
    b = Builder("pair")
    return b.build(b.add_many(pair.layer, b.input("x", pair.shape), name="layer")[0])


Numbers = dict[str, int]


def fvcore(model: Any, x: Any) -> Numbers:
    nn_tools = pytest.importorskip("fvcore.nn")
    found = nn_tools.FlopCountAnalysis(model, x)
    found.unsupported_ops_warnings(enabled=False)
    return {"fvcore": int(found.total())}


def thop(model: Any, x: Any) -> Numbers:
    return {"thop": int(pytest.importorskip("thop").profile(model, inputs=(x,), verbose=False)[0])}


def ptflops(backend: str) -> Callable[[Any, Any], Numbers]:
    def run(model: Any, x: Any) -> Numbers:
        tool = pytest.importorskip("ptflops")
        options = {"as_strings": False, "print_per_layer_stat": False, "backend": backend}

        macs, _ = tool.get_model_complexity_info(
            models.Named(model), tuple(x.shape[1:]), input_constructor=lambda _: {"x": x}, **options
        )
        return {f"ptflops-{backend}": int(macs)}

    return run


def torchinfo(model: Any, x: Any) -> Numbers:
    return {"torchinfo": int(pytest.importorskip("torchinfo").summary(model, input_data=x, verbose=0).total_mult_adds)}


def calflops(model: Any, x: Any) -> Numbers:
    tool = pytest.importorskip("calflops")
    flops, macs, _ = tool.calculate_flops(
        model, args=[x], print_results=False, print_detailed=False, output_as_string=False
    )
    return {"calflops-flops": int(flops), "calflops-macs": int(macs)}


def flop_counter_mode(model: Any, x: Any) -> Numbers:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        model(x)
    return {"FlopCounterMode": int(counter.get_total_flops())}


def deepspeed(model: Any, x: Any) -> Numbers:
    tool = pytest.importorskip("deepspeed.profiling.flops_profiler")
    flops, macs, _ = tool.get_model_profile(model, args=[x], print_profile=False, as_string=False)
    return {"deepspeed-flops": int(flops), "deepspeed-macs": int(macs)}


def torchprofile(model: Any, x: Any) -> Numbers:
    return {"torchprofile": int(pytest.importorskip("torchprofile").profile_macs(model, x))}


RUNNERS: dict[str, Callable[[Any, Any], Numbers]] = {
    "fvcore": fvcore,
    "thop": thop,
    "ptflops-pytorch": ptflops("pytorch"),
    "ptflops-aten": ptflops("aten"),
    "torchinfo": torchinfo,
    "calflops": calflops,
    "FlopCounterMode": flop_counter_mode,
    "deepspeed": deepspeed,
    "torchprofile": torchprofile,
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Tools print, warn and log."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("runner", RUNNERS)
def bench_the_tool_reports_what_our_convention_says(runner: str, name: str) -> None:
    pair = PAIRS[name]
    cost = network(pair).cost()
    x = torch.zeros(pair.shape)
    model = pair.module().eval()
    ours = [TOOLS[each] for each in TOOLS if each.startswith(runner)]
    expected = reconcile(cost, ours, {pair.layer.kind: pair.written}).tools
    if any(each.refusal for each in expected):
        pytest.skip(expected[0].refusal)
    assert RUNNERS[runner](model, x) == {each.tool.name: each.number for each in expected}
