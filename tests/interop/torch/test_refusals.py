"""What cannot be counted is refused in one sentence; a rule of the user's own fills a gap."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from costmodel.errors import ReadingError, UnsupportedError
from costmodel.interop import Call
from costmodel.interop.torch import RULES, from_torch
from costmodel.layers import ReLU
from tests.interop.torch.installed import nn, torch
from tests.interop.torch.modules import Function

EXPONENTIAL = "aten.linalg_matrix_exp.default"


@pytest.fixture
def rule() -> Iterator[None]:
    @RULES.register(EXPONENTIAL)
    def exponential(call: Call) -> ReLU:
        return ReLU()

    yield
    RULES.forget(EXPONENTIAL)


class Exponential(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Function(torch.linalg.matrix_exp)

    def forward(self, x: Any) -> Any:
        return self.inner(x).abs()


def test_an_operation_without_a_rule_is_named_with_its_place() -> None:
    with pytest.raises(UnsupportedError) as problem:
        from_torch(Exponential(), (4, 4))
    text = str(problem.value)
    assert text.startswith(f"Exponential, inner ({EXPONENTIAL}): there is no rule for this operation (inputs: 4x4)")
    assert f'@costmodel.interop.torch.RULES.register("{EXPONENTIAL}")' in text


def test_a_partial_count_lists_what_it_leaves_out() -> None:
    network = from_torch(Exponential(), (4, 4), partial=True)
    assert network.cost().uncounted == ("inner",)
    assert network.cost().ledger.comparisons == 16


@pytest.mark.usefixtures("rule")
def test_a_rule_of_the_user_is_used() -> None:
    assert from_torch(Exponential(), (4, 4)).node("inner").layer.kind == "relu"


def test_operations_that_pytorch_can_write_as_others_need_no_rule() -> None:
    assert "aten.logit" not in RULES.names()
    ledger = from_torch(Function(torch.logit), (3, 4)).cost().ledger
    assert (ledger.additions, ledger.divisions, ledger.transcendentals) == (12, 12, 12)


def test_what_is_computed_from_constants_needs_no_rule() -> None:
    ledger = from_torch(Function(lambda x: x + torch.fft.fft(torch.arange(4.0)).abs()), (3, 4)).cost().ledger
    assert ledger.additions == 12
    assert sum(ledger._asdict().values()) == 12


@pytest.mark.parametrize("function", [lambda x: x * 1j, lambda x: torch.view_as_complex(x) * 2])
def test_complex_numbers_are_not_counted_as_real_ones(function: Any) -> None:
    with pytest.raises(UnsupportedError, match=r"complex\.aten\.|view_as_complex"):
        from_torch(Function(function), (3, 2))


def test_a_compiled_module_is_read_as_what_it_was() -> None:
    module = nn.Linear(4, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.compile(module)
    assert from_torch(compiled, (3, 4)) == from_torch(module, (3, 4))


DATA: dict[str, tuple[Any, str]] = {
    "mask": (Function(lambda x: x[x > 0]), "how many depends on data"),
    "nonzero": (Function(lambda x: x.nonzero()), "no rule for this operation"),
    "branch": (Function(lambda x: x + 1 if x.sum() > 0 else x), "cannot trace it"),
    "item": (Function(lambda x: x * int(x.sum())), "cannot trace it"),
    "condition": (
        Function(lambda x: torch.cond(x.sum() > 0, lambda y: y + 1, lambda y: y - 1, (x,))),
        "cond",
    ),
}


@pytest.mark.parametrize("name", DATA)
def test_what_depends_on_data_is_refused(name: str) -> None:
    module, message = DATA[name]
    with pytest.raises(ReadingError, match=message):
        from_torch(module, (3, 4))


def test_errors_of_the_module_are_one_sentence() -> None:
    with pytest.raises(ReadingError) as problem:
        from_torch(nn.Linear(4, 2), (3, 5))
    text = str(problem.value)
    assert "torch.export cannot trace it with these inputs" in text
    assert "\n" not in text
    assert len(text) < 600


def test_dropout_that_stays_on_is_refused() -> None:
    with pytest.raises(ReadingError, match="in evaluation mode too"):
        from_torch(Function(nn.functional.dropout), (3, 4))


@pytest.mark.parametrize(
    ("module", "inputs", "message"),
    [
        ("resnet18", (), "must be a torch.nn.Module"),
        (nn.Linear(4, 2), ((3, 4), (3, 4)), "takes 1 inputs"),
        (nn.Linear(4, 2), ((0, 4),), "must be of positive integers"),
        (Function(lambda x: x.shape[0]), ((3, 4),), "must return at least one tensor"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(module: Any, inputs: Any, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        from_torch(module, *inputs)
