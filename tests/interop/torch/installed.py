"""PyTorch for the tests: without it they are skipped, and under CI, which installs it, they fail."""

import pytest

from tests.conftest import CI

try:
    import torch
except ImportError:
    REASON = "PyTorch is not installed (pip install torch==2.13.0)"
    if CI:
        pytest.fail(REASON, pytrace=False)
    pytest.skip(REASON, allow_module_level=True)

from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["FlopCounterMode", "Tensor", "TorchDispatchMode", "functional", "nn", "torch"]
