"""Sizes that stay symbols: the expression gives, for any sizes, what the module costs at those."""

from typing import Any

import pytest

from costmodel.algebra import symbols
from costmodel.errors import ReadingError
from costmodel.interop.torch import from_torch
from tests.interop.torch.installed import functional, nn, torch
from tests.interop.torch.modules import GPT, Function, ResNet, Separable, UNet, ViT, Windows, tokens

IMAGES = {0: {0: "batch", 2: "height", 3: "width"}}


@pytest.mark.parametrize("module", [ResNet(), Separable(), UNet()], ids=lambda module: type(module).__name__)
@pytest.mark.parametrize("sizes", [(1, 32, 32), (3, 45, 38), (8, 64, 33)])
def test_images_of_any_size(module: Any, sizes: tuple[int, int, int]) -> None:
    batch, height, width = sizes
    channels = 8 if isinstance(module, Separable) else 3
    network = from_torch(module, (1, channels, 34, 37), dynamic=IMAGES)
    bound = network.bind(batch=batch, height=height, width=width).cost()
    fixed = from_torch(module, (batch, channels, height, width)).cost()
    assert bound.ledger == fixed.ledger
    assert bound.params == fixed.params


@pytest.mark.parametrize("length", [1, 2, 9, 100])
def test_sequences_of_any_length(length: int) -> None:
    network = from_torch(GPT(), tokens(2, 5), dynamic={"tokens": {0: "batch", 1: "length"}})
    bound = network.bind(batch=3, length=length).cost()
    assert bound.ledger == from_torch(GPT(), tokens(3, length)).cost().ledger


def test_recurrence_keeps_its_steps_a_symbol() -> None:
    network = from_torch(nn.LSTM(8, 16), (10, 3, 8), dynamic={0: {0: "steps", 1: "batch"}})
    batch, steps = symbols("batch steps")
    assert network.cost().macs.equals(batch * steps * 4 * 16 * (8 + 16))


def test_windows_that_pad_to_their_multiple() -> None:
    network = from_torch(Windows(), (1, 9, 10, 8), dynamic={"x": {0: "batch"}})
    assert network.bind(batch=4).cost().ledger == from_torch(Windows(), (4, 9, 10, 8)).cost().ledger


def test_a_batch_of_one_does_not_become_a_fixed_size() -> None:
    network = from_torch(nn.Linear(4, 2), (1, 4), dynamic={0: {0: "batch"}})
    assert network.shapes["linear"] == (symbols("batch"), 2)


def test_sizes_may_be_named_by_dims_of_torch_export() -> None:
    network = from_torch(nn.Linear(4, 2), (3, 4), dynamic={"input": {0: torch.export.Dim("batch")}})
    assert network.inputs["input"] == (symbols("batch"), 4)


def test_a_size_that_the_module_fixes_is_refused() -> None:
    with pytest.raises(ReadingError, match="holds only for the examples' sizes: it requires 4"):
        from_torch(ViT(), (1, 3, 16, 16), dynamic={"x": {2: "height"}})


def test_sizes_that_must_be_equal_need_one_name() -> None:
    add = Function(lambda a, b: a + b)
    with pytest.raises(ReadingError, match="'first' and 'second' must be equal"):
        from_torch(add, (3, 4), (3, 4), dynamic={0: {0: "first"}, 1: {0: "second"}})
    network = from_torch(add, (3, 4), (3, 4), dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    assert network.shapes["add"] == (symbols("batch"), 4)


def test_a_choice_by_a_size_is_stated() -> None:
    def chosen(x: Any) -> Any:
        return functional.avg_pool1d(x, 2) if x.shape[-1] > 10 else x

    network = from_torch(Function(chosen), (1, 3, 16), dynamic={0: {2: "length"}})
    assert network.holds_where == ("length >= 11",)


@pytest.mark.parametrize(
    ("dynamic", "message"),
    [
        ({"y": {0: "batch"}}, "must name inputs of the module: input"),
        ({"input": {5: "batch"}}, "must name axes of 'input', which has 2"),
        ({"input": {0: 7}}, "must give names to axes"),
        ({"input": {0: "2*batch"}}, "must be a symbol of a positive integer"),
        ({"input": {0: "a b"}}, "must be a symbol"),
        ({"input": "batch"}, "must give axes and names for 'input'"),
        ({"input": {0: "n", 1: "n"}}, "sizes of one name must be equal"),
    ],
)
def test_names_that_make_no_sense_are_refused(dynamic: Any, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        from_torch(nn.Linear(4, 2), (3, 4), dynamic=dynamic)
