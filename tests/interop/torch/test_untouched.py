"""Reading a module leaves it, and PyTorch, as they were; and takes no memory."""

import subprocess
import sys
from typing import Any

import pytest

from costmodel.errors import ReadingError
from costmodel.interop.torch import from_torch
from tests.conftest import ROOT
from tests.interop.torch.installed import functional, nn, torch
from tests.interop.torch.modules import GPT, Function, ResNet, tokens


def refuse(*_: Any) -> None:
    raise AssertionError("a hook was called")


def test_a_module_is_left_as_it_was() -> None:
    module = ResNet().train()
    module.layer1[0].eval()
    for each in module.modules():
        each.register_forward_hook(refuse)
        each.register_forward_pre_hook(refuse)
        each.register_full_backward_hook(refuse)
    modes = [each.training for each in module.modules()]
    before = {name: (value.clone(), id(value)) for name, value in module.state_dict(keep_vars=True).items()}
    state = torch.get_rng_state()
    from_torch(module, (1, 3, 32, 32))
    after = module.state_dict(keep_vars=True)
    assert list(after) == list(before)
    assert all(id(after[name]) == place and after[name].equal(value) for name, (value, place) in before.items())
    assert [each.training for each in module.modules()] == modes
    assert all(len(each._forward_hooks) == len(each._backward_hooks) == 1 for each in module.modules())
    assert torch.get_rng_state().equal(state)
    assert all(value.device.type == "cpu" and value.grad is None for value in after.values())


def test_inputs_are_left_as_they_were() -> None:
    x = torch.ones(2, 3)
    from_torch(Function(lambda x: functional.relu(x.sub_(1), inplace=True)), x)
    assert x.equal(torch.ones(2, 3))


def test_ten_billion_parameters_take_no_memory() -> None:
    with torch.device("meta"):
        module = nn.Sequential(*(nn.Linear(50_000, 50_000, bias=False) for _ in range(4)))
    assert from_torch(module, (1, 50_000)).cost().params == 10**10


def test_weights_in_memory_are_not_copied() -> None:
    code = """
import resource, torch
from costmodel.interop.torch import from_torch
module = torch.nn.Sequential(*(torch.nn.Linear(4096, 4096) for _ in range(8)))
from_torch(torch.nn.Linear(2, 2), (1, 2))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from_torch(module, (1, 4096))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, check=True, cwd=ROOT, text=True
    )
    assert int(done.stdout) < 64 * 1024, "512 MiB of weights took memory again (in KiB)"


def test_modules_on_the_meta_device_are_read_alike() -> None:
    with torch.device("meta"):
        module = GPT()
    assert from_torch(module, tokens(1, 4)).cost() == from_torch(GPT(), tokens(1, 4)).cost()


def test_weights_that_hooks_of_pytorch_compute_are_counted() -> None:
    normalized = nn.utils.parametrizations.weight_norm(nn.Conv1d(3, 4, 3))
    cost = from_torch(normalized, (1, 3, 10)).cost()
    assert cost.params == 4 * 3 * 3 + 4 + 4
    assert cost.macs == 8 * 4 * 3 * 3
    assert cost.ledger.transcendentals == 4


def test_a_module_that_cannot_be_copied_is_refused() -> None:
    with pytest.raises(ReadingError, match=r"must be one that copy\.deepcopy can copy"):
        from_torch(Function(lambda x: x, words=(each for each in "ab")), (1, 2))


def test_a_lazy_module_is_refused() -> None:
    with pytest.raises(ReadingError, match="run the module once before"):
        from_torch(nn.LazyLinear(3), (1, 2))
