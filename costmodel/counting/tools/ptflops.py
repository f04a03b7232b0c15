"""ptflops' `get_model_complexity_info`, with either of its backends."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    ADAPTIVE_POOLS,
    CONVOLUTIONS,
    FUNCTION_NOT_COUNTED,
    MEAN_NOT_COUNTED,
    TRANSPOSED,
    WINDOW_POOLS,
    Tool,
    each,
)

VERSION = "0.7.5"
BIAS = "and 1 for each output element: the bias"
TWICE = "as a module and once more as the function that the module calls"
PTFLOPS_PYTORCH: Final = Tool(
    name="ptflops-pytorch",
    tool="ptflops",
    version=VERSION,
    unit="MACs",
    weights={"macs": 1},
    rules={
        **each([*CONVOLUTIONS, *TRANSPOSED, "linear"], "macs + additions", BIAS),
        **each(
            ["batch_norm", "group_norm", "instance_norm"],
            "(1 + a)*output_elements",
            "2 for each element, 1 without scale and shift",
        ),
        **each(["layer_norm", "leaky_relu", "relu6", "silu", "softmax"], "output_elements", "1 for each element"),
        **each(["relu", "elu", "gelu"], "2*output_elements", f"2 for each element: {TWICE}"),
        **each([*WINDOW_POOLS, *ADAPTIVE_POOLS], "2*input_elements", f"2 for each element of the input: {TWICE}"),
        **each(["upsample2d"], "2*output_elements", f"2 for each element of the output: {TWICE}"),
    },
    functions={
        **each([*CONVOLUTIONS, *TRANSPOSED, "linear"], "0", FUNCTION_NOT_COUNTED),
        **each(["batch_norm", "group_norm", "instance_norm", "layer_norm", "leaky_relu"], "0", FUNCTION_NOT_COUNTED),
        **each(["relu", "elu", "gelu", "add", "multiply"], "output_elements", "1 for each element"),
        **each([*WINDOW_POOLS, *ADAPTIVE_POOLS], "input_elements", "1 for each element of the input"),
        **each(["upsample2d"], "output_elements", "1 for each element of the output"),
    },
    operators=each(["global_avg_pool"], "0", MEAN_NOT_COUNTED),
    meaning="multiply-accumulates and biases of modules; normalization, activations and pooling too",
    reads="PyTorch modules, by hooks, and functions of torch.nn.functional and torch, by replacing them",
    source="ptflops, ptflops/pytorch_engine.py and pytorch_ops.py",
    notes=(
        "operators such as x @ w, x + y and x * y count nothing; torch.matmul, torch.add and torch.mul do",
        "for several images, modules are averaged over the batch and functions are not",
    ),
)
PTFLOPS_ATEN: Final = Tool(
    name="ptflops-aten",
    tool="ptflops",
    version=VERSION,
    unit="MACs",
    weights={"macs": 1},
    rules=each([*CONVOLUTIONS, *TRANSPOSED, "linear"], "macs + additions", BIAS),
    meaning="multiply-accumulates and biases of convolutions and matrix products",
    reads="PyTorch's basic operators as they run",
    source="ptflops, ptflops/aten_engine.py and aten_ops.py",
    notes=("scaled dot-product attention and LSTM run as one operator that is not counted",),
)
