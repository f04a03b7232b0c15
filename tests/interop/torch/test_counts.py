"""Counts of whole modules equal FlopCounterMode's, apart from what it leaves out, which is named."""

from typing import Any

import pytest

from costmodel.counting import convention
from costmodel.interop.torch import from_torch
from costmodel.network import Network
from tests.interop.torch.installed import nn, torch
from tests.interop.torch.modules import (
    GPT,
    Function,
    ResNet,
    Separable,
    Tied,
    Twice,
    UNet,
    ViT,
    Windows,
    counted_by_torch,
    elements,
    tokens,
)

EQUAL: dict[str, tuple[Any, ...]] = {
    "residual": (ResNet(), (2, 3, 33, 32)),
    "separable": (Separable(), (1, 8, 9, 10)),
    "u-net": (UNet(), (1, 3, 33, 34)),
    "windows": (Windows(), (2, 9, 10, 8)),
    "tied": (Tied(), (3, 64)),
    "twice": (Twice(), (3, 64)),
    "multi-layer perceptron": (nn.Sequential(nn.Linear(8, 16), nn.SiLU(), nn.Linear(16, 4)), (5, 7, 8)),
}
ATTENDING: dict[str, tuple[Any, int, Any]] = {
    "gpt": (GPT(), 2 * 2 * 32 * 12 * 12 * 2, tokens(2, 12)),
    "vit": (ViT(), 2 * 32 * 17 * 17 * 2, (1, 3, 16, 16)),
    "encoder": (
        nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64), 2, enable_nested_tensor=False),
        2 * 3 * 32 * 10 * 10 * 2,
        (10, 3, 32),
    ),
}
"""Modules with the multiply-accumulates of their attention, which FlopCounterMode leaves out on a processor: for each
of 2 layers and of n sequences 2 c l^2."""
RECURRENT: dict[str, tuple[Any, int]] = {
    "lstm": (nn.LSTM(8, 16), 10 * 3 * 4 * 16 * (8 + 16)),
    "stack": (nn.LSTM(8, 16, 2, bidirectional=True), 10 * 3 * 2 * 4 * 16 * ((8 + 16) + (32 + 16))),
    "projection": (nn.LSTM(8, 16, proj_size=4), 10 * 3 * (4 * 16 * (8 + 4) + 16 * 4)),
    "gru": (nn.GRU(8, 16, bias=False), 10 * 3 * 3 * 16 * (8 + 16)),
    "rnn": (nn.RNN(8, 16, nonlinearity="relu", bidirectional=True), 10 * 3 * 2 * 16 * (8 + 16)),
}
"""Recurrent modules with the products of their gates, on 10 steps of 3 sequences of 8 channels."""


@pytest.mark.parametrize("name", EQUAL)
def test_multiply_accumulates_equal_those_of_pytorch(name: str) -> None:
    module, *inputs = EQUAL[name]
    cost = from_torch(module, *inputs).cost()
    assert cost.macs == counted_by_torch(module, *inputs)
    assert cost.params == elements(module)


@pytest.mark.parametrize("name", ATTENDING)
def test_attention_adds_what_pytorch_leaves_out(name: str) -> None:
    module, attention, example = ATTENDING[name]
    cost = from_torch(module, example).cost()
    assert cost.macs == counted_by_torch(module, example) + attention
    assert cost.params == elements(module)


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layers_count_every_step(name: str) -> None:
    module, macs = RECURRENT[name]
    cost = from_torch(module, (10, 3, 8)).cost()
    assert cost.macs == macs
    assert cost.params == elements(module)


def test_a_step_of_a_cell_is_a_sequence_of_one() -> None:
    cell = from_torch(Function(lambda m, x: m.cell(x, m.cell(x)), cell=nn.LSTMCell(8, 16)), (3, 8)).cost()
    assert cell.macs == 2 * 3 * 4 * 16 * (8 + 16)
    assert cell.params == elements(nn.LSTMCell(8, 16))


@pytest.mark.parametrize("name", [*EQUAL, *ATTENDING, *RECURRENT])
def test_the_convention_of_flop_counter_mode_is_what_it_reports(name: str) -> None:
    module, *inputs = {
        **EQUAL,
        **{each: (made, example) for each, (made, _, example) in ATTENDING.items()},
        **{each: (made, (10, 3, 8)) for each, (made, _) in RECURRENT.items()},
    }[name]
    reported = from_torch(module, *inputs).cost(convention=convention("FlopCounterMode")).flops
    assert reported == 2 * counted_by_torch(module, *inputs)


def test_bilinear_layers_multiply_by_one_input_after_the_other() -> None:
    cost = from_torch(nn.Bilinear(3, 4, 5), (2, 3), (2, 4)).cost()
    assert cost.macs == 2 * 5 * 3 * 4 + 2 * 5 * 4
    assert cost.params == 5 * 3 * 4 + 5


@pytest.mark.parametrize("name", EQUAL)
def test_what_was_read_is_a_network_like_any_other(name: str) -> None:
    module, *inputs = EQUAL[name]
    network = from_torch(module, *inputs)
    again = Network.from_json(network.to_json())
    assert again == network
    assert again.cost() == network.cost()


class Nested(nn.Module):
    """Inputs and outputs in lists and dicts, with numbers between."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, parts: list[Any], named: dict[str, Any], factor: int = 1, mask: Any = None) -> dict[str, Any]:
        y = parts[0] + parts[1] * factor + named["shift"]
        return {"y": self.fc(y if mask is None else y * mask), "size": len(parts), "nothing": None}


def test_inputs_may_be_nested() -> None:
    x = torch.zeros(1, 4)
    network = from_torch(Nested(), [x, x], {"shift": x}, 3, None)
    assert list(network.inputs.values()) == [(1, 4)] * 3
    assert network.outputs == ("fc",)
    names = {"parts": {0: "batch"}, "named": {"shift": {0: "batch"}}}
    assert str(from_torch(Nested(), [x, x], {"shift": x}, dynamic=names).cost().macs) == "8*batch"


def test_nodes_are_named_after_modules() -> None:
    names = [node.name for node in from_torch(ResNet(), (1, 3, 32, 32)).nodes]
    assert names[:8] == [
        "stem",
        "relu",
        "max_pool2d",
        "layer1.0.conv1",
        "layer1.0.bn1",
        "layer1.0.relu",
        "layer1.0.conv2",
        "layer1.0.bn2",
    ]
    assert "layer1.0.add" in names
    assert names[-1] == "fc"


def test_what_several_modules_share_is_counted_once() -> None:
    network = from_torch(GPT(), tokens(1, 4))
    assert network.node("head").borrowed_elements == 50 * 32
    assert network.cost().params == elements(GPT())


def test_buffers_are_no_parameters() -> None:
    cost = from_torch(ResNet(), (1, 3, 32, 32)).cost()
    assert cost.params == elements(ResNet())
    assert cost.buffers == 2 * sum(each.num_features for each in ResNet().modules() if isinstance(each, nn.BatchNorm2d))
