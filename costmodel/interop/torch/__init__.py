"""PyTorch modules, read through torch.export: nothing is computed, and the module stays as it is."""

from costmodel.interop.torch.export import from_torch
from costmodel.interop.torch.rules import RULES

__all__ = ["RULES", "from_torch"]
