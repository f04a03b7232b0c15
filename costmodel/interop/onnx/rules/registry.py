"""The rules of ONNX operations; users add their own to the same object."""

from costmodel.interop.rules import Rules

RULES = Rules(
    "ONNX",
    'add one with @costmodel.interop.onnx.RULES.register("{op}") on a function that returns the layer it is',
)
