"""ptflops' `get_model_complexity_info`, with either of its backends."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    ADAPTIVE_POOLS,
    BIASES,
    CONVOLUTIONS,
    FUNCTION_NOT_COUNTED,
    MEAN_NOT_COUNTED,
    MHA_WITH_WEIGHTS,
    NOT_COUNTED,
    PROJECTIONS,
    PROJECTIONS_ONLY,
    TRANSPOSED,
    WINDOW_POOLS,
    Tool,
    each,
    recurrent,
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
        **each(["relu", "elu", "gelu", "prelu"], "2*output_elements", f"2 for each element: {TWICE}"),
        **each([*WINDOW_POOLS, *ADAPTIVE_POOLS], "2*input_elements", f"2 for each element of the input: {TWICE}"),
        **each(
            ["upsample2d", "resize"],
            "output_elements + output_elements//batch",
            "1 for each element of the output, and 1 for those of the first image",
        ),
        **each(["lstm"], recurrent(1, 4, "10 + 8*b", "c_r"), "also 10 for each cell, and 8 with biases"),
        **each(["gru"], recurrent(1, 3, "7 + 6*b"), "also 7 for each cell, and 6 with biases"),
        **each(["rnn"], recurrent(1, 1, "1 + 2*b"), "also 1 for each cell, and 2 with biases"),
        **each(
            ["multi_head_attention"],
            "n*(l_q*c_i*(1 + c_i) + l_k*(c_k**2 + c_v**2) + b*(l_q + 2*l_k)*c_i"
            " + h*l_q*l_k*(c_i//h + 1 + c_v//h) + l_q*c_v*(c_v + 1))",
            "also the biases, a scale for each query and 1 for each score",
        ),
        **each(["attention", "einsum", "dynamic_conv"], "0", NOT_COUNTED),
        **each(["matmul"], "0", "the operator @ is not counted"),
    },
    functions={
        **each([*CONVOLUTIONS, *TRANSPOSED, "linear"], "0", FUNCTION_NOT_COUNTED),
        **each(["batch_norm", "group_norm", "instance_norm", "layer_norm", "leaky_relu"], "0", FUNCTION_NOT_COUNTED),
        **each(["relu", "elu", "gelu", "prelu", "add", "multiply"], "output_elements", "1 for each element"),
        **each([*WINDOW_POOLS, *ADAPTIVE_POOLS], "input_elements", "1 for each element of the input"),
        **each(["upsample2d", "resize"], "output_elements", "1 for each element of the output"),
        **each(["matmul"], "macs", "torch.matmul is counted"),
    },
    operators=each(["global_avg_pool"], "0", MEAN_NOT_COUNTED),
    meaning="multiply-accumulates and biases of modules; normalization, activations and pooling too",
    reads="PyTorch modules, by hooks, and functions of torch.nn.functional and torch, by replacing them",
    source="ptflops, ptflops/pytorch_engine.py and pytorch_ops.py",
    notes=(
        "operators such as x @ w, x + y and x * y count nothing; torch.matmul, torch.add and torch.mul do",
        MHA_WITH_WEIGHTS,
        "for several images, modules are averaged over the batch and functions are not",
    ),
)
PTFLOPS_ATEN: Final = Tool(
    name="ptflops-aten",
    tool="ptflops",
    version=VERSION,
    unit="MACs",
    weights={"macs": 1},
    rules={
        **each([*CONVOLUTIONS, *TRANSPOSED, "linear", "dynamic_conv"], "macs + additions", BIAS),
        **each(["gru"], "macs + 6*b*n*l_i*d*layers*c_h", "and the biases"),
        **each(["rnn"], "macs + 2*b*n*l_i*d*layers*c_h", "and the biases"),
        **each(["multi_head_attention"], f"{PROJECTIONS} + {BIASES}", f"{PROJECTIONS_ONLY}; biases are"),
        **each(["lstm"], "proj*(macs + 8*b*n*l_i*d*layers*c_h)", "not counted without a projection"),
        **each(["attention"], "0", NOT_COUNTED),
    },
    meaning="multiply-accumulates and biases of convolutions and matrix products",
    reads="PyTorch's basic operators as they run",
    source="ptflops, ptflops/aten_engine.py and aten_ops.py",
    notes=(
        "scaled dot-product attention, and LSTM without a projection, run as one operator that is not counted",
        MHA_WITH_WEIGHTS,
        "the bias of a linear layer is lost where its input is not contiguous",
    ),
)
