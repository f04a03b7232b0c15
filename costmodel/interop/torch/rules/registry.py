"""The rules of PyTorch's operations; users add their own to the same object.

A rule is found by the name of an overload ("aten.add.Tensor") or of an operation ("aten.add"), which then stands for
all of its overloads, those that write into their input included.
"""

from costmodel.interop.rules import Rules

RULES = Rules(
    "PyTorch",
    'add one with @costmodel.interop.torch.RULES.register("{op}") on a function that returns the layer it is',
)
